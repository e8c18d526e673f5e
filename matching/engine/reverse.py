"""From a changed firm to the needs that it may meet: the vectors of all open needs, kept ready.

A need's vector takes in the words of the firms that come first on a first look, so a changed firm can change it. Only
needs whose first look it enters, or was in, are worked out again; for all others the vector of the index as it was
built still holds. Both together give the same scores as vectors worked out anew for every need.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

from matching.engine.index import Analysis, Index
from matching.engine.score import score_all

_ROUNDING = 1e-6  # scores of float32 that are equal but for the order of adding up


@dataclass(frozen=True, eq=False)
class NeedMatrix:
    """The needs as an index sees them, one row each in the order of `analyses`.

    index    as it was built, without firms changed since
    vectors  float32[m, v], and first_vectors before feedback
    first    int64[m, f], the firms of each need's first look, 0 where there are fewer
    least    float32[m], the cosine from which a firm enters the first look
    """

    index: Index
    analyses: Sequence[Analysis]
    vectors: csr_array
    first_vectors: csr_array
    first: NDArray[np.int64]
    least: NDArray[np.float32]

    @classmethod
    def of(cls, index: Index, needs: Sequence[Analysis]) -> Self:
        looks = index.looks(needs)
        width = index.settings.feedback_firms
        first = np.zeros((len(needs), width), dtype=np.int64)
        least = np.zeros(len(needs), dtype=np.float32)
        for row, found in enumerate(looks.first):
            first[row, : len(found)] = [firm_id for firm_id, _ in found]
            least[row] = found[-1][1] if len(found) == width else 0
        return cls(index, needs, looks.vectors, looks.first_vectors, first, least)

    def renewed(self, wanted: Sequence[int], changed: Sequence[Analysis]) -> "NeedMatrix":
        """The matrix of the needs `wanted` (ids), in which `changed` are new or replaced."""
        new = NeedMatrix.of(self.index, changed)
        place = {need.id: row for row, need in enumerate([*self.analyses, *new.analyses])}  # the later one counts
        rows = [place[need_id] for need_id in wanted]
        every = [*self.analyses, *new.analyses]
        return NeedMatrix(
            self.index,
            [every[row] for row in rows],
            csr_array(vstack([self.vectors, new.vectors], format="csr")[rows]),
            csr_array(vstack([self.first_vectors, new.first_vectors], format="csr")[rows]),
            np.concatenate([self.first, new.first])[rows],
            np.concatenate([self.least, new.least])[rows],
        )

    @cached_property
    def _by_term(self) -> csc_array:
        return self.vectors.tocsc()

    @cached_property
    def _first_by_term(self) -> csc_array:
        return self.first_vectors.tocsc()

    def scores(
        self, firms: Sequence[csr_array], overlay: Index, changed: Mapping[int, csr_array]
    ) -> list[NDArray[np.float32]]:
        """The cosine of each firm with every need, as `overlay` ranks them.

        firms    vectors, float32[1, v]
        overlay  the index with the firms changed since it was built
        changed  the vectors of these firms by id
        """
        found = [score_all(self._by_term, firm) for firm in firms]
        rows = self._touched(changed)
        if len(rows):
            vectors = overlay.need_vectors(self.analyses[row] for row in rows).tocsc()
            for scores, firm in zip(found, firms, strict=True):
                scores[rows] = score_all(vectors, firm)
        return found

    def _touched(self, changed: Mapping[int, csr_array]) -> NDArray[np.int64]:
        """Needs whose first look a changed firm enters or was in."""
        if not changed or not self.index.settings.feedback_share:
            return np.empty(0, dtype=np.int64)
        touched = np.isin(self.first, _ids(changed)).any(axis=1)
        for vector in changed.values():
            scores = score_all(self._first_by_term, vector)
            touched |= (scores > 0) & (scores >= self.least - _ROUNDING)
        return np.flatnonzero(touched)


def _ids(firms: Collection[int]) -> NDArray[np.int64]:
    return np.fromiter(firms, dtype=np.int64, count=len(firms))
