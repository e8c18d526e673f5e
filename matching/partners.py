"""Telling the people of a group what happened to it, and noticing that a firm is no longer available.

Firms are named to nobody here: an office reads the name on the group's page when it may, everybody else never.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from matching.models import DisclosureConsent, Group, GroupEvent, GroupMember
from matching.standing import Standing, standing, standings
from registry import notices
from registry.models import Firm, User

_GONE = {"unpublished", "declined", "ended"}
_SAID = (GroupEvent.Act.LEFT, GroupEvent.Act.DECLINE, GroupEvent.Act.REFUSE)
"""After one of these acts on a firm, that it is out is known."""


def tell_offices(group: Group, members: Iterable[GroupMember]) -> None:
    """The offices of these members' prefectures: their parts wait for them. The bureau when no such office sees it."""
    for member in members:
        people = _seeing(group, User.objects.filter(offices__prefectures=member.firm.prefecture_id, is_active=True))
        people = people or list(User.objects.filter(role="bureau", is_active=True))
        notices.tell(people, "group.part", group.get_absolute_url(), **_facts(group, member))


def tell_keepers(group: Group, kind: str, member: GroupMember, by: User | None) -> None:
    """Who made the group and the office that looks after the need, but not who did it."""
    people = _seeing(group, User.objects.filter(Q(pk=group.made_by_id) | Q(offices=group.need.office_id)))
    told = [person for person in people if by is None or person.pk != by.pk]
    notices.tell(told, kind, group.get_absolute_url(), **_facts(group, member))


def tell_firm(member: GroupMember, kind: str) -> None:
    people = User.objects.speaking_for(member.firm_id)
    notices.tell(people, kind, member.get_absolute_url(), group=str(member.group), firm=member.firm.name)


def ask_firms(group: Group, accepted: GroupMember) -> None:
    """Ask the firm whose part was accepted, and anew those whose consent does not reach it."""
    given = DisclosureConsent.objects.filter(group=group, recipient=DisclosureConsent.Recipient.PARTNERS, end=None)
    consented = set(given.values_list("firm", flat=True))
    for place in standing(group).inside:
        falls_short = place.waits and place.member.firm_id in consented
        if place.member.pk == accepted.pk or falls_short:
            tell_firm(place.member, "group.asked")


def note_departures(firms: Collection[int]) -> int:
    """Write down, once each, that firms are no longer available to their groups, and tell every office concerned.

    The figures need no word of it: they are worked out (`matching.standing`). Called in the transaction of whatever
    took the firm away, and hourly for consents that ran out. Returns how many were noted.
    """
    of_firms = Group.objects.filter(members__firm__in=firms, state__in=[Group.State.PROPOSED, Group.State.ACCEPTED])
    groups = list(of_firms.select_related("need__project", "made_by").distinct())
    noted = 0
    for found in standings(groups).values():
        for place in found.places:
            if place.member.firm_id in firms and place.out in _GONE and not _is_known(place.member):
                GroupEvent.objects.create(
                    group=found.group, act=GroupEvent.Act.LEFT, firm=place.member.firm, reason=place.out
                )
                tell_all(found, place.member)
                noted += 1
    return noted


def note_change(row: Model) -> None:
    """What registry.changes calls when a firm or a need was saved."""
    if isinstance(row, Firm) and row.state != Firm.State.PUBLISHED:
        note_departures({row.pk})


def note_expired() -> int:
    """The same for the consents of groups that have run out by themselves."""
    over = DisclosureConsent.objects.filter(group__state__in=[Group.State.PROPOSED, Group.State.ACCEPTED], end=None)
    firms = over.filter(until__lt=timezone.localdate()).values_list("firm", flat=True)
    return note_departures(set(firms))


def _is_known(member: GroupMember) -> bool:
    last = GroupEvent.objects.filter(group=member.group_id, firm=member.firm_id).order_by("-pk").first()
    return last is not None and last.act in _SAID


def tell_all(found: Standing, member: GroupMember) -> None:
    """Every office concerned: a firm is gone, and this is what is left."""
    prefectures = {place.member.firm.prefecture_id for place in found.places}
    concerned = Q(pk=found.group.made_by_id) | Q(offices=found.group.need.office_id)
    people = User.objects.filter(concerned | Q(offices__prefectures__in=prefectures), is_active=True)
    facts = _facts(found.group, member) | {"volume": found.volume or 0, "asked": found.group.volume_asked or 0}
    notices.tell(_seeing(found.group, people), "group.left", found.group.get_absolute_url(), **facts)


def _seeing(group: Group, people: Iterable[User]) -> list[User]:
    return [one for one in set(people) if Group.objects.visible_to(one).filter(pk=group.pk).exists()]


def _facts(group: Group, member: GroupMember) -> dict[str, Any]:
    place = member.firm.prefecture
    return {"group": str(group), "place": notices.both(place.name, place.name_en or place.name)}
