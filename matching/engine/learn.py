"""A small model of what offices accept: logistic regression over a few named facts of one need and one firm.

It sees neither a firm's name nor its number nor anything of another firm, so what it learns from one firm's decisions
is only ever "offices accept proposals that look like this". A model is numbers with names, kept as JSON.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from matching.engine.bands import Band, shipped
from matching.engine.criteria import Check, Kind, Outcome
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.match import Candidate
from matching.engine.score import Origin

NAMES = (
    "stated", "linked", "related", "grasp", "band", "passed", "unknown", "wishes", "near", "capacity", "capabilities",
    "sector",
)  # fmt: skip
"""What a model looks at, each from 0 to 1; see `features`."""

SWAY = 0.5
"""How far the model may move a place: by a factor from 1 - SWAY (surely rejected) to 1 + SWAY (surely accepted)."""

_BANDS = {Band.STRONG: 1.0, Band.POSSIBLE: 2 / 3, Band.WEAK: 1 / 3, Band.MISS: 0.0}
_NOT_ASKED = 0.5
Features = Mapping[str, float]


def features(need: NeedDocument, firm: FirmDocument, candidate: Candidate) -> dict[str, float]:
    """The facts of one pair.

    stated, linked, related   the parts of the text score by how its terms came into the need
    grasp                     share of the need's words that the firm speaks to
    band                      of the firm's own score: 1 strong, 2/3 possible, 1/3 weak, 0 below
    passed, unknown           share of the musts that are met, or not known; without musts 1 and 0
    wishes                    share of the wishes that are met; without wishes 0
    near                      1 at the site, ½ at the distance asked for, towards 0 beyond; ½ if not asked or known
    capacity                  ½ the capacity asked for, 1 twice as much and beyond; ½ if not asked or known
    capabilities              share of the need's capabilities that the firm states itself; without any 0
    sector                    1 if the firm's profile names the sector of the need
    """
    parts = dict.fromkeys(Origin, 0.0)
    for term in candidate.terms:
        parts[term.origin] += term.contribution
    musts = [item for item in candidate.checks if item.criterion.hard]
    wishes = [item for item in candidate.checks if not item.criterion.hard]
    found = {
        "stated": parts[Origin.STATED],
        "linked": parts[Origin.LINKED],
        "related": parts[Origin.RELATED],
        "grasp": candidate.grasp,
        "band": _BANDS[shipped().of(candidate.score)],
        "passed": _share(musts, Outcome.PASS, without=1.0),
        "unknown": _share(musts, Outcome.UNKNOWN, without=0.0),
        "wishes": _share(wishes, Outcome.PASS, without=0.0),
        "near": _measured(candidate.checks, Kind.DISTANCE, lambda found, asked: asked / (asked + found)),
        "capacity": _measured(candidate.checks, Kind.VOLUME, lambda found, asked: min(found / asked, 2.0) / 2),
        "capabilities": len(set(need.capabilities) & set(firm.capabilities)) / max(len(set(need.capabilities)), 1),
        "sector": float(
            bool(need.sector) and any(need.sector in text for name, text in firm.fields() if name != "name")
        ),
    }
    return {name: round(value, 6) for name, value in found.items()}


def _share(checks: Sequence[Check], outcome: Outcome, *, without: float) -> float:
    return sum(item.outcome is outcome for item in checks) / len(checks) if checks else without


def _measured(checks: Iterable[Check], kind: Kind, ratio: Any) -> float:
    for item in checks:
        found, asked = item.found, item.asked
        if (
            item.criterion.kind is kind
            and isinstance(found, int | float)
            and isinstance(asked, int | float)
            and asked > 0
        ):
            return float(ratio(found, asked))
    return _NOT_ASKED


@dataclass(frozen=True, slots=True)
class Example:
    """A proposal that was decided on.

    place   what the order was made of without a model
    weight  how much the decision says about fitting
    """

    need: int
    features: Features
    place: float
    accepted: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """Of each feature in `names` its mean and spread when learnt, and its weight in units of that spread."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def chance(self, of: Features) -> float:
        """The chance, 0 to 1, that an office accepts such a proposal. A feature it lacks counts as average."""
        sum_ = self.intercept
        for name, mean, spread, weight in zip(self.names, self.mean, self.spread, self.weights, strict=True):
            sum_ += weight * (of.get(name, mean) - mean) / spread
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, sum_))))

    def factor(self, of: Features) -> float:
        """What a place is multiplied by."""
        return 1 - SWAY + 2 * SWAY * self.chance(of)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Raises KeyError or TypeError for what is not a model."""
        lists = {name: tuple(values[name]) for name in ("names", "mean", "spread", "weights")}
        return cls(**lists, intercept=float(values["intercept"]))


def fit(examples: Sequence[Example]) -> Model:
    """Learn from decisions of both kinds. The same examples give the same model.

    Raises ValueError when all were accepted or all rejected.
    """
    accepted = np.array([example.accepted for example in examples])
    if len(set(accepted.tolist())) < 2:
        raise ValueError("decisions of both kinds are needed")
    table = np.array([[example.features.get(name, 0.0) for name in NAMES] for example in examples], dtype=np.float64)
    mean, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread < 1e-9] = 1.0
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((table - mean) / spread, accepted, sample_weight=[example.weight for example in examples])
    return Model(
        NAMES,
        tuple(np.round(mean, 6).tolist()),
        tuple(np.round(spread, 6).tolist()),
        tuple(np.round(model.coef_[0], 4).tolist()),
        round(float(model.intercept_[0]), 4),
    )


@dataclass(frozen=True, slots=True)
class Quality:
    """How well an order puts accepted proposals before rejected ones of the same need.

    auc   share of such pairs in the right order, a tie is half
    ndcg  mean over the needs of nDCG@10 with gain 1 for accepted
    needs, pairs   what these are measured on
    """

    auc: float
    ndcg: float
    needs: int
    pairs: int


def quality(examples: Sequence[Example], values: Sequence[float]) -> Quality:
    """values: what the order is made of, for each example. Needs with decisions of one kind only tell nothing."""
    needs: dict[int, list[tuple[float, bool]]] = {}
    for example, value in zip(examples, values, strict=True):
        needs.setdefault(example.need, []).append((value, example.accepted))
    right, pairs, gains = 0.0, 0, []
    for decided in needs.values():
        accepted = [value for value, yes in decided if yes]
        rejected = [value for value, yes in decided if not yes]
        if accepted and rejected:
            right += sum((yes > no) + (yes == no) / 2 for yes in accepted for no in rejected)
            pairs += len(accepted) * len(rejected)
            gains.append(_ndcg(decided))
    return Quality(
        round(right / pairs, 4) if pairs else 0.0,
        round(sum(gains) / len(gains), 4) if gains else 0.0,
        len(gains),
        pairs,
    )


def _ndcg(decided: Sequence[tuple[float, bool]]) -> float:
    """Of equals the rejected one first, so that a tie never helps."""
    ranked = [yes for _value, yes in sorted(decided, key=lambda item: (-item[0], item[1]))]
    ideal = sorted(ranked, reverse=True)
    return _gain(ranked) / _gain(ideal)


def _gain(ranked: Sequence[bool]) -> float:
    return sum(1 / math.log2(rank + 1) for rank, yes in enumerate(ranked[:10], 1) if yes)


@dataclass(frozen=True, slots=True)
class Trial:
    """A model of the earlier decisions, and the later ones ordered without it and with it."""

    model: Model
    earlier: int
    later: int
    without: Quality
    with_model: Quality

    @property
    def better(self) -> bool:
        """More pairs in order, and the first ten no worse."""
        return self.with_model.auc > self.without.auc and self.with_model.ndcg >= self.without.ndcg


def try_out(examples: Sequence[Example], share: float = 0.8) -> Trial:
    """Learn from the earlier `share` of the decisions, given in the order of time, and measure on the later ones.

    Raises ValueError when the earlier ones are of one kind, or the later ones hold no need with both kinds.
    """
    cut = int(len(examples) * share)
    earlier, later = examples[:cut], examples[cut:]
    model = fit(earlier)
    without = quality(later, [example.place for example in later])
    if not without.pairs:
        raise ValueError("the later decisions hold no need with decisions of both kinds")
    with_model = quality(later, [example.place * model.factor(example.features) for example in later])
    return Trial(model, len(earlier), len(later), without, with_model)
