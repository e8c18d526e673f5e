"""The rank that a firm gets in the end: what texts and criteria say, moved by what was learnt and by the exposure cap.

Both are off unless somebody took them into use; then the order is exactly the matcher's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matching import exposure
from matching.engine import learn, order
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.match import Candidate
from matching.models import OrderModel


@dataclass(frozen=True, slots=True)
class Placing:
    """The columns of a proposal that tell where it stands and what moved it."""

    rank: int | None = None
    base_rank: int | None = None
    place: float = 0.0
    features: dict[str, float] = field(default_factory=dict)
    order_model_id: int | None = None
    factor: float = 1.0
    capped: bool = False


NOT_RANKED = Placing()
"""Of a firm that is proposed outside the order, as one that could enter from a neighbouring field."""


def placings(
    need: NeedDocument, firms: Mapping[int, FirmDocument], candidates: Sequence[Candidate]
) -> dict[int, Placing]:
    """By firm. The candidates come as the matcher orders them, with the documents they were ranked by."""
    features = {item.firm_id: learn.features(need, firms[item.firm_id], item) for item in candidates}
    active = OrderModel.objects.filter(state=OrderModel.State.ACTIVE).first()
    factors = {}
    ordered = list(candidates)
    if active:
        model = learn.Model.from_json(active.weights)
        factors = {firm_id: round(model.factor(facts), 6) for firm_id, facts in features.items()}
        ordered = order.learnt(candidates, factors)
    before = {item.firm_id: rank for rank, item in enumerate(ordered, 1)}
    full = exposure.full_firms(need.id, list(before))
    ordered = order.capped(ordered, full) if full else ordered
    return {
        item.firm_id: Placing(
            rank=rank,
            base_rank=item.rank,
            place=item.place,
            features=features[item.firm_id],
            order_model_id=active.pk if active else None,
            factor=factors.get(item.firm_id, 1.0),
            capped=item.firm_id in full and rank > before[item.firm_id],
        )
        for rank, item in enumerate(ordered, 1)
    }
