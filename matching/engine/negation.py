"""Find what a text says is not done, so that it does not count: 塗装は行っておりません, we do not offer casting.

A rule of clauses, not a parser. It stays within one clause (or takes the one before when 、 stands right before the
verb), so of a doubtful list only the last item is taken out.
"""

import re
from collections.abc import Iterator

_NOT = r"(?:ません|おりません|ない(?=[。、,)\n]|$|ので|ため|が、))"
_NEGATIVE = re.compile(
    r"(?:取り?)?扱(?:い|って(?:い|お)?り?ま?|わ)" + _NOT + r"|(?:でき|出来|致し|いたし)" + _NOT + r"|"
    r"(?:して|行って|おこなって|やって|受けて|承って|持って|請けて)(?:い|お)?り?ま?" + _NOT + r"|"
    r"(?:行い|おこない|やり|受け|請け|承り|持ち|含み|し)ません|(?:行わ|受け|持た|含ま|し)ない(?=[。、,)\n]|$)|"
    r"(?:は|が|も|の)(?:あり|ござい)ません|(?:は|も)(?:なし|無し|ない)(?=[。、,)\n]|$)|"
    r"不可(?![欠能逆避視])|(?:未|非)対応|(?:対応|対象)外|お断り|断って|不得意|苦手|不要|撤退|"
    r"(?:を|は)(?:廃止|終了|除く|除きます)"
)
_NOT_SO = re.compile(
    r"以外|しか|だけで|のみなら|ならば?ない|なりません|問題|心配|支障|かもしれ|とは限|すみません|遜色|負け|変わり"
)
_CLAUSE = re.compile(r"[。．、，,!?\n;:・●■◆○◎※()\[\]「」]|\.(?=\s|$)")

_ENGLISH = re.compile(
    r"\b(?:do(?:es)? not|don't|doesn't|cannot|can not|can't|not able to|unable to|no longer|"
    r"not (?:offered|available|supported))\b"
    r"|(?:^|(?<=[.;\n])) *no (?!minimum|limit|problem|need)"
)
_ENGLISH_START = re.compile(r"[.;,\n(]|\bbut\b")
_ENGLISH_END = re.compile(r"[.;,\n)]|\bbut\b|$")
_ENGLISH_NOT_SO = re.compile(r"hesitate|not only|worry")


def negated(text: str) -> list[tuple[int, int]]:
    """Where a folded text says what is not done: (start, end) places, in order."""
    return [*_japanese(text), *_english(text)]


def _japanese(text: str) -> Iterator[tuple[int, int]]:
    for found in _NEGATIVE.finditer(text):
        start = _clause_start(text, found.start())
        if not text[start : found.start()].strip(" 、,は") and start:
            start = _clause_start(text, start - 1)
        if not _NOT_SO.search(text, start, min(len(text), found.end() + 2)):
            yield start, found.end()


def _clause_start(text: str, end: int) -> int:
    start = 0
    for boundary in _CLAUSE.finditer(text, max(0, end - 200), end):
        start = boundary.end()
    return start


def _english(text: str) -> Iterator[tuple[int, int]]:
    for found in _ENGLISH.finditer(text):
        start, end = found.start(), found.end()
        if found.group().startswith("not "):
            start = max((at.end() for at in _ENGLISH_START.finditer(text, max(0, start - 200), start)), default=0)
        elif ending := _ENGLISH_END.search(text, end):
            end = ending.start()
        if not _ENGLISH_NOT_SO.search(text, start, min(len(text), end)):
            yield start, end
