"""The fields that a file may give of a firm: what their columns are called, how a cell is read, how a firm shows them.

A row is understood as plain JSON values, the same for a file and for a firm that exists; so what changes is found by
comparing, and an export read back changes nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.certificates import CertificationIndex
from registry.columns import FIRM_COLUMNS
from registry.intake import values
from registry.intake.sheets import Cell
from registry.models import TEXT_LIMIT, Capability, Consortium, Firm, Industry, Municipality, Prefecture
from registry.text import fold

Value = Any  # JSON


class Catalogues:
    """Rows of the catalogues by every spelling; read once for a file."""

    def __init__(self) -> None:
        self.prefectures = _spelled(Prefecture.objects.all(), lambda name: name.rstrip("県都府"))
        self.towns: dict[str, dict[str, str]] = {}
        for town in Municipality.objects.all():
            spelled = self.towns.setdefault(town.prefecture_id, {})
            for spelling in (town.pk, town.name, town.name_en, town.name.split("郡")[-1]):
                spelled.setdefault(_key(spelling), town.pk)
        self.industries = _spelled(Industry.objects.all())
        self.consortia = _spelled(Consortium.objects.all())
        self.capabilities = _spelled(Capability.objects.all())
        for capability in Capability.objects.order_by("pk"):
            for spelling in capability.synonyms:
                self.capabilities.setdefault(_key(spelling), capability.pk)
        self.certifications = CertificationIndex()


def _spelled(rows: Any, also: Callable[[str], str] = str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for spelling in (row.pk, row.name, row.name_en, also(row.name)):
            if spelling:
                found.setdefault(_key(spelling), row.pk)
    return found


def _key(spelling: str) -> str:
    return fold(spelling).replace(" ", "")


Parse = Callable[[Cell, Catalogues, Mapping[str, Value]], Value]


@dataclass(frozen=True, slots=True)
class ImportField:
    """`aliases` are other headings of its column; `hint` stands in the template."""

    name: str
    label: str | Promise
    parse: Parse
    aliases: Sequence[str] = ()
    hint: str | Promise = ""
    required: bool = False


def _with(parse: Callable[..., Value], *arguments: Any) -> Parse:
    return lambda cell, _catalogues, _row: parse(cell, *arguments)


def _chosen(table: str, message: Any) -> Parse:
    def parse(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        typed = values.line(cell, 200)
        if not typed:
            return None
        if found := getattr(catalogues, table).get(_key(typed.zfill(2) if typed.isdecimal() else typed)):
            return found
        raise ValidationError(message, params={"typed": typed[:40]})

    return parse


def _town(cell: Cell, catalogues: Catalogues, row: Mapping[str, Value]) -> Value:
    typed = values.line(cell, 200)
    if not typed:
        return None
    prefecture = row.get("prefecture")
    known = catalogues.towns.get(prefecture, {}) if prefecture else {}
    bare = re.sub(r"^.{2,3}[都道府県]", "", typed)
    code = typed[:5] if typed.isdecimal() and len(typed) == 6 else typed  # with its check digit
    if found := known.get(_key(code)) or known.get(_key(bare)):
        return found
    raise ValidationError(
        _("“%(typed)s” is no municipality of the row's prefecture; write its name or five-digit code"),
        params={"typed": typed[:40]},
    )


def _many(table: str, message: Any) -> Parse:
    def parse(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        found, known = [], getattr(catalogues, table)
        for word in values.words(cell):
            if _key(word) not in known:
                raise ValidationError(message, params={"typed": word[:40]})
            found.append(known[_key(word)])
        return sorted(set(found))

    return parse


_UNTIL = re.compile(
    r"[\s(（]*(?:until|有効期限|期限|～|~|-|まで)?[:：]?\s*(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*(?:まで)?[)）]*$"
)


def _certificates(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "ISO 9001 (2027-03-31)": one a line or between commas, with the day until which it is valid."""
    found = []
    for word in values.words(cell, 300):
        match = _UNTIL.search(word)
        stated = word[: match.start()].strip() if match else word
        until = values.day(match[1]) if match else None
        found.append({"stated": stated[:200], "valid_until": until and until.isoformat()})
    return sorted(found, key=lambda held: held["stated"])


_MACHINE = re.compile(r"(?P<name>.+?)\s*[×xX✕]\s*(?P<count>\d{1,5})\s*(?:台|基|式)?\s*(?P<note>.*)$")


def _machines(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "マシニングセンタ ×3 φ300まで": one a line."""
    found = []
    for line in values.text(cell).splitlines():
        if not (typed := line.strip(" 　・")):
            continue
        match = _MACHINE.fullmatch(typed)
        parts: dict[str, Any] = match.groupdict() if match else {"name": typed, "count": None, "note": ""}
        if max(len(parts["name"]), len(parts["note"])) > 200:
            raise ValidationError(_("“%(start)s…” is too long; write one machine a line"), params={"start": typed[:20]})
        count = int(parts["count"]) if parts["count"] else None
        found.append({"name": parts["name"], "count": count, "note": parts["note"].strip()})
    return sorted(found, key=lambda machine: (machine["name"], machine["note"]))


def _checked(validator: Callable[[str], None], longest: int) -> Parse:
    def parse(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        typed = values.line(cell, longest)
        if typed:
            validator(typed)
        return typed

    return parse


def _site(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    typed = values.line(cell, 300)
    if typed and "://" not in typed:
        typed = f"https://{typed}"
    if typed:
        URLValidator(schemes=["http", "https"])(typed)
    return typed


_LABELS = {column.name: column.heading for column in FIRM_COLUMNS}
FIRM_FIELDS: tuple[ImportField, ...] = (
    ImportField(
        "id", _LABELS["id"], _with(values.whole), ("企業ID",), _("Only for firms that were exported from here")
    ),
    ImportField(
        "corporate_number",
        _LABELS["corporate_number"],
        _with(values.corporate_number),
        ("法人No", "法人No.", "法人コード", "houjin bangou"),
        _("13 digits; format the column as text"),
    ),
    ImportField(
        "name",
        _LABELS["name"],
        _with(values.line, 200),
        (
            "企業名",
            "会社名",
            "社名",
            "事業者名",
            "事業所名",
            "法人名",
            "商号",
            "商号又は名称",
            "名称（商号）",
            "company",
            "firm",
        ),
        required=True,
    ),
    ImportField(
        "name_kana",
        _LABELS["name_kana"],
        _with(values.line, 200),
        ("フリガナ", "ふりがな", "カナ", "企業名カナ", "企業名（カナ）"),
    ),
    ImportField("name_en", _LABELS["name_en"], _with(values.line, 200), ("英語名", "企業名（英語）", "英文社名")),
    ImportField(
        "prefecture",
        _LABELS["prefecture"],
        _chosen("prefectures", _("“%(typed)s” is no prefecture; write its name, for example 秋田県, or its code")),
        ("県", "都道府県名"),
        required=True,
    ),
    ImportField("municipality", _LABELS["municipality"], _town, ("市町村", "市町村名", "市区町村名", "所在市町村")),
    ImportField("address", _LABELS["address"], _with(values.line, 300), ("所在地", "本社所在地", "住所地", "番地")),
    ImportField(
        "industry",
        _LABELS["industry"],
        _chosen("industries", _("“%(typed)s” is no industry; write its name or code of the JSIC, for example E24")),
        ("業種", "産業分類", "業種コード"),
    ),
    ImportField(
        "employees", _LABELS["employees"], _with(values.whole), ("従業員", "従業員数（人）", "社員数", "従業者数")
    ),
    ImportField("capital_jpy", _LABELS["capital_jpy"], _with(values.whole, 10**15), ("資本金", "資本金（円）")),
    ImportField(
        "founded",
        _LABELS["founded"],
        _with(values.year),
        ("設立", "創業", "設立年", "創業年", "設立年月", "設立年月日"),
    ),
    ImportField("site", _LABELS["site"], _site, ("URL", "HP", "ホームページ", "Webサイト", "ウェブサイト")),
    ImportField("contact_name", _("Contact person"), _with(values.line, 100), ("担当者", "担当者名", "連絡先担当者")),
    ImportField(
        "contact_email",
        _("Contact e-mail"),
        _checked(EmailValidator(), 254),
        ("メール", "E-mail", "Eメール", "メールアドレス"),
    ),
    ImportField(
        "contact_phone", _("Telephone"), _with(values.line, 30), ("電話", "電話番号", "TEL", "Tel.", "連絡先電話番号")
    ),
    ImportField(
        "capability_text",
        _LABELS["capability_text"],
        _with(values.text, TEXT_LIMIT),
        ("事業内容", "対応内容", "得意分野", "技術", "加工内容", "PR", "自社PR", "事業概要", "保有技術・対応内容"),
    ),
    ImportField(
        "capabilities",
        _LABELS["capabilities"],
        _many("capabilities", _("“%(typed)s” is no capability of the catalogue; see the sheet of choices")),
        ("保有技術", "対応工程", "工程", "技術区分"),
    ),
    ImportField(
        "products", _LABELS["products"], _with(values.words), ("製品", "主要製品", "主要製品・サービス", "取扱品目")
    ),
    ImportField(
        "equipment",
        _LABELS["equipment"],
        _machines,
        ("設備", "保有設備", "主要設備", "設備一覧"),
        _("One machine a line: name ×number size or accuracy"),
    ),
    ImportField(
        "certifications",
        _LABELS["certifications"],
        _certificates,
        ("認証", "認証・資格", "取得認証", "ISO", "資格"),
        _("One a line, with the day until which it is valid: ISO 9001 (2027-03-31)"),
    ),
    ImportField(
        "consortia",
        _LABELS["consortia"],
        _many("consortia", _("“%(typed)s” is no consortium of the register; see the sheet of choices")),
        ("協議会", "所属団体", "コンソーシアム"),
    ),
    ImportField("monthly_capacity", _LABELS["monthly_capacity"], _with(values.whole), ("月産能力", "月産", "生産能力")),
    ImportField("lead_time_days", _LABELS["lead_time_days"], _with(values.whole), ("納期", "納期（日）", "標準納期")),
    ImportField("summary_en", _LABELS["summary_en"], _with(values.text, TEXT_LIMIT), ("英文概要", "英語概要")),
)
BY_NAME = {field.name: field for field in FIRM_FIELDS}
PLAIN = (
    *("corporate_number", "name", "name_kana", "name_en", "address", "employees", "capital_jpy", "founded", "site"),
    *("contact_name", "contact_email", "contact_phone", "capability_text", "products"),
    *("monthly_capacity", "lead_time_days", "summary_en"),
)
"""Columns of the firm itself; the others are rows of catalogues or rows of their own."""


def spellings() -> dict[str, str]:
    """Every known heading, folded, with the field that it means."""
    found: dict[str, str] = {}
    for field in FIRM_FIELDS:
        for spelling in (field.name, *field.aliases):
            found.setdefault(heading_key(spelling), field.name)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for field in FIRM_FIELDS:
                found.setdefault(heading_key(str(field.label)), field.name)
    return found


def heading_key(heading: str) -> str:
    """A heading as it is compared: without blanks, line breaks and marks such as ※ or 【必須】."""
    return re.sub(r"[\s※*＊]|【.*?】|\[.*?\]|\(必須\)|\(任意\)", "", fold(heading[:200]))


def understand(
    cells: Mapping[str, Cell], catalogues: Catalogues
) -> tuple[dict[str, Value], list[tuple[str, str, str]]]:
    """What the cells of a row mean, and what is wrong: (field, value as typed, message). An empty cell says nothing."""
    row: dict[str, Value] = {}
    remarks: list[tuple[str, str, str]] = []
    for field in FIRM_FIELDS:
        if field.name not in cells:
            continue
        cell = cells[field.name]
        try:
            value = field.parse(cell, catalogues, row)
        except ValidationError as refusal:
            remarks.append((field.name, str(cell)[:100], " ".join(refusal.messages)))
            continue
        if value not in (None, "", []):
            row[field.name] = value
    return row, remarks


def as_values(firm: Firm) -> dict[str, Value]:
    """A firm in the form in which `understand` gives a row. Prefetch what `FirmQuerySet.for_list` does."""
    shown: dict[str, Value] = {name: getattr(firm, name) for name in PLAIN}
    shown |= {"prefecture": firm.prefecture_id, "municipality": firm.municipality_id, "industry": firm.industry_id}
    shown["capabilities"] = sorted(row.pk for row in firm.capabilities.all())
    shown["consortia"] = sorted(row.pk for row in firm.consortia.all())
    shown["equipment"] = sorted(
        ({"name": machine.name, "count": machine.count, "note": machine.note} for machine in firm.equipment.all()),
        key=lambda machine: (machine["name"], machine["note"]),
    )
    shown["certifications"] = sorted(
        (
            {"stated": held.stated, "valid_until": held.valid_until and held.valid_until.isoformat()}
            for held in firm.firm_certifications.all()
        ),
        key=lambda held: held["stated"],
    )
    return shown
