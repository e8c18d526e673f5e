"""Exact nearest firms. A score is a sum of products, one for each term, and it must not hang on how it was computed.

`exact` is what a score is: the products of a firm and a need, which double precision holds exactly, added term by term
in double precision and rounded once. Firms are first compared by quicker sums of single precision, which are off by a
known share at most (`slack`); the few that may be among the best are then scored by `exact`. Two ways of doing so stand
beside each other: `nearest_plain` with numpy and scipy, and engine.fast where numba is installed.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

log = logging.getLogger(__name__)
Scores = NDArray[np.float32]
Keys = NDArray[np.int64]
Rows = NDArray[np.int64]
Allowed = NDArray[np.bool_]
Found = list[tuple[int, float]]
"""(firm id, score) of the firms nearest to one need, best first, ties by ascending id; score in (0, 1]."""

_FIRMS_AT_ONCE = 2048
_NEEDS_AT_ONCE = 512
FEW = 16
"""Needs up to which each is looked at by itself: a block of needs costs more than that many single ones."""
_GROUPS = 256  # of firms, whose greatest sums give a first idea of the k-th best
_LAST_ROW = 0x7FFFFFFF


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


@dataclass(frozen=True, slots=True)
class Firms:
    """The firms to choose from: each with an id and a vector.

    ids      int64[n], ascending
    by_firm  float32[n, v] (CSR), columns of a row ascending, no weight below zero, rows of L2 norm 1 or less; a row of
             zeros never matches
    by_term  the same (CSC), rows of a column ascending
    """

    ids: NDArray[np.int64]
    by_firm: csr_array
    by_term: csc_array


class Nearest(Protocol):
    def __call__(
        self, firms: Firms, needs: csr_array, k: int, allowed: Allowed | None = None, threads: int = 1
    ) -> Iterator[Found]: ...


def nearest(
    firms: Firms, needs: csr_array, k: int, allowed: Allowed | None = None, threads: int = 1
) -> Iterator[Found]:
    """The k firms whose text is nearest to each need's, one list after the other.

    needs    float32[m, v], columns of a row ascending, no weight below zero, rows of L2 norm 1 or zero
    allowed  bool[n] or None: rows that may match at all; None is all
    threads  that work on different needs

    Raises ValueError if k < 1 or the shapes disagree. Cost for each need: O(postings of its terms + n).
    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), section 6.3.
    """
    _check(firms, needs, k, allowed)
    return (accelerated() or nearest_plain)(firms, needs, k, allowed, threads)


@cache
def accelerated() -> Nearest | None:
    """engine.fast.nearest when numba is installed and works here, else None. The first call in a process takes a third
    of a second, the first on a machine some seconds."""
    if find_spec("numba") is None:
        return None
    try:
        fast = cast(Nearest, import_module("matching.engine.fast").nearest)
        ones = np.ones((FEW + 1, 1), np.float32)
        trial = Firms(np.arange(len(ones)), csr_array(ones), csc_array(ones))
        for needs in (ones[:1], ones):
            list(fast(trial, csr_array(needs), 1))
    except Exception:  # whatever a compiler may meet on a machine we do not know: the other way gives the same
        log.warning("numba is installed but does not work; needs are matched without it", exc_info=True)
        return None
    return fast


def nearest_plain(
    firms: Firms, needs: csr_array, k: int, allowed: Allowed | None = None, threads: int = 1
) -> Iterator[Found]:
    """nearest with numpy and scipy alone. Memory a thread: 2 kB for each term of 512 needs and some 20 MB."""
    if needs.shape[0] <= FEW:
        for row in range(needs.shape[0]):
            yield from found(_one(firms, needs[[row]], k, allowed), firms.ids)
        return
    blocks = [needs[start : start + _NEEDS_AT_ONCE] for start in range(0, needs.shape[0], _NEEDS_AT_ONCE)]

    def work(block: csr_array) -> Keys:
        return _many(firms, block, k, allowed)

    for keys in in_threads(work, blocks, threads):
        yield from found(keys, firms.ids)


def in_threads(work: Callable[[csr_array], Keys], blocks: Sequence[csr_array], threads: int) -> Iterator[Keys]:
    """work(block) for each block, in order."""
    if threads == 1 or len(blocks) < 2:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, blocks)


def slack(needs: csr_array) -> Scores:
    """float32[m]: the share by which sums of single precision of a need may disagree, added up in any order.

    A sum of n products is off by less than (n + 1) 2^-24 of itself (Higham, Accuracy and Stability of Numerical
    Algorithms (2002), section 3.1); two of them are compared, and the result is taken twice to be on the safe side.
    """
    shares: Scores = ((np.diff(needs.indptr) + 4) * 2.0**-22).astype(np.float32)
    return shares


def keys_of(rows: Rows, scores: Scores) -> Keys:
    """One number for each firm, the greater the better: its score, for equal scores its row. Scores are above zero."""
    return (scores.view(np.int32).astype(np.int64) << 32) | (_LAST_ROW - rows)


def found(keys: Keys, ids: NDArray[np.int64]) -> Iterator[Found]:
    """keys_of the best firms, int64[m, k] in any order, 0 for none → their ids and scores, best first."""
    ordered = np.sort(keys, axis=1)[:, ::-1]
    lengths = (ordered > 0).sum(axis=1).tolist()
    scores = (ordered >> 32).astype(np.int32).view(np.float32)
    rows = _LAST_ROW - (ordered & _LAST_ROW)
    for need, length in enumerate(lengths):
        yield list(zip(ids[rows[need, :length]].tolist(), scores[need, :length].tolist(), strict=True))


def score_all(matrix: csc_array, vector: csr_array) -> Scores:
    """The exact cosine of one vector with every row of a matrix.

    matrix  float32[n, v] stored by term (CSC)
    vector  float32[1, v], columns ascending

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
            np.concatenate([matrix.data[part] for part in slices], dtype=np.float64),
            np.concatenate([matrix.indices[part] for part in slices]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(matrix.indices.dtype),
        ),
        shape=(matrix.shape[0], len(slices)),
    )
    scores: Scores = (picked @ vector.data.astype(np.float64)).astype(np.float32)
    return scores


def exact(firms: csr_array, rows: Rows, needs: Scores, columns: Rows, place_of: Rows) -> Scores:
    """The exact cosines of pairs of a firm (row of a CSR matrix) and a need (column of a dense float32[u + 1, m]).

    place_of  int[v], the row of `needs` that each term has; -1 is the last one, which is zero

    np.bincount adds in the order given, as the product of score_all does, and not in pairs as np.sum would.
    """
    starts, lengths = firms.indptr[rows], np.diff(firms.indptr)[rows]
    pairs = np.repeat(np.arange(len(rows)), lengths)
    entries = np.arange(len(pairs)) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    weights = needs[place_of[firms.indices[entries]], columns[pairs]].astype(np.float64)
    return np.bincount(pairs, weights * firms.data[entries], minlength=len(rows)).astype(np.float32)


def _one(firms: Firms, need: csr_array, k: int, allowed: Allowed | None) -> Keys:
    """Keys, int64[1, up to k], of the best firms."""
    scores = score_all(firms.by_term, need)
    if allowed is not None:
        scores = np.where(allowed, scores, np.float32(0))
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        rows = rows[scores[rows] >= np.partition(scores[rows], len(rows) - k)[len(rows) - k]]
    best: Keys = np.sort(keys_of(rows, scores[rows]))[None, ::-1][:, :k]
    return best


def _many(firms: Firms, needs: csr_array, k: int, allowed: Allowed | None) -> Keys:
    """As _one for many needs: int64[m, up to k]."""
    waiting = _Waiting(firms.by_firm, needs, k)
    for start in range(0, len(firms.ids), _FIRMS_AT_ONCE):
        stop = min(start + _FIRMS_AT_ONCE, len(firms.ids))
        sums = waiting.sums(start, stop)
        if allowed is not None:
            sums[~allowed[start:stop]] = 0
        waiting.add(sums, start)
    return waiting.best()


class _Waiting:
    """Firms that may be among the k best of a block of needs: the column of the need, the firm's row, their sum."""

    def __init__(self, firms: csr_array, needs: csr_array, k: int) -> None:
        self.firms, self.k = firms, k
        terms = np.unique(needs.indices)
        self._place_of = np.full(firms.shape[1], -1, np.int32)  # terms that no need has are left out of the product
        self._place_of[terms] = np.arange(len(terms), dtype=np.int32)
        self._needs = np.zeros((len(terms) + 1, needs.shape[0]), np.float32)
        columns = np.repeat(np.arange(needs.shape[0]), np.diff(needs.indptr))
        self._needs[self._place_of[needs.indices], columns] = needs.data
        self._share = 1 - slack(needs)
        self._floor: Scores = np.full(needs.shape[0], np.finfo(np.float32).tiny)
        self._columns, self._rows = np.empty(0, np.int64), np.empty(0, np.int64)
        self._sums = np.empty(0, np.float32)

    def sums(self, start: int, stop: int) -> Scores:
        """float32[stop - start, m]: the cosines of a block of firms with the needs, in single precision."""
        starts = self.firms.indptr[start : stop + 1]
        part = slice(starts[0], starts[-1])
        places = self._place_of[self.firms.indices[part]]
        wanted = places >= 0
        kept = np.concatenate([[0], np.cumsum(wanted, dtype=np.int32)])[starts - starts[0]]
        block = csr_array((self.firms.data[part][wanted], places[wanted], kept), shape=(stop - start, len(self._needs)))
        sums: Scores = block @ self._needs
        return sums

    def add(self, sums: Scores, start: int) -> None:
        """Take up those of a block of firms, rows `start` and on, whose sums reach the floor of the need."""
        width = sums.shape[1]
        if start == 0 and len(sums) % _GROUPS == 0 and self.k <= _GROUPS:
            greatest = sums.reshape(_GROUPS, -1, width).max(axis=1)
            self._raise_floor(np.partition(greatest, _GROUPS - self.k, axis=0)[_GROUPS - self.k])
        rows, columns = np.divmod(_places((sums >= self._floor).ravel()), width)
        self._columns = np.concatenate([self._columns, columns])
        self._rows = np.concatenate([self._rows, rows + start])
        self._sums = np.concatenate([self._sums, sums[rows, columns]])
        if len(self._sums) > 3 * self.k * width:
            self._forget()
            if len(self._sums) > 2 * self.k * width:  # so many are equally near that only exact scores decide
                self._keep(self._first(self._keys()))

    def best(self) -> Keys:
        """Keys, int64[m, k], in any order, 0 where there are no more."""
        self._forget()
        keys = self._keys()
        first = self._first(keys)
        columns = self._columns[first]
        starts = np.searchsorted(columns, np.arange(len(self._floor)))
        best = np.zeros((len(self._floor), self.k), np.int64)
        best[columns, np.arange(len(columns)) - starts[columns]] = keys[first]
        return best

    def _forget(self) -> None:
        """Raise the floors to what is known by now and leave out who no longer reaches them."""
        bits = self._sums.view(np.int32).astype(np.int64)
        order = self._first(bits)
        columns = self._columns[order]
        ends = np.searchsorted(columns, np.arange(len(self._floor)), side="right")
        full = np.bincount(columns, minlength=len(self._floor)) == self.k
        least = np.zeros_like(self._floor)
        least[full] = self._sums[order[ends[full] - 1]]
        self._raise_floor(least)
        self._keep(np.flatnonzero(self._sums >= self._floor[self._columns]))

    def _raise_floor(self, least: Scores) -> None:
        self._floor = np.maximum(self._floor, least * self._share)

    def _first(self, values: Keys) -> Rows:
        """Where the k greatest values of each need stand, need by need."""
        order = np.lexsort((-values, self._columns))
        columns = self._columns[order]
        starts = np.searchsorted(columns, np.arange(len(self._floor)))
        return order[np.arange(len(order)) - starts[columns] < self.k]

    def _keep(self, chosen: Rows) -> None:
        self._columns, self._rows, self._sums = self._columns[chosen], self._rows[chosen], self._sums[chosen]

    def _keys(self) -> Keys:
        return keys_of(self._rows, exact(self.firms, self._rows, self._needs, self._columns, self._place_of))


def _places(mask: Allowed) -> Rows:
    """np.flatnonzero of a mask that is mostly False: eight values are passed over at a time."""
    if len(mask) % 8:
        return np.asarray(np.flatnonzero(mask), np.int64)
    eights = np.flatnonzero(mask.view(np.int64))
    places: Rows = (8 * eights[:, None] + np.arange(8)).ravel()
    return places[mask[places]]


def _check(firms: Firms, needs: csr_array, k: int, allowed: Allowed | None) -> None:
    if k < 1:
        raise ValueError(f"k is {k}, it must be at least 1")
    shape = firms.by_firm.shape
    if firms.by_term.shape != shape or len(firms.ids) != shape[0]:
        raise ValueError(f"{len(firms.ids)} ids and {firms.by_term.shape} by term do not fit {shape} by firm")
    if needs.shape[1] != shape[1]:
        raise ValueError(f"needs of {needs.shape[1]} terms do not fit firms of {shape[1]} terms")
    if allowed is not None and allowed.shape != (shape[0],):
        raise ValueError(f"an allowed mask of shape {allowed.shape} does not fit {shape[0]} firms")


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
