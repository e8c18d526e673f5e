"""Exact scores against a naive reference, the plain way and the compiled one."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from matching.engine import score
from matching.engine.score import Firms, Found, Nearest, contributions, nearest_plain, score_all

Dense = NDArray[np.float32]
World = tuple[Dense, Dense, NDArray[np.int64], int, NDArray[np.bool_] | None]
# Sixteenths add up exactly in single precision, so ties are real ties; thirds and tenths do not, in any order.
weights = st.sampled_from([0.0, 0.0, 0.0, 0.0625, 0.125, 0.25, 0.5, 0.1, 0.3, 1 / 3])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    firms, terms, needs = draw(st.integers(1, 40)), draw(st.integers(1, 8)), draw(st.integers(1, 5))
    matrix = draw(st.lists(weights, min_size=firms * terms, max_size=firms * terms))
    wanted = draw(st.lists(weights, min_size=needs * terms, max_size=needs * terms))
    ids = draw(st.sets(st.integers(0, 2**40), min_size=firms, max_size=firms))
    allowed = draw(st.none() | st.lists(st.booleans(), min_size=firms, max_size=firms))
    return (
        np.array(matrix, np.float32).reshape(firms, terms),
        np.array(wanted, np.float32).reshape(needs, terms),
        np.array(sorted(ids), np.int64),
        draw(st.integers(1, 45)),
        None if allowed is None else np.array(allowed),
    )


def naive(firms: Dense, need: Dense, ids: NDArray[np.int64], k: int, allowed: NDArray[np.bool_] | None = None) -> Found:
    scores = [
        (float(np.float32(sum(a * b for a, b in zip(firm.tolist(), need.tolist(), strict=True)))), int(firm_id))
        for row, (firm, firm_id) in enumerate(zip(firms, ids, strict=True))
        if allowed is None or allowed[row]
    ]
    best = sorted((-value, firm_id) for value, firm_id in scores if value > 0)[:k]
    return [(firm_id, -value) for value, firm_id in best]


def firms_of(matrix: Dense, ids: NDArray[np.int64]) -> Firms:
    return Firms(ids, csr_array(matrix), csc_array(matrix))


@pytest.fixture(params=["plain", "compiled"], scope="module")
def way(request: pytest.FixtureRequest) -> Nearest:
    if request.param == "plain":
        return nearest_plain
    pytest.importorskip("numba")
    compiled = score.accelerated()
    assert compiled, "numba is installed but does not work"
    return compiled


@given(
    world=worlds(),
    at_once=st.sampled_from([1, 3, 16, 4096]),
    few=st.sampled_from([0, 2, 16]),
    threads=st.integers(1, 2),
)
@settings(max_examples=150, deadline=None)
def test_the_nearest_are_exact_and_ties_go_to_the_lower_id(
    way: Nearest, world: World, at_once: int, few: int, threads: int
) -> None:
    matrix, needs, ids, k, allowed = world
    firms = firms_of(matrix, ids)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_FIRMS_AT_ONCE", at_once), ("_NEEDS_AT_ONCE", 2), ("_GROUPS", 2), ("FEW", few)):
            patch.setattr(sys.modules[way.__module__], name, value, raising=False)
        found = list(way(firms, csr_array(needs), k, allowed, threads))
    expected = [naive(matrix, need, ids, k, allowed) for need in needs]
    assert found == expected
    assert [next(way(firms, csr_array(need[None, :]), k, allowed)) for need in needs] == expected


@pytest.mark.parametrize("k", [1, 7, 300, 9000])
def test_real_weights_and_many_ties_are_exact_too(way: Nearest, k: int) -> None:
    random = np.random.default_rng(7)
    matrix = np.zeros((6000, 60), np.float32)
    matrix[:5000] = random.random((5000, 60), np.float32) * (random.random((5000, 60)) < 0.2)
    matrix[2000:4000] = matrix[2000]  # so many are equal that the sums alone would never tell them apart
    ids = np.arange(6000, dtype=np.int64) * 3 + 100
    needs = random.random((5, 60), np.float32) * (random.random((5, 60)) < 0.5)
    needs[3], needs[4] = matrix[2000], 0
    firms = firms_of(matrix, ids)
    found = list(way(firms, csr_array(np.repeat(needs, 4, axis=0)), k))[::4]  # more than FEW
    assert [len(of_need) for of_need in found] == [min(k, np.count_nonzero(matrix @ need)) for need in needs]
    assert found[0] == naive(matrix, needs[0], ids, k)
    assert found[3] == naive(matrix, needs[3], ids, k)
    assert [next(way(firms, csr_array(need[None, :]), k)) for need in needs] == found


def test_no_firms_and_no_needs(way: Nearest) -> None:
    nothing = firms_of(np.zeros((0, 3), np.float32), np.arange(0))
    assert list(way(nothing, csr_array(np.ones((2, 3), np.float32)), 5)) == [[], []]
    assert next(way(nothing, csr_array(np.ones((1, 3), np.float32)), 5)) == []
    assert list(way(firms_of(np.eye(3, dtype=np.float32), np.arange(3)), csr_array((0, 3), dtype=np.float32), 5)) == []


@pytest.fixture
def asked_anew() -> Iterator[None]:
    score.accelerated.cache_clear()
    yield
    score.accelerated.cache_clear()


@pytest.mark.usefixtures("asked_anew")
@pytest.mark.parametrize("state", ["absent", "broken"])
def test_without_numba_the_plain_way_is_gone(
    state: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(score, "find_spec", lambda name: None if state == "absent" else name)
    monkeypatch.setattr(score, "import_module", lambda name: 1 / 0)
    firms = firms_of(np.eye(3, dtype=np.float32), np.arange(3))
    assert list(score.nearest(firms, csr_array(np.eye(3, dtype=np.float32)), 1)) == [[(0, 1)], [(1, 1)], [(2, 1)]]
    assert ("does not work" in caplog.text) == (state == "broken")


@given(worlds())
def test_contributions_add_up_to_the_score(
    world: World,
) -> None:
    firms, needs, _, _, _ = world
    need = csr_array(needs[:1])
    reasons = [contributions(csr_array(firms), row, need) for row in range(len(firms))]
    totals = [sum(part for _, part in row) for row in reasons]
    assert totals == pytest.approx(score_all(csc_array(firms), need).tolist(), abs=1e-6)
    assert all(part > 0 for row in reasons for _, part in row)
    assert all([-part for _, part in row] == sorted(-part for _, part in row) for row in reasons)


def test_what_does_not_fit_is_refused() -> None:
    firms = firms_of(np.eye(3, dtype=np.float32), np.arange(3))
    need = csr_array(np.ones((1, 3), np.float32))
    with pytest.raises(ValueError, match="at least 1"):
        score.nearest(firms, need, 0)
    with pytest.raises(ValueError, match="4 terms"):
        score.nearest(firms, csr_array(np.ones((1, 4), np.float32)), 1)
    with pytest.raises(ValueError, match="ids"):
        score.nearest(Firms(np.arange(2), firms.by_firm, firms.by_term), need, 1)
    with pytest.raises(ValueError, match="mask"):
        score.nearest(firms, need, 1, np.ones(2, bool))
    with pytest.raises(ValueError, match="does not fit"):
        score_all(firms.by_term, csr_array(np.ones((1, 4), np.float32)))
