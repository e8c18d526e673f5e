"""An empty workbook for offices: headings, instructions, and the choices that cells may hold."""

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from registry.intake.firms import FIRM_FIELDS
from registry.models import Capability, Consortium, Prefecture
from registry.tabular import WORKBOOK_OPTIONS

FILLED_BY_HAND = [field for field in FIRM_FIELDS if field.name != "id"]
LINES = 1000


def workbook() -> bytes:
    """Three sheets: the table, how to fill it, the choices."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS | {"constant_memory": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E6E6E6", "text_wrap": True, "valign": "top", "border": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        table = book.add_worksheet(_("Firms"))
        for place, field in enumerate(FILLED_BY_HAND):
            table.set_column(place, place, 20, text)  # as text, so that Excel keeps every digit
            table.write_string(0, place, f"{field.label}{'※' if field.required else ''}", bold)
        table.freeze_panes(1, 0)
        _instructions(book.add_worksheet(_("How to fill it")), bold, text)
        _choices(book, table, bold)
    return file.getvalue()


def _instructions(page: Any, bold: Any, text: Any) -> None:
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 80)
    lines = [
        ("※", _("must be filled")),
        ("", _("An empty cell leaves what the register knows as it is.")),
        ("", _("A firm is found again by its corporate number, or by its ID in a file that was exported from here.")),
        *((str(field.label), str(field.hint)) for field in FILLED_BY_HAND if field.hint),
    ]
    for line, (label, said) in enumerate(lines):
        page.write_string(line, 0, label, bold if label else text)
        page.write_string(line, 1, said, text)


def _choices(book: Any, table: Any, bold: Any) -> None:
    page = book.add_worksheet(_("Choices"))
    catalogues = {"prefecture": Prefecture, "capabilities": Capability, "consortia": Consortium}
    for place, (name, model) in enumerate(catalogues.items()):
        field = next(field for field in FILLED_BY_HAND if field.name == name)
        page.set_column(place, place, 36)
        page.write_string(0, place, str(field.label), bold)
        labels = [str(row.label) for row in model._default_manager.all()]
        page.write_column(1, place, labels)
        if name == "prefecture":
            column = FILLED_BY_HAND.index(field)
            source = f"='{page.get_name()}'!$A$2:$A${len(labels) + 1}"
            table.data_validation(1, column, LINES, column, {"validate": "list", "source": source})
