import csv
import io
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from registry.tabular import Column, as_csv, as_xlsx, csv_lines, cut, write_table

COLUMNS = [
    Column("number", "法人番号", itemgetter("number")),
    Column("name", "名称", itemgetter("name")),
    Column("count", "数", itemgetter("count")),
    Column("day", "日付", itemgetter("day")),
]
EVIL = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\n=1",
    "＝1+1",
    "\x0b縦",
    "\ufffe",
    "\ud800",
    "𠮷野家",
    "a" * 40_000,
]


def item(**values: Any) -> dict[str, Any]:
    return {"number": "0123456789012", "name": "能代", "count": 3, "day": date(2026, 3, 31)} | values


def read_xlsx(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_csv_opens_in_japanese_excel() -> None:
    data = as_csv(COLUMNS, [item()])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines() == ["法人番号,名称,数,日付", "0123456789012,能代,3,2026-03-31"]
    assert data.endswith(b"\r\n")


@pytest.mark.parametrize("text", EVIL)
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    lines = as_csv(COLUMNS, [item(name=text)]).decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(lines, newline="")))[1][1]
    assert not cell.startswith(tuple("=+-@＝＋－＠\t\r\n"))


@pytest.mark.parametrize("text", ["-3", "－３", "+81-3-1234-5678", "090-1234-5678"])
def test_numbers_and_telephones_are_unharmed(text: str) -> None:
    assert text in as_csv(COLUMNS, [item(name=text)]).decode("utf-8-sig").split("\r\n")[1]


def test_xlsx_keeps_leading_zeros_types_and_dates() -> None:
    _, row = read_xlsx(as_xlsx(COLUMNS, [item()], title="企業"))
    assert row == ["0123456789012", "能代", 3.0, date(2026, 3, 31)]


@pytest.mark.parametrize("text", EVIL)
def test_any_text_gives_a_workbook_that_opens_without_a_formula(text: str) -> None:
    data = as_xlsx(COLUMNS, [item(name=text), item(name="next")], title="a[b]/c:*?")
    rows = read_xlsx(data)
    assert rows[2][1] == "next"
    assert str(rows[1][1]).startswith(text[:1]) or text[0] in "\x0b\ufffe\ud800"


def test_equal_input_gives_equal_bytes() -> None:
    made = datetime(2026, 11, 23, tzinfo=UTC)
    files = {as_xlsx(COLUMNS, [item()], title="企業", heading={"番号": "L-2026-001"}, created=made) for _ in range(2)}
    assert len(files) == 1


def test_rows_are_read_one_at_a_time() -> None:
    asked: list[int] = []

    def rows() -> Any:
        for number in range(10):
            asked.append(number)
            yield item()

    lines = csv_lines(COLUMNS, rows())
    next(lines), next(lines)
    assert asked == [0]


def table(columns: list[Column], objects: Any, path: Any) -> list[list[Any]]:
    write_table(str(path), columns, objects, title="a[b]/c:*?")
    return read_xlsx(path.read_bytes())


TYPED = [
    Column("number", "法人番号", itemgetter("number")),
    Column("name", "名称", itemgetter("name"), type=str | None),
    Column("count", "数", itemgetter("count"), type=int | None),
    Column("day", "日付", itemgetter("day"), type=date | None),
    Column("undeclared", "日付", itemgetter("day")),
]


def test_a_long_list_keeps_text_as_text_dates_as_dates_and_columns_of_one_heading_apart(tmp_path: Path) -> None:
    header, *lines = table(TYPED, [item(), item(count=None, name=None, day=None)], tmp_path / "a.xlsx")
    assert [str(name).rstrip() for name in header] == ["法人番号", "名称", "数", "日付", "日付"]
    assert lines == [
        ["0123456789012", "能代", 3.0, date(2026, 3, 31), "2026-03-31"],
        ["0123456789012", "", "", "", ""],
    ]
    book = load_workbook(tmp_path / "a.xlsx")
    [sheet] = book.worksheets
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("C2", "A1:E3", "$1:$1")
    assert (sheet["A2"].data_type, sheet["A2"].number_format, sheet["D2"].is_date) == ("s", "@", True)


@pytest.mark.parametrize("text", [*EVIL, "𠮷" * 20_000, "‮右から左", "<b>&amp;_x000D_", " 前後 ", "a\r\nb"])
def test_a_long_list_takes_any_text_and_runs_none(text: str, tmp_path: Path) -> None:
    _, first, second = table(COLUMNS, [item(name=text), item(name="next")], tmp_path / "a.xlsx")
    assert second[1] == "next"
    assert str(first[1])[:1] == (text[:1] if text[0] not in "\x0b\ufffe\ud800" else "\ufffd")
    assert b"<f>" not in ZipFile(tmp_path / "a.xlsx").read("xl/worksheets/sheet1.xml")


def test_an_empty_list_has_its_headings(tmp_path: Path) -> None:
    assert table(COLUMNS, [], tmp_path / "a.xlsx") == [["法人番号", "名称", "数", "日付"]]


def test_a_cell_is_cut_where_excel_would_refuse_it() -> None:
    assert [len(cut(letter * 40_000)) for letter in "a𠮷"] == [32_767, 16_383]
