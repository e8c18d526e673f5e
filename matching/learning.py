"""Learning the order from decisions: the only writer of learnt orders.

Learning makes a model and measures it; using it is an act of its own, refused unless the model did better on decisions
that it had not seen. At most one is in use, none to begin with. When one goes into or out of use, all open needs are
matched again.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching import jobs
from matching.engine import learn
from matching.models import ORDER_MODEL_STEPS, Decision, OrderModel, OrderModelEvent
from registry.access import can
from registry.models import User
from registry.steps import StepRefused, move

LEAST = 200
"""Decisions. With fewer, what is learnt is chance."""

MOST = 20_000
"""Decisions, the latest, that a model is learnt from."""

WEIGHTS = {
    "shortlist": {"fit": 1.0, "known_record": 1.0, "fit_in_part": 0.5},
    "reject": {
        "capability": 1.0,
        "certification": 1.0,
        "capacity": 1.0,
        "distance": 1.0,
        "lead_time": 1.0,
        "size": 1.0,
    },
}
"""What a decision says about fitting, by its reason. Regional priority, a firm that does not want to, a duplicate
record and what only a note tells say nothing about it and are left out."""

NOTICEABLE = 0.1
"""Below this a weight is as good as none: it moves the odds of being accepted by less than a tenth."""

LABELS = {
    "stated": gettext_lazy("nearness by the need's own words"),
    "linked": gettext_lazy("nearness by the term table"),
    "related": gettext_lazy("nearness by what goes together in the register"),
    "grasp": gettext_lazy("share of the need's words that the firm speaks to"),
    "band": gettext_lazy("band"),
    "passed": gettext_lazy("share of the musts that are met"),
    "unknown": gettext_lazy("share of the musts that are not known"),
    "wishes": gettext_lazy("share of the wishes that are met"),
    "near": gettext_lazy("short way to the site"),
    "capacity": gettext_lazy("capacity against what is asked"),
    "capabilities": gettext_lazy("share of the need's capabilities that the firm states"),
    "sector": gettext_lazy("the profile names the sector of the need"),
}


class TooFew(StepRefused):
    """There are not enough decisions to learn from."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to learn from."""

    decisions: int
    accepted: int

    @property
    def enough(self) -> bool:
        return self.decisions >= LEAST


def examples() -> list[learn.Example]:
    """The latest decision on each proposal, in the order of time, as far as it says something about fitting."""
    last: dict[int, learn.Example] = {}
    for proposal, need, step, reason, features in _decided():
        last.pop(proposal, None)
        weight = WEIGHTS[step].get(reason)
        if weight:
            facts = dict(features)
            place = facts.pop("place", 0.0)
            last[proposal] = learn.Example(need, facts, place, step == "shortlist", weight)
    return list(last.values())


def _decided() -> Iterator[tuple[int, int, str, str, dict[str, float]]]:
    rows = Decision.objects.filter(step__in=WEIGHTS, features__isnull=False).order_by("-at", "-pk")
    latest = list(rows.values_list("proposal", "proposal__need", "step", "reason", "features")[:MOST])
    yield from reversed(latest)


def stock() -> Stock:
    held = examples()
    return Stock(len(held), sum(example.accepted for example in held))


def active() -> OrderModel | None:
    return OrderModel.objects.filter(state=OrderModel.State.ACTIVE).first()


def train() -> OrderModel:
    """Learn a model from what was decided so far and keep it with its measurement; it is not used by that.

    Raises TooFew with what is missing.
    """
    held = examples()
    if len(held) < LEAST:
        raise TooFew(
            _("There are %(count)d decisions to learn from; at least %(least)d are needed.")
            % {"count": len(held), "least": LEAST}
        )
    try:
        trial = learn.try_out(held)
    except ValueError:
        raise TooFew(
            _("The decisions are too much of one kind. Both accepted and rejected ones are needed, also for one need.")
        ) from None
    return OrderModel.objects.create(
        weights=trial.model.to_json(),
        trial={
            "earlier": trial.earlier,
            "later": trial.later,
            "without": asdict(trial.without),
            "with": asdict(trial.with_model),
        },
        decisions=len(held),
        better=trial.better,
    )


def take(name: str, model: OrderModel, by: User | None = None) -> OrderModelEvent:
    """Take a model into use or out of it, and have all open needs matched again. `by` is nobody on the command line.

    Raises StepRefused, and changes nothing, when the person may not, when the model did no better than none, or when
    another one is in use.
    """
    step = ORDER_MODEL_STEPS[name]
    if by is not None and not can(by, "matching.change_learning"):
        raise StepRefused(_("Only the bureau takes a learnt order into use or out of it."))
    if name == "activate" and not model.better:
        raise StepRefused(_("This learnt order did no better than none on decisions that it had not seen."))
    with transaction.atomic():
        try:
            with transaction.atomic():
                move(model, step)
        except IntegrityError:
            model.refresh_from_db()
            raise StepRefused(_("Another learnt order is in use. Take that one out of use first.")) from None
        event = OrderModelEvent.objects.create(model=model, step=name, by=by)
        jobs.start_rematch(by=by)
    return event


def in_words(model: OrderModel) -> list[dict[str, Any]]:
    """Each fact with its weight, the weightiest first: by how much one spread more of it moves the odds."""
    weights = zip(model.weights["names"], model.weights["weights"], strict=True)
    largest = max((abs(weight) for weight in model.weights["weights"]), default=0.0) or 1.0
    return [
        {
            "label": LABELS[name],
            "weight": weight,
            "percent": round(100 * abs(weight) / largest, 1),
            "raises": weight > 0,
            "counts": abs(weight) >= NOTICEABLE,
        }
        for name, weight in sorted(weights, key=lambda item: (-abs(item[1]), item[0]))
    ]
