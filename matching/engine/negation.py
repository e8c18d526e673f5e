"""Find what a text says is not done, so that it does not count: 塗装は行っておりません, we do not offer casting.

A rule of clauses, not a parser. It stays within one clause (or takes the one before when 、 stands right before the
verb), and takes in a list that leads up to it: 鋳造、鍛造、めっきは不可; no casting, forging or plating. A list is what
consists of nouns only: 切削、研磨を行い、塗装は不可 denies painting alone.
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

_LISTING = re.compile(r"[、，,・/]")
_HIRAGANA_NOUN = (
    "めっき|ねじ|ばね|ろう|へら|はんだ|ばり|絞り|付け|曲げ|焼入れ|焼き入れ|削り|の|や|及び|および|または|など"
)
_NOUNS = re.compile(rf"\s*(?>{_HIRAGANA_NOUN}|[^\u3041-\u3096\s]|(?<=[a-z0-9]) (?=[a-z0-9]))++\s*\Z")
"""One way alone to read each text (?>, ++): with two for a sign, thirty of it would take days."""
_TOPIC = re.compile(
    r"(?:に(?:ついて|関して)は|には|は|も|の)?[\s、]*(?:一切|現在|当社では)?"
    r"(?:対応|加工|施工|製作|製造|取り?扱い?|お受け)?(?:は|を|も)?\Z"
)
_AFFIRMED = re.compile(r"(?:可|可能|対応|得意|専門|中心|主体|実績|有|済|ok|一貫|まで|込|歓迎|強み)\s*\Z")
_LONGEST = 25  # characters of one item of a list
_CLAUSE_LOOKED_AT = 200

_ENGLISH = re.compile(
    r"\b(?:do(?:es)? not|don't|doesn't|cannot|can not|can't|not able to|unable to|no longer|"
    r"not (?:offered|available|supported))\b"
    r"|(?:^|(?<=[.;\n])) *no (?!minimum|limit|problem|need)"
)
_ENGLISH_START = re.compile(r"[.;,\n(]|\bbut\b")
_ENGLISH_END = re.compile(r"[.;,\n)]|\bbut\b|$")
_ENGLISH_ITEM = r"(?!\s*(?:we|our|but|all|only)\b)[^.;,\n()]{1,40}"
_ENGLISH_LIST = re.compile(rf"(?:,{_ENGLISH_ITEM})*,?\s*\b(?:n?or)\b[^.;,\n)]*")
_ENGLISH_SHORT = re.compile(r"\s*(?!(?:we|our|but|all|only)\b)\w[\w-]*(?: \w[\w-]*){0,2}\s*\Z")
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
            yield _list_start(text, start, found.start()), found.end()


def _list_start(text: str, start: int, verb: int) -> int:
    """Where the list begins whose last item stands in text[start:verb]; `start` when that is not an item of one."""
    if verb - start > _CLAUSE_LOOKED_AT:
        return start
    last = _TOPIC.sub("", text[start:verb])
    if len(last) > _LONGEST or not _NOUNS.match(last):
        return start
    while start and _LISTING.match(text[start - 1]):
        earlier = _clause_start(text, start - 1)
        item = text[earlier : start - 1]
        if len(item) > _LONGEST or not _NOUNS.match(item) or _AFFIRMED.search(item):
            break
        start = earlier
    return start


def _clause_start(text: str, end: int) -> int:
    start = 0
    for boundary in _CLAUSE.finditer(text, max(0, end - _CLAUSE_LOOKED_AT), end):
        start = boundary.end()
    return start


def _english(text: str) -> Iterator[tuple[int, int]]:
    for found in _ENGLISH.finditer(text):
        start, end = found.start(), found.end()
        if found.group().startswith("not "):
            start = _english_start(text, start)
            if " and " in text[start : found.start()] or " or " in text[start : found.start()]:
                while start and text[start - 1] == ",":
                    earlier = _english_start(text, start - 1)
                    if not _ENGLISH_SHORT.match(text[earlier : start - 1]):
                        break
                    start = earlier
        elif ending := _ENGLISH_END.search(text, end):
            listed = _ENGLISH_LIST.match(text, ending.start())
            end = listed.end() if listed else ending.start()
        if not _ENGLISH_NOT_SO.search(text, start, min(len(text), end)):
            yield start, end


def _english_start(text: str, end: int) -> int:
    return max((at.end() for at in _ENGLISH_START.finditer(text, max(0, end - _CLAUSE_LOOKED_AT), end)), default=0)
