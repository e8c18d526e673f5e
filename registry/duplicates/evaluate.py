"""How well the search for duplicates does on pairs whose truth is known. Pure, no database."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.duplicates.blocks import alike
from registry.duplicates.rehearsal import Pair

LOWEST = 1
"""Everything with any score is looked at, to see what each threshold would give."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the whole search, blocks and points, found among the records of some pairs.

    scores  by pair of record ids, all that have any
    """

    pairs: Sequence[Pair]
    scores: dict[tuple[int, int], int]

    @classmethod
    def among(cls, pairs: Iterable[Pair]) -> "Found":
        kept = list(pairs)
        records = [one for pair in kept for one in (pair.first, pair.second)]
        found = {(a.id, b.id): likeness.score for a, b, likeness in alike(records, threshold=LOWEST)}
        return cls(kept, found)

    def at(self, threshold: int) -> tuple[float, float]:
        """Precision over everything that is found, also across the pairs, and recall over the firms listed twice."""
        truth = {(pair.first.id, pair.second.id) for pair in self.pairs if pair.same}
        shown = {ids for ids, score in self.scores.items() if score >= threshold}
        right = len(shown & truth)
        return (right / len(shown) if shown else 1.0, right / len(truth))

    def best(self) -> int:
        """The threshold with the highest F-measure, the middle one of equals."""
        measures = {line: 2 * p * r / (p + r) for line in range(LOWEST, 100) for p, r in [self.at(line)] if p + r}
        top = max(measures.values())
        equal = [line for line, measure in measures.items() if measure == top]
        return equal[len(equal) // 2]

    def wrong(self, threshold: int) -> Counter[str]:
        """Mistakes by kind: a firm listed twice that is missed, two firms that are taken for one."""
        scored = [(pair, self.scores.get((pair.first.id, pair.second.id), 0)) for pair in self.pairs]
        mistakes = Counter(pair.kind for pair, score in scored if pair.same != (score >= threshold))
        known = {(pair.first.id, pair.second.id) for pair in self.pairs}
        across = sum(score >= threshold for ids, score in self.scores.items() if ids not in known)
        return mistakes + Counter({"across pairs": across})
