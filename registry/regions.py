"""Firms and needs by municipality and prefecture, counted through the same filters as their lists."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from registry.access import Visible
from registry.atlas import Spot, point
from registry.filters import EVERY_STATE, FirmFilter, MapFilter, NeedFilter
from registry.listing import ListFilter, kept
from registry.models import Firm, Municipality, Need, Prefecture
from registry.models.catalogue import place_name

if TYPE_CHECKING:
    from registry.access import Person

NOT_STATED = "null"
"""What the lists' filters call “no municipality”."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What is counted: its rows, its list with the list's filter, and the parameters it shares with the map."""

    rows: Callable[["Person"], Visible]
    filters: type[ListFilter]
    page: str
    parameters: tuple[str, ...]
    prefecture: str
    municipality: str

    def count(self, request: HttpRequest, query: dict[str, str]) -> "Counts":
        """One GROUP BY, kept for a while. The query must be valid: it comes from the map's own checked form."""
        rows = self.filters(query, self.rows(request.user), request=request).qs.order_by()
        grouped = rows.values(area=F(self.prefecture), town=F(self.municipality)).annotate(count=Count("pk"))
        counts = Counts(reverse(self.page), query)
        for row in kept.rows(("places", self.page, urlencode(query)), request.user, lambda: grouped):
            counts.add(row["area"], row["town"], row["count"])
        return counts


@dataclass(slots=True)
class Counts:
    """Numbers by place, each with the address of the list that shows exactly these rows."""

    page: str
    query: dict[str, str]
    towns: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    areas: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    elsewhere: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    total: int = 0

    def add(self, prefecture: str | None, municipality: str | None, count: int) -> None:
        self.total += count
        if prefecture:
            self.areas[prefecture] += count
        if municipality:
            self.towns[municipality] += count
        else:
            self.elsewhere[prefecture or ""] += count

    def url(self, **place: str) -> str:
        """The list of what was counted, as a whole or of one `prefecture` or `municipality`."""
        query = {name: value for name, value in (self.query | place).items() if value}
        return f"{self.page}?{urlencode(query)}" if query else self.page


FIRMS = Layer(
    rows=Firm.objects.visible_to,
    filters=FirmFilter,
    page="registry:firms",
    parameters=("cluster", "sector", "capability", "consortium"),
    prefecture="prefecture_id",
    municipality="municipality_id",
)
NEEDS = Layer(
    rows=Need.objects.visible_to,
    filters=NeedFilter,
    page="registry:needs",
    parameters=("cluster", "sector", "capability", "state"),
    prefecture="project__municipality__prefecture_id",
    municipality="project__municipality_id",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table beside the map; `key` is the code of the municipality or prefecture, empty without one."""

    key: str
    label: str
    around: str
    kana: str
    firms: int
    needs: int
    firms_url: str
    needs_url: str


@dataclass(frozen=True, slots=True)
class Region:
    """What the map and its tables show."""

    spots: Sequence[Spot]
    towns: Sequence[Line]
    areas: Sequence[Line]
    total: Line


def survey(request: HttpRequest, chosen: MapFilter) -> Region:
    """Counts behind the map's filter, in a bounded number of queries: two of them count, two read names."""
    firms, needs = _counted(request, chosen)
    towns = Municipality.objects.filter(pk__in={*firms.towns, *needs.towns}).select_related("prefecture")
    lines = [
        (
            town,
            Line(
                town.pk,
                town.label,
                town.prefecture.label,
                town.kana or town.name,
                firms.towns.get(town.pk, 0),
                needs.towns.get(town.pk, 0),
                firms.url(municipality=town.pk),
                needs.url(municipality=town.pk),
            ),
        )
        for town in towns
    ]
    spots = [_spot(town, line) for town, line in lines if town.prefecture.in_tohoku]
    total = Line("", "", "", "", firms.total, needs.total, firms.url(), needs.url())
    return Region(spots, _sorted([line for _, line in lines], chosen), list(_areas(firms, needs)), total)


def _counted(request: HttpRequest, chosen: MapFilter) -> tuple[Counts, Counts]:
    """Firms count once they are published; needs count when they are open, unless another state is chosen."""
    values = {name: request.GET.get(name, "") for name in chosen.form.fields}
    layer = values["layer"]
    counted = []
    for name, one in (("firms", FIRMS), ("needs", NEEDS)):
        query = {parameter: values[parameter] for parameter in one.parameters}
        state = values["state"] or "open"
        query["state"] = "published" if name == "firms" else "" if state == EVERY_STATE else state
        empty = Counts(reverse(one.page), query)
        counted.append(one.count(request, query) if layer in {"", name} else empty)
    return counted[0], counted[1]


def _spot(town: Municipality, line: Line) -> Spot:
    x, y = point(town.latitude, town.longitude)
    full = place_name(town.prefecture, town)
    return Spot(full, x, y, town.label, line.firms, line.needs, line.firms_url, line.needs_url)


def _areas(firms: Counts, needs: Counts) -> Iterable[Line]:
    """The prefectures in the order of their codes, then what has no municipality, which no circle shows."""
    for area in Prefecture.objects.filter(pk__in={*firms.areas, *needs.areas}):
        where = {"prefecture": area.pk}
        counts = (firms.areas.get(area.pk, 0), needs.areas.get(area.pk, 0))
        yield Line(area.pk, area.label, "", "", *counts, firms.url(**where), needs.url(**where))
    unplaced = (sum(firms.elsewhere.values()), sum(needs.elsewhere.values()))
    if any(unplaced):
        where = {"municipality": NOT_STATED}
        yield Line("", "", "", "", *unplaced, firms.url(**where), needs.url(**where))


def _sorted(lines: list[Line], chosen: MapFilter) -> list[Line]:
    keys: dict[str, Callable[[Line], Any]] = {
        "name": lambda line: line.kana,
        "firms": lambda line: line.firms,
        "needs": lambda line: line.needs,
    }
    sort = chosen.form.cleaned_data.get("sort") or "name"
    lines.sort(key=lambda line: line.kana)
    return sorted(lines, key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))
