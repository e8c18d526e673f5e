"""An empty workbook for each kind of sheet: headings, instructions, and the choices that cells may hold."""

import io
from typing import Any

import xlsxwriter
from django.db import models
from django.utils.translation import gettext as _

from registry.intake.fields import ImportField
from registry.intake.kinds.base import Kind
from registry.tabular import WORKBOOK_OPTIONS

LINES = 1000
_LISTS_IN_CELLS = {"capabilities", "consortia", "wished_prefectures"}
"""Fields whose cells hold several choices, which a list in the cell would forbid."""


def workbook(kind: Kind) -> bytes:
    """Three sheets: the table, how to fill it, the choices."""
    file = io.BytesIO()
    fields = [field for field in kind.fields if not field.into]
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS | {"constant_memory": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E6E6E6", "text_wrap": True, "valign": "top", "border": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        table = book.add_worksheet(str(kind.label)[:31])
        for place, field in enumerate(fields):
            table.set_column(place, place, 20, text)  # as text, so that Excel keeps every digit
            table.write_string(0, place, f"{field.label}{'※' if field.required else ''}", bold)
            if field.hint:
                table.write_comment(0, place, str(field.hint))
        table.freeze_panes(1, 0)
        _instructions(book.add_worksheet(_("How to fill it")), kind, fields, bold, text)
        _choices(book, table, fields, bold)
    return file.getvalue()


def _instructions(page: Any, kind: Kind, fields: list[ImportField], bold: Any, text: Any) -> None:
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 80)
    lines = [
        ("※", _("must be filled where the line is new")),
        ("", str(kind.note)),
        ("", _("An empty cell leaves what the register knows as it is.")),
        (
            "",
            _(
                "Days: 2027-03-31, 2027年3月31日, 令和9年3月31日 or R9.3.31. Numbers may have separators and "
                "full-width digits."
            ),
        ),
        (
            "",
            _(
                "Other headings, other columns and title rows are fine too: at the upload you say what each column "
                "means."
            ),
        ),
        *((str(field.label), str(field.hint)) for field in fields if field.hint),
    ]
    for line, (label, said) in enumerate(lines):
        page.write_string(line, 0, label, bold if label else text)
        page.write_string(line, 1, said, text)


def _choices(book: Any, table: Any, fields: list[ImportField], bold: Any) -> None:
    page = book.add_worksheet(_("Choices"))
    place = 0
    for column, field in enumerate(fields):
        if field.choices is None:
            continue
        labels = _labels(field.choices)
        page.set_column(place, place, 36)
        page.write_string(0, place, str(field.label), bold)
        page.write_column(1, place, labels)
        if field.name not in _LISTS_IN_CELLS and labels:
            letter = xlsxwriter.utility.xl_col_to_name(place)
            source = f"='{page.get_name()}'!${letter}$2:${letter}${len(labels) + 1}"
            table.data_validation(1, column, LINES, column, {"validate": "list", "source": source})
        place += 1


def _labels(choices: Any) -> list[str]:
    if issubclass(choices, models.TextChoices):
        return [str(label) for label in choices.labels]
    return [str(row.label) for row in choices._default_manager.all()]
