"""Rows as files: one declaration gives heading, cell and JSON key to lists, CSV, XLSX and the API. Knows no model.

Every cell is safe to open in a spreadsheet: text that a program could take for a formula stays text, and characters
that XML forbids are replaced, so that one odd record never breaks a list.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate, chain
from typing import IO, Any, get_args
from unicodedata import east_asian_width
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from rustpy_xlsxwriter import Format, write_worksheet

Value = str | int | float | bool | date | datetime | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = tuple("=+-@＝＋－＠\t\r\n")  # Excel for Japanese takes the wide signs too
_NUMERIC = re.compile(r"[-+－＋]?[\d.,() -]+")
CELL_LIMIT = 32_767
"""What a cell of Excel holds, in units of UTF-16."""
_SURELY_FITS = CELL_LIMIT // 2
WORKBOOK_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_LINE_HEIGHT, _MOST_LINES = 17.0, 24
"""Points of a line of Japanese, and how many of them the highest row of Excel (409 points) takes."""
_INDENT = 1
"""Text begins a little to the right, so that no number before it seems to go on in it."""
_TEXT = {"text_wrap": True, "valign": "top", "align": "left", "indent": _INDENT}
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
    if isinstance(value, str):
        return value if value.isprintable() else _FORBIDDEN.sub("\ufffd", value)  # what XML forbids is never printable
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    if isinstance(value, list | tuple):
        value = "\n".join(str(item) for item in value)
    return _FORBIDDEN.sub("\ufffd", str(value))


def cut(text: str) -> str:
    """As much of a text as a cell holds; a character outside the first plane counts twice."""
    if len(text) < _SURELY_FITS:
        return text
    return text.encode("utf-16-le")[: 2 * CELL_LIMIT].decode("utf-16-le", "ignore")


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


def sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "1"


# ---- a list of any length --------------------------------------------------------------------------------------------
def write_table(path: str, columns: Sequence[Column], objects: Iterable[Any], *, title: str) -> None:
    """A sheet with a frozen, filtered header row, in constant memory: rows go into the file as they are read.

    It takes a path because the writer would gather the file for an open one in memory.
    """
    names = _distinct(str(column.heading) for column in columns)
    records = _records(names, columns, objects)
    first = next(records, None)
    if first is None:  # the writer takes the header from the first row
        with open(path, "wb") as file:
            write_xlsx(file, columns, (), title=title)
        return
    write_worksheet(
        chain([first], records),
        path,
        sheet_name=sheet_name(title),
        freeze_row=1,
        freeze_col=min(2, len(columns) - 1),
        autofilter=True,
        column_widths=[float(column.width) for column in columns],
        column_formats=[_FORMAT_OF[_kind(column)]() for column in columns],
        header_format=_text_format().set_bold().set_background_color("#E6E6E6").set_border("thin"),
        page_setup=_PAPER,
    )


_PAPER = {"landscape": True, "paper_size": 9, "fit_to_pages": (1, 0), "repeat_rows": 0, "footer": "&C&P / &N"}


def _distinct(headings: Iterable[str]) -> list[str]:
    """Rows go to the writer by heading: one that comes twice is told apart by a blank that nobody sees."""
    taken: dict[str, None] = {}
    for heading in headings:
        while heading in taken:
            heading += " "
        taken[heading] = None
    return list(taken)


def _records(names: Sequence[str], columns: Sequence[Column], objects: Iterable[Any]) -> Iterator[dict[str, Value]]:
    readers = [(name, column.cell, _kind(column) is str) for name, column in zip(names, columns, strict=True)]
    for item in objects:
        yield {name: _fitting(cell(item), is_text) for name, cell, is_text in readers}


def _fitting(value: Any, is_text: bool) -> Value:
    """The value as a cell of the column takes it; a day in a column of text is written out.

    It runs for every cell of a list, so what is commonest is asked first.
    """
    if type(value) is str:
        if not value.isprintable():
            value = _FORBIDDEN.sub("\ufffd", value)
        return (value if len(value) < _SURELY_FITS else cut(value)) or None
    if value is None or type(value) is int:
        return value
    value = plain(value)
    if isinstance(value, str):
        return cut(value) or None
    return str(_text(value)) if is_text and isinstance(value, date) else value


def _kind(column: Column) -> type:
    """How the cells of a column are formatted: by what the column says that it holds, as text when in doubt."""
    said = get_args(column.type) or (column.type,)
    return next((kind for kind in _FORMAT_OF if kind in said), str)


def _cell_format() -> Format:
    return Format().set_align("top")


def _text_format() -> Format:
    return _cell_format().set_text_wrap().set_align("left").set_indent(_INDENT)


_FORMAT_OF: dict[type, Callable[[], Format]] = {
    datetime: lambda: _cell_format().set_num_format("yyyy-mm-dd hh:mm"),
    date: lambda: _cell_format().set_num_format("yyyy-mm-dd"),
    int: _cell_format,
    float: _cell_format,
    bool: _cell_format,
    str: lambda: _text_format().set_num_format("@"),
}


# ---- a document with a heading ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with label–value rows above it, unwrapped and far enough apart to be read.

    `tall`: rows are made as high as their text needs, which not every program does by itself. A wide table is printed
    on `pages_wide` pages side by side, each beginning with the first `repeated` columns.
    """

    title: str
    columns: Sequence[Column]
    objects: Iterable[Any]
    heading: Mapping[str, Value] = field(default_factory=dict)
    tall: bool = False
    pages_wide: int = 1
    repeated: int = 0


def write_xlsx(
    file: IO[bytes],
    columns: Sequence[Column],
    objects: Iterable[Any],
    *,
    title: str,
    heading: Mapping[str, Value] | None = None,
    created: datetime | None = None,
) -> None:
    """A workbook of one sheet with a frozen, filtered header row, in constant memory.

    `created` is the only date inside, so that equal input gives equal bytes.
    """
    write_sheets(file, [Sheet(title, columns, objects, heading or {})], title=title, created=created)


def write_sheets(file: IO[bytes], sheets: Sequence[Sheet], *, title: str, created: datetime | None = None) -> None:
    """A workbook of several sheets, each as `write_xlsx` writes its one; more than one have numbered pages."""
    book = xlsxwriter.Workbook(file, WORKBOOK_OPTIONS)
    book.set_properties({"title": title, "created": (created or timezone.now()).replace(tzinfo=None)})
    pages = [book.add_worksheet(sheet_name(sheet.title)) for sheet in sheets]
    bold = book.add_format(_TEXT | {"bold": True, "bg_color": "#E6E6E6", "border": 1})
    formats = _formats(book)
    strong, line = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for page, sheet in zip(pages, sheets, strict=True):
        top = _write_heading(page, sheet, strong, formats | {str: line})
        _write_rows(page, sheet, top, bold, formats)
        if len(sheets) > 1:
            page.set_footer(f"&L&A&C&P / &N&R{title.replace('&', '&&')}")
    book.close()


def _write_heading(page: Any, sheet: Sheet, strong: Any, formats: Mapping[type, Any]) -> int:
    """Returns the line of the header row."""
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    beside = _column_after(sheet.columns, _LABEL_WIDTH)
    for place, (label, value) in enumerate(sheet.heading.items()):
        page.write_string(place, 0, label, strong)
        _write(page, place, beside, plain(value), formats)
    return len(sheet.heading) + 1 if sheet.heading else 0


def _write_rows(page: Any, sheet: Sheet, top: int, bold: Any, formats: Mapping[type, Any]) -> None:
    headings = [str(column.heading) for column in sheet.columns]
    if sheet.tall:
        page.set_row(top, _height(sheet.columns, headings))
    for index, heading in enumerate(headings):
        page.write_string(top, index, heading, bold)
    last = top
    for last, row in enumerate(rows(sheet.columns, sheet.objects), start=top + 1):
        if sheet.tall:
            page.set_row(last, _height(sheet.columns, row))
        for index, value in enumerate(row):
            _write(page, last, index, value, formats)
    page.freeze_panes(top + 1, 2)
    page.autofilter(top, 0, last, len(sheet.columns) - 1)
    for_paper(page, top)
    if sheet.pages_wide > 1:
        page.fit_to_pages(sheet.pages_wide, 0)
        page.repeat_columns(0, sheet.repeated - 1)


def _height(columns: Sequence[Column], row: Sequence[Value]) -> float:
    """Points that the row's longest cell needs, as far as Excel has rows of that height."""
    lines = (
        sum(-(-max(_width(line), 1) // max(column.width - 1 - _INDENT, 1)) for line in value.split("\n")[:_MOST_LINES])
        for column, value in zip(columns, row, strict=True)
        if isinstance(value, str)
    )
    return min(max(lines, default=1), _MOST_LINES) * _LINE_HEIGHT


def _width(text: str) -> int:
    """Columns of a half-width letter: Japanese takes two."""
    return len(text) + sum(east_asian_width(letter) in "WF" for letter in text[:CELL_LIMIT])


def _column_after(columns: Sequence[Column], width: int) -> int:
    """The first column that leaves so many characters to its left."""
    left = list(accumulate(column.width for column in columns))
    return next((index for index, total in enumerate(left, start=1) if total >= width), len(columns))


def _formats(book: Any) -> dict[type, Any]:
    return {
        date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"}),
        str: book.add_format(_TEXT | {"num_format": "@"}),
        int: book.add_format({"valign": "top"}),
    }


def for_paper(sheet: Any, header: int) -> None:
    """A worksheet for A4 across, as wide as the page, its headings on every page. `header` counts from 0."""
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
        sheet.write_string(line, index, cut(value), formats[str])


def csv_response(columns: Sequence[Column], objects: Iterable[Any], *, stem: str, **_options: Any) -> HttpResponseBase:
    answer = StreamingHttpResponse(csv_lines(columns, objects), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = disposition(f"{stem}.csv")
    return answer


def xlsx_response(columns: Sequence[Column], objects: Iterable[Any], *, stem: str, **options: Any) -> HttpResponseBase:
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  the response closes it when it is sent
    write_table(file.name, columns, objects, title=options.pop("title", stem))
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
