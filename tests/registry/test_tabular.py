import csv
import io
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.tabular import Column, as_csv, as_xlsx, csv_lines

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
