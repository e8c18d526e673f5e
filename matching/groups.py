"""Composing groups of firms for a need and keeping one; what becomes of it then is written by matching.parts.

The steps of the chain are the need's capabilities; volume, place and reach are those of its criteria unless a person
asks otherwise. Volume is counted at one step, where the pieces are made: the one that most firms of known capacity can
do, unless a person names another. Coating twelve platforms a month is not asked of a welder's twelve.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from matching.distance import site_of
from matching.documents import need_document
from matching.engine import ability, groups
from matching.engine.criteria import Criterion, Kind
from matching.fresh import snapshot
from matching.models import Group, GroupEvent, GroupMember, IndexBuild
from matching.words import analysis_of
from registry.access import can
from registry.models import Capability, Firm, Need, User
from registry.steps import StepRefused

MAX_MEMBERS = 4
OFFERED = 5
"""Groups that are shown for a need, the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a group is asked for. `volume_step` is a capability's code; empty: where most firms can take part."""

    volume: int | None = None
    volume_step: str = ""
    max_km: int | None = None
    max_members: int = MAX_MEMBERS


@dataclass(frozen=True, slots=True)
class Pool:
    """The firms that could take part in a need, and what they are asked for together; `steps` is the chain."""

    asking: Asking
    steps: Sequence[Capability]
    suppliers: Sequence[groups.Supplier]
    build: IndexBuild

    @property
    def task(self) -> groups.Task:
        asking = self.asking
        return groups.Task(
            steps=[groups.Step(code=step.pk, carries_volume=step.pk == asking.volume_step) for step in self.steps],
            volume=asking.volume,
            max_members=asking.max_members,
            max_km=asking.max_km,
        )


@dataclass(frozen=True, slots=True)
class Composed:
    """Groups for a need, with what they were made for and from; `asking` names the step where volume is counted."""

    need: Need
    asking: Asking
    steps: Sequence[Capability]
    composition: groups.Composition
    build: IndexBuild

    def key(self, group: groups.Group) -> str:
        """Tells one set of members from another without telling who they are."""
        return key_of(self.need, (member.supplier.id for member in group.members))


def key_of(need: Need, firm_ids: Iterable[int]) -> str:
    return salted_hmac("matching.groups", f"{need.pk}:{sorted(firm_ids)}").hexdigest()[:20]


def asked_by(need: Need) -> Asking:
    """What the need itself asks of a group: its volume, wished or not, and how far a firm may be at most."""
    criteria = need_document(need).criteria
    volumes = sorted((item for item in criteria if item.kind is Kind.VOLUME), key=lambda item: not item.hard)
    reach = _reach(criteria)
    return Asking(
        volume=int(volumes[0].number or 0) or None if volumes else None,
        max_km=int(reach.number) if reach and reach.number is not None else None,
    )


def compose(need: Need, asking: Asking | None = None) -> Composed:
    """The best groups for a need that names at least one capability. Raises IndexMissing when there is no index yet."""
    steps = list(need.capabilities.order_by("group", "code"))
    found = pool(need, asking or asked_by(need), steps)
    composition = groups.compose(found.task, found.suppliers, OFFERED)
    return Composed(need, found.asking, steps, composition, found.build)


def pool(need: Need, asking: Asking, steps: Sequence[Capability], also: Collection[int] = ()) -> Pool:
    """The firms worth looking at for these steps, and the firms `also`. Raises IndexMissing when there is no index."""
    seen, criteria = snapshot(), need_document(need).criteria
    site = site_of(need)
    asked = ability.Asked(
        criteria=[item for item in criteria if item.hard and item.kind not in {Kind.VOLUME, Kind.DISTANCE}],
        site=(site.latitude, site.longitude) if site else None,
        max_km=asking.max_km,
        volume=asking.volume,
    )
    sought = [_sought(step, need) for step in steps]
    suppliers = ability.suppliers(seen.index, sought, seen.firms, asked, analysis_of, also)
    if asking.volume is not None and asking.volume_step not in {step.pk for step in steps}:
        asking = replace(asking, volume_step=_busiest(steps, suppliers))
    return Pool(asking, steps, suppliers, seen.build)


def keep(composed: Composed, key: str, *, by: User) -> Group:
    """Keep one of the composed groups as a draft. Raises StepRefused when it is not among them or is kept already."""
    need = composed.need
    refuse_outside(need, by)
    chosen = next((group for group in composed.composition.groups if composed.key(group) == key), None)
    if chosen is None:
        raise StepRefused(_("The register has changed and this group is not composed any more. Look at the new ones."))
    for kept in need.groups.exclude(state=Group.State.DISSOLVED).prefetch_related("members"):
        if key_of(need, (member.firm_id for member in kept.members.all())) == key:
            raise StepRefused(_("These firms are kept already as group %(group)s.") % {"group": kept})
    try:
        with transaction.atomic():
            kept = _write(composed, chosen, by)
            GroupEvent.objects.create(group=kept, act=GroupEvent.Act.KEEP, by=by)
            return kept
    except IntegrityError:
        raise StepRefused(
            _("Somebody else kept a group for this need at the same moment. Look at it and try again.")
        ) from None


def names_for(user: User, firm_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """What a person of an office reads for each firm: (name, address of its page), of firms outside the person's scope
    only where they are, and no address. Members of a kept group that consented: `group_words.with_told`."""
    wanted = set(firm_ids)
    seen = Firm.objects.visible_to(user).filter(pk__in=wanted)
    named = {firm.pk: (firm.name, firm.get_absolute_url()) for firm in seen}
    hidden = Firm.objects.filter(pk__in=wanted - named.keys()).select_related("prefecture")
    return named | {firm.pk: (placeholder(firm), "") for firm in hidden}


def placeholder(firm: Firm) -> str:
    """What stands for a firm that may not be named."""
    return pgettext("unnamed", "a firm in %(place)s") % {"place": firm.prefecture.label}


def preparing() -> str:
    """What is said instead of groups while there is no index to compose them from."""
    return _("The index is being prepared. Look again in a few minutes.")


def refuse_outside(need: Need, by: User) -> None:
    if not (can(by, "matching.make_group") and Need.objects.visible_to(by).filter(pk=need.pk).exists()):
        raise StepRefused(_("This need is outside your office's scope, or it does not exist."))


def _write(composed: Composed, chosen: groups.Group, by: User) -> Group:
    asking, need = composed.asking, composed.need
    of_need = asked_by(need)
    as_asked = replace(of_need, volume_step=asking.volume_step) == asking
    kept: Group = Group.objects.create(
        need=need,
        number=Group.objects.next_number(need),
        origin=Group.Origin.NEED if as_asked else Group.Origin.PERSON,
        steps=list(chosen.covered),
        uncovered=list(chosen.uncovered),
        volume_asked=asking.volume,
        volume=None if chosen.volume is None else int(chosen.volume),
        volume_step=asking.volume_step if asking.volume is not None else "",
        max_km=asking.max_km,
        exact=composed.composition.exact,
        build=composed.build,
        made_by=by,
    )
    GroupMember.objects.bulk_create(
        GroupMember(
            group=kept,
            firm_id=member.supplier.id,
            position=position,
            is_lead=position == 1,
            shares=[{"step": share.step, "amount": share.amount} for share in member.shares],
            verdict=str(member.supplier.verdict),
            distance_km=member.supplier.distance,
            to_lead_km=member.to_lead,
        )
        for position, member in enumerate(chosen.members, start=1)
    )
    return kept


def _reach(criteria: Iterable[Criterion]) -> Criterion | None:
    """The narrowest must of distance."""
    musts = [item for item in criteria if item.hard and item.kind is Kind.DISTANCE]
    return min(musts, key=lambda item: item.number or 0, default=None)


def _sought(step: Capability, need: Need) -> ability.Sought:
    stated = Firm.objects.all().published().filter(capabilities=step).values_list("pk", flat=True)
    return ability.Sought(
        code=step.pk,
        name=step.name,
        other_names=tuple(filter(None, (step.name_en, *map(str, step.synonyms)))),
        about=need.title,
        stated=frozenset(stated),
    )


def _busiest(steps: Sequence[Capability], suppliers: Iterable[groups.Supplier]) -> str:
    able = Counter(code for supplier in suppliers if supplier.capacity for code in supplier.nearness)
    return max((step.pk for step in steps), key=lambda code: able[code])
