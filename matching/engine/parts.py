"""Who does how much of what in a group that people adjust: what is covered, what is wrong, who could step in.

`groups` composes; this judges what a person made of it, by the same task, capacities and order of groups.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matching.engine.cover import Supplier, Task, key_of
from matching.engine.groups import why_not

Shares = Mapping[str, float | None]
"""Step code → pieces a month, None at a step where pieces are not counted."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one firm does in a group."""

    firm: int
    shares: Shares


@dataclass(frozen=True, slots=True)
class Cover:
    """One step of the chain: the firms that do it, and of a counted one pieces a month together and asked for."""

    step: str
    firms: tuple[int, ...]
    amount: float | None = None
    asked: float | None = None

    @property
    def missing(self) -> float:
        """Pieces a month that the step falls short by."""
        return max(0.0, (self.asked or 0) - (self.amount or 0))

    @property
    def done(self) -> bool:
        return bool(self.firms) and not self.missing


class Flaw(StrEnum):
    """Why a firm cannot do a share. The pieces are held against the capacity that it states."""

    NOT_IN_CHAIN = "not_in_chain"
    CANNOT = "cannot"
    NOT_COUNTED = "not_counted"
    NO_PIECES = "no_pieces"
    OVER = "over"


def cover(task: Task, parts: Iterable[Part]) -> tuple[Cover, ...]:
    """How far the parts cover each step, in the order of the chain."""
    parts = list(parts)
    covers = []
    for step in task.steps:
        doing = [part for part in parts if step.code in part.shares]
        if step.code in task.carrying:
            amount = math.fsum(part.shares[step.code] or 0 for part in doing)
            covers.append(Cover(step.code, tuple(part.firm for part in doing), amount, task.volume))
        else:
            covers.append(Cover(step.code, tuple(part.firm for part in doing)))
    return tuple(covers)


def flaws(task: Task, shares: Shares, supplier: Supplier) -> list[tuple[str, Flaw]]:
    """What is wrong with a share, by step; empty when the firm can do it as far as anybody knows."""
    chain = {step.code for step in task.steps}
    found = []
    for code, amount in shares.items():
        if code not in chain:
            found.append((code, Flaw.NOT_IN_CHAIN))
        elif code not in supplier.nearness:
            found.append((code, Flaw.CANNOT))
        elif code not in task.carrying:
            found += [(code, Flaw.NOT_COUNTED)] if amount is not None else []
        elif not amount or amount < 0:
            found.append((code, Flaw.NO_PIECES))
        elif supplier.capacity is not None and amount > supplier.capacity:
            found.append((code, Flaw.OVER))
    return found


def suggested(task: Task, others: Iterable[Part], supplier: Supplier) -> dict[str, float | None]:
    """What a firm would do beside the others: all it can make where pieces are counted, and what nobody does yet.

    As `groups.describe` shares out, so that a group that was composed and one that was put together read alike.
    """
    covers = {item.step: item for item in cover(task, others)}
    shares: dict[str, float | None] = {}
    for step in task.steps:
        if step.code not in supplier.nearness:
            continue
        if step.code in task.carrying:
            if supplier.capacity:
                shares[step.code] = supplier.capacity
        elif not covers[step.code].firms:
            shares[step.code] = None
    return shares


def alternatives(task: Task, members: Sequence[Supplier], others: Iterable[Supplier], limit: int) -> list[Supplier]:
    """Who could join the members, the best first by the order of groups (`cover`); none that `groups` leaves out."""
    taken = {member.id for member in members}
    able = [one for one in others if one.id not in taken and one.nearness and why_not(task, one) is None]
    return sorted(able, key=lambda one: key_of(task, [*members, one]))[:limit]
