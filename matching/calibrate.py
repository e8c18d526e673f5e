"""Where the lines between bands are drawn, and below which grasp a need counts as not served, with cross-validation.

Scores of judged pairs are turned into a probability that only rises (isotonic regression); a band begins at the least
score from which that probability reaches the band's aim. The line for silence is the one that wrongs the fewest needs,
those with suppliers and those without counting alike.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from matching.engine.bands import FIRST, Band, Bands, Level
from matching.engine.documents import NeedDocument
from matching.engine.evaluate import RELEVANT
from matching.engine.index import analyse
from matching.engine.match import propose_many
from matching.engine.settings import Settings
from matching.experiment import TOP, Experiment

AIMS = ((Band.STRONG, 0.7), (Band.POSSIBLE, 0.35), (Band.WEAK, 0.05))
"""The precision that a pair at the lower edge of a band should still have."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The candidates of one need: scores, whether each firm can do it, and the greatest grasp of the first ones."""

    scores: Numbers
    able: NDArray[np.bool_]
    grasp: float


def pairs(experiment: Experiment, needs: Sequence[NeedDocument], judged: Sequence[Collection[int]]) -> list[Pairs]:
    """One entry for each need; judged: the ids of the firms that can do it."""
    index = experiment.index(Settings(), experiment.table)
    documents = {firm.id: firm for firm in experiment.firms.values()}
    found = propose_many(index, needs, documents, TOP, [analyse(need) for need in needs])
    return [
        Pairs(
            np.array([item.score for item in candidates]),
            np.array([item.firm_id in able for item in candidates], dtype=bool),
            max((item.grasp for item in candidates[:FIRST]), default=0.0),
        )
        for candidates, able in zip(found, judged, strict=True)
    ]


def measured(experiment: Experiment, unserved: Sequence[NeedDocument]) -> tuple[list[Pairs], list[Pairs]]:
    """The pairs of the judged needs and of the needs that nobody serves."""
    able = [
        {experiment.firms[firm].id for firm, grade in experiment.judgements[name].items() if grade >= RELEVANT}
        for name in experiment.needs
    ]
    served = pairs(experiment, list(experiment.needs.values()), able)
    return served, pairs(experiment, unserved, [()] * len(unserved))


def lines(served: Sequence[Pairs]) -> list[tuple[Band, float]]:
    """The least score of each band, strong first, in hundredths; the last is MISS from 0."""
    scores = np.concatenate([need.scores for need in served])
    able = np.concatenate([need.able for need in served])
    steps = np.arange(101) / 100
    likely = IsotonicRegression(out_of_bounds="clip").fit(scores, able).predict(steps)
    found, above = [], 1.0
    for band, aim in AIMS:
        reached = np.flatnonzero(likely >= aim)
        above = min(above, float(steps[reached[0]]) if len(reached) else 1.0)
        found.append((band, above))
    return [*found, (Band.MISS, 0.0)]


def silence(served: Sequence[Pairs], unserved: Sequence[Pairs]) -> float:
    """The line of grasp with the least sum of both error rates; of equals the lowest, which silences fewer."""
    having, lacking = (np.array([need.grasp for need in needs]) for needs in (served, unserved))
    steps = np.arange(101) / 200
    errors = [float((having < step).mean() + (lacking >= step).mean()) for step in steps]
    return float(steps[int(np.argmin(np.round(errors, 9)))])


def calibrate(served: Sequence[Pairs], unserved: Sequence[Pairs], *, folds: int = 5, command: str = "") -> Bands:
    """Lines drawn on all needs, with what lines drawn on the other folds achieve on each fold held out."""
    counts = {band: [0, 0] for band in Band}  # pairs, able
    wrong = [0, 0]  # silenced, named
    for fold in range(folds):
        kept, tried = _parted(served, fold, folds)
        kept_without, tried_without = _parted(unserved, fold, folds)
        edges, least = lines(kept), silence(kept, kept_without)
        for need in tried:
            wrong[0] += need.grasp < least
            for score, able in zip(need.scores.tolist(), need.able.tolist(), strict=True):
                band = next(band for band, edge in edges if score >= edge) if need.grasp >= least else Band.MISS
                counts[band][0] += 1
                counts[band][1] += able
        wrong[1] += sum(need.grasp >= least for need in tried_without)
    levels = tuple(
        Level(band, edge, round(counts[band][1] / counts[band][0], 3) if counts[band][0] else 0.0, counts[band][0])
        for band, edge in lines(served)
    )
    return Bands(
        levels=levels,
        grasp=silence(served, unserved),
        silenced=round(wrong[0] / max(len(served), 1), 3),
        named=round(wrong[1] / max(len(unserved), 1), 3),
        served=len(served),
        unserved=len(unserved),
        command=command,
    )


def _parted(needs: Sequence[Pairs], fold: int, folds: int) -> tuple[list[Pairs], list[Pairs]]:
    """The needs of the other folds and of this one; needs go to folds in turn."""
    kept = [need for place, need in enumerate(needs) if place % folds != fold]
    return kept, [need for place, need in enumerate(needs) if place % folds == fold]


def table(bands: Bands) -> Iterator[str]:
    """What `evaluate_matching --bands` prints."""
    yield f"{'band':<10}{'from score':>11}{'precision':>11}{'pairs':>7}{'± (95 %)':>10}"
    for level in bands.levels:
        spread = 1.96 * math.sqrt(level.precision * (1 - level.precision) / level.pairs) if level.pairs else 0.0
        yield f"{level.band:<10}{level.least:>11.2f}{level.precision:>11.3f}{level.pairs:>7}{spread:>10.3f}"
    yield f"nobody serves a need below grasp {bands.grasp:.3f}"
    yield f"  wrongly silenced, of {bands.served} needs with suppliers    {bands.silenced:.3f}"
    yield f"  firms named all the same, of {bands.unserved} without     {bands.named:.3f}"
