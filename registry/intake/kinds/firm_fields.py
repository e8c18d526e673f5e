"""The fields that a file may give of a firm: what their columns are called, and how a cell is read."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from registry import postal
from registry.columns import CONTACT_COLUMNS, FIRM_COLUMNS
from registry.intake import values
from registry.intake.cells import Cell
from registry.intake.fields import Catalogues, ImportField, Value, by, checked, chosen, key, many, named
from registry.models import TEXT_LIMIT, Capability, Consortium, Industry, Municipality, Prefecture

COLUMNS = {column.name: column for column in (*FIRM_COLUMNS, *CONTACT_COLUMNS)}


def _town(cell: Cell, catalogues: Catalogues, row: Mapping[str, Value]) -> Value:
    typed = values.line(cell, 200)
    if not typed:
        return None
    prefecture = row.get("prefecture")
    known = catalogues.towns.get(prefecture, {}) if prefecture else {}
    bare = re.sub(r"^.{2,3}[都道府県]\s*", "", typed)
    code = typed[:5] if typed.isdecimal() and len(typed) == 6 else typed  # with its check digit
    if found := known.get(key(code)) or known.get(key(bare)):
        return found
    raise ValidationError(
        _("“%(typed)s” is no municipality of the row's prefecture; write its name or five-digit code"),
        params={"typed": typed[:40]},
    )


UNTIL = re.compile(
    r"(?<![\s(（])[\s(（]*(?:(?:until|有効期限|期限|～|~|-|まで)[:：]?\s*|[:：]\s*)?"  # a run of blanks is tried once
    r"((?:\d{4}|(?:令和|平成|\b[RH])\.?\s*(?:元|\d{1,2}))[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*(?:まで|まで有効)?[)）]*$"
)


def _certificates(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "ISO 9001 (2027-03-31)": one a line or between commas, with the day until which it is valid."""
    found = {}
    for word in values.words(cell, 300):
        match = UNTIL.search(word)
        stated = (word[: match.start()].strip() if match else word)[:200]
        until = values.day(match[1]) if match else None
        found[stated] = {"stated": stated, "valid_until": until and until.isoformat()}
    return sorted(found.values(), key=lambda held: str(held["stated"]))


_MACHINE = re.compile(
    r"(?P<name>.+?(?<![\d.,]))(?:\s*[×✕]|\s+[xX])\s*(?P<count>\d{1,5})\s*(?:台|基|式)?(?:\s+(?P<note>.*))?$"
)
"""A number of machines, not the second of the sizes 450×800×500, nor the x of a word."""


def _machines(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "マシニングセンタ ×3 φ300まで": one a line, kept as it is typed; `machine` takes it apart."""
    lines = [typed for line in values.text(cell).splitlines() if (typed := line.strip(" 　・"))]
    for line in lines:
        if len(line) > 500 or max(map(len, map(str, machine(line).values()))) > 200:
            raise ValidationError(_("“%(start)s…” is too long; write one machine a line"), params={"start": line[:20]})
    return sorted(lines)


def machine(line: str) -> dict[str, Any]:
    """Name, number and what follows it, of a line as `equipment_line` writes it for machines without maker and size."""
    match = _MACHINE.fullmatch(line)
    if not match:
        return {"name": line, "count": None, "note": ""}
    return {"name": match["name"].strip(), "count": int(match["count"]), "note": (match["note"] or "").strip()}


def _postal_code(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """A number has lost its leading zero in the sheet."""
    typed = f"{int(cell):07d}" if isinstance(cell, int | float) else values.entry(cell, 40)
    return postal.clean(typed) if typed else typed


def _phone(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """A number has lost its leading zero in the sheet: with it, telephones have ten digits and mobiles eleven."""
    if isinstance(cell, int) and 10**8 <= cell < 10**10:
        return f"0{cell}"
    return values.entry(cell, 30)


def _site(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    typed = values.entry(cell, 300)
    if typed and "://" not in typed:
        typed = f"https://{typed}"
    if typed:
        URLValidator(schemes=["http", "https"])(typed)
    return typed


def _shown_certificates(value: Value, _catalogues: Catalogues) -> str:
    return "、".join(" ".join(part for part in (held["stated"], held["valid_until"]) if part) for held in value or ())


NUMBER_ALIASES = ("法人No", "法人No.", "法人コード", "houjin bangou")
NAME_ALIASES = (
    *(
        "企業名",
        "会社名",
        "社名",
        "事業者名",
        "事業所名",
        "法人名",
        "商号",
        "商号又は名称",
        "名称（商号）",
        "事業者名称",
    ),
    *("企業名称", "会社名称", "company", "company name", "firm"),
)
NO_CAPABILITY = _("“%(typed)s” is no capability of the catalogue; see the sheet of choices")
NO_CONSORTIUM = _("“%(typed)s” is no consortium of the register; see the sheet of choices")
NO_PREFECTURE = _("“%(typed)s” is no prefecture; write its name, for example 秋田県, or its code")

FIRM_FIELDS: tuple[ImportField, ...] = (
    ImportField(
        "id", COLUMNS["id"].heading, by(values.whole), ("企業ID",), _("Only for firms that were exported from here")
    ),
    ImportField(
        "corporate_number",
        COLUMNS["corporate_number"].heading,
        by(values.corporate_number),
        NUMBER_ALIASES,
        _("13 digits; format the column as text"),
    ),
    ImportField(
        "name",
        COLUMNS["name"].heading,
        by(values.line, 200),
        NAME_ALIASES,
        required=True,
    ),
    ImportField(
        "name_kana",
        COLUMNS["name_kana"].heading,
        by(values.line, 200),
        ("フリガナ", "ふりがな", "カナ", "企業名カナ", "企業名（カナ）"),
    ),
    ImportField("name_en", COLUMNS["name_en"].heading, by(values.line, 200), ("英語名", "企業名（英語）", "英文社名")),
    ImportField(
        "prefecture",
        COLUMNS["prefecture"].heading,
        chosen("prefectures", NO_PREFECTURE),
        ("県", "都道府県名"),
        required=True,
        show=named(Prefecture),
        choices=Prefecture,
    ),
    ImportField(
        "municipality",
        COLUMNS["municipality"].heading,
        _town,
        ("市町村", "市町村名", "市区町村名", "所在市町村"),
        show=named(Municipality),
    ),
    ImportField("postal_code", COLUMNS["postal_code"].heading, _postal_code, ("郵便番号", "〒", "〒番号", "郵便")),
    ImportField(
        "address", COLUMNS["address"].heading, by(values.line, 300), ("所在地", "本社所在地", "住所地", "番地")
    ),
    ImportField(
        "industry",
        COLUMNS["industry"].heading,
        chosen("industries", _("“%(typed)s” is no industry; write its name or code of the JSIC, for example E24")),
        ("業種", "産業分類", "業種コード"),
        show=named(Industry),
    ),
    ImportField(
        "employees", COLUMNS["employees"].heading, by(values.whole), ("従業員", "従業員数（人）", "社員数", "従業者数")
    ),
    ImportField("capital_jpy", COLUMNS["capital_jpy"].heading, by(values.whole, 10**15), ("資本金", "資本金（円）")),
    *(
        ImportField(f"capital_{unit}", label, by(values.amount, unit), aliases, into="capital_jpy")
        for unit, label, aliases in (
            ("千", _("Capital (thousand yen)"), ("資本金（千円）",)),
            ("万", _("Capital (ten thousand yen)"), ("資本金（万円）",)),
            ("百万", _("Capital (million yen)"), ("資本金（百万円）",)),
        )
    ),
    ImportField(
        "founded",
        COLUMNS["founded"].heading,
        by(values.year),
        ("設立", "創業", "設立年", "創業年", "設立年月", "設立年月日"),
    ),
    ImportField("site", COLUMNS["site"].heading, _site, ("URL", "HP", "ホームページ", "Webサイト", "ウェブサイト")),
    ImportField(
        "contact_name",
        _("Contact person"),
        by(values.line, 100),
        ("担当者", "担当者名", "連絡先担当者"),
        personal=True,
    ),
    ImportField(
        "contact_email",
        _("Contact e-mail"),
        checked(EmailValidator(), 254),
        ("メール", "E-mail", "Eメール", "メールアドレス"),
        personal=True,
    ),
    ImportField(
        "contact_phone",
        _("Telephone"),
        _phone,
        ("電話", "電話番号", "TEL", "Tel.", "連絡先電話番号"),
        personal=True,
    ),
    ImportField(
        "capability_text",
        COLUMNS["capability_text"].heading,
        by(values.text, TEXT_LIMIT),
        ("事業内容", "対応内容", "得意分野", "技術", "加工内容", "PR", "自社PR", "事業概要", "保有技術・対応内容"),
    ),
    ImportField(
        "capabilities",
        COLUMNS["capabilities"].heading,
        many("capabilities", NO_CAPABILITY),
        ("保有技術", "対応工程", "工程", "技術区分"),
        show=named(Capability),
        choices=Capability,
    ),
    ImportField(
        "products",
        COLUMNS["products"].heading,
        by(values.words),
        ("製品", "主要製品", "主要製品・サービス", "取扱品目"),
    ),
    ImportField(
        "equipment",
        COLUMNS["equipment"].heading,
        _machines,
        ("設備", "保有設備", "主要設備", "設備一覧"),
        _("One machine a line: name ×number size or accuracy"),
    ),
    ImportField(
        "certifications",
        COLUMNS["certifications"].heading,
        _certificates,
        ("認証", "認証・資格", "取得認証", "ISO", "資格"),
        _("One a line, with the day until which it is valid: ISO 9001 (2027-03-31)"),
        show=_shown_certificates,
    ),
    ImportField(
        "consortia",
        COLUMNS["consortia"].heading,
        many("consortia", NO_CONSORTIUM),
        ("協議会", "所属団体", "コンソーシアム"),
        show=named(Consortium),
        choices=Consortium,
    ),
    ImportField(
        "monthly_capacity", COLUMNS["monthly_capacity"].heading, by(values.whole), ("月産能力", "月産", "生産能力")
    ),
    ImportField(
        "lead_time_days", COLUMNS["lead_time_days"].heading, by(values.whole), ("納期", "納期（日）", "標準納期")
    ),
    ImportField("summary_en", COLUMNS["summary_en"].heading, by(values.text, TEXT_LIMIT), ("英文概要", "英語概要")),
)
PLAIN = (
    *("corporate_number", "name", "name_kana", "name_en", "postal_code", "address", "employees"),
    *("capital_jpy", "founded", "site"),
    *("contact_name", "contact_email", "contact_phone", "capability_text", "products"),
    *("monthly_capacity", "lead_time_days", "summary_en"),
)
"""Columns of the firm itself; the others are rows of catalogues or rows of their own."""
CODED = ("prefecture", "municipality", "industry")
