"""Rows as files: one declaration gives heading, cell and JSON key to lists, CSV, XLSX and the API. Knows no model.

Every cell is safe to open in a spreadsheet: text that a program could take for a formula stays text, and characters
that XML forbids are replaced, so that one odd record never breaks a list.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import IO, Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise

Value = str | int | float | bool | date | datetime | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # Excel for Japanese takes the wide signs too
_NUMERIC = re.compile(r"[-+－＋]?[\d.,() -]+")
CELL_LIMIT = 32_767
WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LABEL_WIDTH = 34
"""Characters that the longest label above a table needs, in both languages."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `cell` reads it for people, `code` (where it differs) for machines.

    `width` is in characters. A value of type str is written as text whatever it looks like. `sort` is the model field
    that a list may be sorted by. `type` is what the API's schema says of the JSON value.
    """

    name: str
    heading: str | Promise
    cell: Callable[[Any], Any]
    code: Callable[[Any], Any] | None = None
    width: int = 16
    sort: str = ""
    type: Any = str

    def value(self, row: Any) -> Value:
        return plain(self.cell(row))

    def json(self, row: Any) -> Any:
        return (self.code or self.cell)(row)


def plain(value: Any) -> Value:
    """A cell's value: lists one item a line, lazy text resolved, times in local time, forbidden characters out."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    if isinstance(value, list | tuple):
        value = "\n".join(str(item) for item in value)
    return _FORBIDDEN.sub("\ufffd", str(value))


def rows(columns: Sequence[Column], objects: Iterable[Any]) -> Iterator[list[Value]]:
    for item in objects:
        yield [column.value(item) for column in columns]


def formula_safe(value: Value) -> Value:
    """Text that a spreadsheet would run gets an apostrophe in front; telephone and negative numbers stay."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMERIC.fullmatch(value):
        return "'" + value
    return value


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[Column], objects: Iterable[Any]) -> Iterator[bytes]:
    """CSV as Japanese Excel opens it: UTF-8 with BOM, CRLF."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow([str(column.heading) for column in columns]).encode()
    for row in rows(columns, objects):
        cells = ["" if cell is None else formula_safe(_text(cell)) for cell in row]
        yield writer.writerow(cells).encode()


def _text(cell: Value) -> Value:
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else cell


def write_xlsx(
    file: IO[bytes],
    columns: Sequence[Column],
    objects: Iterable[Any],
    *,
    title: str,
    heading: Mapping[str, Value] | None = None,
    created: datetime | None = None,
) -> None:
    """A workbook with a frozen, filtered header row, in constant memory.

    `heading` goes into label–value rows above the table, unwrapped and far enough apart to be read. `created` is the
    only date inside, so that equal input gives equal bytes.
    """
    book = xlsxwriter.Workbook(file, WORKBOOK_OPTIONS)
    book.set_properties({"title": title, "created": (created or timezone.now()).replace(tzinfo=None)})
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31])
    bold = book.add_format({"bold": True, "bg_color": "#E6E6E6", "border": 1, "text_wrap": True, "valign": "top"})
    formats = _formats(book)
    strong, line = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
    top, beside = 0, _column_after(columns, _LABEL_WIDTH)
    for top, (label, value) in enumerate((heading or {}).items(), start=1):
        sheet.write_string(top - 1, 0, label, strong)
        _write(sheet, top - 1, beside, plain(value), formats | {str: line})
    top += 1 if heading else 0
    for index, column in enumerate(columns):
        sheet.write_string(top, index, str(column.heading), bold)
    last = top
    for last, row in enumerate(rows(columns, objects), start=top + 1):
        for index, value in enumerate(row):
            _write(sheet, last, index, value, formats)
    sheet.freeze_panes(top + 1, 2)
    sheet.autofilter(top, 0, last, len(columns) - 1)
    _for_paper(sheet, top)
    book.close()


def _column_after(columns: Sequence[Column], width: int) -> int:
    """The first column that leaves so many characters to its left."""
    left = list(accumulate(column.width for column in columns))
    return next((index for index, total in enumerate(left, start=1) if total >= width), len(columns))


def _formats(book: Any) -> dict[type, Any]:
    return {
        date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
        str: book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        int: book.add_format({"valign": "top"}),
    }


def _for_paper(sheet: Any, header: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)


def _write(sheet: Any, line: int, index: int, value: Value, formats: Mapping[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, index, value, formats[int])
    elif isinstance(value, int | float):
        sheet.write_number(line, index, value, formats[int])
    elif isinstance(value, date):
        sheet.write_datetime(line, index, value, formats[type(value)])
    else:
        sheet.write_string(line, index, value[:CELL_LIMIT], formats[str])


def csv_response(columns: Sequence[Column], objects: Iterable[Any], *, stem: str, **_options: Any) -> HttpResponseBase:
    answer = StreamingHttpResponse(csv_lines(columns, objects), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = disposition(f"{stem}.csv")
    return answer


def xlsx_response(columns: Sequence[Column], objects: Iterable[Any], *, stem: str, **options: Any) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it when it is sent
    write_xlsx(file, columns, objects, title=options.pop("title", stem), **options)
    file.seek(0)
    answer = FileResponse(file, content_type=XLSX)
    answer["Content-Disposition"] = disposition(f"{stem}.xlsx")
    return answer


def disposition(filename: str) -> str:
    """An attachment whose Japanese name survives every browser (RFC 6266)."""
    plain_name = re.sub(r"[^A-Za-z0-9._-]", "_", filename)
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(filename)}"


WRITERS: dict[str, Callable[..., HttpResponseBase]] = {"csv": csv_response, "xlsx": xlsx_response}
"""By file extension: (columns, objects, *, stem) → response."""


def as_csv(columns: Sequence[Column], objects: Iterable[Any]) -> bytes:
    return b"".join(csv_lines(columns, objects))


def as_xlsx(columns: Sequence[Column], objects: Iterable[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    write_xlsx(file, columns, objects, **options)
    return file.getvalue()
