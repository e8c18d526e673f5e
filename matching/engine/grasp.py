"""How much of what a need says a firm can speak to: what a score, which is relative, cannot tell.

A cosine leaves out words that no firm has, and related terms make the nearest firms near whatever is asked: the first
firm for a wedding cake scores like the first one for a vacuum chamber. So the words of the need are counted too, each
for its rarity, those that the register does not know for most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matching.engine.settings import Settings
from matching.engine.terms import TermTable

_LEFT_OUT = {"sector"}  # the project's, not the buyer's: every firm of the branch has it


@dataclass(frozen=True, slots=True)
class Grasp:
    """The words of one need, ready to be held against firms.

    columns  int64[m], terms of the vocabulary that stand for a word: itself, or what the term table leads to
    worth    float64[m], what meeting that term counts for
    starts   int64[w], where in both each word begins
    """

    columns: NDArray[np.int64]
    worth: NDArray[np.float64]
    starts: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        fields: Mapping[str, Sequence[str]],
        table: TermTable,
        vocabulary: Mapping[str, int],
        idf: NDArray[np.float64],
        firms: int,
        settings: Settings,
    ) -> Self:
        """fields: the need's terms by field; firms: how many the index has."""
        frequency: dict[str, float] = {}
        stands_for: dict[str, dict[int, float]] = {}
        for name in fields.keys() - _LEFT_OUT:
            for term in fields[name]:
                frequency[term] = frequency.get(term, 0.0) + settings.need_weights.get(name, 0.0)
                stands_for.setdefault(term, dict.fromkeys(_place(vocabulary, term), 1.0))
            for link in table.links(fields[name]):
                for target in link.target:
                    for place in _place(vocabulary, target):
                        for word in link.source:
                            known = stands_for[word].get(place, 0.0)
                            stands_for[word][place] = max(known, link.weight / len(link.target))
        unknown = float(np.log(1 + firms)) + 1
        weight = {
            term: count / (count + settings.saturation)
            * (float(idf[vocabulary[term]]) if term in vocabulary else unknown)
            for term, count in frequency.items()
        }  # fmt: skip
        total = sum(weight.values()) or 1.0
        columns: list[int] = []
        worth: list[float] = []
        starts: list[int] = []
        for term in sorted(stands_for):
            if stands_for[term]:
                starts.append(len(columns))
                columns.extend(stands_for[term])
                worth.extend(weight[term] / total * share for share in stands_for[term].values())
        return cls(np.array(columns, np.int64), np.array(worth), np.array(starts, np.int64))

    def by(self, terms: NDArray[np.int32]) -> float:
        """The share, 0 to 1, of the need that a firm with these terms (columns) speaks to."""
        if not len(self.starts):
            return 0.0
        return float(np.maximum.reduceat(np.where(np.isin(self.columns, terms), self.worth, 0.0), self.starts).sum())


def _place(vocabulary: Mapping[str, int], term: str) -> tuple[int, ...]:
    place = vocabulary.get(term)
    return () if place is None else (place,)
