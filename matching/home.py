"""What the home page tells about proposals, inquiries, candidate lists and what concerns a firm."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from matching.concerns import inquiries_of, parts_of, tasks_of
from matching.models import Answer, CandidateList, GroupMember, Inquiry, Proposal, Task
from registry.access import Role, can, signed_in
from registry.home import Item, Line, Panel, counted
from registry.models import User

MOST_LINES = 5


def proposals_panel(request: HttpRequest, since: datetime) -> Panel | None:
    """The coordinator's day: what waits, what is late, what is mine."""
    user = signed_in(request)
    if not can(user, "matching.view_proposal"):
        return None
    queue, seen = reverse("matching:queue"), Proposal.objects.visible_to(user).lying_with(user)
    received = seen.waiting().filter(office__in=user.scope.offices)
    return Panel(
        _("Proposals"),
        items=[
            counted(_("overdue"), seen.overdue(), f"{queue}?overdue=true", urgent=True),
            counted(_("waiting for a decision"), seen.waiting(), f"{queue}?state="),
            counted(_("assigned to me"), seen.waiting().filter(assignee=user), f"{queue}?assignee=me"),
            counted(_("handed over to us"), received, f"{queue}?lies=received"),
        ],
        url=queue,
        action=_("Review proposals"),
        primary=True,
    )


def inquiries_panel(request: HttpRequest, since: datetime) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.ask"):
        return None
    inquiries, seen, states = reverse("matching:inquiries"), Inquiry.objects.visible_to(user), Inquiry.State
    return Panel(
        _("Inquiries"),
        items=[
            counted(_("without an answer in time"), seen.overdue(), f"{inquiries}?overdue=true", urgent=True),
            *(
                counted(state.label, seen.filter(state=state), f"{inquiries}?state={state}")
                for state in (states.SENT, states.INTERESTED, states.PARTIAL, states.DECLINED)
            ),
        ],
        place="below",
    )


def concerns_panel(request: HttpRequest, since: datetime) -> Panel | None:
    """What waits for the firm: the next inquiries and tasks, the nearest day first."""
    user = signed_in(request)
    if not (can(user, "matching.concerns") and user.firm_ids):
        return None
    url, waiting = reverse("matching:concerns"), Inquiry.objects.visible_to(user).waiting()
    tasks = Task.objects.visible_to(user).open()
    parts = [place.member for place in parts_of(user) if place.waits]
    lines = [*_inquiries(user), *_tasks(user), *map(_part, parts)]
    lines.sort(key=lambda line: (line.day is None, line.day))
    return Panel(
        _("What concerns me"),
        items=[
            counted(_("inquiries that wait for your answer"), waiting, url, urgent=True),
            Item(_("groups that wait for your answer"), len(parts), f"{url}#parts", urgent=bool(parts)),
            counted(_("tasks that an office has set you"), tasks, f"{url}#tasks"),
        ],
        lines=lines[:MOST_LINES],
        url=url,
        action=_("See what concerns you"),
        primary=bool(lines),
    )


def _inquiries(user: User) -> Iterator[Line]:
    for row in inquiries_of(user).filter(state=Inquiry.State.SENT)[:MOST_LINES]:
        note = row.office.label if row.office else ""
        text = _("Answer inquiry %(number)s") % {"number": row.number}
        yield Line(text, row.get_absolute_url(), note, day=row.answer_by, late=row.is_overdue)


def _tasks(user: User) -> Iterator[Line]:
    for row in tasks_of(user)[:MOST_LINES]:
        url, note = f"{reverse('matching:concerns')}#task-{row.pk}", row.office.label if row.office else ""
        yield Line(row.title, url, note, day=row.due_on, late=row.is_overdue)


def _part(member: GroupMember) -> Line:
    return Line(_("Answer for group %(group)s") % {"group": member.group}, member.get_absolute_url())


def lists_panel(request: HttpRequest, since: datetime) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.view_list"):
        return None
    lists, seen, states = reverse("matching:lists"), CandidateList.objects.visible_to(user), CandidateList.State
    if user.role == Role.ANCHOR:
        return _readers_panel(user)
    return Panel(
        _("Candidate lists"),
        items=[
            counted(_("not released yet"), seen.filter(state=states.MADE), f"{lists}?state=made", urgent=True),
            counted(_("released"), seen.filter(state=states.RELEASED), f"{lists}?state=released"),
        ],
        place="below",
    )


def _readers_panel(user: User) -> Panel:
    """Lists that wait for the buyer's first answer come first."""
    lists, seen = reverse("matching:lists"), CandidateList.objects.visible_to(user)
    answers = Answer.objects.filter(entry__list=OuterRef("pk"))
    unread = seen.filter(~Exists(answers)).select_related("need").order_by("released_at")
    return Panel(
        _("Candidate lists"),
        _("Firms that an office has put together for your needs."),
        items=[
            counted(_("lists without an answer of yours"), unread, lists, urgent=True),
            counted(_("lists released to you"), seen, lists),
        ],
        lines=[
            Line(f"{row.number} {row.need.title}", row.get_absolute_url(), _("not answered yet"), at=row.released_at)
            for row in unread[:MOST_LINES]
        ],
        url=lists,
        action=_("Read the lists"),
    )
