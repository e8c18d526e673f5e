"""Exact nearest firms by sparse products: one need at a time by term, many needs at a time by blocks of firms.

Both ways add the products of a pair in the order of the terms and in float32, so they give the same scores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]
Allowed = NDArray[np.bool_]

_FIRMS_AT_ONCE = 4096  # their scores for a block of needs stay in the processor's cache
_NEEDS_AT_ONCE = 128


class Origin(StrEnum):
    """How a term came into a need's vector."""

    STATED = "stated"  # the need says it
    LINKED = "linked"  # the term table leads to it from words of the need
    RELATED = "related"  # it goes with words of the need in the register


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one term of a firm adds to a score, and for a linked term the words of the need that lead to it."""

    term: str
    contribution: float
    origin: Origin = Origin.STATED
    via: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A firm that is near to a need, and the terms that make it so, the strongest first; they add up to the score."""

    firm_id: int
    score: float
    terms: tuple[TermScore, ...]


def score_all(matrix: csc_array, vector: csr_array) -> Scores:
    """The cosine of one vector with every row of a matrix.

    matrix  float32[n, v] stored by term (CSC)
    vector  float32[1, v]

    Returns float32[n]. Cost: O(postings of the vector's terms + n). Raises ValueError if the shapes disagree.
    """
    if vector.shape != (1, matrix.shape[1]):
        raise ValueError(f"a vector of shape {vector.shape} does not fit a matrix of {matrix.shape[1]} terms")
    if vector.nnz == 0:
        return np.zeros(matrix.shape[0], dtype=np.float32)
    slices = [slice(matrix.indptr[term], matrix.indptr[term + 1]) for term in vector.indices]
    lengths = [part.stop - part.start for part in slices]
    picked = csc_array(
        (
            np.concatenate([matrix.data[part] for part in slices]),
            np.concatenate([matrix.indices[part] for part in slices]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(matrix.indices.dtype),
        ),
        shape=(matrix.shape[0], len(slices)),
    )
    scores: Scores = picked @ vector.data
    return scores


def top_k(
    firms: csc_array, need: csr_array, ids: NDArray[np.int64], k: int, allowed: Allowed | None = None
) -> list[tuple[int, float]]:
    """The k firms whose text is nearest to the need's, best first.

    firms    float32[n, v] stored by term (CSC), rows of L2 norm 1 or less; a row of zeros never matches
    need     float32[1, v], same vocabulary, L2 norm 1
    ids      int64[n], the firm of each row
    allowed  bool[n] or None: rows that may match at all; None is all

    Returns (firm id, cosine) pairs, cosine in (0, 1], at most k, ties by ascending id.
    Cost: O(postings of the need's terms + n). Raises ValueError if k < 1 or the shapes disagree.
    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), section 6.3.
    """
    _check(firms, ids, k, allowed)
    scores = score_all(firms, need)
    if allowed is not None:
        scores = np.where(allowed, scores, np.float32(0))
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return _best(rows, scores[rows], ids, k)


def top_k_many(
    firms: csr_array, needs: csr_array, ids: NDArray[np.int64], k: int, allowed: Allowed | None = None
) -> Iterator[list[tuple[int, float]]]:
    """top_k for each need in turn, with the same results.

    firms  float32[n, v] stored by firm (CSR); needs float32[m, v]; ids, k, allowed as for top_k

    Memory: 512 bytes per term, some 10 MB, and 12 k bytes per need of a block. Raises ValueError as top_k does.
    """
    _check(firms, ids, k, allowed)
    if needs.shape[1] != firms.shape[1]:
        raise ValueError(f"needs of {needs.shape[1]} terms do not fit firms of {firms.shape[1]} terms")
    for start in range(0, needs.shape[0], _NEEDS_AT_ONCE):
        block = np.ascontiguousarray(needs[start : start + _NEEDS_AT_ONCE].toarray().T, dtype=np.float32)
        yield from _top_k_block(firms, block, ids, k, allowed)


def _top_k_block(
    firms: csr_array, needs: Scores, ids: NDArray[np.int64], k: int, allowed: Allowed | None
) -> Iterator[list[tuple[int, float]]]:
    """Scan the firms block by block; a firm is kept while it may still be among the k best of a need."""
    width = needs.shape[1]
    least = np.zeros(width, dtype=np.float32)  # the k-th best score so far, or 0
    kept = _Kept.empty()
    for start in range(0, firms.shape[0], _FIRMS_AT_ONCE):
        stop = min(start + _FIRMS_AT_ONCE, firms.shape[0])
        scores = _rows(firms, start, stop) @ needs
        if allowed is not None:
            scores[~allowed[start:stop]] = 0
        if stop - start > k:
            least = (
                np.maximum(least, np.partition(scores, stop - start - k, axis=0)[stop - start - k])
                if (start == 0)
                else least
            )
        rows, columns = np.nonzero((scores >= least) & (scores > 0))
        kept = kept.plus(columns, rows + start, scores[rows, columns])
        if len(kept.scores) > 3 * k * width:
            kept, least = kept.best(k, width, least)
    kept, _ = kept.best(k, width, least)
    edges = np.searchsorted(kept.columns, np.arange(width + 1))
    for column in range(width):
        part = slice(edges[column], edges[column + 1])
        yield _best(kept.rows[part], kept.scores[part], ids, k)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Candidates of a block of needs: the need's column, the firm's row, the score."""

    columns: Rows
    rows: Rows
    scores: Scores

    @classmethod
    def empty(cls) -> "_Kept":
        return cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))

    def plus(self, columns: Rows, rows: Rows, scores: Scores) -> "_Kept":
        return _Kept(
            np.concatenate([self.columns, columns]),
            np.concatenate([self.rows, rows]),
            np.concatenate([self.scores, scores]),
        )

    def best(self, k: int, width: int, least: Scores) -> tuple["_Kept", Scores]:
        """The k best of each column and all that tie with the last of them, and each column's k-th best score."""
        order = np.lexsort((-self.scores, self.columns))
        columns, rows, scores = self.columns[order], self.rows[order], self.scores[order]
        edges = np.searchsorted(columns, np.arange(width + 1))
        full = np.diff(edges) >= k
        least = least.copy()
        least[full] = scores[edges[:-1][full] + k - 1]
        keep = scores >= least[columns]
        return _Kept(columns[keep], rows[keep], scores[keep]), least


def _rows(matrix: csr_array, start: int, stop: int) -> csr_array:
    """Rows start to stop without copying them."""
    first, last = matrix.indptr[start], matrix.indptr[stop]
    return csr_array(
        (matrix.data[first:last], matrix.indices[first:last], matrix.indptr[start : stop + 1] - first),
        shape=(stop - start, matrix.shape[1]),
    )


def _best(rows: Rows, scores: Scores, ids: NDArray[np.int64], k: int) -> list[tuple[int, float]]:
    order = np.lexsort((ids[rows], -scores))[:k]
    return [(int(ids[rows[i]]), float(scores[i])) for i in order]


def _check(firms: csc_array | csr_array, ids: NDArray[np.int64], k: int, allowed: Allowed | None) -> None:
    if k < 1:
        raise ValueError(f"k is {k}, it must be at least 1")
    if len(ids) != firms.shape[0]:
        raise ValueError(f"{len(ids)} ids do not fit {firms.shape[0]} firms")
    if allowed is not None and allowed.shape != (firms.shape[0],):
        raise ValueError(f"an allowed mask of shape {allowed.shape} does not fit {firms.shape[0]} firms")


def contributions(firms: csr_array, row: int, need: csr_array) -> list[tuple[int, float]]:
    """What each term that a firm and a need share adds to their cosine.

    firms  float32[n, v] stored by firm, columns of a row ascending; row  the firm's place in it
    need   float32[1, v], columns ascending

    Returns (column, part) pairs, the greatest part first, ties by column.
    """
    columns = firms.indices[firms.indptr[row] : firms.indptr[row + 1]]
    places = np.minimum(np.searchsorted(need.indices, columns), max(need.nnz - 1, 0))
    shared = np.flatnonzero(need.indices[places] == columns) if need.nnz else np.empty(0, np.int64)
    weights = firms.data[firms.indptr[row] + shared].astype(np.float64)
    parts = weights * need.data[places[shared]]
    order = np.lexsort((columns[shared], -parts))
    return list(zip(columns[shared[order]].tolist(), parts[order].tolist(), strict=True))
