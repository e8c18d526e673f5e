"""Metrics on cases that can be worked out by hand."""

import math

import pytest

from matching.engine.evaluate import evaluate, measure, parts_covered

JUDGED = {"a": 3, "b": 2, "c": 1}


@pytest.mark.parametrize(
    ("ranked", "ndcg", "recall", "mrr", "p5"),
    [
        (["a", "b", "c"], 1.0, 1.0, 1.0, 0.4),
        ([], 0.0, 0.0, 0.0, 0.0),
        (["x", "a"], (7 / math.log2(3)) / (7 + 3 / math.log2(3) + 1 / 2), 0.5, 0.5, 0.2),
        (["c", "x", "b"], (1 + 3 / 2) / (7 + 3 / math.log2(3) + 1 / 2), 0.5, 1 / 3, 0.2),
        ([*"0123456789", "a"], 0.0, 0.5, 1 / 11, 0.0),
        ([str(number) for number in range(20)] + ["a"], 0.0, 0.0, 1 / 21, 0.0),
    ],
)
def test_metrics(ranked: list[str], ndcg: float, recall: float, mrr: float, p5: float) -> None:
    expected = {"nDCG@10": ndcg, "recall@20": recall, "MRR": mrr, "P@5": p5}
    assert measure(ranked, JUDGED) == pytest.approx(expected)


def test_a_need_left_out_counts_as_nothing_found() -> None:
    found = evaluate({"n1": ["a", "b", "c"]}, {"n1": JUDGED, "n2": JUDGED})
    assert found["nDCG@10"] == pytest.approx(0.5)


def test_a_need_without_relevant_firms_counts_nothing() -> None:
    assert measure(["a"], {"a": 0}) == {"nDCG@10": 0.0, "recall@20": 0.0, "MRR": 0.0, "P@5": 0.0}


def test_parts_of_a_group_are_covered_by_any_of_their_firms() -> None:
    parts = [{"a", "b"}, {"c"}, {"z"}]
    assert parts_covered(["x", "b", "c"], parts) == pytest.approx(2 / 3)
    assert parts_covered([*"0123456789", *"0123456789", "c"], [{"c"}]) == 0
    assert parts_covered(["a"], []) == 0
