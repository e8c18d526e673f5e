"""Workbooks: looked over without unpacking them, then taken apart by a process with little memory of its own."""

import gzip
import io
import json
import lzma
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _

from registry.intake.cells import MOST_COLUMNS, MOST_ROWS
from registry.intake.error_cells import error_cells, errors_as_text

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_UNPACKED = 300 * 1024 * 1024
"""100,000 firms with every column unpack to about 200 MB."""
MOST_PARTS = 2_000
DENSEST, SMALL = 100, 1024 * 1024
"""Excel's parts shrink to a tenth, at most to a thirtieth; Apache POI too refuses what shrank to a hundredth."""
AT_LEAST, PER_BYTE = 160 * 1024 * 1024, 1.5
"""Bytes of address space for the process that unpacks, whatever the file, and for each byte that it unpacks to."""
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError, RuntimeError
)  # fmt: skip
_CHUNK, _OVERLAP = 1 << 20, 4096
_NO_RESULT = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^<>]*><f(?:/>|[^<>]*?/>|[^<>]*>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>')
_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")


class FileRefused(Exception):
    """The file cannot be read at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The lines of one sheet, compressed; `size` is the number of the last one that holds anything.

    Of a sheet that is hidden, or one of too many, there is the name alone.
    """

    name: str
    size: int
    lines: bytes
    unread: bool = False


def is_workbook(data: bytes) -> bool:
    """By the first bytes, whatever the name says."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE))


def sheets(data: bytes) -> Iterator[Packed]:
    """The sheets that are not hidden, then the names of those that are not read. Raises FileRefused."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            _refuse("password")
        unpacked = len(data)
    else:
        unpacked, errors = _looked_over(data)
        data = errors_as_text(data) if errors else data
    memory = int(AT_LEAST + PER_BYTE * unpacked)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        command = [sys.executable, "-I", "-c", _PROGRAM, str(memory)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            try:
                yield from _packed(process.stdout)
            finally:
                process.kill()  # ended already, unless the reader has enough
    if process.returncode:
        _refuse("large" if process.returncode < 0 else "damaged")


_PROGRAM = (
    "import sys; sys.path.insert(0, '.'); from registry.intake.unpack import main; sys.exit(main(int(sys.argv[1])))"
)
"""Isolated (-I): neither the environment nor a module that lies about changes what it imports."""


def _packed(lines: IO[bytes]) -> Iterator[Packed]:
    name, kept = "", io.BytesIO()
    file = gzip.GzipFile(fileobj=kept, mode="wb", compresslevel=3, mtime=0)
    for line in lines:
        if line.startswith(b"["):
            file.write(line)
            continue
        said = json.loads(line)
        if "refused" in said:
            _refuse(said.pop("refused"), **said)
        elif "sheet" in said:
            name, kept = said["sheet"], io.BytesIO()
            file = gzip.GzipFile(fileobj=kept, mode="wb", compresslevel=3, mtime=0)
        elif "unread" in said:
            yield Packed(said["unread"], 0, b"", unread=True)
        else:
            file.close()
            yield Packed(name, said["size"], kept.getvalue())


def _looked_over(data: bytes) -> tuple[int, bool]:
    """How many bytes the archive unpacks to, when nothing in it looks like an attack or would be lost; and whether
    cells hold errors.

    The directory tells before anything is unpacked; reading the parts then proves that it told the truth.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MOST_UNPACKED:
                raise FileRefused(
                    _("The workbook unpacks to more than %(most)d MB. Delete sheets that are not needed, or divide it.")
                    % {"most": MOST_UNPACKED >> 20}
                )
            dense = any(part.file_size > SMALL and part.file_size > DENSEST * part.compress_size for part in parts)
            names = [part.filename for part in parts]
            if dense or len(parts) > MOST_PARTS or len(set(names)) < len(names):
                _refuse("bomb")
            errors = False
            for part in parts:
                with archive.open(part) as file:
                    errors |= look_over(part.filename, file)
    except _DAMAGED as error:
        raise FileRefused(_REASONS["damaged"]()) from error
    return size, errors


def look_over(name: str, file: IO[bytes]) -> bool:
    """Read a part to its end, which checks its sum; whether it is a sheet with errors in cells."""
    cells, tail, first, errors = error_cells(name), b"", True, False
    while chunk := file.read(_CHUNK):
        if first and b"<!DOCTYPE" in chunk.replace(b"\x00", b""):
            _refuse("doctype")
        text = tail + chunk
        if "/worksheets/" in name and (found := _NO_RESULT.search(text)):
            _refuse("formula", cell=found[1].decode())
        errors = errors or (cells is not None and cells[0].search(text) is not None)
        tail, first = chunk[-_OVERLAP:], False
    return errors


_REASONS: dict[str, Any] = {
    "password": lambda: _("The workbook is locked by a password. Save it without one."),
    "damaged": lambda: _(
        "The workbook cannot be read: it is damaged or no workbook at all. Open it in Excel and save it again."
    ),
    "bomb": lambda: _(
        "The workbook is packed in a way that no spreadsheet program uses. Open it in Excel and save it again."
    ),
    "large": lambda: _(
        "The workbook takes too much memory; often a cell far to the right or below holds something. Delete empty rows "
        "and columns that are not needed and save it, or divide it."
    ),
    "doctype": lambda: _("The workbook names documents outside of it (DOCTYPE). Open it in Excel and save it again."),
    "formula": lambda: _(
        "Cell %(cell)s holds a formula without its result. Open the workbook in Excel and save it; then it is there."
    ),
    "rows": lambda: _("Sheet “%(sheet)s” has more than %(most)d rows. Divide the file."),
    "columns": lambda: _(
        "Sheet “%(sheet)s” has a cell in column %(column)d (row %(line)d); at most %(widest)d columns are read. Delete "
        "what is not needed."
    ),
}


def _refuse(reason: str, **facts: Any) -> NoReturn:
    raise FileRefused(_REASONS[reason]() % ({"most": MOST_ROWS, "widest": MOST_COLUMNS} | facts))
