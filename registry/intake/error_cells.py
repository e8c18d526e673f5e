"""Cells of a workbook that hold an error (#N/A, #REF!): the reader of workbooks gives them as if they were empty, and
what a formula failed to say would be lost without a word. As texts they are refused where their column is wanted."""

import io
import re
import zipfile
from typing import IO, Any

ERROR_CELL = re.compile(rb"""(<c\s[^<>]*?\bt=)(["'])e\2""")
_CHUNK, _LONGEST_TAG = 1 << 20, 4096


def errors_as_text(data: bytes) -> bytes:
    """The same workbook, with the cells that hold an error holding its name as a text."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.infolist():
            with old.open(part) as source, new.open(part.filename, "w", force_zip64=True) as target:
                if "/worksheets/" in part.filename:
                    copy_changed(source, target)
                else:
                    while chunk := source.read(_CHUNK):
                        target.write(chunk)
    return changed.getvalue()


def copy_changed(source: IO[bytes], target: Any) -> None:
    """Up to the last tag that is whole; the rest waits for what follows, unless it is too long for a tag."""
    rest = b""
    while chunk := source.read(_CHUNK):
        text = rest + chunk
        cut = max(text.rfind(b"<"), len(text) - _LONGEST_TAG)
        target.write(ERROR_CELL.sub(rb"\1\2str\2", text[:cut]))
        rest = text[cut:]
    target.write(ERROR_CELL.sub(rb"\1\2str\2", rest))
