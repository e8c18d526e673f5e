"""Invented firms in pairs, to measure the search for duplicates: the same firm written twice, or two that look alike.

Deterministic: the same seed gives the same pairs. Names, numbers, telephones and addresses are made up; towns are real.
What a moved firm keeps (its number, telephone or site) is what a person would know it by too.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

import jaconv

from registry.duplicates.likeness import Record, record
from registry.intake.catalogue import DATA
from registry.text import corporate_number_check_digit

PAIRS = 5_000
SEED = 20261128

_OWNERS = [
    *[("高橋", "タカハシ"), ("山崎", "ヤマザキ"), ("渡辺", "ワタナベ"), ("斎藤", "サイトウ"), ("小沢", "オザワ")],
    *[("広田", "ヒロタ"), ("桜井", "サクライ"), ("浜田", "ハマダ"), ("冨士", "フジ"), ("三浦", "ミウラ")],
    *[("佐々木", "ササキ"), ("工藤", "クドウ"), ("伊藤", "イトウ"), ("鎌田", "カマタ"), ("成田", "ナリタ")],
    *[("みちのく", "ミチノク"), ("奥羽", "オウウ"), ("鳥海", "チョウカイ"), ("白神", "シラカミ"), ("栗駒", "クリコマ")],
    *[("北星", "ホクセイ"), ("東光", "トウコウ"), ("大和", "ヤマト"), ("共栄", "キョウエイ"), ("丸善", "マルゼン")],
    *[("アスカ", "アスカ"), ("サンエー", "サンエー"), ("テック", "テック"), ("ミライ", "ミライ"), ("日東", "ニットウ")],
]
_TRADES = [
    *[("精密", "セイミツ"), ("製缶", "セイカン"), ("めっき", "メッキ"), ("溶接", "ヨウセツ"), ("電装", "デンソウ")],
    *[("鋳造", "チュウゾウ"), ("塗装", "トソウ"), ("樹脂", "ジュシ"), ("硝子", "ガラス"), ("重機", "ジュウキ")],
    *[("機械", "キカイ"), ("鉄工", "テッコウ"), ("金型", "カナガタ"), ("熱処理", "ネツショリ"), ("運輸", "ウンユ")],
]
_TAILS = [
    *[
        ("工業", "コウギョウ"),
        ("製作所", "セイサクショ"),
        ("工業所", "コウギョウショ"),
        ("", ""),
        ("産業", "サンギョウ"),
    ],
    *[("技研", "ギケン"), ("サービス", "サービス"), ("東北", "トウホク")],
]
_BROTHERS = [
    ("商事", "ショウジ"),
    ("エンジニアリング", "エンジニアリング"),
    ("テクノス", "テクノス"),
    ("不動産", "フドウサン"),
]
_OLD = {
    "高": "髙",
    "崎": "﨑",
    "辺": "邊",
    "斎": "齋",
    "沢": "澤",
    "広": "廣",
    "桜": "櫻",
    "浜": "濵",
    "冨": "富",
    "鉄": "鐵",
}
_SIGNS = "工業精密製作所機械電装鋳造アイウエオ"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A firm as somebody typed it."""

    stem: str
    kana: str
    form: str
    front: bool
    town: str
    street: str
    block: tuple[int, int, int]
    number: str
    phone: str
    site: str
    branch: str = ""
    written: str = ""
    written_address: str = ""
    written_phone: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and whether they are one firm; `kind` says what was done to the second."""

    kind: str
    same: bool
    first: Record
    second: Record


def pairs(count: int = PAIRS, seed: int = SEED) -> Iterator[Pair]:
    """Half of them one firm twice, half two firms that are easily taken for one. Record ids run from 1."""
    random = Random(seed)  # noqa: S311  no secret
    taken: set[tuple[str, str]] = set()
    for place in range(count):
        base = _firm(random)
        while (base.stem, base.town) in taken:
            base = _firm(random)
        taken.add((base.stem, base.town))
        if place % 2:
            kind, base, other = _other(random, base)
        else:
            kind, other = _again(random, base)
        base, other = _numbers(random, base, other, same=place % 2 == 0, keep=kind == "moved")
        first, second = (_record(sheet, 2 * place + 1 + nth) for nth, sheet in enumerate((base, other)))
        yield Pair(kind, place % 2 == 0, first, second)


def halves(count: int = PAIRS, seed: int = SEED) -> tuple[list[Pair], list[Pair]]:
    """One half to choose by and one to report on, with as many of each sort."""
    made = list(pairs(count, seed))
    return [*made[0::4], *made[1::4]], [*made[2::4], *made[3::4]]


@cache
def _towns() -> Sequence[str]:
    with (DATA / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def _firm(random: Random) -> Sheet:
    parts = [random.choice(_OWNERS), random.choice(_TRADES), random.choice(_TAILS)]
    town = random.choice(_towns())
    return Sheet(
        stem="".join(word for word, _reading in parts),
        kana="".join(reading for _word, reading in parts),
        form=random.choices(["株式会社", "有限会社", "合同会社"], [7, 3, 1])[0],
        front=random.random() < 0.5,
        town=town,
        street=random.choice(["字中野", "本町", "大字北沢", "港町", "工業団地", "字下川原", "栄町"]),
        block=(random.randint(1, 9), random.randint(1, 40), random.randint(1, 20)),
        number=_number(random),
        phone=f"0{random.choice(['18', '22', '23', '24', '17'])}{random.randint(2_000_000, 9_999_999)}",
        site=random.choice(["", f"https://www.firm{random.randint(1, 10**6)}.example.jp/"]),
    )


def _number(random: Random) -> str:
    base = f"9999{random.randint(0, 10**8 - 1):08d}"
    return f"{corporate_number_check_digit(base)}{base}"


# ---- the same firm once more -----------------------------------------------------------------------------------------
def _again(random: Random, base: Sheet) -> tuple[str, Sheet]:
    """As another office would have it: written otherwise, in part forgotten, once in a while moved or mistyped."""
    kind = random.choice(["written", "typo", "old_kanji", "width", "order", "moved", "form"])
    other = base
    if kind == "typo":
        other = replace(other, stem=_slip(random, other.stem))
    if kind == "old_kanji":
        other = replace(other, stem="".join(_OLD.get(sign, sign) for sign in other.stem))
    if kind == "order":
        other = replace(other, stem=_turned(other.stem), front=not other.front)
    if kind == "form":
        other = replace(other, form="株式会社" if other.form != "株式会社" else "有限会社")
    if kind == "moved":
        street, block = "字新田", (random.randint(1, 9), random.randint(1, 40), 1)
        other = replace(other, town=_away(random, other.town), street=street, block=block)
        return kind, _written(random, _read(random, other), narrow=False)
    other = replace(
        _read(random, other),
        phone=random.choice([other.phone, other.phone, "", f"09{random.randint(10_000_000, 99_999_999)}"]),
        site=random.choice([other.site, ""]),
        street=random.choice([other.street, other.street, ""]),
    )
    return kind, _written(random, other, narrow=kind == "width")


def _read(random: Random, sheet: Sheet) -> Sheet:
    """The reading: left out, in hiragana, with a slip, or as it is."""
    kana = random.choice(["", jaconv.kata2hira(sheet.kana), _slip(random, sheet.kana), sheet.kana, sheet.kana])
    return replace(sheet, kana=kana)


def _written(random: Random, sheet: Sheet, *, narrow: bool) -> Sheet:
    """Spellings of form, name, address and telephone."""
    form = random.choice(
        {"株式会社": ["株式会社", "㈱", "(株)", "（株）"], "有限会社": ["有限会社", "㈲", "(有)"]}.get(
            sheet.form, ["合同会社"]
        )
    )
    stem = jaconv.hira2kata(sheet.stem) if random.random() < 0.3 else sheet.stem
    stem = jaconv.z2h(stem, digit=True, ascii=True) if narrow else stem
    space = random.choice(["", "", " ", "　"])
    name = f"{form}{space}{stem}" if sheet.front else f"{stem}{space}{form}"
    one, two, three = sheet.block
    address = random.choice(
        [
            f"{one}丁目{two}番{three}号",
            f"{one}-{two}-{three}",
            jaconv.h2z(f"{one}-{two}-{three}", digit=True, ascii=True),
        ]
    )
    phone = sheet.phone
    if phone:
        split = f"{phone[:3]}-{phone[3:6]}-{phone[6:]}"
        phone = random.choice(
            [
                split,
                f"({phone[:3]}){phone[3:6]}-{phone[6:]}",
                phone,
                jaconv.h2z(split, digit=True, ascii=True),
                f"+81-{split[1:]}",
            ]
        )
    address = sheet.street and sheet.street + address
    return replace(sheet, written=name, written_address=address, written_phone=phone)


def _slip(random: Random, stem: str) -> str:
    """One sign left out, doubled, exchanged or swapped, not in a name of three signs."""
    if len(stem) < 5:
        return stem
    place = random.randrange(1, len(stem) - 1)
    return random.choice(
        [
            stem[:place] + stem[place + 1 :],
            stem[:place] + stem[place] + stem[place:],
            stem[:place] + random.choice(_SIGNS) + stem[place + 1 :],
            stem[: place - 1] + stem[place] + stem[place - 1] + stem[place + 1 :],
        ]
    )


def _turned(stem: str) -> str:
    return stem[-4:] + stem[:-4] if len(stem) > 5 else stem


# ---- another firm that looks like it ---------------------------------------------------------------------------------
def _other(random: Random, base: Sheet) -> tuple[str, Sheet, Sheet]:
    """Kind, the first firm (the numbered one is the elder of two) and the second."""
    kind = random.choice(["same_name", "front_or_back", "brother", "sister", "numbered", "branch"])
    fresh = _firm(random)
    phone = random.choice([fresh.phone, ""])
    elsewhere = replace(base, town=_away(random, base.town), street=fresh.street, block=fresh.block, phone=phone)
    phone, site = random.choice([(base.phone, base.site), (fresh.phone, ""), ("", "")])  # one roof, two firms
    roof = replace(base, phone=phone, site=site)
    if kind == "same_name":
        other = replace(elsewhere, site="", form=random.choice([base.form, base.form, "有限会社"]))
    elif kind == "front_or_back":
        here = random.random() < 0.5
        other = replace(elsewhere, site="", front=not base.front, town=base.town if here else elsewhere.town)
    elif kind == "brother":
        word, reading = random.choice(_BROTHERS)
        other = replace(roof, stem=base.stem + word, kana=base.kana + reading)
    elif kind == "sister":
        (one, reading), (two, second) = random.sample(
            [("東", "ヒガシ"), ("西", "ニシ"), ("新", "シン"), ("北", "キタ")], 2
        )
        base = replace(base, stem=one + base.stem, kana=reading + base.kana)
        other = replace(roof, stem=two + roof.stem, kana=second + roof.kana, phone=fresh.phone, site=fresh.site)
    elif kind == "numbered":
        (one, reading), (two, second) = random.sample([("一", "イチ"), ("二", "ニ"), ("三", "サン")], 2)
        base = replace(base, stem=f"第{one}{base.stem}", kana=f"ダイ{reading}{base.kana}")
        other = replace(roof, stem=f"第{two}{roof.stem}", kana=f"ダイ{second}{roof.kana}")
    else:
        other = replace(elsewhere, branch=random.choice(["仙台支店", "北上工場", "秋田営業所", "第二工場"]))
    if random.random() < 0.3:
        other = replace(other, kana="")
    return kind, base, _written(random, other, narrow=False)


def _away(random: Random, town: str) -> str:
    return random.choice([other for other in _towns() if other != town])


def _numbers(random: Random, base: Sheet, other: Sheet, *, same: bool, keep: bool) -> tuple[Sheet, Sheet]:
    """Corporate numbers: mostly one of the two is missing; what moved keeps its number, telephone or site."""
    which = random.choice(["both", "first", "second", "none"])
    if keep and not base.site and random.random() < 0.2:
        which = "both"
    number = base.number if same or other.branch else _number(random)
    if other.branch and which == "both":
        which = "first"  # a branch has its firm's number: with both there is nothing to tell apart
    base = base if base.written else _written(random, base, narrow=False)
    return (
        replace(base, number=base.number if which in {"both", "first"} else ""),
        replace(other, number=number if which in {"both", "second"} else ""),
    )


def _record(sheet: Sheet, id: int) -> Record:
    return record(
        id,
        name=f"{sheet.written} {sheet.branch}".strip(),
        number=sheet.number,
        kana=sheet.kana,
        prefecture=sheet.town[:2],
        municipality=sheet.town,
        address=sheet.written_address,
        phone=sheet.written_phone,
        site=sheet.site,
    )
