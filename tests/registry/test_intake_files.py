"""Awkward files and cells, as offices have them: understood, or refused with what to do."""

import contextlib
import io
import time
import zipfile
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from registry.intake import sheets, values
from registry.intake.error_cells import copy_changed, error_cells
from registry.intake.fields import Catalogues
from registry.intake.kinds.figures import phases
from registry.intake.kinds.firm_fields import UNTIL, machine
from registry.intake.kinds.need_fields import NEED_FIELDS
from registry.intake.sheets import FileRefused, Sheet, read
from registry.intake.workbook import look_over

TABLE = [["名称", "従業員数"], ["㈱男鹿メッキ①～", "46"]]


def workbook(**sheets: list[list[Any]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(number, column, cell)
    return file.getvalue()


def as_text(separator: str = ",", encoding: str = "utf-8") -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in TABLE).encode(encoding)


pytestmark = pytest.mark.on_sqlite


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("utf8.csv", as_text()),
        ("bom.csv", as_text(encoding="utf-8-sig")),
        ("cp932.csv", as_text(encoding="cp932")),
        ("utf16.csv", as_text("\t", "utf-16")),
        ("utf16le.txt", as_text("\t", "utf-16-le")),
        ("tab.tsv", as_text("\t")),
        ("semicolon.CSV", as_text(";", "cp932")),
        ("book.xlsx", workbook(一覧=TABLE, 空=[])),
        ("old lines.csv", as_text().replace(b"\r\n", b"\r")),
        ("trailing.csv", as_text() + b"\r\n,,\r\n\r\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_table_is_read_whatever_the_file(name: str, data: bytes) -> None:
    [sheet] = read(name, data)
    assert list(sheet) == TABLE


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\r\n,,\r\n", "no rows"),
        ("picture.png", b"\x89PNG", "no Excel"),
        ("broken.xlsx", b"PK\x03\x04 nothing", "damaged"),
        ("text.xlsx", b"a,b", "damaged"),
        ("latin.csv", b"a,b\r\nc,\x81\r\n", "Line 2"),
        ("open.csv", b'a,b\r\n"c,d\r\ne,f\r\n', "quotation mark"),
        ("large.csv", b"x" * (sheets.MOST_BYTES + 1), "larger"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, data: bytes, said: str, settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(FileRefused, match=said):
        read(name, data)


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(601):
            part.write(bytes(1 << 20))
    with pytest.raises(FileRefused):
        read("bomb.xlsx", file.getvalue())


def test_merged_cells_title_rows_dates_and_hidden_sheets() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, hidden = book.add_worksheet("企業"), book.add_worksheet("控え")
        hidden.hide()
        hidden.write(0, 0, "x")
        sheet.write(0, 1, "令和8年度 企業一覧")
        sheet.merge_range(2, 1, 4, 1, "秋田県")
        sheet.write_column(2, 2, ["a", "b", "c"])
        sheet.write_datetime(2, 3, date(2027, 3, 31), book.add_format({"num_format": "yyyy/m/d"}))
        sheet.write_number(3, 3, 7000012050002)
    read_back, unread = read("a.xlsx", file.getvalue())
    assert isinstance(read_back, Sheet)
    assert (unread.name, unread.size, list(unread)) == ("控え", 0, [])
    assert [list(row[1:]) for row in list(read_back)[2:]] == [
        ["秋田県", "a", date(2027, 3, 31)],
        ["秋田県", "b", 7000012050002],
        ["秋田県", "c"],
    ]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("46", 46), ("４６名", 46), ("約50人", 50), ("1,200", 1200), ("1,000万円", 10_000_000), ("1.5億円", 150_000_000),
     ("約 1億 2,000万 円", 120_000_000), (46.0, 46), ("", None), (None, None), ("－", None), ("不明", None)],
)  # fmt: skip
def test_whole_numbers_as_offices_write_them(cell: Any, meant: int | None) -> None:
    assert values.whole(cell, 10**15) == meant


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("2027-03-31", date(2027, 3, 31)), ("2027/3/31", date(2027, 3, 31)), ("２０２７年３月３１日", date(2027, 3, 31)),
     ("令和9年3月31日", date(2027, 3, 31)), ("R9.3.31", date(2027, 3, 31)), ("令和元年5月1日", date(2019, 5, 1)),
     ("S62/4/1", date(1987, 4, 1)), (46112, date(2026, 3, 31)), ("46112", None), ("20270331", date(2027, 3, 31)),
     (date(2027, 3, 31), date(2027, 3, 31)), ("2027-03-31 00:00:00", date(2027, 3, 31)), ("", None)],
)  # fmt: skip
def test_days_as_offices_write_them(cell: Any, meant: date | None) -> None:
    if cell == "46112":  # a serial number as text is no date: nobody reads it as one
        with pytest.raises(ValidationError):
            values.day(cell)
    else:
        assert values.day(cell) == meant


@pytest.mark.parametrize(("cell", "meant"), [("昭和62年", 1987), ("1987年4月", 1987), (1987, 1987), ("H元", 1989)])
def test_years_as_offices_write_them(cell: Any, meant: int) -> None:
    assert values.year(cell) == meant


@pytest.mark.parametrize(
    "cell", [7000012050002, 7000012050002.0, "7000012050002", "７０００−０１２０５０００２", "T7000012050002"]
)
def test_corporate_numbers_in_any_dress(cell: Any) -> None:
    assert values.corporate_number(cell) == "7000012050002"


@pytest.mark.parametrize(
    ("parse", "cell"),
    [(values.corporate_number, "7.00001E+12"), (values.corporate_number, 7000010000001),
     (values.corporate_number, "123"), (values.whole, "many"), (values.whole, -1), (values.whole, 1.5),
     (values.whole, float("nan")), (values.whole, "1e400"), (values.whole, True),
     (lambda cell: phases(cell, Catalogues(), {}), "量産：,個／年"),
     (values.whole, "1" * 150 + "x"), (values.whole, "円"), (values.whole, "12 34"),
     (values.day, "2027-02-30"),
     (values.day, "soon"), (values.day, "令和99年99月1日"), (values.year, "old"), (values.answer, "maybe"),
     (values.text, "#N/A"), (values.text, "x" * 10_001), (values.words, "x" * 201)],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(parse: Any, cell: Any) -> None:
    with pytest.raises(ValidationError):
        parse(cell)


def test_a_run_of_blanks_takes_no_time() -> None:
    began = time.process_time()
    assert UNTIL.search("ISO 9001" + " (" * 2_000) is None
    assert values.line("a \n b" + " " * 9_900 + "c", 10_000).startswith("a b  ")
    phase = next(field for field in NEED_FIELDS if field.name == "phase_volume")
    with pytest.raises(ValidationError):
        phase.parse("60" + " " * 150 + "!", Catalogues(), {})
    assert time.process_time() - began < 1  # hours, when each blank may belong to two parts of the pattern


def test_a_long_text_in_a_workbook_with_errors_is_copied_in_pieces() -> None:
    wrong = b'<c r="A1" t="e"><v>#N/A</v></c>'
    sheet = wrong + b'<c t="str"><v>' + b"a" * 3_000_000 + b"</v></c>" + wrong
    pieces: list[bytes] = []
    cells = error_cells("xl/worksheets/sheet1.xml")
    assert cells
    copy_changed(io.BytesIO(sheet), SimpleNamespace(write=pieces.append), *cells)
    assert b"".join(pieces) == sheet.replace(b't="e"', b't="str"')
    assert max(map(len, pieces)) < 1_100_000


@pytest.mark.parametrize(
    ("part", "start", "again"),
    [
        ("xl/worksheets/a.xml", b"", b'<c r="A1"'),
        ("content.xml", b"<table:table-cell ", b'office:string-value="" '),
    ],
)
def test_a_part_that_never_closes_its_tags_is_looked_over_at_once(part: str, start: bytes, again: bytes) -> None:
    began = time.process_time()
    assert not look_over(part, io.BytesIO(start + again * 20_000))
    assert time.process_time() - began < 1


def test_words_and_lines() -> None:
    assert values.words("ISO9001、ISO14001, ISO9001") == ["ISO9001", "ISO14001"]
    assert values.line("a\n b", 10) == "a b"
    assert (values.answer("有"), values.answer("×"), values.answer(None)) == (True, False, False)


@given(st.one_of(st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.dates(), st.none()))
def test_no_cell_breaks_a_parser(cell: Any) -> None:
    for parse in (
        values.corporate_number,
        values.whole,
        values.day,
        values.year,
        values.answer,
        values.text,
        values.words,
    ):
        with contextlib.suppress(ValidationError):
            parse(cell)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.ods", "a.tsv"]))
def test_no_bytes_break_the_reader(data: bytes, name: str) -> None:
    with contextlib.suppress(FileRefused):
        assert read(name, data)


@pytest.mark.parametrize(
    ("line", "name", "count", "note"),
    [
        ("旋盤×2", "旋盤", 2, ""),
        ("MC V-5 ×3 φ300まで", "MC V-5", 3, "φ300まで"),
        ("press x 4台 50 t", "press", 4, "50 t"),
        ("立形MC(450×800×500) 12台", "立形MC(450×800×500) 12台", None, ""),
        ("LPBF (250×250×300 mm) ×1", "LPBF (250×250×300 mm)", 1, ""),
        ("Max 5 t crane", "Max 5 t crane", None, ""),
    ],
)
def test_a_number_of_machines_is_no_size(line: str, name: str, count: int | None, note: str) -> None:
    assert machine(line) == {"name": name, "count": count, "note": note}
