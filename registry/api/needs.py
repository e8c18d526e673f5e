"""Needs: read, written with their criteria, submitted, reviewed and closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from registry import drawings
from registry import needs as verbs_of
from registry.access import can
from registry.api.bodies import Body, StepBody, fill
from registry.api.problems import Conflict
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.columns import NEED_COLUMNS
from registry.forms.need import CriterionFormSet, NeedForm, PhaseFormSet
from registry.forms.register import StepReasonForm
from registry.models import NEED_STEPS, REVIEW_QUESTIONS, Need, NeedDrawing
from registry.tabular import Column
from registry.views.needs import NEEDS


class NeedRow(Row):
    columns = NEED_COLUMNS


class DrawingJSON(TypedDict):
    """`title` is empty where the reader may not open the drawing: it may say what must not leave the country."""

    id: int
    title: str
    flagged: bool
    may_open: bool
    by: str
    at: datetime


class NeedDetail(Row):
    """A need with its drawings, for who is in charge of it."""

    columns = [*NEED_COLUMNS, Column("drawings", "drawings", lambda need: [], type=list[DrawingJSON])]

    def to_representation(self, instance: Need) -> dict[str, Any]:
        told = drawings.told(self.context["reader"], instance)
        return super().to_representation(instance) | {"drawings": [drawing_json(*one) for one in told]}


def drawing_json(drawing: NeedDrawing, may_open: bool) -> DrawingJSON:
    return {
        "id": drawing.pk,
        "title": drawing.title if may_open else "",
        "flagged": drawing.is_flagged,
        "may_open": may_open,
        "by": str(drawing.uploaded_by),
        "at": drawing.uploaded_at,
    }


class NeedStepForm(StepReasonForm):
    review = forms.MultipleChoiceField(choices=list(REVIEW_QUESTIONS.items()), required=False)

    def __init__(self, step: str, data: Any = None) -> None:
        super().__init__(NEED_STEPS[step], data)
        if step != "open":
            del self.fields["review"]


class NeedAPI(Stepped):
    """Needs that you may see."""

    listing, verb, resource, serializer_class = NEEDS, "registry.view_need", "needs", NeedRow
    whole = NeedDetail
    verbs = {
        "create": "registry.change_need",
        "partial_update": "registry.change_need",
        "steps": "registry.change_need",
    }
    bodies = {
        "create": Body(
            [NeedForm],
            rows={"phases": PhaseFormSet, "criteria": CriterionFormSet},
            example={
                "project": 1,
                "title": "タワー内部架台",
                "text": "タワー内部架台の溶接と塗装",
                "phases": [{"kind": "volume", "lot": 60, "per": "year", "since": "2029-01-01"}],
                "criteria": [{"kind": "employees", "hard": "must", "number": 20}],
            },
        ),
        "partial_update": Body(
            [NeedForm],
            rows={"phases": PhaseFormSet, "criteria": CriterionFormSet},
            partial=True,
            example={"quantity": 40, "quantity_unit": "基"},
        ),
        "steps": StepBody(
            NEED_STEPS, lambda name: NeedStepForm(name).fields, example={"step": "close", "reason": "発注済み"}
        ),
    }

    def context(self, rows: Sequence[Need]) -> dict[str, Any]:
        return {"reader": self.person}

    def writable(self) -> Any:
        return Need.objects.changeable_by(self.person).for_list()

    def create(self, request: Request) -> Response:
        """Write a need. It is a draft until a step submits it."""
        return self.made(self._save(self.sent(), Need()))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a need. `phases` and `criteria` take the place of those that are there."""
        need, sent = self.unchanged(), self.sent()
        if not verbs_of.is_editable(self.person, need):
            raise Conflict(_("In this state the need cannot be edited; the office in charge can return it to you."))
        return self.after(lambda: self._save(sent, need))

    def _save(self, sent: dict[str, Any], need: Need) -> Need:
        user = self.person
        version = "" if need.pk is None else need.updated_at.isoformat()
        filled = fill(
            sent,
            [lambda data: NeedForm(data, instance=need, user=user)],
            {
                "phases": lambda data: PhaseFormSet(data, instance=need, prefix="phases"),
                "criteria": lambda data: CriterionFormSet(data, instance=need, prefix="criteria"),
            },
            version=version,
        )
        return verbs_of.save_need(filled, need, by=user)

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        if not can(self.person, verbs_of.STEP_VERBS[step]):
            raise PermissionDenied
        (form,) = fill(sent, [lambda data: NeedStepForm(step, data)])
        said = form.cleaned_data
        verbs_of.take(step, row, by=self.person, reason=said["reason"], review=said.get("review", ()))
