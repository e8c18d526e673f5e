"""Which records are worth comparing: never all pairs. Pure, no database.

Records that share a key (the number, the name, the reading, the telephone, the site, the town with the first or last
two signs of the name, …) are compared with each other. Of a key that many share, a town's hall as address, each record
only meets its neighbours in the order of names. So the work grows with the number of records, not with its square.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations

from registry.duplicates.likeness import THRESHOLD, Likeness, Record, compare

LARGEST = 25
"""Records of a key that all meet each other."""
WINDOW = 10
"""Neighbours that a record of a larger block meets."""


def alike(
    records: Sequence[Record], changed: Collection[int] | None = None, threshold: int = THRESHOLD
) -> Iterator[tuple[Record, Record, Likeness]]:
    """Pairs that reach the threshold, each once, the lower id first; with `changed` only pairs with one of these ids.

    Time and memory are linear in the number of records: at most keys × WINDOW comparisons each.
    """
    wanted = None if changed is None else set(changed)
    seen: set[tuple[int, int]] = set()
    for block in _blocks(records, wanted):
        for a, b in _pairs(block):
            if a.id > b.id:
                a, b = b, a
            if wanted is not None and a.id not in wanted and b.id not in wanted:
                continue
            if (a.id, b.id) in seen:
                continue
            likeness = compare(a, b)
            if likeness.score >= threshold:
                seen.add((a.id, b.id))
                yield a, b, likeness


def _blocks(records: Sequence[Record], wanted: set[int] | None) -> Iterator[list[Record]]:
    """One kind of key after the other, so that only one table of keys is in memory."""
    for key_of in _KEYS:
        blocks: defaultdict[str, list[Record]] = defaultdict(list)
        asked = None if wanted is None else {key_of(one) for one in records if one.id in wanted}
        for one in records:
            key = key_of(one)
            if key and (asked is None or key in asked):
                blocks[key].append(one)
        yield from (block for block in blocks.values() if len(block) > 1)


def _pairs(block: list[Record]) -> Iterator[tuple[Record, Record]]:
    if len(block) <= LARGEST:
        yield from combinations(block, 2)
        return
    block.sort(key=lambda one: (one.key, one.municipality, one.id))
    for place, one in enumerate(block):
        for other in block[place + 1 : place + 1 + WINDOW]:
            yield one, other


def _town(one: Record) -> str:
    return one.municipality or one.prefecture


_KEYS: tuple[Callable[[Record], str], ...] = (
    lambda one: one.number,
    lambda one: one.key,
    lambda one: one.kana,
    lambda one: one.phone,
    lambda one: one.host,
    lambda one: one.address and f"{_town(one)} {one.address}",
    lambda one: one.key and f"{_town(one)} {one.key[:2]}",
    lambda one: one.key and f"{_town(one)} {one.key[-2:]}",
    lambda one: one.key and f"{_town(one)} {''.join(sorted(one.key))}",
    lambda one: one.kana and f"{one.prefecture} {one.kana[:4]}",
)
