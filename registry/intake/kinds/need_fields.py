"""The fields that a file may give of a need: what their columns are called, and how a cell is read."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.columns import NEED_COLUMNS
from registry.intake import values
from registry.intake.cells import Cell
from registry.intake.fields import Catalogues, ImportField, Value, by, day, labelled, many, named, one_of
from registry.intake.kinds import criteria, figures
from registry.intake.kinds.firm_fields import NO_CAPABILITY, NO_PREFECTURE
from registry.models import TEXT_LIMIT, Capability, Criterion, Need, NeedPhase, Prefecture

COLUMNS = {column.name: column for column in NEED_COLUMNS}
_K = Criterion.Kind
CRITERIA = {
    "required_certifications": (_K.CERTIFICATION, True),
    "wished_certifications": (_K.CERTIFICATION, False),
    "wished_prefectures": (_K.PREFECTURE, False),
    "min_employees": (_K.EMPLOYEES, True),
    "min_volume": (_K.VOLUME, True),
    "max_lead_time": (_K.LEAD_TIME, True),
}
"""Fields that are criteria: their kind, and whether they are a must."""
OWN = (
    *("title", "text", "language", "material", "quantity", "quantity_unit", "first_delivery", "nda_first"),
    *("deadline", "visibility"),
)
"""Columns of the need itself that are called as their fields."""


def _number(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "N-0012" or 12."""
    typed = values.line(cell, 20).upper().removeprefix("N-") if isinstance(cell, str) else cell
    return values.whole(typed)


def _project(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    return values.line(cell, 200)


_LENGTHS = {"mm": "mm", "ミリ": "mm", "μm": "μm", "um": "μm", "ミクロン": "μm"}


def _tolerance(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "±0.01 mm": half of the range, with its unit."""
    typed = re.sub(r"^[±+\s]+(?:/-)?", "", values.line(cell, 40)) if isinstance(cell, str) else cell
    return values.measure(typed, _LENGTHS, decimals=4)


_PHASE = re.compile(
    r"(?P<lot>\d{1,10})\s*(?:個|本|枚|台|式|セット|pieces|pcs)?\s*(?:/|毎|per|a)?\s*(?P<per>月|年|month|year)?[\s(:,]*"
    r"(?:(?P<year>\d{4})(?:[-/.年]\s*(?P<month>\d{1,2})月?)?年?\s*(?:から|~)?)?[\s)]*"
)
_PER = {"月": "month", "month": "month", "年": "year", "year": "year", None: "once"}


def _phase(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "60/年 (2029-01)" as {"lot": 60, "per": "year", "since": "2029-01-01"}."""
    typed = " ".join(values.folded(cell).split())  # each part of the pattern may take a run of blanks
    if typed in values.NOTHING:
        return None
    match = _PHASE.fullmatch(re.sub(r"(?<=\d),(?=\d{3})", "", typed))
    if match and 1 <= int(match["lot"]) <= 10**9 and 1 <= int(match["month"] or 1) <= 12 and _in_time(match["year"]):
        since = f"{match['year']}-{int(match['month'] or 1):02d}-01" if match["year"] else None
        return {"lot": int(match["lot"]), "per": _PER[match["per"]], "since": since}
    raise ValidationError(
        _("“%(typed)s” is no quantity of a phase; write it like 2 (2026-11), 60/年 (2029-01) or 100/month"),
        params={"typed": values.line(cell, 200)[:40]},
    )


def _in_time(year: str | None) -> bool:
    return year is None or 1900 <= int(year) <= 2200


def _shown_phase(value: Value, _catalogues: Catalogues) -> str:
    if not value:
        return ""
    since = f" ({value['since'][:7]})" if value["since"] else ""
    return f"{value['lot']:,} {NeedPhase.Per(value['per']).label}{since}"


def _answer(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """Yes or no; an empty cell says nothing."""
    return None if cell in (None, "") else values.answer(cell)


NEED_FIELDS: tuple[ImportField, ...] = (
    ImportField(
        "id",
        COLUMNS["id"].heading,
        _number,
        ("番号", "ニーズ番号", "number"),
        _("Only for needs that were exported from here"),
    ),
    ImportField(
        "project",
        COLUMNS["project"].heading,
        _project,
        ("プロジェクト", "プロジェクト名", "案件", "事業", "事業名", "project"),
        _("Its name or code; may be left out by whoever writes for one project only"),
    ),
    ImportField(
        "title",
        COLUMNS["title"].heading,
        by(values.line, 200),
        ("件名", "品名", "調達品目", "案件名", "ニーズ名"),
        required=True,
    ),
    ImportField(
        "text",
        COLUMNS["text"].heading,
        by(values.text, TEXT_LIMIT),
        ("内容", "詳細", "求める内容", "仕様", "要求仕様", "description", "specification"),
        _("What it is for, material, size, tolerance, process, quantity by phase, place and dates"),
        required=True,
    ),
    ImportField(
        "language",
        COLUMNS["language"].heading,
        one_of(Need.Language),
        show=labelled(Need.Language),
        choices=Need.Language,
    ),
    ImportField(
        "capabilities",
        COLUMNS["capabilities"].heading,
        many("capabilities", NO_CAPABILITY),
        ("保有技術", "必要な技術", "必要工程", "工程"),
        show=named(Capability),
        choices=Capability,
    ),
    ImportField("material", COLUMNS["material"].heading, by(values.line, 200), ("材質", "材料", "素材", "material")),
    ImportField(
        "tolerance",
        COLUMNS["tolerance"].heading,
        _tolerance,
        ("公差", "精度", "tolerance"),
        _("With its unit: ±0.01 mm, 10 μm"),
    ),
    ImportField("roughness", COLUMNS["roughness"].heading, figures.roughness, ("表面粗さ", "粗さ", "Ra", "roughness")),
    ImportField(
        "dimensions",
        COLUMNS["dimensions"].heading,
        figures.dimensions,
        ("最大寸法", "寸法", "dimensions"),
        _("In mm: ⌀ 120 · L 80 · W 60 · H 40"),
        show=figures.show_dimensions,
    ),
    ImportField(
        "delivery",
        COLUMNS["delivery"].heading,
        figures.delivery,
        ("納入場所", "納入先", "納品場所", "delivery"),
        _("A port or site of the register, or a municipality with its prefecture"),
        show=figures.show_delivery,
    ),
    ImportField("quantity", COLUMNS["quantity"].heading, by(values.whole), ("数", "調達数量", "qty")),
    ImportField(
        "quantity_unit",
        COLUMNS["quantity_unit"].heading,
        by(values.line, 20),
        ("単位", "unit"),
        _("For example: pieces a month, sets, t."),
    ),
    ImportField(
        "phases",
        COLUMNS["phases"].heading,
        figures.phases,
        hint=_("All of them, one a line, as an export writes them"),
        show=figures.show_phases,
    ),
    *(
        ImportField(
            f"phase_{kind}",
            label,
            _phase,
            aliases,
            _("Pieces, how often and from which month: 2 (2026-11), 60/年 (2029-01), 100/month"),
            show=_shown_phase,
        )
        for kind, label, aliases in (
            ("prototype", _("Prototype: pieces"), ("試作数量", "試作")),
            ("qualification", _("Qualification: pieces"), ("認定数量", "認定試験")),
            ("volume", _("Volume production: pieces"), ("量産数量", "量産")),
        )
    ),
    ImportField(
        "first_delivery", COLUMNS["first_delivery"].heading, day, ("初回納入", "初回納期", "納入時期", "first delivery")
    ),
    ImportField("nda_first", COLUMNS["nda_first"].heading, _answer, ("NDA", "秘密保持契約")),
    ImportField("deadline", COLUMNS["deadline"].heading, day, ("締切", "回答期限", "締切日", "期限", "deadline")),
    ImportField(
        "visibility",
        COLUMNS["visibility"].heading,
        one_of(Need.Visibility),
        ("公開", "公開区分"),
        show=labelled(Need.Visibility),
        choices=Need.Visibility,
    ),
    ImportField(
        "criteria",
        COLUMNS["criteria"].heading,
        criteria.parse,
        hint=_("All of them, one a line, as an export writes them: [must] certification: ISO 9001"),
        show=criteria.show,
    ),
    ImportField(
        "required_certifications",
        _("Certificates that are a must"),
        by(values.words),
        ("必須認証", "必要な認証"),
    ),
    ImportField("wished_certifications", _("Certificates that are a wish"), by(values.words), ("希望認証",)),
    ImportField(
        "wished_prefectures",
        _("Prefectures that are a wish"),
        many("prefectures", NO_PREFECTURE),
        ("希望地域", "希望する県"),
        show=named(Prefecture),
        choices=Prefecture,
    ),
    ImportField("min_employees", _("At least so many employees"), by(values.whole), ("従業員数の下限",)),
    ImportField("min_volume", _("At least so many a month"), by(values.whole), ("月産の下限", "月産数量")),
    ImportField("max_lead_time", _("Lead time in days at most"), by(values.whole), ("納期の上限",)),
)
