"""Compare certificates by what they certify, not by how they are spelled.

`provided` reads what a firm states, `asked` what a need asks; both give marks such as "iso9001", "nadcap:ndt" or
"en1090 exc3". A mark with a scope also provides the mark without it, and a higher class its lower ones.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Words that say that a certificate is not held: in preparation, applied for, expired, "conforming to" without an audit.
_NOT_HELD = re.compile(
    r"取得予定|予定|準備中|申請中|取得中|検討中|準拠|相当|失効|期限切|返上|なし|無し|未取得|planned|pending|expired"
)
_CLUTTER = re.compile(r"認証取得済み?|認証取得|取得済み?|認証|登録済み?|certified|certification|certificate|registered")
_DASHES = re.compile(r"[‐‑‒–—―−－-]")
_YEAR = re.compile(r"(?<=\d)[:-](?:19|20)\d\d(?!\d)")
_STANDARD = re.compile(r"(iso|iatf|as|en|jisq|iec|nas)(\d{3,6})(?:-(\d{1,2})(?!\d))?")
_MORE_NUMBERS = re.compile(r"(iso\d{4,5})((?:[/・、,&+]\d{4,5})+)")
_BRACKETS = re.compile(r"[(（\[【〔](.*?)[)）\]】〕]")
_SEPARATORS = re.compile(r"[,、/・&+;]|及び|および")

# The same certificate under another name: national editions, the aerospace standard of the three regions.
_SAME = {
    "jisq9001": "iso9001", "jisq14001": "iso14001", "jisq45001": "iso45001", "jisq27001": "iso27001",
    "jisq17025": "iso17025", "jisq13485": "iso13485", "as9100": "jisq9100", "en9100": "jisq9100",
    "ts16949": "iatf16949", "iso16949": "iatf16949",
}  # fmt: skip
_SAME_SCOPE = {
    "非破壊検査": "ndt", "非破壊試験": "ndt", "非破壊": "ndt", "nondestructivetesting": "ndt",
    "熱処理": "ht", "heattreating": "ht", "heattreatment": "ht",
    "化学処理": "cp", "chemicalprocessing": "cp", "表面処理": "cp", "溶接": "wld", "welding": "wld",
    "複合材": "comp", "複合材料": "comp", "composites": "comp", "composite": "comp",
}  # fmt: skip
_NAMES = {"pマーク": "プライバシーマーク", "gwobasicsafetytraining": "gwobst"}


@lru_cache(maxsize=20_000)
def marks(stated: str) -> frozenset[str]:
    """The marks of one stated certificate; none when the words say that it is not held.

    >>> sorted(marks("ＩＳＯ９００１：２０１５"))
    ['iso9001']
    >>> sorted(marks("Nadcap(NDT、熱処理)"))
    ['nadcap:ht', 'nadcap:ndt']
    """
    text = unicodedata.normalize("NFKC", stated[:300]).lower()
    if _NOT_HELD.search(text):
        return frozenset()
    text = re.sub(r"\s+", "", text)
    text = _CLUTTER.sub("", text)
    text = _YEAR.sub("", _hyphens_between_numbers(text))
    text = re.sub(r"iso/?iec|iec/?iso|iso/?ts(?=\d)", "iso", text)
    text = _MORE_NUMBERS.sub(_spell_out, text)
    found: set[str] = set()
    for part in _standards_apart(text):
        found |= _marks_of(part)
    return frozenset(found)


def provided(stated: Iterable[str]) -> frozenset[str]:
    """All marks that a firm's certificates provide, with those that they include."""
    found: set[str] = set()
    for text in stated:
        for mark in marks(text):
            found.add(mark)
            found |= _included(mark)
    return frozenset(found)


def unscoped(stated: Iterable[str]) -> frozenset[str]:
    """The schemes that are stated without a scope or class: "EN 1090" alone does not say which execution class."""
    return frozenset(mark for text in stated for mark in marks(text) if mark == scheme(mark))


def scheme(mark: str) -> str:
    """The mark without its scope, class or part."""
    return re.split(r"[: ]", mark)[0]


def _hyphens_between_numbers(text: str) -> str:
    """One kind of hyphen, and only where it parts two numbers: GWO-BST is GWO BST, EN 1090-2 is not EN 10902."""
    return re.sub(r"(?<!\d)-|-(?!\d)", "", _DASHES.sub("-", text))


def _spell_out(found: re.Match[str]) -> str:
    return found[1] + "".join(f"、iso{number}" for number in re.findall(r"\d{4,5}", found[2]))


def _standards_apart(text: str) -> list[str]:
    """Cut "iso9001、iso14001" in two, but not inside brackets: Nadcap(NDT、熱処理) is one statement."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth <= 0 and _SEPARATORS.match(text, place):
            parts.append(text[start:place])
            start = place + 1
    return [part for part in [*parts, text[start:]] if part]


def _marks_of(text: str) -> set[str]:
    scopes = [
        _SAME_SCOPE.get(scope, scope)
        for inside in _BRACKETS.findall(text)
        for scope in _SEPARATORS.split(inside)
        if scope
    ]
    bare = _BRACKETS.sub("", text)
    found = _STANDARD.match(bare)
    if found:
        name = _SAME.get(found[1] + found[2], found[1] + found[2])
        return {_with_class(name, found[3], text)}
    bare = re.sub(r"[\W_]", "", bare)
    bare = _NAMES.get(bare, bare)
    if not bare:
        return set()
    nadcap = re.fullmatch(r"nadcap(.+)", bare)
    if nadcap:
        bare, scopes = "nadcap", [*scopes, _SAME_SCOPE.get(nadcap[1], nadcap[1])]
    return {f"{bare}:{scope}" for scope in scopes} or {bare}


def _with_class(name: str, part: str | None, text: str) -> str:
    level = re.search(r"exc([1-4])", text)
    if name == "en1090":
        return f"en1090 exc{level[1]}" if level else name
    if name == "iso3834" and part:
        return f"iso3834 {part}"
    grade = re.search(r"level([1-3])", text)
    if name == "nas410" and grade:
        return f"nas410 {grade[1]}"
    return f"{name}-{part}" if part and name not in {"iso9001", "iso14001"} else name


def _included(mark: str) -> set[str]:
    """What a mark proves besides itself: EXC3 covers EXC2, ISO 3834-2 covers -3 and -4, a scope its scheme."""
    found = {scheme(mark)}
    if match := re.fullmatch(r"en1090 exc([1-4])", mark):
        found |= {f"en1090 exc{level}" for level in range(1, int(match[1]))}
    if match := re.fullmatch(r"iso3834 ([2-4])", mark):
        found |= {f"iso3834 {part}" for part in range(int(match[1]), 5)}
    if match := re.fullmatch(r"nas410 ([1-3])", mark):
        found |= {f"nas410 {level}" for level in range(1, int(match[1]))}
    return found
