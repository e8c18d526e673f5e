"""Proposals with their reasons and steps, and the decisions that were taken on them."""

from datetime import datetime
from operator import attrgetter
from typing import TypedDict

from matching.columns import DECISION_COLUMNS, QUEUE_COLUMNS
from matching.models import Proposal
from matching.reasons import reasons
from matching.views.figures import DECISIONS
from matching.views.queue import PROPOSALS
from registry.api.resources import Resource
from registry.api.rows import Row
from registry.tabular import Column


class ReasonJSON(TypedDict):
    term: str
    contribution: float
    origin: str
    via: str


class DecisionJSON(TypedDict):
    id: int
    at: datetime
    step: str
    source: str
    target: str
    reason: str
    note: str
    by: str


def _reasons(proposal: Proposal) -> list[ReasonJSON]:
    return [
        {"term": one.term, "contribution": one.contribution, "origin": one.origin, "via": one.via}
        for one in reasons(proposal)
    ]


def _decisions(proposal: Proposal) -> list[DecisionJSON]:
    return [
        {
            "id": one.pk,
            "at": one.at,
            "step": one.step,
            "source": one.source,
            "target": one.target,
            "reason": one.reason,
            "note": one.note,
            "by": str(one.by),
        }
        for one in proposal.decisions.select_related("by").order_by("-pk")
    ]


class ProposalRow(Row):
    columns = QUEUE_COLUMNS


class ProposalDetail(Row):
    columns = [
        *QUEUE_COLUMNS,
        Column("reasons", "why the matcher proposed it, best first", _reasons, type=list[ReasonJSON]),
        Column("decisions", "what was decided, newest first", _decisions, type=list[DecisionJSON]),
    ]


class ProposalAPI(Resource):
    """Firms proposed for needs that you may see; without `state` those that wait for a decision."""

    listing, verb, resource, serializer_class = PROPOSALS, "matching.view_proposal", "proposals", ProposalRow
    whole = ProposalDetail


class DecisionRow(Row):
    columns = [*DECISION_COLUMNS, Column("proposal", "proposal", attrgetter("proposal_id"), type=int)]


class DecisionAPI(Resource):
    """What was decided on proposals that you may see, newest first."""

    listing, verb, resource, serializer_class = DECISIONS, "matching.view_figures", "proposals", DecisionRow
