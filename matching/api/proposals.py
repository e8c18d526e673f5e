"""Proposals with their reasons and steps, and the decisions that were taken on them."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import feedback, jobs, review
from matching.columns import DECISION_COLUMNS, QUEUE_COLUMNS
from matching.forms.asking import FeedbackForm
from matching.forms.steps import SelectionForm, StepForm
from matching.models import BULK_STEPS, PROPOSAL_STEPS, IndexBuild, Proposal
from matching.reasons import Reason, reasons
from matching.review import NOTE_LIMIT
from matching.views.figures import DECISIONS
from matching.views.queue import PROPOSALS
from registry.api.bodies import NOTHING, Body, StepBody, fill, nobody
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.problems import Conflict
from registry.api.resources import Resource, Stepped
from registry.api.rows import Row
from registry.forms.fields import KeyField
from registry.models import Firm, Need, User
from registry.tabular import Column

OPEN_STEPS = [name for name, step in PROPOSAL_STEPS.items() if step.sources]


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
    assignee: str
    office: str


def reason_json(one: Reason) -> ReasonJSON:
    return {"term": one.term, "contribution": one.contribution, "origin": one.origin, "via": one.via}


def _reasons(proposal: Proposal) -> list[ReasonJSON]:
    return [reason_json(one) for one in reasons(proposal)]


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
            "assignee": str(one.assignee or ""),
            "office": one.office.label if one.office else "",
        }
        for one in proposal.decisions.select_related("by", "assignee", "office").order_by("-pk")
    ]


class FeedbackJSON(TypedDict):
    id: int
    at: datetime
    code: str
    detail: str
    note: str
    by: str


def _told(proposal: Any) -> list[FeedbackJSON]:
    """Read once for the row, so that what is told next follows what its ETag spoke of."""
    if not hasattr(proposal, "told"):
        proposal.told = [
            {"id": one.pk, "at": one.at, "code": one.code, "detail": one.detail, "note": one.note, "by": str(one.by)}
            for one in proposal.feedback.select_related("by")
        ]
    found: list[FeedbackJSON] = proposal.told
    return found


class ProposalRow(Row):
    columns = QUEUE_COLUMNS


class ProposalDetail(Row):
    columns = [
        *QUEUE_COLUMNS,
        Column("reasons", "why the matcher proposed it, best first", _reasons, type=list[ReasonJSON]),
        Column("decisions", "what was decided, newest first", _decisions, type=list[DecisionJSON]),
        Column("feedback", "what the firm was told, newest first", _told, type=list[FeedbackJSON]),
    ]


class AddedForm(forms.Form):
    """A firm that the matcher left out, and why it fits."""

    need = KeyField(Need.objects.none(), label=_("Need"))
    firm = KeyField(Firm.objects.none(), label=_("Firm"))
    reason = forms.CharField(label=_("Why this firm?"), max_length=NOTE_LIMIT)

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.fields["need"].queryset = Need.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["firm"].queryset = Firm.objects.visible_to(user)  # type: ignore[attr-defined]


class TakenJSON(TypedDict):
    proposal: int
    decision: int


class RefusedJSON(TypedDict):
    proposal: int
    why: str


class BulkJSON(TypedDict):
    taken: list[TakenJSON]
    refused: list[RefusedJSON]


def refused_json(
    asked: Iterable[int], rows: Iterable[Proposal], refused: Iterable[tuple[Proposal, str]]
) -> list[RefusedJSON]:
    """Why each was refused; an id that is nobody's or not the person's is told as well, alike for both."""
    there = {row.pk for row in rows}
    absent = [(key, translated("There is no such proposal.")) for key in asked if key not in there]
    return [{"proposal": key, "why": why} for key, why in [*((row.pk, why) for row, why in refused), *absent]]


class ProposalAPI(Stepped):
    """Firms proposed for needs that you may see; without `state` those that wait for a decision."""

    listing, verb, resource, serializer_class = PROPOSALS, "matching.view_proposal", "proposals", ProposalRow
    whole = ProposalDetail
    verbs = dict.fromkeys(("create", "steps", "bulk"), "matching.decide") | {"feedback": "matching.feedback"}
    answers = {"bulk": {200: BulkJSON}}
    bodies = {
        "create": Body([AddedForm], example={"need": 1, "firm": 2, "reason": "昨年、同じ架台を納めている"}),
        "steps": StepBody(
            OPEN_STEPS, lambda name: StepForm(name, nobody()).fields, example={"step": "shortlist", "reason": "fit"}
        ),
        "bulk": StepBody(
            BULK_STEPS,
            lambda name: SelectionForm.base_fields | StepForm(name, nobody(), many=True).fields,
            example={"step": "reject", "ids": ["12:proposed", "13:held"], "reason": "distance"},
        ),
        "feedback": Body(
            [FeedbackForm],
            example={
                "code": "certification",
                "detail": "ISO 9001",
                "sets_task": True,
                "task": "ISO 9001の取得",
                "due_on": "2027-03-31",
            },
        ),
    }

    def create(self, request: Request) -> Response:
        """Put a firm that the matcher left out into the queue."""
        (form,) = fill(self.sent(), [lambda data: AddedForm(self.person, data)])
        said = form.cleaned_data
        return self.made(review.add_by_hand(said["need"], said["firm"], self.person, said["reason"]))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        (form,) = fill(sent, [lambda data: StepForm(step, self.person, data)], seen=row.state)
        review.take(step, row, by=self.person, **form.fields_of_act)

    @action(detail=True, methods=["post"])
    def feedback(self, request: Request, pk: int) -> Response:
        """Let the firm know why it was not chosen, and set it a task that would change that."""
        row, sent = self.unchanged(), self.sent()
        seen = len(_told(row))
        (form,) = fill(sent, [FeedbackForm], seen=seen)
        return self.after(lambda: feedback.release(row, seen, form.words, by=self.person))

    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """One step on many proposals, each from the state that it was read in (`12:proposed`)."""
        sent = self.sent()
        step, user = sent["step"], self.person
        selection, form = fill(sent, [SelectionForm, lambda data: StepForm(step, user, data, many=True)])
        seen = selection.cleaned_data["ids"]
        rows = list(Proposal.objects.visible_to(user).for_list().filter(pk__in=seen).order_by("pk"))
        for row in rows:
            row.state = seen[row.pk]
        result = review.take_many(step, rows, by=user, **form.fields_of_act)
        said: BulkJSON = {
            "taken": [{"proposal": one.proposal_id, "decision": one.pk} for one in result.taken],
            "refused": refused_json(seen, rows, result.refused),
        }
        return Response(said)


class NeedMatchJSON(TypedDict):
    need: int
    waits_for_index: bool


class NeedMatchAPI(Gate):
    """Matching a need again."""

    verb, resource, action, schema = "matching.rematch", "proposals", "match", Description()
    answers, bodies = {"match": {202: NeedMatchJSON}}, {"match": NOTHING}

    def post(self, request: Request, pk: int) -> Response:
        """Match a need again. Its proposals are renewed within seconds; decisions stay."""
        need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
        NOTHING.read(request)
        if need.state != Need.State.OPEN:
            raise Conflict(translated("Only open needs are matched. Open the need first."))
        jobs.request_need(need.pk)
        said: NeedMatchJSON = {"need": need.pk, "waits_for_index": IndexBuild.objects.current() is None}
        return Response(said, status=202)


class DecisionRow(Row):
    columns = [*DECISION_COLUMNS, Column("proposal", "proposal", attrgetter("proposal_id"), type=int)]


class DecisionAPI(Resource):
    """What was decided on proposals that you may see, newest first."""

    listing, verb, resource, serializer_class = DECISIONS, "matching.view_figures", "proposals", DecisionRow
