"""What the home page tells each role to do next. Apps above the register append panels in `ready()`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry import people
from registry.access import Role
from registry.completeness import completeness
from registry.listing.paging import MOST_COUNTED
from registry.models import DuplicatePair, ErasureRequest, Firm, FirmClaim, Need, User


@dataclass(frozen=True, slots=True)
class Item:
    """A number that opens its list; `more` says that it was not counted to the end. `rows` are still to be counted."""

    label: str | Promise
    count: int
    url: str
    urgent: bool = False
    more: bool = False
    rows: QuerySet[Any] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that opens its page: what it is, and when it happened (`at`) or is due (`day`)."""

    text: str | Promise
    url: str
    note: str = ""
    at: datetime | None = None
    day: date | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A block of the home page: what is so, and what to do. `since` says from when its lines are, `empty` what is
    said without any; `place` is one of PLACES."""

    title: str | Promise
    text: str | Promise = ""
    items: Sequence[Item] = ()
    percent: int | None = None
    hints: Sequence[str | Promise] = ()
    url: str = ""
    action: str | Promise = ""
    primary: bool = False
    lines: Sequence[Line] = ()
    empty: str | Promise = ""
    since: datetime | None = None
    place: str = "main"


PLACES = ("main", "aside", "below")
"""Where a panel stands: first, beside that where there is room, or under both."""
PanelMaker = Callable[[HttpRequest, datetime], Panel | None]
PANELS: list[PanelMaker] = []
"""Each gets the request and when the person's last visit ended, and answers a panel for that person, or None."""


def counted(label: str | Promise, rows: QuerySet[Any], url: str, *, urgent: bool = False) -> Item:
    """How many rows there are, to a hundred and no further: counting all through a scope costs more than the page.

    In no order: sorting a hundred thousand firms by name to count some of them would cost more still.
    """
    return Item(label, 0, url, urgent=urgent, rows=rows.order_by().values("pk")[: MOST_COUNTED + 1])


def panels(request: HttpRequest, since: datetime) -> list[Panel]:
    """The panels of a person's page, with all of its numbers counted in one query."""
    user = request.user
    assert isinstance(user, User)
    own = {Role.FIRM: _firm_panels, Role.ANCHOR: _anchor_panels, Role.ADMIN: _admin_panels}
    office = {Role.COORDINATOR: _office_panels, Role.BUREAU: _office_panels}
    made = [panel for make in PANELS if (panel := make(request, since))]
    return _with_numbers([*made, *(own | office)[Role(user.role)](user)], user)


class _Number(Subquery):
    """How many rows a queryset has, as one value of a row."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    empty_result_set_value = 0
    output_field = IntegerField()


def _with_numbers(made: Sequence[Panel], user: User) -> list[Panel]:
    numbers = [_Number(item.rows) for panel in made for item in panel.items if item.rows is not None]
    found = iter(User.objects.values_list(*numbers).get(pk=user.pk) if numbers else ())
    return [
        replace(panel, items=[item if item.rows is None else _numbered(item, next(found)) for item in panel.items])
        for panel in made
    ]


def _numbered(item: Item, found: int) -> Item:
    capped, more = min(found, MOST_COUNTED), found > MOST_COUNTED
    return replace(item, count=capped, urgent=item.urgent and found > 0, more=more, rows=None)


def _firm_panels(user: User) -> Iterator[Panel]:
    firms = list(Firm.objects.visible_to(user).for_profile())
    claims = list(user.firm_claims.select_related("firm").order_by("-pk")[:5])
    if not firms and not any(claim.state == FirmClaim.State.PENDING for claim in claims):
        yield Panel(
            _("Register your firm"),
            _("Have your corporate number at hand. You can stop at any step and go on later."),
            url=reverse("registry:register"),
            action=_("Register your firm"),
            primary=True,
        )
    for claim in claims:
        if panel := _claim_panel(claim):
            yield panel
    for invitation in people.invitations_of(user):
        yield Panel(
            _("You are invited to speak for a firm"),
            invitation.firm.name,
            url=people.link(invitation),
            action=_("Answer the invitation"),
            primary=True,
        )
    for firm in firms:
        yield _own_firm_panel(firm)
    needs = Need.objects.visible_to(user).count()
    yield Panel(
        _("Public needs"),
        items=[Item(_("open needs"), needs, reverse("registry:needs"))],
        url=reverse("registry:needs"),
        action=_("See the needs"),
    )


def _claim_panel(claim: FirmClaim) -> Panel | None:
    if claim.state == FirmClaim.State.PENDING:
        words = {"firm": claim.firm.name, "date": claim.due_on.isoformat()}
        return Panel(
            _("Your claim is waiting"),
            _("You asked to speak for %(firm)s. The office answers by %(date)s; after that you can edit the profile.")
            % words,
        )
    if claim.state == FirmClaim.State.REFUSED:
        words = {"firm": claim.firm.name, "reason": claim.why}
        return Panel(_("Your claim was refused"), _("%(firm)s: %(reason)s") % words)
    return None


def _own_firm_panel(firm: Firm) -> Panel:
    edit = reverse("registry:firm-edit", args=[firm.pk])
    complete = completeness(firm)
    hints = [str(gap) for gap in complete.gaps[:4]]
    if firm.state == Firm.State.DRAFT:
        return Panel(
            firm.name,
            _("The profile is a draft: nobody is matched with it yet."),
            percent=complete.percent,
            url=edit,
            action=_("Continue the registration"),
            primary=True,
        )
    if firm.state == Firm.State.ARCHIVED:
        return Panel(
            firm.name, _("The profile is withdrawn: nobody is matched with it."), url=edit, action=_("Open the profile")
        )
    if firm.is_unconfirmed:
        return Panel(
            firm.name,
            _("Is the profile still right? Nobody has confirmed it for a year."),
            percent=complete.percent,
            hints=hints,
            url=firm.get_absolute_url(),
            action=_("Read and confirm the profile"),
            primary=True,
        )
    text = _("This would improve your matches:") if hints else _("The profile is complete.")
    return Panel(firm.name, text, percent=complete.percent, hints=hints, url=edit, action=_("Edit the profile"))


def _office_panels(user: User) -> Iterator[Panel]:
    needs, firms = reverse("registry:needs"), reverse("registry:firms")
    claims = FirmClaim.objects.visible_to(user).waiting()
    review = Need.objects.changeable_by(user).filter(state=Need.State.REVIEW)
    seen = Firm.objects.visible_to(user)
    unconfirmed, drafts = seen.published().unconfirmed(), seen.filter(state=Firm.State.DRAFT)
    erasures = ErasureRequest.objects.visible_to(user).waiting()
    duplicates = DuplicatePair.objects.visible_to(user).open()
    yield Panel(
        _("Register"),
        items=[
            counted(_("claims waiting"), claims, reverse("registry:claims"), urgent=True),
            counted(_("needs in review"), review, f"{needs}?state=review", urgent=True),
            counted(_("open needs"), Need.objects.visible_to(user).open(), f"{needs}?state=open"),
            counted(_("requests for erasure"), erasures, reverse("registry:erasures"), urgent=True),
            counted(_("possible duplicates"), duplicates, reverse("registry:duplicates")),
            counted(_("firms not confirmed for a year"), unconfirmed, f"{firms}?unconfirmed=true"),
            counted(_("firms in draft"), drafts, f"{firms}?state=draft"),
        ],
        url=reverse("registry:need-new"),
        action=_("Write a need"),
        place="below",
    )


def _anchor_panels(user: User) -> Iterator[Panel]:
    needs = reverse("registry:needs")
    own = Need.objects.visible_to(user)
    yield Panel(
        _("Your needs"),
        _("Write down what you look for; the office in charge reviews it before it opens."),
        items=[counted(state.label, own.filter(state=state), f"{needs}?state={state}") for state in Need.State],
        url=reverse("registry:need-new"),
        action=_("Write a need"),
        primary=True,
    )


def _admin_panels(user: User) -> Iterator[Panel]:
    yield Panel(
        _("Administration"),
        _("Users, offices and catalogues are looked after on the admin site."),
        url=reverse("admin:index"),
        action=_("Open the admin site"),
        primary=True,
    )
