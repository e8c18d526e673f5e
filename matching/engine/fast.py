"""The compiled way to the nearest firms, used when numba is there; the same ids and scores as score.plain.

Many needs: the firms are taken 4,096 at a time, so that their sums stay in the processor's cache. Of each block the
postings of the terms that the needs have are copied together (2 bytes for the firm, 4 for the weight), and the terms
of more than a tenth of the firms are laid out as rows, which are added nine times as quickly as postings are. This
is done once for 512 needs and takes nothing from the disk or of the memory that processes share but the index itself.
One need: its postings are added up straight away.

These sums are of single precision and in no order that could be relied upon. They only say who may be among the
best; what decides, and is returned, is the exact score (score.exact) of these few firms.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from matching.engine.score import FEW, Allowed, Firms, Found, Keys, found, in_threads, slack

F = TypeVar("F", bound=Callable[..., Any])

_FIRMS_AT_ONCE = 4096  # at most 65,536: a firm's place in its block has two bytes
_NEEDS_AT_ONCE = 512
_COMMON = 10  # a term of more than one firm in ten is laid out as a row
_LEAST = np.finfo(np.float32).tiny  # no sum below is taken for more than zero
_STRIDE = 64  # sums looked at together


def nearest(
    firms: Firms, needs: csr_array, k: int, allowed: Allowed | None = None, threads: int = 1
) -> Iterator[Found]:
    """See score.nearest. Memory: some 100 MB a thread for 1,000,000 firms, 20 MB for 100,000."""
    index = _Vectors(_parts(firms.by_firm), _parts(firms.by_term))
    mask = _fixed(np.zeros(0) if allowed is None else allowed, np.bool_)
    best = min(k, len(firms.ids))
    if not best or not needs.shape[0]:
        yield from ([] for _ in range(needs.shape[0]))
        return
    if needs.shape[0] <= FEW:
        for row in range(needs.shape[0]):
            need = needs[[row]]
            yield from found(_one(index, _parts(need), mask, best, slack(need)), firms.ids)
        return
    size = min(_NEEDS_AT_ONCE, -(-needs.shape[0] // threads))
    blocks = [needs[start : start + size] for start in range(0, needs.shape[0], size)]

    def work(block: csr_array) -> Keys:
        return _many(index, _parts(block), mask, best, slack(block), _FIRMS_AT_ONCE)

    for keys in in_threads(work, blocks, threads):
        yield from found(keys, firms.ids)


class _Sparse(NamedTuple):
    """The arrays of a sparse matrix, read-only, so that one compiled version fits those in memory and on disk."""

    starts: NDArray[np.int32]
    places: NDArray[np.int32]
    weights: NDArray[np.float32]


class _Vectors(NamedTuple):
    by_firm: _Sparse
    by_term: _Sparse


class _State(NamedTuple):
    """What is known of each need so far.

    sums     [m, k] a heap of the greatest sums, the least first; `full` says how many
    rows     [m, c] firms that may be among the best, not yet scored; `waiting` says how many
    kept     [m, k] a heap of the best keys (score.found) of those that were; `scored` says how many
    query    [v] the weights of the need that is scored at the moment, else 0
    """

    sums: NDArray[np.float32]
    full: NDArray[np.int64]
    rows: NDArray[np.int32]
    guesses: NDArray[np.float32]
    waiting: NDArray[np.int64]
    kept: NDArray[np.int64]
    scored: NDArray[np.int64]
    query: NDArray[np.float32]


def _parts(matrix: csr_array | csc_array) -> _Sparse:
    return _Sparse(_fixed(matrix.indptr, np.int32), _fixed(matrix.indices, np.int32), _fixed(matrix.data, np.float32))


def _fixed(array: NDArray[Any], kind: Any) -> NDArray[Any]:
    view = np.ascontiguousarray(array, dtype=kind).view(np.ndarray)
    view.flags.writeable = False
    return view


def _compiled(*, reorder: bool = False) -> Callable[[F], F]:
    """Compile at the first call and keep the result beside the source or, where that is read-only, in the user's
    cache folder; where no folder can be written (numba says so by RuntimeError) each process compiles for itself.

    reorder  sums may be added in any order, which lets the processor add eight at a time
    """

    def compiled(function: F) -> F:
        for cache in (True, False):
            try:
                return cast(F, njit(nogil=True, cache=cache, fastmath=reorder, error_model="numpy")(function))
            except RuntimeError:
                if not cache:
                    raise
        raise AssertionError

    return compiled


@_compiled()
def _state(needs: int, k: int, terms: int) -> _State:
    room = 2 * k + 64
    return _State(
        np.empty((needs, k), np.float32),
        np.zeros(needs, np.int64),
        np.empty((needs, room), np.int32),
        np.empty((needs, room), np.float32),
        np.zeros(needs, np.int64),
        np.zeros((needs, k), np.int64),
        np.zeros(needs, np.int64),
        np.zeros(terms, np.float32),
    )


@_compiled()
def _push(heap: NDArray[Any], size: int, value: Any) -> int:
    """Put a value into a heap whose least comes first, when it is full in place of that one; returns the new size."""
    if size == len(heap):
        if value <= heap[0]:
            return size
        place = 0
        while 2 * place + 1 < size:
            child = 2 * place + 1
            if child + 1 < size and heap[child + 1] < heap[child]:
                child += 1
            if heap[child] >= value:
                break
            heap[place] = heap[child]
            place = child
        heap[place] = value
        return size
    place = size
    while place and heap[(place - 1) // 2] > value:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = value
    return size + 1


@_compiled()
def _settle(state: _State, firms: _Sparse, needs: _Sparse, need: int, floor: Any) -> None:
    """Score the firms that wait and reach the floor: as score.exact does, term by term in double precision."""
    query = state.query
    for entry in range(needs.starts[need], needs.starts[need + 1]):
        query[needs.places[entry]] = needs.weights[entry]
    bits = np.empty(1, np.float32)
    for waiting in range(state.waiting[need]):
        if state.guesses[need, waiting] < floor:
            continue
        row = state.rows[need, waiting]
        score = 0.0
        for entry in range(firms.starts[row], firms.starts[row + 1]):
            score += np.float64(query[firms.places[entry]]) * np.float64(firms.weights[entry])
        bits[0] = score
        if bits[0] > 0:
            key = (np.int64(bits.view(np.int32)[0]) << 32) | (0x7FFFFFFF - row)
            state.scored[need] = _push(state.kept[need], state.scored[need], key)
    state.waiting[need] = 0
    for entry in range(needs.starts[need], needs.starts[need + 1]):
        query[needs.places[entry]] = 0


@_compiled()
def _floor(state: _State, need: int, slack: float) -> Any:
    """The least sum with which a firm may still be among the best."""
    full = state.full[need] == state.sums.shape[1]
    return state.sums[need, 0] * np.float32(1 - slack) if full else _LEAST


@_compiled()
def _fewer(rows: NDArray[np.int32], guesses: NDArray[np.float32], waiting: int, floor: Any) -> int:
    """Forget firms that are no longer near enough; returns how many are left."""
    left = 0
    for place in range(waiting):
        if guesses[place] >= floor:
            rows[left], guesses[left] = rows[place], guesses[place]
            left += 1
    return left


@_compiled()
def _reaching(sums: NDArray[np.float32], floor: Any) -> Any:
    """How many sums reach the floor. Counted, because that can be done eight at a time."""
    count = np.uint32(0)
    for place in range(len(sums)):
        count = np.uint32(count + np.uint32(sums[place] >= floor))
    return count


@_compiled()
def _look(
    state: _State,
    firms: _Sparse,
    needs: _Sparse,
    need: int,
    slack: float,
    sums: NDArray[np.float32],
    width: int,
    first: int,
    allowed: Allowed,
) -> None:
    """Take up the firms of a block (rows `first` and on) whose sum may bring them among the best."""
    rows, guesses, heap = state.rows[need], state.guesses[need], state.sums[need]
    waiting, full = state.waiting[need], state.full[need]
    share = np.float32(1 - slack)
    floor = heap[0] * share if full == len(heap) else _LEAST
    for start in range(0, width, _STRIDE):
        stop = min(start + _STRIDE, width)
        if not _reaching(sums[start:stop], floor):
            continue
        for place in range(start, stop):
            guess = sums[place]
            if guess < floor or (len(allowed) and not allowed[first + place]):
                continue
            if waiting == len(rows):
                waiting = _fewer(rows, guesses, waiting, floor)
                if 4 * waiting > 3 * len(rows):
                    state.waiting[need] = waiting
                    _settle(state, firms, needs, need, floor)
                    waiting = 0
            rows[waiting], guesses[waiting] = first + place, guess
            waiting += 1
            full = _push(heap, full, guess)
            if full == len(heap):
                floor = heap[0] * share
    state.waiting[need], state.full[need] = waiting, full


@_compiled()
def _one(index: _Vectors, needs: _Sparse, allowed: Allowed, k: int, slack: NDArray[np.float32]) -> NDArray[np.int64]:
    """Keys, int64[1, k], of the best firms of one need in no order; 0 where there are no more."""
    firms, terms = index.by_firm, index.by_term
    count = len(firms.starts) - 1
    state = _state(1, k, len(terms.starts) - 1)
    sums = np.zeros(count, np.float32)
    for entry in range(needs.starts[0], needs.starts[1]):
        weight, term = needs.weights[entry], needs.places[entry]
        for posting in range(terms.starts[term], terms.starts[term + 1]):
            sums[np.uint32(terms.places[posting])] += weight * terms.weights[posting]
    _look(state, firms, needs, 0, slack[0], sums, count, 0, allowed)
    _settle(state, firms, needs, 0, _floor(state, 0, slack[0]))
    return state.kept


@_compiled()
def _many(
    index: _Vectors, needs: _Sparse, allowed: Allowed, k: int, slack: NDArray[np.float32], at_once: int
) -> NDArray[np.int64]:
    """As _one for many needs: int64[m, k]."""
    firms, terms = index.by_firm, index.by_term
    count = len(firms.starts) - 1
    state = _state(len(needs.starts) - 1, k, len(terms.starts) - 1)
    columns, slots, rare = _columns(terms, needs, count)
    cursor = terms.starts[columns].copy()
    most = 0
    for first in range(0, count, at_once):
        most = max(most, firms.starts[min(first + at_once, count)] - firms.starts[first])
    places, weights = np.empty(most, np.uint16), np.empty(most, np.float32)
    edges = np.zeros(rare + 1, np.int64)
    rows = np.empty((len(columns) - rare, at_once), np.float32)
    sums = np.empty(at_once, np.float32)
    common, shares = np.empty(len(rows) + 1, np.int64), np.empty(len(rows) + 1, np.float32)
    for first in range(0, count, at_once):
        last = min(first + at_once, count)
        _copy_postings(terms, columns, cursor, first, last, places, weights, edges, rows)
        for need in range(len(needs.starts) - 1):
            of_common = 0
            for entry in range(needs.starts[need], needs.starts[need + 1]):
                if slots[entry] >= rare:
                    common[of_common], shares[of_common] = slots[entry] - rare, needs.weights[entry]
                    of_common += 1
            _add_rows(sums, last - first, rows, common, shares, of_common)
            for entry in range(needs.starts[need], needs.starts[need + 1]):
                slot, weight = slots[entry], needs.weights[entry]
                if slot < rare:
                    for posting in range(edges[slot], edges[slot + 1]):
                        sums[places[posting]] += weight * weights[posting]
            _look(state, firms, needs, need, slack[need], sums, last - first, first, allowed)
    for need in range(len(needs.starts) - 1):
        _settle(state, firms, needs, need, _floor(state, need, slack[need]))
    return state.kept


@_compiled()
def _columns(terms: _Sparse, needs: _Sparse, count: int) -> tuple[NDArray[np.int64], NDArray[np.int32], int]:
    """The terms that the needs have, rare ones first; which of them each entry of the needs is; how many are rare."""
    slot_of = np.full(len(terms.starts) - 1, -1, np.int32)
    columns = np.empty(min(len(needs.places), len(slot_of)), np.int64)
    used = rare = 0
    for common in (False, True):
        for entry in range(len(needs.places)):
            term = needs.places[entry]
            frequent = _COMMON * (terms.starts[term + 1] - terms.starts[term]) > count
            if slot_of[term] < 0 and frequent == common:
                slot_of[term] = used
                columns[used] = term
                used += 1
        if not common:
            rare = used
    slots = np.empty(len(needs.places), np.int32)
    for entry in range(len(needs.places)):
        slots[entry] = slot_of[needs.places[entry]]
    return columns[:used].copy(), slots, rare


@_compiled()
def _copy_postings(
    terms: _Sparse,
    columns: NDArray[np.int64],
    cursor: NDArray[np.int32],
    first: int,
    last: int,
    places: NDArray[np.uint16],
    weights: NDArray[np.float32],
    edges: NDArray[np.int64],
    rows: NDArray[np.float32],
) -> None:
    """The postings of a block of firms: rare terms one after the other (`edges`), common ones as rows."""
    rare, copied = len(edges) - 1, 0
    for slot in range(len(columns)):
        posting, end = cursor[slot], terms.starts[columns[slot] + 1]
        if slot < rare:
            while posting < end and terms.places[posting] < last:
                places[copied], weights[copied] = terms.places[posting] - first, terms.weights[posting]
                copied += 1
                posting += 1
            edges[slot + 1] = copied
        else:
            row = rows[slot - rare]
            row[:] = 0
            while posting < end and terms.places[posting] < last:
                row[terms.places[posting] - first] = terms.weights[posting]
                posting += 1
        cursor[slot] = posting


@_compiled(reorder=True)
def _add_rows(
    sums: NDArray[np.float32],
    width: int,
    rows: NDArray[np.float32],
    chosen: NDArray[np.int64],
    shares: NDArray[np.float32],
    count: int,
) -> None:
    """Make the sums those of the chosen rows, four at a time, so that each sum is read and written less often."""
    for place in range(width):
        sums[place] = 0
    done = 0
    while done + 4 <= count:
        a, b, c, d = rows[chosen[done]], rows[chosen[done + 1]], rows[chosen[done + 2]], rows[chosen[done + 3]]
        e, f, g, h = shares[done], shares[done + 1], shares[done + 2], shares[done + 3]
        for place in range(width):
            sums[place] += (e * a[place] + f * b[place]) + (g * c[place] + h * d[place])
        done += 4
    while done < count:
        a, e = rows[chosen[done]], shares[done]
        for place in range(width):
            sums[place] += e * a[place]
        done += 1
