"""The uploaded table as a workbook with what becomes of each line: remarks in a column of their own and in cells."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from registry.intake.cells import Cell
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS
from registry.intake.kinds.base import Kind
from registry.intake.sheets import Sheet
from registry.models import ImportBatch, ImportRow
from registry.tabular import CELL_LIMIT, WORKBOOK_OPTIONS, for_paper, plain

SHOWN = 60
"""Characters of a value of a new line."""
COLOURS = {"refused": "#FDDEDE", "changed": "#FFF2CC", "new": "#E3F4E3", "unchanged": "#FFFFFF"}


def workbook(batch: ImportBatch, sheet: Sheet, *, contacts: bool = True) -> bytes:
    """The sheet as it was uploaded, with two columns in front: what becomes of the line, and every remark on it, as in
    `in_words`.

    A cell with something to say is coloured; where it is refused, a note on the cell says why.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, WORKBOOK_OPTIONS) as book:
        page = _Page(book, batch, contacts)
        rows = batch.rows.order_by("number").iterator(chunk_size=500)
        known: ImportRow | None = next(rows, None)
        for number, cells in enumerate(sheet, start=1):
            row = None
            if known and known.number == number:
                row, known = known, next(rows, None)
            page.write(number, cells, row)
        page.close(sheet.size)
    return file.getvalue()


class _Page:
    def __init__(self, book: Any, batch: ImportBatch, contacts: bool) -> None:
        self.batch, self.kind, self.catalogues, self.contacts = batch, KINDS[batch.kind], Catalogues(), contacts
        self.page = book.add_worksheet(_("Remarks"))
        base = {"valign": "top", "text_wrap": True, "num_format": "@"}
        self.usual = book.add_format(base)
        self.marked = {state: book.add_format(base | {"bg_color": colour}) for state, colour in COLOURS.items()}
        self.bold = book.add_format(base | {"bold": True, "bg_color": "#E6E6E6"})
        self.page.set_column(0, 0, 12)
        self.page.set_column(1, 1, 60)
        self.page.set_column(2, 2 + len(batch.mapping), 18)

    def write(self, number: int, cells: Sequence[Cell], row: ImportRow | None) -> None:
        line = number - 1
        if number == self.batch.header:
            self.page.write_string(line, 0, _("Result"), self.bold)
            self.page.write_string(line, 1, _("Remarks"), self.bold)
        if row:
            said = "\n".join(in_words(row, self.kind, self.catalogues, contacts=self.contacts))
            self.page.write_string(line, 0, str(row.get_state_display()), self.marked[row.state])
            self.page.write_string(line, 1, said[:CELL_LIMIT], self.usual)
        notes: dict[str, str] = {name: message for name, _typed, message in row.remarks} if row else {}
        concerned = set(notes) | set(row.changes) if row else set()
        for place, cell in enumerate(cells):
            field = self.batch.mapping[place] if place < len(self.batch.mapping) else ""
            style = self.bold if number == self.batch.header else self.usual
            self._cell(line, place + 2, cell, self.marked[row.state] if row and field and field in concerned else style)
            if field and field in notes:
                self.page.write_comment(line, place + 2, notes[field][:CELL_LIMIT])

    def _cell(self, line: int, place: int, cell: Cell, style: Any) -> None:
        """A number of more than eleven digits would be shown as 7.00E+12, so it goes as text."""
        value = plain(cell)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**11:
            self.page.write_number(line, place, value)
        elif value not in (None, ""):
            text = value.isoformat() if hasattr(value, "isoformat") else str(value)
            self.page.write_string(line, place, text[:CELL_LIMIT], style)

    def close(self, size: int) -> None:
        self.page.freeze_panes(self.batch.header, 2)
        for_paper(self.page, max(self.batch.header - 1, 0))
        self.page.autofilter(
            self.batch.header - 1, 0, max(size - 1, self.batch.header), 1 + max(len(self.batch.mapping), 1)
        )


def in_words(row: ImportRow, kind: Kind, catalogues: Catalogues, *, contacts: bool = True) -> list[str]:
    """Every remark and change of a line, each with the name of its column; of a new line all that was understood.

    Without `contacts` nothing is quoted of what the register said of contact persons.
    """
    said = []
    for name, typed, message in row.remarks:
        label = f"{kind.by_name[name].label}: " if name in kind.by_name else ""
        said.append(f"{label}{message}" + (f" [{typed}]" if typed and typed not in message else ""))
    for name, (old, new) in row.changes.items():
        label, shown = kind.in_words(name, new, catalogues)
        quoted = contacts or not kind.is_personal(name)
        before = kind.in_words(name, old, catalogues)[1] or "–" if quoted else "…"
        said.append(f"{label}: {before} → {shown}")
    if row.state == ImportRow.State.NEW:
        understood = [
            kind.in_words(name, value, catalogues) for name, value in row.values.items() if name in kind.by_name
        ]
        said.append(" · ".join(f"{label}: {Truncator(shown).chars(SHOWN)}" for label, shown in understood))
    return said
