"""Exact scores against a naive reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from matching.engine import score
from matching.engine.score import contributions, score_all, top_k, top_k_many

Dense = NDArray[np.float32]
# Sixteenths add up exactly in float32 in any order, so ties are real ties.
weights = st.sampled_from([0.0, 0.0, 0.0, 0.0625, 0.125, 0.25, 0.5])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Dense, Dense, NDArray[np.int64], int, NDArray[np.bool_] | None]:
    firms, terms, needs = draw(st.integers(1, 40)), draw(st.integers(1, 8)), draw(st.integers(1, 5))
    matrix = draw(st.lists(weights, min_size=firms * terms, max_size=firms * terms))
    wanted = draw(st.lists(weights, min_size=needs * terms, max_size=needs * terms))
    ids = draw(st.permutations(range(100, 100 + firms)))
    allowed = draw(st.none() | st.lists(st.booleans(), min_size=firms, max_size=firms))
    return (
        np.array(matrix, np.float32).reshape(firms, terms),
        np.array(wanted, np.float32).reshape(needs, terms),
        np.array(ids, np.int64),
        draw(st.integers(1, 45)),
        None if allowed is None else np.array(allowed),
    )


def naive(
    firms: Dense, need: Dense, ids: NDArray[np.int64], k: int, allowed: NDArray[np.bool_] | None
) -> list[tuple[int, float]]:
    scores = [
        (float(firm @ need), int(firm_id))
        for row, (firm, firm_id) in enumerate(zip(firms, ids, strict=True))
        if allowed is None or allowed[row]
    ]
    best = sorted((-value, firm_id) for value, firm_id in scores if value > 0)[:k]
    return [(firm_id, -value) for value, firm_id in best]


@given(worlds())
def test_top_k_is_exact_and_ties_go_to_the_lower_id(
    world: tuple[Dense, Dense, NDArray[np.int64], int, NDArray[np.bool_] | None],
) -> None:
    firms, needs, ids, k, allowed = world
    for need in needs:
        found = top_k(csc_array(firms), csr_array(need[None, :]), ids, k, allowed)
        assert found == naive(firms, need, ids, k, allowed)


@given(worlds(), st.integers(1, 7), st.integers(1, 3))
@settings(max_examples=150)
def test_many_needs_at_once_give_the_same(
    world: tuple[Dense, Dense, NDArray[np.int64], int, NDArray[np.bool_] | None], firms_at_once: int, needs_at_once: int
) -> None:
    firms, needs, ids, k, allowed = world
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score, "_FIRMS_AT_ONCE", firms_at_once)
        patch.setattr(score, "_NEEDS_AT_ONCE", needs_at_once)
        found = list(top_k_many(csr_array(firms), csr_array(needs), ids, k, allowed))
    assert found == [naive(firms, need, ids, k, allowed) for need in needs]


def test_both_ways_agree_to_the_last_bit_on_real_weights() -> None:
    random = np.random.default_rng(7)
    firms = random.random((6000, 60), np.float32) * (random.random((6000, 60)) < 0.2)
    needs = random.random((5, 60), np.float32) * (random.random((5, 60)) < 0.5)
    ids = np.arange(6000, dtype=np.int64)
    one = [top_k(csc_array(firms), csr_array(need[None, :]), ids, 50) for need in needs]
    assert list(top_k_many(csr_array(firms), csr_array(needs), ids, 50)) == one


@given(worlds())
def test_contributions_add_up_to_the_score(
    world: tuple[Dense, Dense, NDArray[np.int64], int, NDArray[np.bool_] | None],
) -> None:
    firms, needs, _, _, _ = world
    need = csr_array(needs[:1])
    reasons = [contributions(csr_array(firms), row, need) for row in range(len(firms))]
    totals = [sum(part for _, part in row) for row in reasons]
    assert totals == pytest.approx(score_all(csc_array(firms), need).tolist(), abs=1e-6)
    assert all(part > 0 for row in reasons for _, part in row)
    assert all([-part for _, part in row] == sorted(-part for _, part in row) for row in reasons)


def test_what_does_not_fit_is_refused() -> None:
    firms, ids = csc_array(np.eye(3, dtype=np.float32)), np.arange(3)
    need = csr_array(np.ones((1, 3), np.float32))
    with pytest.raises(ValueError, match="at least 1"):
        top_k(firms, need, ids, 0)
    with pytest.raises(ValueError, match="does not fit"):
        top_k(firms, csr_array(np.ones((1, 4), np.float32)), ids, 1)
    with pytest.raises(ValueError, match="ids"):
        top_k(firms, need, ids[:2], 1)
    with pytest.raises(ValueError, match="mask"):
        top_k(firms, need, ids, 1, np.ones(2, bool))
    with pytest.raises(ValueError, match="terms"):
        list(top_k_many(firms.tocsr(), csr_array(np.ones((1, 4), np.float32)), ids, 1))
