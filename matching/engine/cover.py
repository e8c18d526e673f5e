"""How good a set of firms is for a task, and the search for the best sets: exact where there are few enough.

Every set of firms has a key, and the smaller key is the better group:

    (steps nobody in it can do, pieces a month it falls short by, members, members that miss a must, members of whom a
    must is not known, - nearness, members of unknown place, sum of the distances to the site, firm ids)

so groups that do everything come first, of these the smallest, and equal input gives equal output. A set of which a
member could be left out without a loss is no group. The search is a branch and bound over all sets of at most
`max_members` firms. It is exact whenever these number no more than `EXACT_WITHIN`, and beyond as long as it visits no
more than that. Otherwise what it gives is the best of what was visited and of a greedy look from some of the firms.
"""

import math
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matching.engine.criteria import Outcome

EXACT_WITHIN = 60_000
"""Sets of firms: all of 35 firms in groups of up to 4. About two seconds; most searches end far sooner."""

Key = tuple[int, float, int, int, int, float, int, float, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the chain. Where `carries_volume`, the pieces a month of those who do it are added up."""

    code: str
    carries_volume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A firm that could take part.

    nearness   step code → how surely the firm does it, in (0, 1]; steps that it cannot do are absent
    capacity   pieces a month, None: not known
    distance   km to the site, None: not known
    latitude, longitude   degrees, for the distance to the lead firm
    verdict    the musts that one firm has to meet itself
    """

    id: int
    nearness: Mapping[str, float]
    capacity: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    distance: float | None = None
    verdict: Outcome = Outcome.PASS


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a group has to do: all steps, `volume` pieces a month (None: not asked) at each step that carries volume."""

    steps: Sequence[Step]
    volume: float | None = None
    max_members: int = 4
    max_km: float | None = None

    def __post_init__(self) -> None:
        if not self.steps or len({step.code for step in self.steps}) != len(self.steps):
            raise ValueError("a task needs one step or more, each with a code of its own")
        if self.max_members < 1:
            raise ValueError(f"max_members is {self.max_members}, it must be at least 1")
        if self.volume is not None and not any(step.carries_volume for step in self.steps):
            raise ValueError("a volume is asked for, but no step carries it")

    @property
    def carrying(self) -> tuple[str, ...]:
        return tuple(step.code for step in self.steps if step.carries_volume) if self.volume is not None else ()


def key_of(task: Task, members: Sequence[Supplier]) -> Key:
    """The place of a set of firms in the order of groups; see the head of this module."""
    uncovered, shortfall = lacks(task, members)
    known = [member.distance for member in members if member.distance is not None]
    return (
        uncovered,
        shortfall,
        len(members),
        sum(member.verdict is Outcome.FAIL for member in members),
        sum(member.verdict is Outcome.UNKNOWN for member in members),
        -nearness_of(task, members),
        len(members) - len(known),
        round(math.fsum(known), 6),
        tuple(sorted(member.id for member in members)),
    )


def lacks(task: Task, members: Iterable[Supplier]) -> tuple[int, float]:
    """(steps that nobody does, pieces a month missing, added up over the steps that carry volume)."""
    members = list(members)
    uncovered = sum(not any(step.code in member.nearness for member in members) for step in task.steps)
    missing = (max(0.0, (task.volume or 0) - amount(members, code)) for code in task.carrying)
    return uncovered, round(math.fsum(missing), 6)


def needs_each(task: Task, members: Sequence[Supplier]) -> bool:
    """Whether no member can be left out without a loss of steps or volume."""
    whole = lacks(task, members)
    return all(lacks(task, (*members[:place], *members[place + 1 :])) > whole for place in range(len(members)))


def amount(members: Iterable[Supplier], code: str) -> float:
    return math.fsum(member.capacity or 0 for member in members if code in member.nearness)


def nearness_of(task: Task, members: Sequence[Supplier]) -> float:
    best = (max((member.nearness.get(step.code, 0.0) for member in members), default=0.0) for step in task.steps)
    return round(math.fsum(best) / len(task.steps), 6)


@dataclass
class Search:
    """Branch and bound: a branch is left when not even its best could be among the best so far, or when a member of it
    is of no use: what is of no use in a set is of no use in a larger one."""

    task: Task
    reach: list[Supplier]
    limit: int
    best: list[Key] = field(default_factory=list)
    visited: int = 0
    exact: bool = True

    def run(self) -> None:
        self.reach.sort(key=lambda s: (-len(s.nearness), -(s.capacity or 0), -math.fsum(s.nearness.values()), s.id))
        self._bounds()
        self._greedy()
        self._descend([], 0)

    def _bounds(self) -> None:
        """For each place of the list: what those from there on can do at most."""
        carrying, most = self.task.carrying, self.task.max_members
        codes: set[str] = set()
        largest: dict[str, list[float]] = {code: [] for code in carrying}
        self.codes_from: list[frozenset[str]] = [frozenset()]
        self.amounts_from: list[dict[str, list[float]]] = [{code: [0.0] for code in carrying}]
        for supplier in reversed(self.reach):
            codes |= supplier.nearness.keys()
            for code in carrying:
                if code in supplier.nearness:
                    largest[code] = sorted([*largest[code], supplier.capacity or 0.0], reverse=True)[:most]
            self.codes_from.append(frozenset(codes))
            self.amounts_from.append({code: [0.0, *_running(largest[code])] for code in carrying})
        self.codes_from.reverse()
        self.amounts_from.reverse()

    def _offer(self, members: Sequence[Supplier]) -> None:
        key = key_of(self.task, members)
        if key not in self.best:
            insort(self.best, key)
            del self.best[self.limit :]

    def _greedy(self) -> None:
        """From each firm on: add who leaves the best set, as long as that helps."""
        for first in self.reach[: self.limit * 4]:
            members = [first]
            while len(members) < self.task.max_members and any(lacks(self.task, members)):
                others = [other for other in self.reach if other not in members]
                following = min(others, key=lambda other: key_of(self.task, [*members, other]), default=None)
                if following is None or lacks(self.task, [*members, following]) >= lacks(self.task, members):
                    break
                members.append(following)
            for member in list(members):
                rest = [other for other in members if other is not member]
                if rest and lacks(self.task, rest) == lacks(self.task, members):
                    members = rest
            if needs_each(self.task, members):
                self._offer(members)

    def _descend(self, members: list[Supplier], start: int) -> None:
        for place in range(start, len(self.reach)):
            if not self._hopeful(members, place):
                return  # whoever comes later in the list can do less still
            self.visited += 1
            if self.visited > EXACT_WITHIN:
                self.exact = False
                return
            larger = [*members, self.reach[place]]
            if needs_each(self.task, larger):
                self._offer(larger)
                if len(larger) < self.task.max_members:
                    self._descend(larger, place + 1)

    def _hopeful(self, members: Sequence[Supplier], place: int) -> bool:
        """Whether the members with some of those from `place` on could still be among the best."""
        if len(self.best) < self.limit:
            return True
        slots = self.task.max_members - len(members)
        codes, amounts = self.codes_from[place], self.amounts_from[place]
        uncovered = sum(
            step.code not in codes and not any(step.code in member.nearness for member in members)
            for step in self.task.steps
        )
        missing = (
            max(0.0, (self.task.volume or 0) - amount(members, code) - amounts[code][: slots + 1][-1])
            for code in self.task.carrying
        )
        fails = sum(member.verdict is Outcome.FAIL for member in members)
        least = (uncovered, round(math.fsum(missing), 6), len(members) + 1, fails)
        return least <= self.best[-1][:4]


def _running(values: Iterable[float]) -> list[float]:
    total, sums = 0.0, []
    for value in values:
        total += value
        sums.append(total)
    return sums
