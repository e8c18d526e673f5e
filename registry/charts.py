"""Charts that are tables: each number is a link to its list and carries a bar, so that picture and table are one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.tabular import Column

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Number:
    """`part` is the length of the bar, in per cent of the greatest number that it is compared with."""

    count: int
    url: str = ""
    part: float = 0


@dataclass(frozen=True, slots=True)
class Row:
    label: Text
    numbers: Sequence[Number]
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`what` is the heading of the rows' labels, `headings` those of the numbers."""

    name: str
    title: Text
    what: Text
    headings: Sequence[Text]
    rows: Sequence[Row]
    note: Text = ""


def chart(
    name: str, title: Text, what: Text, headings: Sequence[Text], rows: Iterable[Row], *, note: Text = ""
) -> Chart:
    """With bars drawn to one scale for each column, so that a column compares its rows."""
    rows = list(rows)
    most = [max((row.numbers[index].count for row in rows), default=0) for index in range(len(headings))]
    drawn = [Row(row.label, [_drawn(*pair) for pair in zip(row.numbers, most, strict=True)], row.note) for row in rows]
    return Chart(name, title, what, headings, drawn, note)


def _drawn(number: Number, most: int) -> Number:
    return Number(number.count, number.url, round(100 * number.count / most, 1) if most else 0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a chart with all that it is about: a line of the file."""

    chart: str
    row: str
    heading: str
    count: int


FIGURE_COLUMNS = [
    Column("chart", _("Chart"), lambda figure: figure.chart, width=28),
    Column("row", _("Row"), lambda figure: figure.row, width=28),
    Column("heading", _("Counted"), lambda figure: figure.heading, width=28),
    Column("count", _("Number"), lambda figure: figure.count, width=10, type=int),
]


def figures(charts: Iterable[Chart]) -> Iterator[Figure]:
    for one in charts:
        for row in one.rows:
            for heading, number in zip(one.headings, row.numbers, strict=True):
                yield Figure(str(one.title), str(row.label), str(heading), number.count)
