"""Drawings of a need, who opened them, and the export checks of their readers; which there are stands in the need."""

from datetime import date, datetime
from typing import Any, TypedDict

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from registry import drawings
from registry.api.bodies import Body, FileBody, fill
from registry.api.firm_files import SCANNED
from registry.api.needs import DrawingJSON, NeedAPI, drawing_json
from registry.forms.drawings import DrawingForm, ExportCheckForm
from registry.models import ExportCheck, NeedDrawing
from registry.views.drawings import opened_by


class OpeningJSON(TypedDict):
    drawing: int
    by: str
    firm: int | None
    at: datetime


class OpeningsJSON(TypedDict):
    results: list[OpeningJSON]


class CheckJSON(TypedDict):
    id: int
    reader: str
    permitted: str
    checked_on: date
    checker: str
    note: str
    by: str
    at: datetime


class ChecksJSON(TypedDict):
    results: list[CheckJSON]


class DrawingAPI(NeedAPI):
    """Drawings of the needs that you are in charge of."""

    verb = "registry.view_drawing"
    verbs = {
        **dict.fromkeys(("add", "remove"), "registry.change_need"),
        **dict.fromkeys(("checks", "check"), "registry.check_export"),
    }
    answers = {
        "add": {201: DrawingJSON},
        "drawing": SCANNED,
        "openings": {200: OpeningsJSON},
        "checks": {200: ChecksJSON},
        "check": {201: CheckJSON},
    }
    bodies = {
        "add": FileBody([DrawingForm], example={"title": "インペラ図面", "flagged": True}),
        "check": Body(
            [ExportCheckForm],
            example={"reader": "holm@example.dk", "permitted": "yes", "checked_on": "2026-04-01", "checker": "工藤"},
        ),
    }

    def get_queryset(self) -> Any:
        return super().get_queryset().in_charge_of(self.person)

    def writable(self) -> Any:
        return self.get_queryset()

    def add(self, request: Request, pk: int) -> Response:
        """Add a drawing or specification sheet."""
        need = self.get_object()
        (form,) = fill(
            self.sent(), [lambda data: DrawingForm(data, request.FILES, initial={"flagged": need.is_flagged})]
        )
        added = drawings.add(need, by=self.person, **form.cleaned_data)
        may_open = NeedDrawing.objects.visible_to(self.person).filter(pk=added.pk).exists()
        return Response(drawing_json(added, may_open), status=201)

    def drawing(self, request: Request, pk: int, drawing: int) -> FileResponse:
        """Open a drawing. That it was opened, and by whom, is written down before it is handed out."""
        return opened_by(self.person, pk, drawing)

    def remove(self, request: Request, pk: int, drawing: int) -> Response:
        """Remove a drawing; who opened it stays known."""
        need = self.unchanged()
        gone = get_object_or_404(NeedDrawing.objects.kept().select_related("need"), pk=drawing, need=need)
        return self.after(lambda: drawings.remove(gone, by=self.person))

    def openings(self, request: Request, pk: int) -> Response:
        """Who opened the drawings last, latest first; nothing for who is abroad."""
        said: OpeningsJSON = {
            "results": [
                {"drawing": one.drawing_id, "by": str(one.by), "firm": one.firm_id, "at": one.at}
                for one in drawings.openings(self.person, self.get_object())
            ]
        }
        return Response(said)

    def checks(self, request: Request, pk: int) -> Response:
        """Export checks of readers abroad, latest first."""
        rows = ExportCheck.objects.filter(need=self.get_object()).select_related("by")
        said: ChecksJSON = {"results": [_check_json(one) for one in rows]}
        return Response(said)

    def check(self, request: Request, pk: int) -> Response:
        """Record that somebody checked whether a reader abroad may get what is flagged; the last word counts."""
        need = self.get_object()
        (form,) = fill(self.sent(), [ExportCheckForm])
        return Response(_check_json(drawings.check(need, by=self.person, **form.cleaned_data)), status=201)


def _check_json(check: ExportCheck) -> CheckJSON:
    return {
        "id": check.pk,
        "reader": check.reader,
        "permitted": "yes" if check.permitted else "no",
        "checked_on": check.checked_on,
        "checker": check.checker,
        "note": check.note,
        "by": str(check.by),
        "at": check.at,
    }
