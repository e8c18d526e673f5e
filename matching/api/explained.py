"""Why, and why not, a firm stands where it does for a need; and where firms would stand with other quantities."""

import re
from typing import Any, TypedDict

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from matching import whatif
from matching.api.proposals import ReasonJSON, reason_json
from matching.checks import Line, phases_fitted
from matching.columns import EntryJSON
from matching.documents import firms_as_documents, needs_as_documents
from matching.groups import preparing
from matching.store import IndexMissing
from matching.views.why import answered
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.problems import BadRequest, Conflict
from registry.forms.fields import key_in
from registry.forms.need import LotsForm
from registry.models import Firm, Need


class LineJSON(TypedDict):
    hard: bool
    label: str
    asked: str
    found: str
    outcome: str
    effect: str


class PartJSON(TypedDict):
    label: str
    points: float


class WhyJSON(TypedDict):
    need: int
    firm: int
    proposal: int | None
    verdict: str
    band: str
    fitted: int | None
    rank: int | None
    text_rank: int
    of: int
    points: float
    parts: list[PartJSON]
    placed: str
    distance: str
    against: list[str]
    criteria: list[LineJSON]
    reasons: list[ReasonJSON]
    entry: EntryJSON | None


def line_json(line: Line) -> LineJSON:
    """A criterion in words, in the reader's language; `outcome` is a code."""
    return {
        "hard": line.hard,
        "label": line.label,
        "asked": line.asked,
        "found": line.found,
        "outcome": line.outcome,
        "effect": line.effect,
    }


@extend_schema(parameters=[OpenApiParameter("firm", int, required=True)])
class WhyAPI(Gate):
    """Why, and why not, this firm."""

    verb, resource, action, schema = "matching.explain", "proposals", "explain", Description()
    parameters, answers, not_always = ("firm",), {"explain": {200: WhyJSON}}, ("explain",)

    def get(self, request: Request, pk: int) -> Response:
        """Where any firm of your scope stands for the need, proposed or not, what its nearness is made of, and what
        speaks against it, the weightiest first. `rank` is null far down."""
        need = get_object_or_404(needs_as_documents(Need.objects.visible_to(request.user)), pk=pk)
        asked = request.query_params.get("firm")
        if asked is None:
            raise BadRequest({"firm": [_("Say which firm, by its ID.")]})
        firm = get_object_or_404(firms_as_documents(Firm.objects.visible_to(request.user)), pk=key_in(asked))
        try:
            return Response(_why(need, firm, answered(need, firm)))
        except IndexMissing as missing:
            raise Conflict(preparing()) from missing


def _why(need: Need, firm: Firm, found: dict[str, Any]) -> WhyJSON:
    answer, proposal = found["answer"], found["proposal"]
    return {
        "need": need.pk,
        "firm": firm.pk,
        "proposal": proposal.pk if proposal else None,
        "verdict": str(answer.verdict),
        "band": found["band"].value,
        "fitted": found["fitted"],
        "rank": answer.rank,
        "text_rank": answer.text_rank,
        "of": answer.of,
        "points": found["points"],
        "parts": [{"label": str(label), "points": points} for label, points in found["parts"]],
        "placed": found["placed"],
        "distance": found["distance"] or "",
        "against": found["against"],
        "criteria": [line_json(line) for line in found["lines"]],
        "reasons": [reason_json(one) for one in found["reasons"]],
        "entry": found["entry"] or None,
    }


class TriedJSON(TypedDict):
    firm: int
    name: str
    rank: int
    verdict: str
    fits: str
    proposal: int | None
    stored_rank: int | None
    stored_verdict: str
    stored_fits: str


class VolumeJSON(TypedDict):
    need: int
    lots: dict[str, int]
    results: list[TriedJSON]


@extend_schema(
    parameters=[OpenApiParameter("lots", str, description="Pieces by the ID of a phase of the need: 5:60,6:120.")]
)
class VolumeAPI(Gate):
    """Other quantities of a need's phases, tried."""

    verb, resource, action, schema = "matching.explain", "proposals", "try", Description()
    parameters, answers, not_always = ("lots",), {"try": {200: VolumeJSON}}, ("try",)

    def get(self, request: Request, pk: int) -> Response:
        """The first firms that you see as they would be with other pieces in the phases (`lots=5:60,6:120`), beside
        what is stored. Nothing is changed by trying."""
        need = get_object_or_404(Need.objects.visible_to(request.user).for_list(), pk=pk)
        lots = _lots(need, request.query_params.get("lots", ""))
        if need.state != Need.State.OPEN or not lots:
            raise Conflict(_("Quantities are tried for an open need with phases."))
        try:
            rows = whatif.tried(need, lots, request.user)  # type: ignore[arg-type]
        except IndexMissing as missing:
            raise Conflict(preparing()) from missing
        said: VolumeJSON = {
            "need": need.pk,
            "lots": {str(phase): lot for phase, lot in lots.items()},
            "results": [_tried(row) for row in rows],
        }
        return Response(said)


def _lots(need: Need, text: str) -> dict[int, int]:
    """Pieces by phase, those of the need where nothing is said. Raises BadRequest."""
    phases = list(need.phases.all())
    asked = {f"lot-{phase.pk}": str(phase.lot) for phase in phases}
    for item in filter(None, text.split(",")):
        name, _colon, lot = item.partition(":")
        if f"lot-{name}" not in asked or not re.fullmatch("[0-9]{1,10}", lot):
            raise BadRequest({"lots": [_("Write pieces by the ID of a phase of the need, for example 5:60,6:120.")]})
        asked[f"lot-{name}"] = lot
    form = LotsForm(phases, asked)
    if not form.is_valid():
        raise BadRequest({"lots": [str(error) for errors in form.errors.values() for error in errors]})
    return form.lots


def _tried(row: whatif.Row) -> TriedJSON:
    held = row.stored
    return {
        "firm": row.firm.pk,
        "name": row.firm.name,
        "rank": row.rank,
        "verdict": row.verdict,
        "fits": row.fitted,
        "proposal": held.pk if held else None,
        "stored_rank": held.rank if held else None,
        "stored_verdict": held.verdict if held else "",
        "stored_fits": phases_fitted(held.checks) if held else "",
    }
