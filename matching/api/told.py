"""What offices let a firm know of why it was not chosen, as the firm reads it."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from matching import adjacent
from matching.api.hidden import BesideNeed, needs_seen
from matching.filters import FeedbackFilter
from matching.models import Feedback
from registry.api.resources import Resource
from registry.listing import Listing
from registry.models import Programme
from registry.tabular import Column


class ProgrammeJSON(TypedDict):
    code: str
    name: str
    organisation: str
    note: str
    source: str


TOLD_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("firm", "your firm", attrgetter("proposal.firm_id"), type=int),
    Column("need", "the need, where you may read it", attrgetter("proposal.need_id"), type=int | None),
    Column("code", "reason", attrgetter("code")),
    Column("detail", "which one", attrgetter("detail")),
    Column("text", "the reason in words", lambda told: str(told.advice.text)),
    Column("change", "what would change it", lambda told: str(told.advice.change)),
    Column("note", "words of the office", attrgetter("note")),
    Column("at", "told on", attrgetter("at"), type=datetime),
    Column("programmes", "programmes that may help", lambda told: [], type=list[ProgrammeJSON]),
]
TOLD = Listing(
    rows=lambda user: Feedback.objects.visible_to(user).select_related("proposal"),
    filters=FeedbackFilter,
    columns=TOLD_COLUMNS,
    template="",
    stem="feedback",
)


class ToldRow(BesideNeed):
    columns = TOLD_COLUMNS

    def to_representation(self, instance: Feedback) -> dict[str, Any]:
        helping = self.context["programmes"].get(instance.proposal_id, [])
        return super().to_representation(instance) | {"programmes": [_programme(one) for one in helping]}


def _programme(one: Programme) -> ProgrammeJSON:
    return {
        "code": one.pk,
        "name": one.label,
        "organisation": one.organisation,
        "note": one.note,
        "source": one.source,
    }


class ToldAPI(Resource):
    """Why your firm was not chosen and what would change that, in the words of the office, latest first."""

    listing, verb, resource, serializer_class = TOLD, "matching.concerns", "inquiries", ToldRow

    def context(self, rows: Sequence[Feedback]) -> dict[str, Any]:
        seen = needs_seen(self.person, (row.proposal.need_id for row in rows))
        return seen | {"programmes": adjacent.referrals(row.proposal for row in rows)}
