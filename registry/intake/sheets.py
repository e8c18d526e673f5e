"""A file from an office as sheets of cells, and how they are kept: nothing is understood here but the file itself.

What a cell means is the matter of `values`. A file is taken apart once, when it comes; kept are its cells, never the
file, so that whatever else was in it (macros, hidden sheets, links) ends there.
"""

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from django.utils.translation import gettext as _

from registry.intake import text_file, workbook
from registry.intake.cells import Cell, decode, encode, filled
from registry.intake.workbook import FileRefused, Packed
from registry.uploads import LARGER

__all__ = ["MOST_BYTES", "TEXTS", "WORKBOOKS", "Cell", "FileRefused", "Sheet", "kept", "read", "to_keep"]

MOST_BYTES = LARGER["registry:imports"]
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
TEXTS = {".csv", ".tsv", ".txt"}
_WEB_PAGE = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"mime-version:")
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7z",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Its rows as they stand in the file, from the first line, so that row numbers are those that Excel shows.

    Iterate over it as often as needed; it is never held as a whole. `size` is the number of lines, 0 for a sheet that
    is not read: a hidden one, or one of too many. The only sheet of a text file has no name.
    """

    name: str
    size: int
    lines: bytes | memoryview

    def __iter__(self) -> Iterator[list[Cell]]:
        with gzip.open(io.BytesIO(self.lines)) as lines:
            for line in islice(lines, self.size):
                yield decode(line)

    def line(self, number: int) -> list[Cell]:
        """One line, counted from 1; empty when there is no such line."""
        return next(islice(self, number - 1, number), [])


def read(name: str, data: bytes) -> list[Sheet]:
    """The sheets of a file, empty ones left out, and those that are not read last. Raises FileRefused."""
    if not data:
        raise FileRefused(_("The file is empty."))
    if len(data) > MOST_BYTES:
        raise FileRefused(
            _("The file is larger than %(most)d MB. Divide it into several files.") % {"most": MOST_BYTES >> 20}
        )
    ending = PurePath(name).suffix.lower()
    if ending not in TEXTS | WORKBOOKS:
        raise FileRefused(_("“%(name)s” is no Excel or CSV file. Save it as .xlsx or .csv.") % {"name": name[:100]})
    if workbook.is_workbook(data):
        packed: Iterable[Packed] = workbook.sheets(data)
    else:
        _refuse_what_it_is_not(data, ending)
        packed = [_packed(text_file.rows(data))]
    found = [Sheet(one.name, one.size, one.lines) for one in packed if one.size or one.unread]
    if not any(sheet.size for sheet in found):
        raise FileRefused(_("The file holds no rows."))
    return found


def _refuse_what_it_is_not(data: bytes, ending: str) -> None:
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_WEB_PAGE):
        raise FileRefused(
            _(
                "This is a web page with the ending %(ending)s, as some systems export it. Open it in Excel and save "
                "it as .xlsx."
            )
            % {"ending": ending}
        )
    if other := next((kind for mark, kind in _OTHERS.items() if data.startswith(mark)), ""):
        raise FileRefused(_("This is a file of the kind %(kind)s. Save the table as .xlsx or .csv.") % {"kind": other})
    if ending in WORKBOOKS:
        raise FileRefused(
            _("The workbook cannot be read: it is damaged or no workbook at all. Open it in Excel and save it again.")
        )


def _packed(rows: Iterable[list[Cell]]) -> Packed:
    size, kept = 0, io.BytesIO()
    with gzip.GzipFile(fileobj=kept, mode="wb", compresslevel=3, mtime=0) as file:
        for number, row in enumerate(rows, start=1):
            file.write(encode(row))
            size = number if filled(row) else size
    return Packed("", size, kept.getvalue())


# ---- keeping ---------------------------------------------------------------------------------------------------------
def to_keep(sheets: Iterable[Sheet]) -> bytes:
    """The sheets as one run of bytes: a line that says what follows, then their lines."""
    sheets = list(sheets)
    facts = [[sheet.name, sheet.size, len(sheet.lines)] for sheet in sheets]
    return b"".join([json.dumps(facts, ensure_ascii=False).encode(), b"\n", *(sheet.lines for sheet in sheets)])


def kept(data: bytes) -> list[Sheet]:
    """What `to_keep` kept. Raises FileRefused for a file that an earlier version kept as it came."""
    if not data.startswith(b"[["):
        raise FileRefused(_("This file was uploaded to an earlier version. Upload it again."))
    start = data.index(b"\n") + 1
    found, rest = [], memoryview(data)  # a page asks for the sheets several times: none of it copies them
    for name, size, length in json.loads(data[:start]):
        found.append(Sheet(name, size, rest[start : start + length]))
        start += length
    return found
