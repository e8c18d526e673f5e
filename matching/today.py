"""A coordinator's day on the first page: what changed since the last visit, what is new, what is due.

Everything is read newest first and to a fixed number, so that the page costs the same at fifty thousand proposals.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching import saved_filters
from matching.columns import shortened
from matching.handover import HANDING
from matching.models import Answer, CandidateList, Decision, Inquiry, Proposal, SavedFilter, Task
from matching.review import in_one_line
from registry.access import can, signed_in
from registry.home import Line, Panel, counted
from registry.models import Need, User

MOST_CHANGES = 15
MOST_NEW, MOST_NEEDS = 300, 8
MOST_TASKS, MOST_FILTERS = 8, 5
AHEAD = timedelta(days=7)
"""Tasks due within so many days are on the page."""


def changes_panel(request: HttpRequest, since: datetime) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.view_proposal"):
        return None
    found = [*_decisions(user, since), *_firms_answers(user, since), *_buyers_answers(user, since)]
    found.sort(key=lambda line: line.at or since, reverse=True)
    return Panel(
        _("What changed"),
        lines=found[:MOST_CHANGES],
        since=since,
        empty=_("Nothing that concerns you has changed since then."),
        url=f"{reverse('matching:decisions')}?{urlencode({'decided_from': _day(since)})}",
        action=_("All decisions since then"),
    )


def new_panel(request: HttpRequest, since: datetime) -> Panel | None:
    """New proposals, counted by need: of the latest so many, the needs with the most."""
    user = signed_in(request)
    if not can(user, "matching.view_proposal"):
        return None
    new = Proposal.objects.visible_to(user).lying_with(user).waiting().filter(proposed_at__gt=since)
    latest = list(new.order_by("-proposed_at").values_list("need", flat=True)[: MOST_NEW + 1])
    by_need = Counter(latest).most_common(MOST_NEEDS)
    needs = Need.objects.in_bulk([pk for pk, _number in by_need])
    return Panel(
        _("New proposals by need"),
        _("Only the latest %(count)d are counted.") % {"count": MOST_NEW} if len(latest) > MOST_NEW else "",
        lines=[
            Line(
                f"{needs[pk].number} {shortened(needs[pk].title, 40)}",
                f"{reverse('matching:queue')}?{urlencode({'need': pk, 'proposed_from': _day(since)})}",
                note=ngettext("%(count)d proposal", "%(count)d proposals", number) % {"count": number},
            )
            for pk, number in by_need
        ],
        empty=_("No new proposal waits."),
    )


def tasks_panel(request: HttpRequest, since: datetime) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.view_task"):
        return None
    tasks, own = reverse("matching:tasks"), Task.objects.visible_to(user).of(user)
    near = own.due(timezone.localdate() + AHEAD).select_related("firm").order_by("due_on", "pk")[:MOST_TASKS]
    return Panel(
        _("Tasks due"),
        items=[
            counted(_("my overdue tasks"), own.due(_yesterday()), f"{tasks}?assignee=me&overdue=true", urgent=True),
            counted(_("my open tasks"), own.open(), f"{tasks}?assignee=me"),
        ],
        lines=[
            Line(task.title, task.get_absolute_url(), str(task.firm or ""), day=task.due_on, late=task.is_overdue)
            for task in near
        ],
        url=reverse("matching:task-new"),
        action=_("Set a task"),
        place="aside",
    )


def links_panel(request: HttpRequest, since: datetime) -> Panel | None:
    """The person's own filters first, then what is used every day."""
    user = signed_in(request)
    if not can(user, "matching.view_proposal"):
        return None
    queue = reverse("matching:queue")
    rows = SavedFilter.objects.filter(person=user)[:MOST_FILTERS]
    kept = [(row.name, saved_filters.cleaned(request, row.query)) for row in rows]
    return Panel(
        _("Quick links"),
        lines=[
            *(Line(name, f"{queue}?{query}") for name, query in kept if query),
            Line(_("Shortlisted proposals"), f"{queue}?state=shortlisted"),
            Line(_("Add a need"), reverse("registry:need-new")),
            Line(_("Import firms"), reverse("registry:imports")),
            Line(_("Map"), reverse("registry:map")),
            Line(_("Figures"), reverse("matching:figures")),
        ],
        place="aside",
    )


def _decisions(user: User, since: datetime) -> Iterator[Line]:
    """What a rule reopened, what was handed to or back to the office, what colleagues did on the person's rows."""
    handed = Q(step__in=HANDING) & (Q(office=None) | Q(office__in=user.scope.offices))
    concerns = Q(step="renew") | ~Q(by=user) & (handed | Q(proposal__assignee=user))
    rows = Decision.objects.visible_to(user).filter(concerns, at__gt=since).order_by("-at")
    for row in rows.select_related("proposal__need", "proposal__firm", "by")[:MOST_CHANGES]:
        text = f"{row.proposal.firm.name} × {row.proposal.need.number}"
        yield Line(text, row.proposal.get_absolute_url(), note=in_one_line(row), at=row.at)


def _firms_answers(user: User, since: datetime) -> Iterator[Line]:
    rows = Inquiry.objects.visible_to(user).filter(answered_at__gt=since).order_by("-answered_at")
    for row in rows.select_related("need", "firm")[:MOST_CHANGES]:
        note = _("the firm answered: %(answer)s") % {"answer": row.get_state_display()}
        yield Line(f"{row.firm.name} × {row.need.number}", row.get_absolute_url(), note=note, at=row.answered_at)


def _buyers_answers(user: User, since: datetime) -> Iterator[Line]:
    lists = CandidateList.objects.visible_to(user).order_by().values("pk")
    rows = Answer.objects.filter(entry__list__in=lists, at__gt=since).order_by("-pk")
    for row in rows.select_related("entry__list", "entry__firm")[:MOST_CHANGES]:
        made = row.entry.list
        note = _("the buyer answered: %(answer)s") % {"answer": row.get_verdict_display()}
        url = f"{made.get_absolute_url()}#answers"
        yield Line(f"{row.entry.firm.name} · {made.number}", url, note=note, at=row.at)


def _day(moment: datetime) -> str:
    return timezone.localdate(moment).isoformat()


def _yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)
