"""What the home page tells about proposals and candidate lists."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from matching.models import CandidateList, Inquiry, Proposal
from registry.access import Role, can, signed_in
from registry.home import Item, Panel


def proposals_panel(request: HttpRequest) -> Panel | None:
    """The coordinator's day: what waits, what is late, what is mine."""
    user = signed_in(request)
    if not can(user, "matching.view_proposal"):
        return None
    queue, seen = reverse("matching:queue"), Proposal.objects.visible_to(user).lying_with(user)
    late = seen.overdue().count()
    return Panel(
        _("Proposals"),
        items=[
            Item(_("overdue"), late, f"{queue}?overdue=true", urgent=late > 0),
            Item(_("waiting for a decision"), seen.waiting().count(), queue),
            Item(_("assigned to me"), seen.waiting().filter(assignee=user).count(), f"{queue}?assignee=me"),
            Item(_("shortlisted"), seen.filter(state="shortlisted").count(), f"{queue}?state=shortlisted"),
        ],
        url=queue,
        action=_("Review proposals"),
        primary=True,
    )


def inquiries_panel(request: HttpRequest) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.ask"):
        return None
    inquiries, seen = reverse("matching:inquiries"), Inquiry.objects.visible_to(user)
    late = seen.overdue().count()
    states = Inquiry.State
    return Panel(
        _("Inquiries"),
        items=[
            Item(_("without an answer in time"), late, f"{inquiries}?overdue=true", urgent=late > 0),
            *(
                Item(state.label, seen.filter(state=state).count(), f"{inquiries}?state={state}")
                for state in (states.SENT, states.INTERESTED, states.PARTIAL, states.DECLINED)
            ),
        ],
    )


def concerns_panel(request: HttpRequest) -> Panel | None:
    """What waits for the firm."""
    user = signed_in(request)
    if not (can(user, "matching.concerns") and user.firm_ids):
        return None
    waiting = Inquiry.objects.visible_to(user).waiting().count()
    return Panel(
        _("What concerns me"),
        items=[
            Item(_("inquiries that wait for your answer"), waiting, reverse("matching:concerns"), urgent=waiting > 0)
        ],
        url=reverse("matching:concerns"),
        action=_("See what concerns you"),
        primary=waiting > 0,
    )


def lists_panel(request: HttpRequest) -> Panel | None:
    user = signed_in(request)
    if not can(user, "matching.view_list"):
        return None
    lists, seen = reverse("matching:lists"), CandidateList.objects.visible_to(user)
    if user.role == Role.ANCHOR:
        return Panel(
            _("Candidate lists"),
            _("Firms that an office has put together for your needs."),
            items=[Item(_("lists released to you"), seen.count(), lists)],
            url=lists,
            action=_("Read the lists"),
        )
    made = seen.filter(state=CandidateList.State.MADE).count()
    return Panel(
        _("Candidate lists"),
        items=[
            Item(_("not released yet"), made, f"{lists}?state=made", urgent=made > 0),
            Item(_("released"), seen.filter(state=CandidateList.State.RELEASED).count(), f"{lists}?state=released"),
        ],
    )
