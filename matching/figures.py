"""What the figures say: proposals by stage, place, time and office, decisions by week.

All proposals are counted in one GROUP BY, whose few hundred groups are added up here; the decisions in a second. The
groups are kept for half a minute: who looks through the figures comes back to them.
Every number carries the address of the list that shows exactly its rows.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, F, Value, When
from django.db.models.functions import TruncWeek
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from matching.filters import DecisionFilter, FiguresFilter
from matching.models import PROPOSAL_STEPS, Decision, Proposal
from matching.stages import CLOCKS, STAGES, Stage
from registry.access import signed_in
from registry.charts import Chart, Number, Row, chart
from registry.listing import kept
from registry.models import Office, Prefecture, Sector

WEEKS = 12
MONTHS = 12
DECIDED = ("shortlist", "reject", "hold", "reopen")
"""The steps that count as decisions; assigning and noting do not move a proposal."""
NONE = "null"
"""What the lists' filters call “no office”."""

Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """The proposals behind the filter, in groups, with the filter's own part of each address."""

    groups: list[Group]
    query: dict[str, str]
    months: list[date]

    def numbers(self, stages: Mapping[str, Stage], chosen: Callable[[Group], bool], **query: str) -> list[Number]:
        picked = [group for group in self.groups if chosen(group)]
        return [
            Number(sum(group[name] for group in picked), self.url(dict(stage.query) or {"stage": name}, query))
            for name, stage in stages.items()
        ]

    def url(self, *queries: Mapping[str, str]) -> str:
        merged = dict(self.query)
        for query in queries:
            merged |= query
        return _address("matching:queue", merged)


def survey(request: HttpRequest, chosen: FiguresFilter) -> list[Chart]:
    """The charts of the page for a filter that is valid."""
    query = {name: request.GET.get(name, "") for name in chosen.form.fields}
    months = _last_months(timezone.localdate())
    groups = kept.rows(
        ("figures", urlencode(query), months[-1]), request.user, lambda: _grouped(chosen.qs, request, months)
    )
    seen = Figures(groups, query, months)
    return [
        _funnel(seen),
        _by_prefecture(seen),
        _by_cluster(seen),
        _by_month(seen),
        _by_week(request, query),
        _by_office(seen),
    ]


def _last_months(today: date) -> list[date]:
    """The first days of the last twelve months, oldest first."""
    count = today.year * 12 + today.month
    return [date((count - back - 1) // 12, (count - back - 1) % 12 + 1, 1) for back in range(MONTHS - 1, -1, -1)]


def _place_in(months: list[date]) -> Case:
    """The place of a proposal's month among these, -1 before them. Truncating dates costs SQLite ten times as much."""
    starts = [timezone.make_aware(datetime.combine(first, time.min)) for first in months]
    whens = [When(proposed_at__gte=start, then=Value(place)) for place, start in enumerate(starts)]
    return Case(*reversed(whens), default=Value(-1))


def _grouped(proposals: Any, request: HttpRequest, months: list[date]) -> list[Group]:
    user = signed_in(request)
    counts = {name: Count("need", filter=stage.where(user)) for name, stage in (STAGES | CLOCKS).items()}
    groups = proposals.order_by().annotate(
        month=_place_in(months),
        area=F("firm__prefecture_id"),
        cluster=F("need__project__sector__cluster_id"),
        in_charge=F("need__office_id"),
    )
    return list(groups.values("month", "area", "cluster", "in_charge").annotate(**counts))


def _funnel(seen: Figures) -> Chart:
    numbers = seen.numbers(STAGES, lambda group: True)
    first = numbers[0].count
    rows = [
        Row(stage.label, [number], f"{number.count / first:.1%}" if first else "")
        for stage, number in zip(STAGES.values(), numbers, strict=True)
    ]
    return chart(
        "funnel",
        _("From proposal to contract"),
        _("Stage"),
        [_("Proposals")],
        rows,
        note=_("Percentages are of all that were proposed. Candidate lists and answers count where you may see them."),
    )


def _by_prefecture(seen: Figures) -> Chart:
    areas = {group["area"] for group in seen.groups}
    rows = (
        Row(area.label, seen.numbers(STAGES, _holds("area", area.pk), prefecture=area.pk))
        for area in Prefecture.objects.filter(pk__in=areas)
    )
    return chart("prefectures", _("By prefecture of the firm"), _("Prefecture"), _labels(STAGES), rows)


def _by_cluster(seen: Figures) -> Chart:
    clusters = {group["cluster"] for group in seen.groups}
    rows = (
        Row(one.label, seen.numbers(STAGES, _holds("cluster", one.pk), cluster=one.pk))
        for one in Sector.objects.filter(pk__in=clusters)
    )
    return chart("clusters", _("By cluster of the need"), _("Cluster"), _labels(STAGES), rows)


def _by_month(seen: Figures) -> Chart:
    return chart(
        "months",
        _("By month of the proposal"),
        _("Month"),
        _labels(STAGES),
        _months(seen),
        note=_("The last twelve months: how far what was proposed in a month has come until today."),
    )


def _months(seen: Figures) -> Iterator[Row]:
    """The months with proposals, newest last; a month that the filter cuts is counted from where the filter begins."""
    found = {group["month"] for group in seen.groups}
    for place, first in enumerate(seen.months):
        if place not in found:
            continue
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        begin = max(first.isoformat(), seen.query["proposed_from"])
        end = min(last.isoformat(), seen.query["proposed_to"] or last.isoformat())
        label = date_format(first, "YEAR_MONTH_FORMAT")
        yield Row(label, seen.numbers(STAGES, _holds("month", place), proposed_from=begin, proposed_to=end))


def _by_week(request: HttpRequest, query: dict[str, str]) -> Chart:
    today = timezone.localdate()
    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    asked = query | {"decided_from": since.isoformat()}
    decisions = DecisionFilter(asked, Decision.objects.visible_to(request.user), request=request).qs
    found: Counter[tuple[date, str]] = Counter()
    for one in (
        decisions.filter(step__in=DECIDED)
        .order_by()
        .annotate(week=TruncWeek("at"))
        .values("week", "step")
        .annotate(count=Count("pk"))
    ):
        found[timezone.localtime(one["week"]).date(), one["step"]] = one["count"]
    rows = (_week(since + timedelta(weeks=number), found, query) for number in range(WEEKS))
    headings = [PROPOSAL_STEPS[step].label for step in DECIDED]
    return chart("weeks", _("Decisions per week"), _("Week from"), headings, rows)


def _week(monday: date, found: Mapping[tuple[date, str], int], query: dict[str, str]) -> Row:
    span = {"decided_from": monday.isoformat(), "decided_to": (monday + timedelta(days=6)).isoformat()}
    numbers = [
        Number(found[monday, step], _address("matching:decisions", query | span | {"step": step})) for step in DECIDED
    ]
    return Row(date_format(monday, "SHORT_DATE_FORMAT"), numbers)


def _by_office(seen: Figures) -> Chart:
    offices = {group["in_charge"] for group in seen.groups}
    rows = [
        Row(office.label, seen.numbers(CLOCKS, _holds("in_charge", office.pk), office=str(office.pk)))
        for office in Office.objects.filter(pk__in=offices - {None})
    ]
    if None in offices:
        rows.append(Row(_("no office in charge"), seen.numbers(CLOCKS, _holds("in_charge", None), office=NONE)))
    return chart("offices", _("Waiting, by office in charge of the need"), _("Office"), _labels(CLOCKS), rows)


def _holds(name: str, value: Any) -> Callable[[Group], bool]:
    return lambda group: group[name] == value


def _labels(stages: Mapping[str, Stage]) -> list[Any]:
    return [stage.label for stage in stages.values()]


def _address(page: str, query: Mapping[str, str]) -> str:
    filled = {name: value for name, value in query.items() if value}
    return reverse(page) + (f"?{urlencode(filled)}" if filled else "")


def proposals_of(request: HttpRequest) -> FiguresFilter:
    return FiguresFilter(request.GET, Proposal.objects.read_whole_by(request.user), request=request)
