"""What concerns a firm: inquiries to it, public needs that match it, and how far its own proposals have come.

Everything here is about the firm and from its side: no score, no rank, nothing of other firms, no note, no buyer's name
that an office keeps back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from matching import adjacent, standing
from matching.checks import label as labelled
from matching.columns import top_terms
from matching.models import CandidateListEntry, Feedback, GroupMember, Inquiry, Proposal, Task
from matching.models.lists import CandidateList
from matching.standing import Place
from registry.models import Criterion, Firm, Need, Programme, User
from registry.specification import certificate_asked

MOST_MATCHES, MOST_FEEDBACK, MOST_TASKS, MOST_PARTS = 10, 30, 50, 50
_SHOWN = (Proposal.Band.STRONG, Proposal.Band.POSSIBLE, Proposal.Band.WEAK)


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing asked for, in as few words as it takes, and how the firm stands to it."""

    text: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Match:
    """A public need that matches a firm, and why."""

    need: Need
    firm: Firm
    words: list[str]
    chips: list[Chip]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a proposal of the firm has come, in words for the firm. `need` is None where the firm may not see it."""

    inquiry: Inquiry
    need: Need | None
    code: str

    @property
    def words(self) -> str:
        return str(WORDS[self.code])


WORDS = {
    "sent": pgettext_lazy("firm", "waiting for your answer"),
    "received": pgettext_lazy("firm", "received: the office has your answer"),
    "passed_on": pgettext_lazy("firm", "passed on: you are in a candidate list"),
    "not_chosen": pgettext_lazy("firm", "not chosen this time: see the feedback"),
    "declined": pgettext_lazy("firm", "you are not interested"),
    "withdrawn": pgettext_lazy("firm", "withdrawn by the office"),
}


def chips(need: Need, firm: Firm, checks: Sequence[dict[str, Any]]) -> list[Chip]:
    """Capabilities first, then the stored checks, musts before wishes: 溶接 ✓, 距離 2 km ✓, EXC3 ✗, 数量 8/12."""
    own = {capability.pk for capability in firm.capabilities.all()}
    asked = [Chip(item.label, "pass" if item.pk in own else "unknown") for item in need.capabilities.all()]
    return asked + [Chip(_chip(item), item["outcome"]) for item in sorted(checks, key=lambda item: not item["hard"])]


def _chip(check: dict[str, Any]) -> str:
    kind, asked, found = Criterion.Kind(check["kind"]), check["asked"], check["found"]
    label = labelled(check)
    if kind == Criterion.Kind.CERTIFICATION:
        return certificate_asked(str(asked), check.get("by_year"), confirmed=check.get("confirmed", False))
    if kind == Criterion.Kind.PREFECTURE or found is None:
        return label
    if kind == Criterion.Kind.VOLUME:
        return f"{label} {_number(found)}/{_number(asked)}"
    words = {
        Criterion.Kind.DISTANCE: _("%(label)s %(number)s km"),
        Criterion.Kind.EMPLOYEES: _("%(label)s %(number)s"),
        Criterion.Kind.LEAD_TIME: _("%(label)s %(number)s days"),
    }
    return words[kind] % {"label": label, "number": _number(found)}


def _number(value: float) -> str:
    return number_format(value, decimal_pos=0, force_grouping=True)


def inquiries_of(user: User) -> QuerySet[Inquiry]:
    """Open inquiries first, the nearest date on top; then the answered ones, latest first."""
    waits = Case(When(state=Inquiry.State.SENT, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows: QuerySet[Inquiry] = Inquiry.objects.visible_to(user)
    return rows.select_related("need", "firm", "office").order_by(waits, "answer_by", "-pk")


def parts_of(user: User) -> list[Place]:
    """The parts that the person's firms are asked to take in groups, those that wait for an answer first."""
    members = list(GroupMember.objects.visible_to(user).select_related("group__need").order_by("-pk")[:MOST_PARTS])
    found = standing.standings({member.group for member in members})
    own = {member.pk for member in members}
    places = [place for one in found.values() for place in one.places if place.member.pk in own]
    return sorted(places, key=lambda place: (not place.waits, -place.member.pk))


def matches(user: User) -> list[Match]:
    """Public open needs that the matcher found for the person's firms and nobody has asked them about yet."""
    places = [When(band=band, then=Value(place)) for place, band in enumerate(_SHOWN)]
    rank = Case(*places, output_field=IntegerField())
    found = (
        Proposal.objects.filter(firm__in=user.firm_ids, band__in=_SHOWN, dropped_at=None)
        .filter(need__in=Need.objects.visible_to(user).open())
        .exclude(need__in=Inquiry.objects.visible_to(user).values("need"))
        .select_related("need__project", "firm")
        .prefetch_related("need__capabilities", "firm__capabilities")
        .order_by(rank, "-score", "pk")[:MOST_MATCHES]
    )
    return [Match(row.need, row.firm, top_terms(row), chips(row.need, row.firm, row.checks)) for row in found]


@dataclass(frozen=True, slots=True)
class Told:
    """What an office let a firm know, with the need or the inquiry as far as the firm may see them."""

    row: Feedback
    need: Need | None
    inquiry: Inquiry | None
    referrals: list[Programme]


def feedback_of(user: User) -> list[Told]:
    """What offices let the person's firms know, latest first, and the programmes that the register has for it."""
    rows = Feedback.objects.visible_to(user).select_related("proposal__need", "proposal__firm")[:MOST_FEEDBACK]
    told = list(rows)
    needs = Need.objects.visible_to(user).in_bulk({row.proposal.need_id for row in told})
    inquiries = Inquiry.objects.visible_to(user).filter(need__in={row.proposal.need_id for row in told})
    asked = {(one.need_id, one.firm_id): one for one in inquiries}
    helping = adjacent.referrals(row.proposal for row in told)
    return [
        Told(
            row,
            needs.get(row.proposal.need_id),
            asked.get((row.proposal.need_id, row.proposal.firm_id)),
            helping.get(row.proposal_id, []),
        )
        for row in told
    ]


def tasks_of(user: User) -> QuerySet[Task]:
    """What offices asked the person's firms to do, the next day first; not about which need, nor for whom."""
    rows: QuerySet[Task] = Task.objects.visible_to(user).open()
    return rows.select_related("firm", "office").order_by("due_on", "pk")[:MOST_TASKS]


def standings(user: User, inquiries: Sequence[Inquiry]) -> Iterator[Standing]:
    """Where each inquiry of the person's firms stands."""
    seen = {need.pk: need for need in Need.objects.visible_to(user).filter(inquiries__in=[one.pk for one in inquiries])}
    released = CandidateListEntry.objects.filter(list__state=CandidateList.State.RELEASED, firm__in=user.firm_ids)
    passed_on = {(entry.list.need_id, entry.firm.today_id) for entry in released.select_related("list", "firm")}
    told = Feedback.objects.visible_to(user).select_related("proposal__firm")
    not_chosen = {(one.proposal.need_id, one.proposal.firm.today_id) for one in told}
    for inquiry in inquiries:
        pair = (inquiry.need_id, inquiry.firm.today_id)
        code = "not_chosen" if pair in not_chosen else _code(inquiry, passed_on=pair in passed_on)
        yield Standing(inquiry, seen.get(inquiry.need_id), code)


def _code(inquiry: Inquiry, *, passed_on: bool) -> str:
    """The firm's own state: what became of its answer, not what anybody thinks of it."""
    if inquiry.is_positive:
        return "passed_on" if passed_on else "received"
    return inquiry.state
