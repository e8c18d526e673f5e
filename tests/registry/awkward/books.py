"""Awkward workbooks. What no library would write is put together from its parts."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

import openpyxl
import xlsxwriter

from tests.registry.awkward.case import Case, fixed
from tests.registry.awkward.texts import NUMBER, TWO

HEAD = ["企業名", "都道府県", "従業員数"]
ROWS: list[list[Any]] = [["㈱男鹿メッキ①", "秋田県", 46], ["能代製缶", "秋田", "５２名"]]
READ: dict[str, Any] = {
    "counts": {"new": 2},
    "values": {2: {"name": "㈱男鹿メッキ①", "prefecture": "05", "employees": 46}, 3: {"employees": 52}},
}


def book(fill: Callable[[Any], None], **options: Any) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, options) as made:
        fill(made)
    return file.getvalue()


def table(*rows: list[Any], **options: Any) -> Callable[[], bytes]:
    def fill(made: Any) -> None:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return partial(book, fill, **options)


_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_M = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def parts(rows: str, *, before: str = "", strings: str = "", doctype: str = "") -> dict[str, bytes]:
    """The parts of a workbook whose only sheet has these rows."""
    found = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_R}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_R}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_R}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_M}" xmlns:r="{_R}"><sheets><sheet name="一覧" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/sharedStrings.xml": f'{doctype}<sst xmlns="{_M}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_M}">{before}<sheetData>{rows}</sheetData></worksheet>',
    }
    return {name: f'<?xml version="1.0" encoding="UTF-8"?>{xml}'.encode() for name, xml in found.items()}


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def inline(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


LINES = (
    f'<row r="1">{inline("A1", "企業名")}{inline("B1", "都道府県")}</row>'
    f'<row r="2">{inline("A2", "男鹿製缶")}{inline("B2", "秋田県")}</row>'
)


def _offices(made: Any) -> None:
    """Title, gap, a merged cell over two lines, and a sheet of explanations in front."""
    made.add_worksheet("説明").write(0, 0, "この表の使い方")
    sheet = made.add_worksheet("一覧")
    sheet.merge_range(0, 0, 0, 2, "令和8年度 企業一覧")
    sheet.write_row(2, 1, ["都道府県", "企業名", "設立年月日"])
    sheet.merge_range(3, 1, 4, 1, "秋田県")
    day = made.add_format({"num_format": "[$-411]ggge年m月d日"})
    sheet.write_column(3, 2, ["甲", "乙"])
    sheet.write_datetime(3, 3, date(1987, 4, 1), day)
    sheet.write_number(4, 3, 31868)


def _hidden(made: Any) -> None:
    sheet, hidden = made.add_worksheet(), made.add_worksheet("控え")
    hidden.hide()
    for where in (sheet, hidden):
        where.write_row(0, 0, HEAD)
        where.write_row(1, 0, ROWS[0] if where is sheet else ["秘密", "秋田県", 1])


def _formulas(made: Any) -> None:
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, ["会社", "秋田県"])
    sheet.write_formula(1, 2, "=40+6", value=46)


def _errors(made: Any) -> None:
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, [*HEAD, "住所", "社内メモ"])
    sheet.write_row(1, 0, ROWS[0])
    sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")  # in a column that nobody wants
    sheet.write_row(2, 0, ROWS[1])
    sheet.write_formula(2, 3, "=NA()", None, "#N/A")


def _error_of_libreoffice() -> bytes:
    """As LibreOffice writes it: an empty value beside the text."""
    spaces = ("office", "table", "text", "calcext")
    names = " ".join(f'xmlns:{space}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"' for space in spaces)
    kind = 'office:value-type="string"'
    lines = [[f"<table:table-cell {kind}><text:p>{word}</text:p></table:table-cell>" for word in words]
             for words in ([*HEAD, "住所"], ["会社", "秋田県", "1"])]  # fmt: skip
    lines[1].append(
        f'<table:table-cell table:formula="of:=NA()" {kind} office:string-value="" calcext:value-type="error">'
        "<text:p>#N/A</text:p></table:table-cell>"
    )
    rows = "".join(f"<table:table-row>{''.join(line)}</table:table-row>" for line in lines)
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="一覧">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mimetype, "content.xml": content.encode(), "META-INF/manifest.xml": b"<x/>"})


def _rich(made: Any) -> None:
    sheet, bold = made.add_worksheet(), made.add_format({"bold": True})
    sheet.write_row(0, 0, HEAD)
    sheet.write_rich_string(1, 0, "男鹿", bold, "製缶")
    sheet.write_row(1, 1, ["秋田県", 46])


def _unsaved_formula() -> bytes:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(HEAD)
    made.active.append(["会社", "秋田県", "=40+6"])
    made.save(file)
    return file.getvalue()


def _with_macros() -> bytes:
    with zipfile.ZipFile(io.BytesIO(table(HEAD, *ROWS)())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(members | {"xl/vbaProject.bin": _ole(b"VBA")})


def _linked() -> bytes:
    members = parts(LINES)
    link = f'<externalLink xmlns="{_M}" xmlns:r="{_R}"><externalBook r:id="rId1"/></externalLink>'
    target = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_R}/externalLinkPath" Target="http://127.0.0.1:9/x.xlsx" TargetMode="External"/></Relationships>'
    )
    return zipped(
        members
        | {
            "xl/externalLinks/externalLink1.xml": link.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": target.encode(),
        }
    )


def _ole(content: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + content + bytes(1024)


def _bomb(megabytes: int) -> bytes:
    return zipped(parts(LINES) | {"xl/worksheets/sheet1.xml": bytes(megabytes << 20)})


def _lies() -> bytes:
    """The directory says that a part of six megabytes has a hundred bytes."""
    data = zipped(parts("<row/>" * 1_000_000))
    size = len(parts("<row/>" * 1_000_000)["xl/worksheets/sheet1.xml"])
    return data.replace(struct.pack("<L", size), struct.pack("<L", 100))


def _shared(reference: int) -> bytes:
    rows = f'<row r="1"><c r="A1" t="s"><v>0</v></c>{inline("B1", "都道府県")}</row><row r="2"><c r="A2" t="s"><v>{reference}</v></c>{inline("B2", "秋田県")}</row>'  # noqa: E501
    ruby = '<si><t>企業名</t></si><si><t>男鹿製缶</t><rPh sb="0" eb="2"><t>オガ</t></rPh></si>'
    return zipped(parts(rows, strings=ruby))


def _twice() -> bytes:
    file = io.BytesIO()
    members = parts(LINES)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in [*members.items(), ("xl/worksheets/sheet1.xml", members["xl/worksheets/sheet1.xml"])]:
            archive.writestr(name, content)
    return file.getvalue()


def xlsx(title: str, data: Callable[[], bytes], ending: str = ".xlsx", **expected: Any) -> Case:
    return Case(title, ending, data, **expected)


def _read() -> Iterable[Case]:
    yield xlsx("plain", table(HEAD, *ROWS), **READ)
    yield xlsx(
        "numbers as numbers",
        table([*HEAD, "法人番号"], ["会社", "秋田県", 46.0, int(NUMBER)]),
        counts={"new": 1},
        values={2: {"corporate_number": NUMBER, "employees": 46}},
    )
    yield xlsx(
        "number that Excel rounded",
        table([*HEAD, "法人番号"], ["会社", "秋田県", 46, 7.00001e12]),
        counts={"refused": 1},
        remarks=[(2, "corporate_number", "7000010000000", "shortened by a spreadsheet")],
    )
    yield xlsx(
        "title, gap, merged cells, days of Excel, explanations in front",
        partial(book, _offices),
        counts={"new": 2},
        values={4: {"prefecture": "05", "founded": 1987}, 5: {"prefecture": "05", "founded": 1987}},
    )
    yield xlsx(
        "days counted from 1904",
        table(["企業名", "都道府県", "設立年月日"], ["会社", "秋田県", "1987/4/1"], date_1904=True),
        counts={"new": 1},
        values={2: {"founded": 1987}},
    )
    yield xlsx("a hidden sheet is not read", partial(book, _hidden), counts={"new": 1})
    yield xlsx(
        "formulas give their results", partial(book, _formulas), counts={"new": 1}, values={2: {"employees": 46}}
    )
    yield xlsx("text in two styles", partial(book, _rich), counts={"new": 1}, values={2: {"name": "男鹿製缶"}})
    yield xlsx("reading aids above the kanji", partial(_shared, 1), counts={"new": 1}, values={2: {"name": "男鹿製缶"}})
    yield xlsx("texts in the cells themselves", lambda: zipped(parts(LINES)), counts={"new": 1})
    yield xlsx(
        "a dimension that is not true",
        lambda: zipped(parts(LINES, before='<dimension ref="A1:XFD1048576"/>')),
        counts={"new": 1},
    )
    yield xlsx("macros are not kept", _with_macros, ".xlsm", **READ)
    yield xlsx("links to outside are not followed", _linked, counts={"new": 1})
    yield xlsx("a workbook that is called CSV", table(HEAD, *ROWS), ".csv", **READ)
    yield xlsx(
        "a yes-or-no and an error among numbers",
        table(HEAD, ["会社", "秋田県", True]),
        counts={"refused": 1},
        remarks=[(2, "employees", "True", "not a number")],
    )
    yield xlsx(
        "an error that a formula ended in",
        partial(book, _errors),
        counts={"new": 1, "refused": 1},
        remarks=[(3, "address", "#N/A", "correct the formula")],
    )
    yield xlsx(
        "an error in a workbook of LibreOffice",
        _error_of_libreoffice,
        ".ods",
        counts={"refused": 1},
        remarks=[(2, "address", "#N/A", "correct the formula")],
    )
    yield xlsx(
        "telephone as a number",
        table([*HEAD, "電話"], ["会社", "秋田県", 46, 185_520_000]),
        counts={"new": 1},
        values={2: {"contact_phone": "0185520000"}},
    )
    yield xlsx(
        "line breaks as Excel writes them",
        table([*HEAD, "設備"], ["会社", "秋田県", 1, "旋盤 ×2\r\nフライス盤"]),
        counts={"new": 1},
        values={2: {"equipment": ["フライス盤", "旋盤 ×2"]}},
    )
    yield xlsx(
        "text that looks like a formula",
        table([*HEAD, "住所"], ["会社", "秋田県", 1, "=1+1"], strings_to_formulas=False),
        counts={"new": 1},
        values={2: {"address": "=1+1"}},
    )
    yield xlsx("thirty sheets", partial(book, _thirty), counts={"new": 1})


def _thirty(made: Any) -> None:
    for number in range(30):
        sheet = made.add_worksheet()
        if number == 3:
            sheet.write_row(0, 0, HEAD)
            sheet.write_row(1, 0, ROWS[0])


def _refused() -> Iterable[Case]:
    yield xlsx("a formula without its result", _unsaved_formula, refused="C2")
    yield xlsx("nothing in it", table(), refused="no rows")
    yield xlsx("nothing but headings", table(HEAD), refused="no lines below")
    yield xlsx("damaged at its end", lambda: table(HEAD, *ROWS)()[:-400], refused="damaged")
    yield xlsx("damaged in the middle", lambda: _scratched(table(HEAD, *ROWS)()), refused="damaged")
    yield xlsx("a packed part that makes no sense", _nonsense, refused="damaged")
    yield xlsx("an archive of something else", lambda: zipped({"a.txt": b"a,b"}), refused="damaged")
    yield xlsx("text that is called a workbook", fixed(TWO.encode()), refused="no workbook")
    yield xlsx(
        "a web page that is called a workbook",
        fixed(b"<html><table><tr><td>a</td></tr></table>"),
        ".xls",
        refused="web page",
    )
    yield xlsx("XML of 2003", fixed(b'<?xml version="1.0"?><Workbook/>'), ".xls", refused="web page")
    yield xlsx("a PDF", fixed(b"%PDF-1.7"), refused="PDF")
    yield xlsx("a picture that is called CSV", fixed(b"\x89PNG\r\n\x1a\n" + bytes(100)), ".csv", refused="PNG")
    yield xlsx("locked by a password", lambda: _ole("EncryptedPackage".encode("utf-16-le")), refused="password")
    locked = b"\x09\x08\x10\x00" + bytes(16) + b"\x2f\x00\x36\x00"
    yield xlsx("an old workbook that is locked", lambda: _ole(locked), ".xls", refused="password")
    manifest = {"META-INF/manifest.xml": b"<manifest:encryption-data/>"}
    yield xlsx("a locked workbook of LibreOffice", lambda: zipped(manifest), ".ods", refused="password")
    yield xlsx("an old workbook that is none", lambda: _ole(b"Workbook"), ".xls", refused="damaged")
    yield xlsx("a part that shrank a thousandfold", partial(_bomb, 40), refused="no spreadsheet program")
    yield xlsx("a bomb of 310 MB", partial(_bomb, 310), refused="300 MB")
    yield xlsx("a directory that lies", _lies, refused="damaged", seconds=20)
    yield xlsx("the same part twice", _twice, refused="no spreadsheet program")
    yield xlsx(
        "a cell in the last corner",
        lambda: zipped(parts(LINES + f'<row r="1048576">{inline("XFD1048576", "x")}</row>')),
        refused="memory",
    )
    yield xlsx(
        "a cell far to the right",
        lambda: zipped(parts(LINES + f'<row r="3">{inline("XFD3", "x")}</row>')),
        refused="column 16384 (row 3)",
    )
    yield xlsx(
        "a cell far below",
        lambda: zipped(parts(LINES + f'<row r="999999">{inline("A999999", "x")}</row>')),
        refused="200000 rows",
        seconds=30,
    )
    yield xlsx(
        "an entity from outside",
        lambda: zipped(parts(LINES, doctype='<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        refused="DOCTYPE",
    )
    yield xlsx("a text that does not exist", partial(_shared, 99), refused="damaged")
    yield xlsx("wrong ending", table(HEAD), ".docx", refused="no Excel")


def _nonsense() -> bytes:
    """Packed data of a kind that does not exist, in the place of a part's."""
    data = bytearray(table(HEAD, *ROWS)())
    name, more = struct.unpack_from("<HH", data, 26)
    data[30 + name + more] = 0xFF
    return bytes(data)


def _scratched(data: bytes) -> bytes:
    return data[:1500] + b"\x00" * 200 + data[1700:]


BOOKS: list[Case] = [*_read(), *_refused()]
