"""The rows of the queue, put together in Python: as template nodes fifty rows cost 25 ms, this way 4."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from matching import adjacent, columns, queue_columns, review
from matching.distance import Site, away_from, km
from matching.models import BULK_STEPS, PROPOSAL_STEPS, Decision, Proposal, Task
from registry.listing import kept
from registry.markup import filled
from registry.models import Criterion, Firm, Prefecture, User
from registry.models.catalogue import listed

register = template.Library()
_FIRST_LACKING = 2
_TASKS = 20
_DECLARED = {column.name: column for column in columns.QUEUE_COLUMNS}
_SMALL = '<br><span class="small">{text}</span>'

_ROW = """
<tr id="row-{pk}" data-row="{pk}" data-state="{state}" data-name="{firm}"{told}>
  <td class="col-check"><label><span class="visually-hidden">{firm}</span>
    <input type="checkbox" name="ids" value="{pk}:{state}"></label></td>
  <th scope="row" class="col-main"><a class="title-link" href="{url}">{firm}</a>{sample}
    <br><span class="muted small">{prefecture}</span></th>"""
_CELLS = {
    "need": """
  <td data-label="<heading>" class="col-text"><span class="muted small nowrap">{number}</span> {title}
    <br><span class="muted small">{project}</span></td>""",
    "criteria": """
  <td data-label="<heading>"><span class="verdict verdict-{verdict}">{verdict_label}</span>{missed}</td>""",
    "near": """
  <td data-label="<heading>"><span class="score">{band}
    <progress max="100" value="{points}" aria-hidden="true"></progress></span>{fitted}{entry}
    <br><span class="muted small">{terms}</span></td>""",
    "state": """
  <td data-label="<heading>">
    <span class="badge" data-state="{state}">{state_label}</span>{dropped}{assignee}{office}{result}</td>""",
    "changed": """
  <td data-label="<heading>" class="small">{changed}</td>""",
    "due": """
  <td data-label="<heading>" class="nowrap"><time datetime="{due_iso}">{due_on}</time>{overdue}</td>""",
}
_PLAIN = """
  <td data-label="<heading>" class="small">{plain_<name>}</td>"""


@register.simple_tag(takes_context=True)
def queue_headings(context: Mapping[str, Any]) -> list[queue_columns.Shown]:
    return queue_columns.chosen(context["request"].user)


@register.simple_tag(takes_context=True)
def queue_rows(
    context: Mapping[str, Any],
    proposals: Iterable[Proposal],
    query: str = "",
    told: Mapping[int, str] | None = None,
    decided: bool = True,
) -> SafeString:
    """Every value is escaped; what many rows have in common is looked up once.

    `told` says of rows by their id what has just become of them; unless only a word was added, they count as `decided`.
    """
    shown, rows = queue_columns.chosen(context["request"].user), list(proposals)
    words = _Words(query, shown)
    words.prefectures = _prefectures(context["request"].user)
    if any(column.name == "changed" for column in shown):
        words.changes = review.latest([row.pk for row in rows])
    cells = (words.cells(row) | words.result((told or {}).get(row.pk, ""), decided) for row in rows)
    return mark_safe("".join(filled(words.row, values) for values in cells))  # noqa: S308  filled escapes


@register.simple_tag
def bulk_steps() -> SafeString:
    return _bulk_steps(get_language() or "")


@cache
def _bulk_steps(_language: str) -> SafeString:
    """Steps and reasons are code: their panels change with the language only."""
    steps = [(name, PROPOSAL_STEPS[name]) for name in BULK_STEPS if name not in {"assign", "hand_over"}]
    return render_to_string("matching/_bulk_steps.html", {"steps": steps})


@register.simple_tag
def keys_help() -> SafeString:
    return _keys_help(get_language() or "")


@cache
def _keys_help(_language: str) -> SafeString:
    return render_to_string("matching/_keys_help.html")


@register.simple_tag
def key_dialogs() -> SafeString:
    return _key_dialogs(get_language() or "")


@cache
def _key_dialogs(_language: str) -> SafeString:
    asking = [(name, PROPOSAL_STEPS[name]) for name in ("shortlist", "reject", "note")]
    return render_to_string("matching/_key_dialogs.html", {"steps": asking})


def _fitted(band: str) -> SafeString:
    count = columns.of_ten(band)
    if count is None:
        return SafeString()
    return format_html('<br><span class="small">{}</span>', _("%(count)d of 10 fitted") % {"count": count})


def _prefectures(user: User) -> dict[str, str]:
    return {one.pk: one.label for one in kept.rows("prefectures", user, Prefecture.objects.all)}


def _cell(column: queue_columns.Shown) -> str:
    cell = _CELLS.get(column.name) or _PLAIN.replace("<name>", column.name)
    return cell.replace("<heading>", escape(column.heading).replace("{", "{{").replace("}", "}}"))


class _Words:
    """What the rows of one page have in common: headings, labels by code, marks, today."""

    def __init__(self, query: str, shown: Sequence[queue_columns.Shown]) -> None:
        self.page, self.query = reverse("matching:proposal", args=[0]), f"?{query}" if query else ""
        self.today = timezone.localdate()
        self.dates: dict[date, str] = {}
        self.states = {str(state): capfirst(str(state.label)) for state in Proposal.State}
        self.verdicts = {str(verdict): capfirst(str(verdict.label)) for verdict in Proposal.Verdict}
        self.bands = {"": _("not matched yet")} | {str(band): capfirst(str(band.label)) for band in Proposal.Band}
        self.fitted = {band: _fitted(band) for band in self.bands}
        self.kinds = {str(kind): str(kind.label) for kind in Criterion.Kind}
        self.plain = [_DECLARED[column.name] for column in shown if queue_columns.plain(column.name)]
        self.row = _ROW + "".join(_cell(column) for column in shown if not column.main) + "\n</tr>"
        self.changes: Mapping[int, Decision] = {}
        self.prefectures: Mapping[str, str] = {}
        self.sample = format_html(' <span class="badge badge-sample">{}</span>', _("Fictional sample"))
        dropped, late = _("Dropped out of the ranking"), _("Overdue")
        self.dropped = format_html('<br><span class="badge badge-warning">{}</span>', dropped)
        self.adjacent = format_html('<br><span class="badge badge-info">{}</span>', Proposal.Kind.ADJACENT.label)
        self.late = format_html('<br><span class="badge badge-error">{}</span>', late)

    def changed(self, row: Proposal) -> SafeString:
        """What happened to the row last, and when."""
        last = self.changes.get(row.pk)
        if last is None:
            return SafeString()
        day = timezone.localdate(last.at)
        words = {"text": review.in_one_line(last), "iso": day.isoformat(), "day": self.date(day)}
        return filled('{text}<br><time class="muted nowrap" datetime="{iso}">{day}</time>', words)

    def date(self, day: date) -> str:
        if day not in self.dates:
            self.dates[day] = date_format(day, "SHORT_DATE_FORMAT")
        return self.dates[day]

    def text(self, value: Any) -> str:
        if isinstance(value, list):
            return listed(map(str, value))
        if isinstance(value, datetime):
            return self.date(timezone.localdate(value))
        return "" if value is None else str(value)

    def entry(self, row: Proposal) -> SafeString:
        way = adjacent.way(row.entry)
        if way is None:
            return SafeString()
        return format_html('{} <span class="small">{}</span>', self.adjacent, listed(way.lacking[:_FIRST_LACKING]))

    def result(self, text: str, decided: bool) -> dict[str, SafeString]:
        if not text:
            return {"told": SafeString(), "result": SafeString()}
        row = ' class="decided" data-told="{text}"' if decided else ' data-told="{text}"'
        return {"told": filled(row, {"text": text}), "result": filled(_SMALL, {"text": text})}

    def cells(self, row: Proposal) -> dict[str, object]:
        missed = listed(self.kinds[kind] for kind in columns.missed_kinds(row))
        plain = {f"plain_{column.name}": self.text(column.cell(row)) for column in self.plain}
        return plain | {
            "pk": row.pk,
            "changed": self.changed(row),
            "url": f"{self.page[:-2]}{row.pk}/{self.query}",
            "firm": row.firm.name,
            "sample": self.sample if row.firm.is_sample else "",
            "prefecture": self.prefectures[row.firm.prefecture_id],
            "number": row.need.number,
            "title": columns.shortened(row.need.title, 48),
            "project": columns.shortened(row.need.project.label, 32),
            "verdict": row.verdict,
            "verdict_label": self.verdicts[row.verdict],
            "missed": filled(_SMALL, {"text": missed}) if missed else "",
            "band": self.bands[row.band],
            "fitted": self.fitted[row.band],
            "entry": self.entry(row),
            "points": columns.points(row.score),
            "terms": listed(columns.top_terms(row)),
            "state": row.state,
            "state_label": self.states[row.state],
            "dropped": self.dropped if row.dropped_at else "",
            "assignee": filled(_SMALL, {"text": row.assignee}) if row.assignee else "",
            "office": filled(_SMALL, {"text": f"→ {row.office.label}"}) if row.office else "",
            "due_iso": row.due_on.isoformat(),
            "due_on": self.date(row.due_on),
            "overdue": self.late if row.is_late(self.today) else "",
        }


@register.simple_tag
def kilometres(site: Site | None, firm: Firm) -> str:
    away = km(site, firm)
    return "" if site is None or away is None else away_from(site, away)


@register.simple_tag
def exposure_query(row: Mapping[str, Any], filterset: Any, **more: str) -> str:
    """The queue's query string that shows what a number of the exposure page counts."""
    asked = {name: filterset.data.get(name, "") for name in ("proposed_from", "proposed_to", "cluster")}
    whose = {"prefecture" if row["prefecture"] else "firm": row["key"]}
    return urlencode({name: value for name, value in {**whose, "state": "all", **asked, **more}.items() if value})


@register.simple_tag
def exposure_share(row: Mapping[str, Any]) -> float:
    return columns.share_of_first(row)


@register.simple_tag
def exposure_bar(row: Mapping[str, Any], page: Sequence[Mapping[str, Any]]) -> float:
    """Percent of the page's longest bar, which is its first: most firms have a share of far below one percent."""
    return float(100 * row["first"] / page[0]["first"]) if page[0]["first"] else 0.0


@register.simple_tag
def judged_line(decision: Decision) -> str:
    """What the matcher said when a decision was taken; of a renewal before and after: 41, misses a must → 44, …"""
    judged = decision.judged
    if not judged:
        return ""
    now = _judged(judged)
    return f"{_judged(judged['before'])} → {now}" if judged.get("before") else now


def _judged(judged: Mapping[str, Any]) -> str:
    verdict = Proposal.Verdict(judged["verdict"])
    missing = listed(str(check["asked"]) for check in judged["checks"] if _misses_certificate(check))
    words = f"{verdict.label} ({missing})" if missing else str(verdict.label)
    return _("nearness %(points)d, %(verdict)s") % {"points": columns.points(judged["score"]), "verdict": words}


def _misses_certificate(check: Mapping[str, Any]) -> bool:
    return bool(check["hard"] and check["kind"] == Criterion.Kind.CERTIFICATION and check["outcome"] != "pass")


@register.inclusion_tag("matching/_todo.html", takes_context=True)
def tasks_on(context: Mapping[str, Any], **on: Model) -> dict[str, object]:
    """The tasks that hang on one thing and that the reader sees, open ones first: {% tasks_on need=need %}"""
    [(name, row)] = on.items()
    tasks = Task.objects.visible_to(context["request"].user).filter(**on)
    return {"tasks": tasks.order_by("-state", "due_on", "pk")[:_TASKS], "on": f"{name}={row.pk}"}
