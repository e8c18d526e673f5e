"""python -m registry.intake.unpack: a workbook from the standard input to lines of JSON, in a process of its own.

A few kilobytes can be made to unpack to gigabytes, or to hold one cell in the last corner of a sheet, for which a table
of all cells before it would be made. Here such a file ends this process at its limit and nothing else. It imports
neither Django nor the application.

Written are {"sheet": name} before the lines of each sheet that is not hidden and {"size": n} after them, n the last
line that holds anything; then {"unread": name} of each that is hidden or too many. A refusal is {"refused": why, …} as
the last line and exit code 1.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import time, timedelta
from typing import IO, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from registry.intake.cells import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, Cell, clean, encode, filled

SECONDS = 90


class Refused(Exception):
    """With the reason as a word, and what it needs."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.facts = {"refused": reason} | facts


def main(most_bytes: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    out = sys.stdout.buffer
    try:
        unpack(sys.stdin.buffer.read(), out)
    except Refused as refused:
        out.write(json.dumps(refused.facts).encode() + b"\n")
        return 1
    return 0


def unpack(data: bytes, out: IO[bytes]) -> None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [facts.name for facts in book.sheets_metadata if str(facts.visible).endswith("Visible")]
        for name in shown[:MOST_SHEETS]:
            out.write(json.dumps({"sheet": name[:100]}).encode() + b"\n")
            size = _write(book.get_sheet_by_name(name), name, out)
            out.write(json.dumps({"size": size}).encode() + b"\n")
        hidden = [facts.name for facts in book.sheets_metadata if facts.name not in shown]
        for name in [*shown[MOST_SHEETS:], *hidden]:
            out.write(json.dumps({"unread": name[:100]}).encode() + b"\n")
    except PasswordError as error:
        raise Refused("password") from error
    except CalamineError as error:
        raise Refused("password" if _is_locked(data) else "damaged") from error
    except MemoryError as error:
        raise Refused("large") from error


_FILEPASS = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""The beginning of a workbook of Excel 97, then perhaps that it is read-only, then how it is locked."""


def _is_locked(data: bytes) -> bool:
    """Of a file that cannot be read: whether a password is why. The reader tells it by a file's name alone."""
    if not data.startswith(b"PK"):
        return _FILEPASS.search(data) is not None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        return _MANIFEST in names and b"encryption-data" in archive.read(_MANIFEST)


_MANIFEST = "META-INF/manifest.xml"
"""Of an OpenDocument file."""


def _write(sheet: CalamineSheet, name: str, out: IO[bytes]) -> int:
    size = 0
    if sheet.end and sheet.end[0] >= MOST_ROWS:
        raise Refused("rows", sheet=name)
    for number, row in enumerate(_rows(sheet), start=1):
        width = filled(row)
        if width > MOST_COLUMNS:
            raise Refused("columns", sheet=name, line=number, column=width)
        out.write(encode(row[:width]))
        size = number if width else size
    return size


def _rows(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    """Rows from the first line on; a value that was merged over several lines stands in each of them."""
    left = sheet.start[1] if sheet.start else 0  # calamine leaves empty columns out, but not empty rows
    merged = _merged_down(sheet)
    held: dict[int, Cell] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells: list[Cell] = [*([None] * left), *map(_plain, row)]
        for column, top in merged.get(number, ()):
            if top == number:
                held[column] = cells[column] if column < len(cells) else None
            elif column < len(cells):
                cells[column] = held.get(column)
        yield cells


def _merged_down(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """By row: (column, first row) of each merged cell that runs over several rows of one column."""
    found: dict[int, list[tuple[int, int]]] = {}
    last = sheet.end[0] if sheet.end else 0  # a whole column may be merged
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom > top and left == right:
            for row in range(top, min(bottom, last) + 1):
                found.setdefault(row, []).append((left, top))
    return found


def _plain(cell: object) -> Cell:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float):
        if cell != cell or cell in (float("inf"), float("-inf")):
            return str(cell)
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell  # type: ignore[return-value]  # calamine gives what Cell names


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
