"""How a kept group stands today: who is still in, who consents, what is covered. Worked out whenever it is read.

A member counts until it is out: refused by its office, not willing, no longer published, or with a consent of this
group that has ended. So whatever ends a consent, the figures of every page, file and list follow at once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.engine.groups import Step, Task
from matching.engine.parts import Cover, Part, cover
from matching.models import DisclosureConsent, Group, GroupMember, Inquiry
from registry.models import Firm

OUT: dict[str, str | Promise] = {
    "refused": _("its office refused the part"),
    "declined": _("it does not take part"),
    "unpublished": _("its profile is no longer published"),
    "ended": _("its consent has ended"),
}
"""Why a member does not count any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """One member today. `out` is a code of OUT or empty; `partners` and `project` are the fields that the others of
    the group, and the project's organisation, may be told; None: nothing."""

    member: GroupMember
    out: str
    partners: frozenset[str] | None
    project: frozenset[str] | None

    @property
    def consents(self) -> bool:
        return self.partners is not None and self.project is not None

    @property
    def waits(self) -> bool:
        """Whether the firm has been asked and has not answered, or not for those who are in the group now."""
        return not self.out and not self.consents and self.member.state == GroupMember.State.ACCEPTED

    @property
    def why(self) -> str:
        return str(OUT[self.out]) if self.out else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A group today; `covers` are its steps in the order of the chain, those of its members alone that count."""

    group: Group
    places: tuple[Place, ...]
    covers: tuple[Cover, ...]

    @property
    def inside(self) -> list[Place]:
        return [place for place in self.places if not place.out]

    @property
    def volume(self) -> int | None:
        """Pieces a month at the step where they are counted, None when no volume is asked."""
        return next((int(item.amount) for item in self.covers if item.amount is not None), None)

    @property
    def shortfall(self) -> int:
        return int(sum(item.missing for item in self.covers))

    @property
    def uncovered(self) -> list[str]:
        return [item.step for item in self.covers if not item.firms]

    @property
    def is_short(self) -> bool:
        """不足: a step that nobody does, or too few pieces."""
        return not all(item.done for item in self.covers)

    @property
    def all_consent(self) -> bool:
        """Whether each member may be named to the others and to the project."""
        return bool(self.inside) and all(place.consents for place in self.inside)

    @property
    def is_ready(self) -> bool:
        """Whether it may go into a candidate list as a group."""
        accepted = self.group.state == Group.State.ACCEPTED
        return accepted and not self.is_short and self.all_consent and len(self.inside) == len(self.places)


@dataclass(slots=True)
class _Consents:
    """What was given for some groups and their needs, each by firm."""

    partners: dict[tuple[int, int], tuple[frozenset[str], frozenset[int]]] = field(default_factory=dict)
    project: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    ever: set[tuple[int, int]] = field(default_factory=set)
    declined: set[tuple[int, int]] = field(default_factory=set)


def standing(group: Group) -> Standing:
    return standings([group])[group.pk]


def standings(groups: Iterable[Group]) -> dict[int, Standing]:
    """How each group stands today, in five queries however many there are."""
    groups = list(groups)
    members: dict[int, list[GroupMember]] = {group.pk: [] for group in groups}
    rows = GroupMember.objects.filter(group__in=members)
    rows = rows.select_related("group__need", "firm__prefecture", "firm__municipality")
    for member in rows.order_by("group", "position"):
        members[member.group_id].append(member)
    firms = {member.firm_id for of_group in members.values() for member in of_group}
    given = _consents(groups, firms, timezone.localdate())
    return {group.pk: _standing(group, members[group.pk], given) for group in groups}


def task_of(group: Group) -> Task:
    return Task(
        steps=[Step(code=code, carries_volume=code == group.volume_step) for code in group.chain],
        volume=group.volume_asked if group.volume_step in group.chain else None,
        max_km=group.max_km,
    )


def _standing(group: Group, members: list[GroupMember], given: _Consents) -> Standing:
    out = {member.firm_id: _out(group, member, given) for member in members}
    inside = [member for member in members if not out[member.firm_id]]
    ids = {member.firm_id for member in inside}
    places = tuple(
        Place(
            member=member,
            out=out[member.firm_id],
            partners=_towards(given.partners.get((group.pk, member.firm_id)), ids - {member.firm_id}),
            project=given.project.get((group.need_id, member.firm_id)),
        )
        for member in members
    )
    parts = [Part(member.firm_id, member.amounts) for member in inside]
    return Standing(group, places, cover(task_of(group), parts) if group.chain else ())


def _towards(given: tuple[frozenset[str], frozenset[int]] | None, others: Collection[int]) -> frozenset[str] | None:
    """The fields of a consent, when it was given towards all of the others."""
    return given[0] if given and given[1] >= set(others) else None


def _out(group: Group, member: GroupMember, given: _Consents) -> str:
    key = (group.pk, member.firm_id)
    at_need = (group.need_id, member.firm_id)
    if member.state in {GroupMember.State.REFUSED, GroupMember.State.DECLINED}:
        return str(member.state)
    if member.firm.state != Firm.State.PUBLISHED:
        return "unpublished"
    if at_need in given.declined:
        return "declined"
    if key in given.ever and (key not in given.partners or at_need not in given.project):
        return "ended"
    return ""


def _consents(groups: list[Group], firms: Collection[int], on: date) -> _Consents:
    found, recipient = _Consents(), DisclosureConsent.Recipient
    rows = DisclosureConsent.objects.filter(firm__in=firms)
    of_groups = rows.filter(group__in=[group.pk for group in groups], recipient=recipient.PARTNERS)
    found.ever = set(of_groups.values_list("group", "firm"))
    for group, firm, fields, partners in of_groups.in_force(on).values_list("group", "firm", "fields", "partners"):
        found.partners[group, firm] = frozenset(fields), frozenset(partners)
    needs = {group.need_id for group in groups}
    to_project = rows.filter(need__in=needs, recipient=recipient.PROJECT).in_force(on).order_by("pk")
    for need, firm, fields in to_project.values_list("need", "firm", "fields"):
        found.project[need, firm] = frozenset(fields)
    no = Inquiry.objects.filter(need__in=needs, firm__in=firms, state=Inquiry.State.DECLINED)
    found.declined = set(no.values_list("need", "firm"))
    return found
