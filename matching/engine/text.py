"""From text to terms, the same way for firms, needs and searches, and back to where each term stands.

Terms are SudachiPy's normalised forms of content words. Long units of the dictionary (非破壊検査) are kept whole and
also given in parts, words of the trades that the dictionary gets wrong come from data/trade.txt, and Latin words
and codes (SUS304, ISO 9001) are read here: the dictionary knows "and" as アンド and cuts codes into pieces.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from matching.engine.fold import Folded, fold
from matching.engine.negation import negated

VERSION = 4  # raise it whenever the same text may give other terms: indexes and stored terms are then made anew

_DATA = Path(__file__).parent / "data"
_LATIN = re.compile(r"[a-zà-öø-ÿ0-9]+(?:[-.,'&/][a-zà-öø-ÿ0-9]+)*")
# A material, class or standard with its number, also when a blank stands between: SUS 304, Inconel 718, class 1000.
_GRADE = re.compile(
    r"(sus|sts|sph|spc|scm|snc|suj|skd|skh|fcd|adc|inconel|hastelloy|monel|incoloy|stellite|alloy|class|iso/iec|iso|jis"
    r"|jis ?[a-z]|iatf|en|din|astm|asme|api|nas|ul|grade|ip)[ -]?(\d{2,5}[a-z]{0,2})(?![a-z0-9])"
)
_MATERIALS = {"sus", "inconel", "hastelloy", "monel", "incoloy", "stellite"}
_WORD_PARTS = re.compile(r"[^-.,'&/]+")
_NUMBER = re.compile(r"[\d.,/-]+\Z")
_MEASURE = re.compile(r"[\d.,]+[a-z]{1,3}\Z")  # 300mm, 80kn: a size, not a word
_CONTENT = {"名詞", "動詞", "形容詞", "形状詞"}
_EMPTY = {"非自立可能", "数詞", "助動詞語幹"}
_MAX_SEGMENT = 8_000  # Sudachi refuses more than 49,149 bytes
_JAPANESE = re.compile(r"[\u3005\u3041-\u309f\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

_per_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Span:
    """A term and where it stands: text[start:end] of the text as typed, start < end."""

    term: str
    start: int
    end: int


def tokens(text: str) -> list[str]:
    """The terms of a text in reading order, repeats included, without those of what it says is not done.

    Never raises, whatever the text holds.
    """
    return [span.term for span in _affirmed(fold(text))]


def spans(text: str) -> list[Span]:
    """The terms of a text with their places in it; a long unit comes before its parts and covers them."""
    folded = fold(text)
    return [Span(span.term, *folded.original(span.start, span.end)) for span in _affirmed(folded)]


def _affirmed(folded: Folded) -> Iterator[Span]:
    denied = negated(folded.text)
    for span in _spans(folded):
        if not any(start < span.end and span.start < end for start, end in denied):
            yield span


def _spans(folded: Folded) -> Iterator[Span]:
    """Terms with places in the folded text."""
    text = folded.text
    plain_from = 0
    position = 0
    while position < len(text):
        found = _trade_word(text, position) or _latin_word(text, position)
        if found is None:
            position += 1
            continue
        yield from _dictionary_words(text, plain_from, position)
        end, terms = found
        for term, start, stop in terms:
            if term not in _stop_words():
                yield Span(term, start, stop)
        position = plain_from = end
    yield from _dictionary_words(text, plain_from, len(text))


def _trade_word(text: str, position: int) -> tuple[int, list[tuple[str, int, int]]] | None:
    for word, term in _trade_words().get(text[position], ()):
        end = position + len(word)
        if text.startswith(word, position) and not (_joined(text, position) or _joined(text, end)):
            return end, [(term, position, end)]
    return None


def _joined(text: str, position: int) -> bool:
    """Whether the characters on both sides of a position belong to one run of Latin letters, digits or katakana."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    return (before.isascii() and before.isalnum() and after.isascii() and after.isalnum()) or (
        "ァ" <= before <= "ー" and "ァ" <= after <= "ー"
    )


def _latin_word(text: str, position: int) -> tuple[int, list[tuple[str, int, int]]] | None:
    grade = _GRADE.match(text, position)
    if grade:
        return grade.end(), _code(grade[1].replace(" ", ""), grade[2], position, grade.end())
    found = _LATIN.match(text, position)
    if found is None:
        return None
    word, end = found.group(), found.end()
    if _NUMBER.match(word) or _MEASURE.match(word):
        return end, []
    if any(character.isdigit() for character in word) and "/" not in word:
        return end, [(re.sub("[-.,'&]", "", word), position, end)]
    terms = []
    for part in _WORD_PARTS.finditer(word):
        term = latin_term(part.group())
        if term:
            terms.append((term, position + part.start(), position + part.end()))
    return end, terms


def _code(name: str, number: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """A grade as one term, and the family of a material: SUS304 is also SUS."""
    terms = [(name.replace("iso/iec", "iso") + number, start, end)]
    return [*terms, (latin_term(name), start, end)] if name in _MATERIALS else terms


@lru_cache(maxsize=50_000)
def latin_term(word: str) -> str:
    """The term of one lower-case Latin word: singular, and Japanese where the dictionary knows it (pumps → ポンプ)."""
    if word in _stop_words() or len(word) < 2 or _NUMBER.match(word):
        return ""
    if any(character.isdigit() for character in word):
        return word
    for candidate in (_singular(word), word):
        morphemes = _tokenizer().tokenize(candidate)
        if len(morphemes) == 1 and not morphemes[0].is_oov():
            return str(morphemes[0].normalized_form()).lower()
    return _singular(word)


def _singular(word: str) -> str:
    """Harman's weak stemmer: the plural s only (How effective is suffixing?, JASIS 42, 1991)."""
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss", "is")):
        return word[:-1]
    return word


def _dictionary_words(text: str, start: int, end: int) -> Iterator[Span]:
    for offset in range(start, end, _MAX_SEGMENT):
        segment = text[offset : min(end, offset + _MAX_SEGMENT)]
        if _JAPANESE.search(segment) is None:
            continue
        for morpheme in _tokenizer().tokenize(segment):
            for term, begin, stop in _unit_terms(morpheme):
                yield Span(term, offset + begin, offset + stop)


def _unit_terms(unit: Morpheme) -> Iterator[tuple[str, int, int]]:
    """A unit of the dictionary and its parts; parts of one character (半 + 導体) say nothing by themselves."""
    if not _is_content(unit):
        return
    yield unit.normalized_form().lower(), unit.begin(), unit.end()
    parts = unit.split(SplitMode.A, add_single=False)
    if len(parts) > 1 and all(len(part.surface()) > 1 for part in parts):
        for part in parts:
            if _is_content(part):
                yield part.normalized_form().lower(), part.begin(), part.end()


def _is_content(morpheme: Morpheme) -> bool:
    word_class, kind = morpheme.part_of_speech()[:2]
    if word_class not in _CONTENT or kind in _EMPTY or morpheme.part_of_speech()[2] in _EMPTY:
        return False
    return morpheme.normalized_form().lower() not in _stop_words() and _JAPANESE.search(morpheme.surface()) is not None


def _tokenizer() -> Tokenizer:
    """This thread's tokenizer: one must not be used by two threads at once."""
    tokenizer: Tokenizer | None = getattr(_per_thread, "tokenizer", None)
    if tokenizer is None:
        tokenizer = _per_thread.tokenizer = _dictionary().tokenizer(mode=SplitMode.C)
    return tokenizer


_loading = threading.Lock()


def _dictionary() -> Dictionary:
    with _loading:
        return _load_dictionary()


@cache
def _load_dictionary() -> Dictionary:
    return Dictionary(dict="core")


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(word for line in _data_lines("stop.txt") for word in line.split())


@cache
def _trade_words() -> dict[str, tuple[tuple[str, str], ...]]:
    """first character → (spelling, term), the longest spelling first."""
    words: dict[str, str] = {}
    for line in _data_lines("trade.txt"):
        spellings = [fold(word).text for word in line.split()]
        words.update(dict.fromkeys(spellings, spellings[0]))
    return {
        first: tuple(sorted(((w, t) for w, t in words.items() if w[0] == first), key=lambda pair: -len(pair[0])))
        for first in {word[0] for word in words}
    }


def _data_lines(name: str) -> list[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
