"""What becomes of a kept group: its members and their shares, the offices' word on each part, the firms' own answers.

The only writer of groups after they were kept. A change of the members is made from the version the person saw: one
conditional UPDATE takes the next, so of two people at once the second is told to look again. An office decides on a
part from the same version, which it holds without taking a new one: two offices at once do not disturb each other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from matching import consent, distance, groups
from matching.engine.cover import Supplier
from matching.engine.parts import Flaw, Part, Shares, flaws, suggested
from matching.groups import Pool
from matching.models import (
    ANSWER_STEPS,
    GROUP_STEPS,
    GROUP_TURNS,
    PART_STEPS,
    Channel,
    Group,
    GroupEvent,
    GroupMember,
)
from matching.partners import ask_firms, tell_all, tell_firm, tell_keepers, tell_offices
from matching.standing import standing
from registry.access import can
from registry.forms.fields import key_in
from registry.models import Capability, Firm, Need, Role, User
from registry.steps import Step, StepRefused, move

MOST_MEMBERS = 8
Act = GroupEvent.Act


def may_change(group: Group, by: User) -> bool:
    return can(by, "matching.make_group") and (
        group.made_by_id == by.pk or Need.objects.changeable_by(by).filter(pk=group.need_id).exists()
    )


def require_change(group: Group, by: User) -> None:
    """Raises StepRefused for a person who may not change the group."""
    groups.refuse_outside(group.need, by)
    if not may_change(group, by):
        raise StepRefused(_("Who made the group decides about it, or the office that looks after the need."))


def pool_of(group: Group, also: Collection[int] = ()) -> Pool:
    """The firms that could take part in a kept group, its members among them. Raises IndexMissing or StepRefused."""
    known = {step.pk: step for step in Capability.objects.filter(pk__in=group.chain)}
    asking = groups.Asking(
        volume=group.volume_asked, volume_step=group.volume_step, max_km=group.max_km, max_members=MOST_MEMBERS
    )
    steps = [known[code] for code in group.chain if code in known]
    if not steps:
        raise StepRefused(_("The steps of this group are not in the catalogue any more. Dissolve it and compose anew."))
    return groups.pool(group.need, asking, steps, {*group.members.values_list("firm", flat=True), *also})


# ---- the members ----------------------------------------------------------------------------------------------------
def add(group: Group, key: str, *, seen: int, by: User) -> GroupMember:
    """Take a firm in with what it could do beside the others. `key` is one of `key_for`."""
    with _changing(group, seen, by):
        supplier, pool = _newcomer(group, key, by)
        if group.members.count() >= MOST_MEMBERS:
            raise StepRefused(_("A group has %(most)d firms at most.") % {"most": MOST_MEMBERS})
        member = _place(group, supplier, suggested(pool.task, _counting(group), supplier), group.members.count() + 1)
        _record(group, Act.ADD, by, member)
        _settle(group, [member])
    return member


def swap(group: Group, member_id: int, key: str, *, seen: int, by: User) -> GroupMember:
    """Put a firm in the place of a member; it leads if that one led."""
    with _changing(group, seen, by):
        old = _member(group, member_id)
        supplier, pool = _newcomer(group, key, by)
        others = [part for part in _counting(group) if part.firm != old.firm_id]
        group.members.filter(pk=old.pk).delete()
        member = _place(group, supplier, suggested(pool.task, others, supplier), old.position, is_lead=old.is_lead)
        _record(group, Act.SWAP, by, member, other=old.firm)
        _settle(group, [member])
    return member


def remove(group: Group, member_id: int, *, seen: int, by: User) -> None:
    """Take a firm out. The next member leads if it led."""
    with _changing(group, seen, by):
        member = _member(group, member_id)
        if group.members.count() == 1:
            raise StepRefused(_("This is the last firm. Dissolve the group instead."))
        group.members.filter(pk=member.pk).delete()
        _record(group, Act.REMOVE, by, member)
        _settle(group, [_to_lead(group, group.members.order_by("position")[0])] if member.is_lead else [])


def lead(group: Group, member_id: int, *, seen: int, by: User) -> None:
    """Choose the lead firm. Both firms' parts change by it, so their offices are asked again."""
    with _changing(group, seen, by):
        member = _member(group, member_id)
        if member.is_lead:
            raise StepRefused(_("This firm leads the group already."))
        before = list(group.members.filter(is_lead=True))
        group.members.filter(is_lead=True).update(is_lead=False, state=GroupMember.State.WAITING)
        _record(group, Act.LEAD, by, member)
        _settle(group, [*before, _to_lead(group, member)])


def share(group: Group, member_id: int, shares: Shares, *, seen: int, by: User) -> None:
    """Set what a member does: step code → pieces a month, None where they are not counted."""
    with _changing(group, seen, by):
        member = _member(group, member_id)
        pool = pool_of(group)
        supplier = next((one for one in pool.suppliers if one.id == member.firm_id), None)
        if supplier is None:
            raise StepRefused(_("This firm's profile is no longer published. Swap it or take it out."))
        if wrong := flaws(pool.task, shares, supplier):
            raise StepRefused(_flaw_in_words(pool, supplier, *wrong[0]))
        if shares == member.amounts:
            raise StepRefused(_("Nothing was changed: the share is as it was."))
        member.shares, member.state = _stored(shares), GroupMember.State.WAITING
        member.save(update_fields=["shares", "state"])
        _record(group, Act.SHARE, by, member)
        _settle(group, [member])


def key_for(group: Group, firm_id: int, *, named: bool) -> str:
    """How a firm is chosen on a page: by its number where the person sees it, else by a hash that tells nothing."""
    return str(firm_id) if named else groups.key_of(group.need, [firm_id])


# ---- the group and the offices ---------------------------------------------------------------------------------------
def take(name: str, group: Group, *, by: User, message: str = "", recipient: str = "") -> None:
    """Propose the group to the offices of its firms, or dissolve it.

    `message` and `recipient` are what its firms read of it; the recipient has to be said where firms may not see the
    need. Raises StepRefused when the step is not possible for this person or state.
    """
    require_change(group, by)
    changes: dict[str, Any] = {"changed_by": by, "changed_at": timezone.now()}
    if name == "propose":
        if group.need.visibility != Need.Visibility.PUBLIC and not recipient.strip():
            raise StepRefused(_("Firms may not see this need. Say how the recipient is called towards the firm."))
        changes |= {"message": message.strip(), "recipient": recipient.strip() or group.need.project.organisation}
    with transaction.atomic():
        move(group, GROUP_STEPS[name], **changes)
        _record(group, Act(name), by)
        if name == "propose":
            _settle(group, group.members.all())


def decide(name: str, member: GroupMember, *, seen: int, by: User, reason: str = "") -> None:
    """An office accepts or refuses the part of a firm in its scope. The firm is asked as soon as it is accepted."""
    group, reason = member.group, reason.strip()
    if not (can(by, "matching.make_group") and GroupMember.objects.visible_to(by).filter(pk=member.pk).exists()):
        raise StepRefused(_("The office of the firm's prefecture decides about its part."))
    if member.firm_id in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))
    if PART_STEPS[name].reason and not reason:
        raise StepRefused(_("Say why the part is refused."))
    if group.state not in {Group.State.PROPOSED, Group.State.ACCEPTED}:
        raise StepRefused(_("Parts are decided once the group is proposed, and until it is dissolved."))
    with transaction.atomic():
        _hold(group, seen, step=0)
        _move(member, PART_STEPS[name])
        _record(group, Act(name), by, member, reason=reason)
        _turn(group)
        tell_keepers(group, f"group.{name}", member, by)
        if name == "accept":
            ask_firms(group, member)


# ---- the firms ------------------------------------------------------------------------------------------------------
def answer(
    name: str,
    member: GroupMember,
    *,
    seen: int,
    by: User,
    fields: Collection[str] = (),
    until: date | None = None,
    reason: str = "",
    channel: str = Channel.SITE,
    said_by: str = "",
) -> None:
    """A firm takes part and consents to being named to the others and to the recipient, or it does not take part.

    From its own people, or from an office that was told it. What the firm consents to holds towards those who are in
    the group at version `seen`, which it read. Raises StepRefused and changes nothing otherwise.
    """
    group = member.group
    _require_answerer(member, by, channel, said_by)
    with transaction.atomic():
        _hold(group, seen, step=0)
        _move(member, ANSWER_STEPS[name])
        said = {"channel": channel, "said_by": said_by, "reason": reason.strip()}
        if name == "join":
            _consent(member, by, fields, until, channel, said_by)
        else:
            consent.revoke_for_group(member.firm_id, group, by=by, channel=channel)
        _record(group, Act(name), by, member, **said)
        _turn(group)
        if name == "join":
            tell_keepers(group, "group.join", member, by)
        else:
            tell_all(standing(group), member)
        if channel != Channel.SITE:
            tell_firm(member, "group.recorded")


def recipient_of(group: Group) -> str:
    return group.recipient or str(_("the recipient of the need"))


def _consent(
    member: GroupMember, by: User, fields: Collection[str], until: date | None, channel: str, said_by: str
) -> None:
    group = member.group
    if until is None:
        raise StepRefused(_("Say until when you consent."))
    others = sorted(place.member.firm_id for place in standing(group).inside if place.member.pk != member.pk)
    common: dict[str, Any] = {
        "by": by, "fields": fields, "until": until, "group": group, "channel": channel, "said_by": said_by
    }  # fmt: skip
    told = _("the other firms of the group %(group)s and their offices") % {"group": group}
    partners, project = consent.Recipient.PARTNERS, consent.Recipient.PROJECT
    consent.give(member.firm, group.need, told=told, recipient=partners, partners=others, **common)
    consent.give(member.firm, group.need, told=recipient_of(group), recipient=project, **common)


def _require_answerer(member: GroupMember, by: User, channel: str, said_by: str) -> None:
    seen = GroupMember.objects.visible_to(by).filter(pk=member.pk).exists()
    if not seen or (by.role == Role.FIRM) != (channel == Channel.SITE) or not can(by, "matching.join_group"):
        raise StepRefused(_("This part is not yours to answer, or it does not exist."))
    if channel != Channel.SITE and not said_by:
        raise StepRefused(_("Say who at the firm told you so."))
    if channel != Channel.SITE and member.firm_id in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))


# ---- inside ---------------------------------------------------------------------------------------------------------
@contextmanager
def _changing(group: Group, seen: int, by: User) -> Iterator[None]:
    """Around a change of the members: who may, from which version, all or nothing."""
    require_change(group, by)
    with transaction.atomic():
        _hold(group, seen, step=1)
        yield


def _hold(group: Group, seen: int, *, step: int) -> None:
    """Win the group as it was seen; `step` 1 takes the next version."""
    alive = Group.objects.filter(pk=group.pk, version=seen).exclude(state=Group.State.DISSOLVED)
    if alive.update(version=F("version") + step) != 1:
        raise StepRefused(
            _("Somebody else changed this group since you loaded it. Nothing of yours was saved. Look at it again.")
        )
    group.refresh_from_db(fields=["version", "state"])


def _newcomer(group: Group, key: str, by: User) -> tuple[Supplier, Pool]:
    """The firm that the key names, as one that could take part: found by number within the scope, else by its hash."""
    own = key_in(key) or 0
    if own and not Firm.objects.visible_to(by).published().filter(pk=own).exists():
        own = 0
    pool = pool_of(group, [own] if own else [])
    found = next((one for one in pool.suppliers if own == one.id or key == groups.key_of(group.need, [one.id])), None)
    if found is None:
        raise StepRefused(_("This firm is not among the candidates any more. Look at the new ones."))
    if group.members.filter(firm=found.id).exists():
        raise StepRefused(_("This firm is in the group already."))
    if not found.nearness:
        raise StepRefused(_("The firm's profile names none of the steps. Add them to the profile first."))
    return found, pool


def _place(group: Group, supplier: Supplier, shares: Shares, position: int, *, is_lead: bool = False) -> GroupMember:
    member: GroupMember = GroupMember.objects.create(
        group=group,
        firm_id=supplier.id,
        position=position,
        is_lead=is_lead,
        shares=_stored(shares),
        verdict=str(supplier.verdict),
        distance_km=supplier.distance,
    )
    return member


def _stored(shares: Shares) -> list[dict[str, Any]]:
    return [{"step": code, "amount": None if amount is None else int(amount)} for code, amount in shares.items()]


def _counting(group: Group) -> list[Part]:
    return [Part(place.member.firm_id, place.member.amounts) for place in standing(group).inside]


def _member(group: Group, member_id: int) -> GroupMember:
    member: GroupMember | None = group.members.select_related("firm").filter(pk=member_id).first()
    if member is None:
        raise StepRefused(_("This firm is not in the group any more."))
    return member


def _to_lead(group: Group, member: GroupMember) -> GroupMember:
    group.members.filter(pk=member.pk).update(is_lead=True, state=GroupMember.State.WAITING)
    return member


def _settle(group: Group, waiting: Iterable[GroupMember]) -> None:
    """After the members changed: positions, the way to the lead firm, the group's state; whose parts are open again
    has its office told, unless the group is a draft that no office was asked about yet."""
    members = list(group.members.select_related("firm__municipality", "firm__prefecture"))
    members.sort(key=lambda member: (not member.is_lead, member.position, member.pk))
    home = members[0].firm.municipality
    site = distance.Site("", home.latitude, home.longitude) if home else None
    for position, member in enumerate(members, start=1):
        member.position, member.to_lead_km = position, distance.km(site, member.firm)
    GroupMember.objects.bulk_update(members, ["position", "to_lead_km"])
    _turn(group)
    if group.state != Group.State.DRAFT:
        ids = {member.pk for member in waiting}
        tell_offices(group, [member for member in members if member.pk in ids])


def _turn(group: Group) -> None:
    """The group is accepted as long as the office of every member has accepted its part."""
    open_parts = group.members.exclude(state=GroupMember.State.ACCEPTED).exists()
    if group.state == Group.State.PROPOSED and not open_parts:
        move(group, GROUP_TURNS["complete"])
    elif group.state == Group.State.ACCEPTED and open_parts:
        move(group, GROUP_TURNS["reopen"])


def _move(member: GroupMember, step: Step) -> None:
    if step.target in step.sources and member.state == step.target:
        return  # consenting anew keeps the state
    move(member, step)


def _record(group: Group, act: GroupEvent.Act, by: User, member: GroupMember | None = None, **said: Any) -> None:
    shares = member.shares if member else []
    GroupEvent.objects.create(
        group=group, act=act, by=by, firm_id=member.firm_id if member else None, detail=shares, **said
    )


def _flaw_in_words(pool: Pool, supplier: Supplier, code: str, flaw: Flaw) -> str:
    label = next((step.label for step in pool.steps if step.pk == code), code)
    words: Mapping[Flaw, str] = {
        Flaw.NOT_IN_CHAIN: _("“%(step)s” is no step of this group."),
        Flaw.CANNOT: _("The firm's profile does not name “%(step)s”. Add it to the profile first."),
        Flaw.NOT_COUNTED: _("Pieces are not counted at “%(step)s”."),
        Flaw.NO_PIECES: _("Say how many pieces a month at “%(step)s”: 1 or more."),
        Flaw.OVER: _("The firm states %(most)d pieces a month; its share of “%(step)s” cannot be larger."),
    }
    return words[flaw] % {"step": label, "most": supplier.capacity or 0}
