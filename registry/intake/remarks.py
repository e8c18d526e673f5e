"""The uploaded file as a workbook with what becomes of each line: remarks in a column of their own and in the cells."""

import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from registry.intake.firms import BY_NAME
from registry.intake.sheets import Cell, Sheet
from registry.models import ImportBatch, ImportRow
from registry.tabular import CELL_LIMIT, WORKBOOK_OPTIONS, plain

COLOURS = {"refused": "#FDDEDE", "changed": "#FFF2CC", "new": "#E3F4E3", "unchanged": "#FFFFFF"}


def workbook(batch: ImportBatch, sheet: Sheet) -> bytes:
    """The sheet as it was uploaded, with two columns in front: what becomes of the line, and every remark on it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS) as book:
        page = book.add_worksheet(_("Remarks"))
        styles = {state: _styles(book, colour) for state, colour in COLOURS.items()}
        bold = book.add_format({"bold": True, "bg_color": "#E6E6E6", "text_wrap": True, "valign": "top"})
        page.set_column(0, 0, 12)
        page.set_column(1, 1, 60)
        page.set_column(2, 2 + len(batch.mapping), 18)
        rows = _by_number(batch)
        known: ImportRow | None = next(rows, None)
        for number, cells in enumerate(sheet, start=1):
            row = None
            if known and known.number == number:
                row, known = known, next(rows, None)
            if number == batch.header:
                page.write_string(number - 1, 0, _("Result"), bold)
                page.write_string(number - 1, 1, _("Remarks"), bold)
            _write_line(page, number - 1, cells, row, styles, batch.mapping, bold if number == batch.header else None)
        page.freeze_panes(batch.header, 2)
        page.autofilter(batch.header - 1, 0, max(sheet.size - 1, batch.header), 1 + len(batch.mapping))
    return file.getvalue()


def _by_number(batch: ImportBatch) -> Iterator[ImportRow]:
    return batch.rows.order_by("number").iterator(chunk_size=500)


def _styles(book: Any, colour: str) -> tuple[Any, Any]:
    base = {"valign": "top", "text_wrap": True, "num_format": "@"}
    return book.add_format(base), book.add_format(base | {"bg_color": colour})


def _write_line(
    page: Any, line: int, cells: Any, row: ImportRow | None, styles: Any, mapping: list[str], bold: Any
) -> None:
    usual, marked = styles[row.state] if row else (bold, bold)
    if row:
        page.write_string(line, 0, str(row.get_state_display()), marked)
        page.write_string(line, 1, "\n".join(in_words(row))[:CELL_LIMIT], usual)
    concerned = {remark[0] for remark in row.remarks} | set(row.changes) if row else set()
    for place, cell in enumerate(cells):
        field = mapping[place] if place < len(mapping) else ""
        _write(page, line, place + 2, cell, marked if field and field in concerned else usual)


def _write(page: Any, line: int, place: int, cell: Cell, style: Any) -> None:
    """A number of more than eleven digits would be shown as 7.00E+12, so it goes as text."""
    value = plain(cell)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**11:
        page.write_number(line, place, value)
    elif value not in (None, ""):
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        page.write_string(line, place, text[:CELL_LIMIT], style)


def in_words(row: ImportRow) -> list[str]:
    """Every remark and change of a line, each with the name of its column."""
    said = []
    for name, typed, message in row.remarks:
        label = str(BY_NAME[name].label) if name in BY_NAME else name
        said.append(f"{label}: {message}" + (f" [{typed}]" if typed and typed not in message else ""))
    for name, (old, new) in row.changes.items():
        said.append(f"{BY_NAME[name].label}: {shown(old) or '–'} → {shown(new)}")
    return said


def shown(value: Any) -> str:
    """A JSON value of a row as people read it."""
    if isinstance(value, list):
        return "、".join(shown(item) for item in value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part not in (None, ""))
    return "" if value is None else str(value)
