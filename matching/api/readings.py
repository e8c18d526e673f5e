"""Who read what of firms in candidate lists: as their offices read it, and as the firm itself does."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from matching import ledger
from matching.filters import DisclosureFilter
from matching.models import CandidateList, Disclosure, DisclosureConsent
from matching.views.lists import ACCESSES_SHOWN
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.resources import Resource
from registry.api.rows import Row
from registry.listing import Listing
from registry.tabular import Column


class AccessJSON(TypedDict):
    at: datetime
    reader: str
    act: str


class ReadingJSON(AccessJSON):
    firm: int
    fields: list[str]


class LedgerJSON(TypedDict):
    accesses: list[AccessJSON]
    readings: list[ReadingJSON]
    no_longer_shown: list[str]


class LedgerAPI(Gate):
    """Who read a list, and which fields of which firm."""

    verb, resource, action, schema = "matching.make_list", "lists", "ledger", Description()
    answers = {"ledger": {200: LedgerJSON}}

    def get(self, request: Request, pk: int) -> Response:
        """Latest first, as many as its page shows; and the firms that the anchor side is not shown any more."""
        made = get_object_or_404(CandidateList.objects.visible_to(request.user).for_list(), pk=pk)
        accesses = made.accesses.select_related("by", "link")[:ACCESSES_SHOWN]
        said: LedgerJSON = {
            "accesses": [{"at": one.at, "reader": one.reader, "act": one.act} for one in accesses],
            "readings": [_reading(one) for one in ledger.readings(made)],
            "no_longer_shown": ledger.ended(made),
        }
        return Response(said)


def _reading(one: Disclosure) -> ReadingJSON:
    read = one.access
    return {"at": read.at, "reader": read.reader, "act": read.act, "firm": one.firm_id, "fields": one.fields}


DISCLOSURE_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("firm", "your firm", attrgetter("firm_id"), type=int),
    Column("at", "read on", attrgetter("access.at"), type=datetime),
    Column("recipient", "to whom, as your firm read it", lambda row: ""),
    Column("list", "number of the candidate list", attrgetter("access.list.number")),
    Column("act", "how it was read", attrgetter("access.act")),
    Column("fields", "what was read", attrgetter("fields"), type=list[str]),
]
DISCLOSURES = Listing(
    rows=lambda user: Disclosure.objects.visible_to(user).select_related("access__list"),
    filters=DisclosureFilter,
    columns=DISCLOSURE_COLUMNS,
    template="",
    stem="disclosures",
)


class DisclosureRow(Row):
    columns = DISCLOSURE_COLUMNS

    def to_representation(self, instance: Disclosure) -> dict[str, Any]:
        pair = (instance.access.list.need_id, instance.firm_id)
        return super().to_representation(instance) | {"recipient": self.context["told"].get(pair, "")}


class DisclosureAPI(Resource):
    """What was passed on of your firm on the strength of its consents, latest first."""

    listing, verb, resource, serializer_class = DISCLOSURES, "matching.consent", "consents", DisclosureRow

    def context(self, rows: Sequence[Disclosure]) -> dict[str, Any]:
        given = DisclosureConsent.objects.visible_to(self.person)
        given = given.filter(need__in={row.access.list.need_id for row in rows}).order_by("pk")
        return {"told": {(one.need_id, one.firm_id): one.told for one in given}}
