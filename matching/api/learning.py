"""What was learnt from decisions: models of the order with their measurement, and their use."""

from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import learning as verbs_of
from matching.models import ORDER_MODEL_STEPS, OrderModel
from registry.api.bodies import NOTHING, StepBody
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.filters import NoFilter
from registry.listing import Listing
from registry.tabular import Column


class MeasuredJSON(TypedDict):
    auc: float
    ndcg: float


class WeightJSON(TypedDict):
    fact: str
    weight: float


class UseJSON(TypedDict):
    step: str
    by: str
    at: datetime


class StockJSON(TypedDict):
    decisions: int
    accepted: int
    least: int


def _measured(model: OrderModel, order: str) -> MeasuredJSON:
    return {"auc": model.trial[order]["auc"], "ndcg": model.trial[order]["ndcg"]}


def _weights(model: OrderModel) -> list[WeightJSON]:
    return [{"fact": str(line["label"]), "weight": line["weight"]} for line in verbs_of.in_words(model)]


def _uses(model: OrderModel) -> list[UseJSON]:
    rows = model.events.select_related("by").order_by("-pk")
    return [{"step": one.step, "by": str(one.by or ""), "at": one.at} for one in rows]


ORDER_MODEL_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("state", "state", attrgetter("state")),
    Column("trained_at", "learnt on", attrgetter("trained_at"), type=datetime),
    Column("decisions", "decisions that it was learnt from", attrgetter("decisions"), type=int),
    Column("better", "did better than none on later decisions", attrgetter("better"), type=bool),
]


def _order_models(_user: Any) -> Any:
    """What is learnt is of all offices together: who may see one sees all."""
    return OrderModel.objects.all()


ORDER_MODELS = Listing(
    rows=_order_models,
    filters=NoFilter,
    columns=ORDER_MODEL_COLUMNS,
    template="",
    stem="learning",
)


class OrderModelRow(Row):
    columns = ORDER_MODEL_COLUMNS


class OrderModelDetail(Row):
    columns = [
        *ORDER_MODEL_COLUMNS,
        Column("earlier", "decisions that it learnt from", lambda model: model.trial["earlier"], type=int),
        Column("later", "decisions that it was measured on", lambda model: model.trial["later"], type=int),
        Column("without", "order without it", lambda model: _measured(model, "without"), type=MeasuredJSON),
        Column("with", "order moved by it", lambda model: _measured(model, "with"), type=MeasuredJSON),
        Column("weights", "log odds by fact, the weightiest first", _weights, type=list[WeightJSON]),
        Column("uses", "taken into and out of use, newest first", _uses, type=list[UseJSON]),
    ]


class OrderModelAPI(Stepped):
    """What the matcher learnt from decisions, newest first. At most one model is in use (`active`)."""

    listing, verb, resource, serializer_class = ORDER_MODELS, "matching.view_learning", "proposals", OrderModelRow
    whole = OrderModelDetail
    verbs = dict.fromkeys(("create", "steps"), "matching.change_learning")
    answers = {"stock": {200: StockJSON}}
    bodies = {"create": NOTHING, "steps": StepBody(ORDER_MODEL_STEPS, lambda name: {}, example={"step": "activate"})}

    def create(self, request: Request) -> Response:
        """Learn from the decisions so far and measure it. It is not in use by that."""
        self.sent()
        return self.made(verbs_of.train())

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """All open needs are matched again by it."""
        verbs_of.take(step, row, by=self.person)

    @action(detail=False, methods=["get"])
    def stock(self, request: Request) -> Response:
        """How many decisions there are to learn from, and how many are needed at least."""
        held = verbs_of.stock()
        said: StockJSON = {"decisions": held.decisions, "accepted": held.accepted, "least": verbs_of.LEAST}
        return Response(said)
