"""Cells of a workbook that hold an error (#N/A, #REF!): the reader of workbooks gives them as if they were empty, and
what a formula failed to say would be lost without a word. As texts they are refused where their column is wanted."""

import io
import re
import zipfile
from typing import IO, Any

_OF_EXCEL = re.compile(rb"""(<c\s[^<>]*?\bt=)(["'])e\2"""), rb"\1\2str\2"
_OF_LIBREOFFICE = (
    re.compile(
        rb"""(<table:table-cell\s(?=[^<>]*\bcalcext:value-type=(["'])error\2)[^<>]*?)office:string-value=(["'])\3"""
    ),
    rb"\1",  # the empty value hides the text
)
_CHUNK, _LONGEST_TAG = 1 << 20, 4096


def error_cells(part: str) -> tuple[re.Pattern[bytes], bytes] | None:
    """What a cell with an error looks like in a part of a workbook, and what it becomes; None where there are none."""
    return _OF_EXCEL if "/worksheets/" in part else _OF_LIBREOFFICE if part == "content.xml" else None


def errors_as_text(data: bytes) -> bytes:
    """The same workbook, with the cells that hold an error holding its name as a text."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.infolist():
            with old.open(part) as source, new.open(part.filename, "w", force_zip64=True) as target:
                if cells := error_cells(part.filename):
                    copy_changed(source, target, *cells)
                else:
                    while chunk := source.read(_CHUNK):
                        target.write(chunk)
    return changed.getvalue()


def copy_changed(source: IO[bytes], target: Any, pattern: re.Pattern[bytes], becomes: bytes) -> None:
    """Up to the last tag that is whole; the rest waits for what follows, unless it is too long for a tag."""
    rest = b""
    while chunk := source.read(_CHUNK):
        text = rest + chunk
        cut = max(text.rfind(b"<"), len(text) - _LONGEST_TAG)
        target.write(pattern.sub(becomes, text[:cut]))
        rest = text[cut:]
    target.write(pattern.sub(becomes, rest))
