"""Moving candidates within their list: what was learnt from decisions, and the cap on exposure.

Both change the order and nothing else, and neither lifts a candidate that misses a must: it never gets a better rank
than it had, nor comes before one that stood before it and misses none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from matching.engine.criteria import Outcome
from matching.engine.match import Candidate

FIRST = 10
"""Places that count as exposed: what a person reads before asking for more."""

_WORSE = {Outcome.PASS: 0, Outcome.UNKNOWN: 1, Outcome.FAIL: 2}


def learnt(candidates: Sequence[Candidate], factors: Mapping[int, float]) -> list[Candidate]:
    """The candidates by place times the factor of their firm; equal ones stay as they were."""
    wanted = sorted(
        range(len(candidates)), key=lambda row: (-candidates[row].place * _factor(row, candidates, factors), row)
    )
    order: list[int] = []
    while wanted:
        chosen = next(row for row in wanted if _may_come(row, wanted, candidates, len(order)))
        wanted.remove(chosen)
        order.append(chosen)
    return [candidates[row] for row in order]


def _factor(row: int, candidates: Sequence[Candidate], factors: Mapping[int, float]) -> float:
    return factors.get(candidates[row].firm_id, 1.0)


def _may_come(row: int, waiting: Collection[int], candidates: Sequence[Candidate], at: int) -> bool:
    """A miss waits for its old rank and for all that stood before it and miss nothing. Somebody always may come:
    of the first `at + 1` rows one is still waiting, and the first of those that wait has nobody to wait for."""
    if candidates[row].verdict is not Outcome.FAIL:
        return True
    return row <= at and not any(other < row and candidates[other].verdict is not Outcome.FAIL for other in waiting)


def capped(candidates: Sequence[Candidate], full: Collection[int], first: int = FIRST) -> list[Candidate]:
    """The candidates with the firms of `full` behind the first places, as far as others may come before them.

    Only who misses no must, and stands no worse with the musts than every firm that it passes, comes before it. Where
    nobody may, the firm keeps its place: a cap is no reason to show worse firms.
    """
    waiting = list(candidates)
    order: list[Candidate] = []
    while waiting and len(order) < first:
        chosen = next((row for row, item in enumerate(waiting) if _may_pass(item, waiting[:row], full)), 0)
        order.append(waiting.pop(chosen))
    return order + waiting


def capped_in_turn(needs: Iterable[Sequence[Candidate]], most: int, first: int = FIRST) -> Iterator[list[Candidate]]:
    """The cap over many needs, the oldest first: once a firm had its `most` first places it is full for the rest."""
    places: Counter[int] = Counter()
    for candidates in needs:
        after = capped(candidates, {firm_id for firm_id, count in places.items() if count >= most}, first)
        places.update(item.firm_id for item in after[:first])
        yield after


def _may_pass(item: Candidate, before: Sequence[Candidate], full: Collection[int]) -> bool:
    if item.firm_id in full:
        return False
    if not before:
        return True
    return item.verdict is not Outcome.FAIL and all(_WORSE[item.verdict] <= _WORSE[other.verdict] for other in before)
