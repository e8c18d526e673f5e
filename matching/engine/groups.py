"""Groups of firms that together cover the steps of a need and its monthly volume: who is in, who leads, who does what.

Which sets of firms come first, and when the search is exact, says `cover`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matching.engine.cover import Search, Step, Supplier, Task, amount, lacks, nearness_of
from matching.engine.criteria import Outcome, kilometres

__all__ = [
    "Composition",
    "Group",
    "LeftOut",
    "Member",
    "Share",
    "Step",
    "Supplier",
    "Task",
    "Why",
    "compose",
    "why_not",
]

_SURE_FIRST = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)


@dataclass(frozen=True, slots=True)
class Share:
    """What a member does of a step: pieces a month (None: not counted at this step) and its part of all, in (0, 1]."""

    step: str
    amount: float | None
    part: float


@dataclass(frozen=True, slots=True)
class Member:
    """to_lead is in km, None when a place is not known."""

    supplier: Supplier
    shares: tuple[Share, ...]
    to_lead: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """members   the lead firm first, then by what they deliver
    volume    pieces a month at the weakest step that carries volume, None when no volume is asked
    nearness  mean over all steps of the member nearest to each
    distance  sum of the known distances to the site, km
    """

    members: tuple[Member, ...]
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    volume: float | None
    shortfall: float
    nearness: float
    distance: float

    @property
    def lead(self) -> Member:
        return self.members[0]

    @property
    def complete(self) -> bool:
        return not self.uncovered and not self.shortfall


class Why(StrEnum):
    TOO_FAR = "too_far"
    PLACE_UNKNOWN = "place_unknown"
    CAPACITY_UNKNOWN = "capacity_unknown"


@dataclass(frozen=True, slots=True)
class LeftOut:
    supplier: Supplier
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """groups best first; left_out by firm id; nobody: steps that no firm in reach can do."""

    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    nobody: tuple[str, ...]
    exact: bool


def compose(task: Task, suppliers: Iterable[Supplier], limit: int = 5) -> Composition:
    """The `limit` best groups for a task; when none does everything, those that come nearest to it.

    Left out beforehand: firms further than `max_km` or of unknown place while it is asked for, and firms of unknown
    capacity that could only add volume. Raises ValueError for limit < 1 or a firm given twice.
    """
    candidates = sorted(suppliers, key=lambda supplier: supplier.id)
    if limit < 1 or len({supplier.id for supplier in candidates}) != len(candidates):
        raise ValueError("limit must be at least 1, and each firm may stand in the list once")
    left_out = [(supplier, why) for supplier in candidates if (why := why_not(task, supplier))]
    out = {supplier.id for supplier, _ in left_out}
    codes = {step.code for step in task.steps}
    reach = [supplier for supplier in candidates if supplier.id not in out and codes & supplier.nearness.keys()]
    search = Search(task, reach, limit)
    search.run()
    by_id = {supplier.id: supplier for supplier in reach}
    return Composition(
        groups=tuple(describe(task, [by_id[firm_id] for firm_id in key[-1]]) for key in search.best),
        left_out=tuple(LeftOut(supplier, why) for supplier, why in left_out),
        nobody=tuple(step.code for step in task.steps if not any(step.code in s.nearness for s in reach)),
        exact=search.exact,
    )


def describe(task: Task, members: Sequence[Supplier]) -> Group:
    """Who does what, who leads.

    Lead is who delivers most pieces a month, then who does most steps, then who meets the musts, then the nearest in
    words, then the nearest to the site, then the lower id. At a step that carries volume all who can do it share it by
    capacity; any other step is done by the member nearest to it.
    """
    shares = _shares(task, members)
    order = sorted(members, key=lambda member: _lead_key(member, shares[member.id]))
    done = {share.step for of_member in shares.values() for share in of_member}
    return Group(
        members=tuple(Member(member, tuple(shares[member.id]), _between(member, order[0])) for member in order),
        covered=tuple(step.code for step in task.steps if step.code in done),
        uncovered=tuple(step.code for step in task.steps if step.code not in done),
        volume=min((amount(members, code) for code in task.carrying), default=None),
        shortfall=lacks(task, members)[1],
        nearness=nearness_of(task, members),
        distance=round(math.fsum(member.distance for member in members if member.distance is not None), 1),
    )


def why_not(task: Task, supplier: Supplier) -> Why | None:
    """Why a firm is left out of composing, None when it is not."""
    if task.max_km is not None:
        if supplier.distance is None:
            return Why.PLACE_UNKNOWN
        if supplier.distance > task.max_km:
            return Why.TOO_FAR
    useful = supplier.nearness.keys() - set(task.carrying)
    return Why.CAPACITY_UNKNOWN if task.carrying and supplier.capacity is None and not useful else None


def _shares(task: Task, members: Sequence[Supplier]) -> dict[int, list[Share]]:
    shares: dict[int, list[Share]] = {member.id: [] for member in members}
    for step in task.steps:
        able = [member for member in members if step.code in member.nearness]
        total = amount(able, step.code) if step.code in task.carrying else 0
        if total:
            for member in able:
                if member.capacity:
                    shares[member.id].append(Share(step.code, member.capacity, member.capacity / total))
        elif able:
            nearest = min(able, key=lambda member: (-member.nearness[step.code], member.id))
            shares[nearest.id].append(Share(step.code, None, 1.0))
    return shares


def _lead_key(member: Supplier, shares: Sequence[Share]) -> tuple[float, int, int, float, float, int]:
    return (
        -max((share.amount or 0 for share in shares), default=0),
        -len(shares),
        _SURE_FIRST.index(member.verdict),
        -math.fsum(member.nearness[share.step] for share in shares),
        math.inf if member.distance is None else member.distance,
        member.id,
    )


def _between(one: Supplier, other: Supplier) -> float | None:
    if one is other:
        return 0.0
    places = (one.latitude, one.longitude, other.latitude, other.longitude)
    return None if None in places else round(kilometres(*(place for place in places if place is not None)), 1)
