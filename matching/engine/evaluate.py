"""How good an order is, measured against graded judgements as TREC does."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

RELEVANT = 2  # grade from which a firm counts as relevant


def measure(ranked: Sequence[str], judged: Mapping[str, int]) -> dict[str, float]:
    """The metrics of one need.

    ranked  firms, best first, each once; judged  firm → grade 0 to 3, others are grade 0

    nDCG@10 has gain 2^grade - 1 and discount 1/log2(rank + 1) (Järvelin, Kekäläinen, TOIS 20, 2002; gain after
    Burges et al., ICML 2005). recall@20, MRR and P@5 count a firm as relevant at grade 2 or 3.
    """
    grades = [judged.get(firm, 0) for firm in ranked]
    ideal = _gain(sorted(judged.values(), reverse=True)[:10])
    first = next((rank for rank, grade in enumerate(grades, 1) if grade >= RELEVANT), None)
    return {
        "nDCG@10": _gain(grades[:10]) / ideal if ideal else 0.0,
        "recall@20": recall(ranked, judged, 20),
        "MRR": 1 / first if first else 0.0,
        "P@5": sum(grade >= RELEVANT for grade in grades[:5]) / 5,
    }


def recall(ranked: Sequence[str], judged: Mapping[str, int], depth: int) -> float:
    """The share of the relevant firms that stand among the first `depth`; 0 when none is relevant."""
    relevant = sum(grade >= RELEVANT for grade in judged.values())
    return sum(judged.get(firm, 0) >= RELEVANT for firm in ranked[:depth]) / relevant if relevant else 0.0


def mean(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each metric over needs; empty for no needs."""
    measured = list(rows)
    return {name: sum(row[name] for row in measured) / len(measured) for name in (measured[0] if measured else ())}


def evaluate(run: Mapping[str, Sequence[str]], judgements: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """The mean over all judged needs; one that the run leaves out scores 0."""
    return mean(measure(run.get(need, ()), judged) for need, judged in judgements.items())


def parts_covered(ranked: Sequence[str], parts: Sequence[Collection[str]], depth: int = 20) -> float:
    """The share of a group need's parts for which a firm that can do the part is among the first `depth`."""
    first = set(ranked[:depth])
    return sum(not first.isdisjoint(part) for part in parts) / len(parts) if parts else 0.0


def _gain(grades: Iterable[int]) -> float:
    return sum(((1 << grade) - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
