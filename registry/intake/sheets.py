"""A file from an office as sheets of cells: workbooks, and CSV in the encodings and with the separators of Excel.

Nothing is understood here but the file itself; what a cell means is the matter of `values`.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from pathlib import PurePath
from statistics import median

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

Cell = str | int | float | bool | date | datetime | None

MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 600 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_SHEETS = 20
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
TEXTS = {".csv", ".tsv", ".txt"}
_SEPARATORS = ",\t;"
_LOOKED_AT = 20  # lines, to tell the separator
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


class FileRefused(Exception):
    """The file cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Its rows as they stand in the file, from the first line, so that row numbers are those that Excel shows.

    Iterate over it as often as needed; a large sheet is never held as a whole. `size` is the number of lines.
    """

    name: str
    size: int
    _open: Callable[[], Iterator[list[Cell]]]

    def __iter__(self) -> Iterator[list[Cell]]:
        return islice(self._open(), self.size)

    def line(self, number: int) -> list[Cell]:
        """One line, counted from 1; empty when there is no such line."""
        return next(islice(self, number - 1, number), [])


def read(name: str, data: bytes) -> list[Sheet]:
    """The sheets of a file, hidden and empty ones left out. Raises FileRefused."""
    if not data:
        raise FileRefused(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise FileRefused(
            _("The file is larger than %(most)d MB. Divide it into several files.") % {"most": MOST_BYTES >> 20}
        )
    ending = PurePath(name).suffix.lower()
    if ending in TEXTS:
        sheets = [_measured("", partial(_lines, data, _encoding(data)))]
    elif ending in WORKBOOKS:
        sheets = list(_workbook(data))
    else:
        raise FileRefused(_("“%(name)s” is no Excel or CSV file. Save it as .xlsx or .csv.") % {"name": name[:100]})
    if not (filled := [sheet for sheet in sheets if sheet.size]):
        raise FileRefused(_("The file holds no rows."))
    return filled


def _measured(name: str, opened: Callable[[], Iterator[list[Cell]]]) -> Sheet:
    """A sheet up to its last line that holds anything; reads it once from end to end, so that it can be read."""
    size = 0
    for number, row in enumerate(opened(), start=1):
        if number > MOST_ROWS:
            raise FileRefused(_("A sheet has more than %(most)d rows. Divide the file.") % {"most": MOST_ROWS})
        if any(cell not in (None, "") for cell in row):
            size = number
    return Sheet(name, size, opened)


# ---- workbooks -------------------------------------------------------------------------------------------------------
def _workbook(data: bytes) -> Iterator[Sheet]:
    _refuse_bomb(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [facts.name for facts in book.sheets_metadata if str(facts.visible).endswith("Visible")]
        for name in shown[:MOST_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            yield _measured(name, partial(_sheet_rows, sheet))
    except PasswordError as error:
        raise FileRefused(_("The workbook is locked by a password. Save it without one.")) from error
    except CalamineError as error:
        raise FileRefused(
            _("The workbook cannot be read: it is damaged or no workbook at all. Open it in Excel and save it again.")
        ) from error


def _refuse_bomb(data: bytes) -> None:
    """A few kilobytes may unpack to gigabytes; the directory of the archive tells before anything is unpacked."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise FileRefused(_("The workbook is damaged. Open it in Excel and save it again.")) from error
    if size > MOST_UNPACKED:
        raise FileRefused(_("The workbook unpacks to more than %(most)d MB.") % {"most": MOST_UNPACKED >> 20})


def _sheet_rows(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    """Rows from the first line on; a value that was merged over several lines stands in each of them."""
    left = sheet.start[1] if sheet.start else 0  # calamine leaves empty columns out, but not empty rows
    merged = _merged_down(sheet)
    held: dict[int, Cell] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells: list[Cell] = [*([None] * left), *(_plain(cell) for cell in row)]
        for column, top in merged.get(number, ()):
            if top == number:
                held[column] = cells[column] if column < len(cells) else None
            elif column < len(cells):
                cells[column] = held.get(column)
        yield cells[:MOST_COLUMNS]


def _merged_down(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """By row: (column, first row) of each merged cell that runs over several rows of one column."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom > top and left == right and bottom - top < MOST_ROWS:
            for row in range(top, bottom + 1):
                found.setdefault(row, []).append((left, top))
    return found


def _plain(cell: object) -> Cell:
    if isinstance(cell, str):
        return _clean(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell  # type: ignore[return-value]  # calamine gives what Cell names


# ---- text ------------------------------------------------------------------------------------------------------------
def _lines(data: bytes, encoding: str) -> Iterator[list[Cell]]:
    row: list[str] = []
    try:
        with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as text:
            separator = _separator(text.read(100_000))
        with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as text:
            for row in csv.reader(text, delimiter=separator):
                yield [_clean(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise FileRefused(_unclosed()) from error
    if data.count(b'"') % 2 and any("\n" in cell for cell in row):  # it has swallowed the rest of the file
        raise FileRefused(_unclosed())


def _unclosed() -> str:
    return _("The file cannot be read as CSV: a quotation mark is never closed. Save it as .xlsx, or correct the line.")


def _encoding(data: bytes) -> str:
    """UTF-8 and UTF-16 by their marks, UTF-8 without one, else CP932, which is what Japanese Excel writes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in data[:2000]:
        odd, even = data[1:2000:2].count(0), data[:2000:2].count(0)
        encodings = ["utf-16-le" if odd > even else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp932"]
    for encoding in encodings:
        try:
            data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
        else:
            return encoding
    raise FileRefused(
        _("Line %(line)d is neither UTF-8 nor Shift_JIS (CP932). Save the file as “CSV UTF-8” or as .xlsx.")
        % {"line": line}
    )


def _separator(start: str) -> str:
    """The separator that gives the first lines the most columns."""
    return max(_SEPARATORS, key=lambda separator: (_columns(start, separator), -_SEPARATORS.index(separator)))


def _columns(start: str, separator: str) -> float:
    try:
        rows = list(islice(csv.reader(io.StringIO(start), delimiter=separator), _LOOKED_AT))
    except csv.Error:
        return 0
    return median(len(row) for row in rows) if rows else 0


def _clean(cell: str) -> str:
    """Without control characters, line ends as one kind; an apostrophe that only guards a formula goes."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS).strip()
    return text[1:] if text[:2] in {"'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠"} else text
