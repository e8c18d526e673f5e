"""How alike two records of firms are: pure, no database. Evidence is added up in points, as an office would weigh it.

Each fact that both records state speaks for or against one firm; what one of them leaves out says nothing. The sum,
kept between 0 and 100, is the score. The shape is that of Fellegi and Sunter, A Theory for Record Linkage (1969), with
rounded weights, so that every score can be explained by its reasons. `manage.py evaluate_duplicates` measures it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from registry.text import LEGAL_FORMS, SHORT_FORMS, company_key, fold

THRESHOLD = 41
"""From here on a person is asked. Chosen by evaluate_duplicates on one half of its pairs."""
CERTAIN = 100
"""Points of one and the same corporate number."""

_NEW_KANJI = str.maketrans(
    "髙﨑澤邊邉齋齊濵濱廣國櫻鐵龍眞惠圓會學榮關嶋峯冨德瀨槗鄕塚黑橫淸靑驛應寶實總壽與縣豐莊藏鍜鋳",
    "高崎沢辺辺斎斉浜浜広国桜鉄竜真恵円会学栄関島峰富徳瀬橋郷塚黒横清青駅応宝実総寿与県豊荘蔵鍛鋳",
)
_BRANCH = re.compile(r"[\s・(]*(本社|本店|[^\s・(]{0,8}?(?:支店|支社|営業所|事業所|出張所|工場|センター))\)?$")
_NUMERAL = re.compile(r"第?[一二三四五六七八九十0-9]+(?=$|[^一二三四五六七八九十0-9])")
_TELLING = frozenset("東西南北新旧大小上中下前後本元内外")
_ADDRESS_WORDS = re.compile(r"[\s-]|番地?の?|丁目|号|の(?=\d)|大字|字")
_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Record:
    """A firm as it is compared: every text folded (width, kana, old kanji), empty where nothing is stated.

    key     the name without legal form and branch
    front   whether the legal form leads (前株) or follows (後株); None when there is none
    branch  支店, 工場 and the like at the end of the name
    """

    id: int
    number: str = ""
    key: str = ""
    form: str = ""
    front: bool | None = None
    branch: str = ""
    kana: str = ""
    prefecture: str = ""
    municipality: str = ""
    address: str = ""
    phone: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reasons` are codes of REASONS in registry.models.duplicates, those for one firm first."""

    score: int
    reasons: tuple[str, ...]


NOTHING = Likeness(0, ())


def record(
    id: int,
    *,
    name: str,
    number: str = "",
    kana: str = "",
    prefecture: str = "",
    municipality: str = "",
    address: str = "",
    phone: str = "",
    site: str = "",
) -> Record:
    """A record from a firm's columns as they were typed."""
    folded = _kanji(fold(name))
    branch = _BRANCH.search(folded)
    bare = folded[: branch.start()] if branch else folded
    bare, branch_name = (bare, branch.group(1)) if branch and company_key(bare) else (folded, "")
    form, front = _legal_form(bare)
    return Record(
        id=id,
        number=number,
        key=company_key(bare),
        form=form,
        front=front,
        branch="" if branch_name in {"本社", "本店"} else branch_name,
        kana=company_key(kana),
        prefecture=prefecture,
        municipality=municipality,
        address=_ADDRESS_WORDS.sub("", _kanji(fold(address))),
        phone=_phone(phone),
        host=_host(site),
    )


def compare(a: Record, b: Record) -> Likeness:
    """The points of two records. Equal corporate numbers decide alone, and so do different ones."""
    if a.number and b.number:
        return Likeness(CERTAIN, ("number",)) if a.number == b.number else NOTHING
    if not (a.key and b.key):
        return NOTHING
    name = list(_names(a, b))
    if not any(points > 0 for points, _reason in name):
        return NOTHING
    evidence = [*name, *_places(a, b), *_forms(a, b, moved="name_order" in {reason for _, reason in name})]
    for reason, mine, other, same, different in (
        ("phone", a.phone, b.phone, 36, -10),
        ("site", a.host, b.host, 28, -10),
    ):
        if mine and other:
            evidence.append((same, reason) if mine == other else (different, f"{reason}_differs"))
    score = max(0, min(99, sum(points for points, _reason in evidence)))
    ordered = sorted(evidence, key=lambda item: -item[0])
    return Likeness(score, tuple(reason for _points, reason in ordered))


def _names(a: Record, b: Record) -> Iterator[tuple[int, str]]:
    """Points of the names; none above zero when neither spelling nor reading is near."""
    same_kana = bool(a.kana) and a.kana == b.kana
    if a.key == b.key:
        yield 42, "name"
    elif sorted(a.key) == sorted(b.key) and len(a.key) > 3:
        yield 36, "name_order"
    elif _numerals(a.key) != _numerals(b.key):
        return
    elif _is_near(a.key, b.key):
        yield 32, "name_near"
    elif same_kana and len(a.kana) > 3:
        yield 32, "kana_alone"
        return
    else:
        return
    if same_kana:
        yield 6, "kana"
    elif a.kana and b.kana and not _is_near(a.kana, b.kana):
        yield -22, "kana_differs"


def _places(a: Record, b: Record) -> Iterator[tuple[int, str]]:
    if a.municipality and a.municipality == b.municipality:
        yield 20, "town"
    elif a.prefecture and b.prefecture and a.prefecture != b.prefecture:
        yield -24, "prefecture_differs"
    elif a.municipality and b.municipality:
        yield -22, "town_differs"
    if a.address and b.address and a.municipality == b.municipality:
        alike = fuzz.ratio(a.address, b.address)
        if alike >= 90 or a.address.endswith(b.address) or b.address.endswith(a.address):
            yield 18, "address"
        elif alike < 60:
            yield -8, "address_differs"


def _forms(a: Record, b: Record, *, moved: bool) -> Iterator[tuple[int, str]]:
    """Two forms are two firms, and so are 前株 and 後株; where words of the name moved, the form moved too."""
    if a.branch != b.branch:
        yield (-6 if a.municipality == b.municipality else -45), "branch_differs"
    if not (a.form and b.form):
        return
    if a.form != b.form:
        yield -8, "form_differs"
    elif a.front != b.front and not moved:
        yield -34, "form_place_differs"


def _is_near(a: str, b: str) -> bool:
    """One slip of the pen: a sign left out, added, exchanged or swapped with its neighbour; two in a long name."""
    shorter = min(len(a), len(b))
    if shorter < 3 or _tells_apart(a, b):
        return False
    slips: int = OSA.distance(a, b, score_cutoff=2)
    return slips <= (2 if shorter >= 9 else 1)


def _tells_apart(a: str, b: str) -> bool:
    """東 and 西, 新 and 旧 in the same place are two firms, not a slip."""
    exchanged = [(one, other) for one, other in zip(a, b, strict=False) if one != other]
    return len(a) == len(b) and len(exchanged) == 1 and set(exchanged[0]) <= _TELLING


def _numerals(key: str) -> list[str]:
    """第一 and 第二 are brothers, not a slip."""
    return [part.removeprefix("第") for part in _NUMERAL.findall(key)]


def _kanji(text: str) -> str:
    return text.translate(_NEW_KANJI).replace("鍍金", "めっき")


def _legal_form(folded: str) -> tuple[str, bool | None]:
    found = LEGAL_FORMS.search(folded)
    if found is None:
        return "", None
    form = found.group().strip(".")
    return SHORT_FORMS.get(form, form), not folded[: found.start()].strip()


def _phone(text: str) -> str:
    """Digits as dialled inside Japan; too few say nothing."""
    digits = _DIGITS.sub("", fold(text[:40]).split("内線")[0])
    if digits.startswith("81") and len(digits) > 10:
        digits = "0" + digits[2:].removeprefix("0")
    return digits if len(digits) >= 9 else ""


def _host(site: str) -> str:
    try:
        host = urlsplit(site.strip().lower()[:300]).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
