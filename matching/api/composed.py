"""Groups of firms that can be composed for a need now, and what one is asked for."""

from copy import copy
from typing import Any, TypedDict

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from matching import groups as composer
from matching.forms.groups import GroupForm
from matching.store import IndexMissing
from matching.views.groups import Line, Shown, offers, ready
from registry.api.bodies import fill
from registry.api.describing import Description, asked_with
from registry.api.gate import Gate
from registry.api.problems import BadRequest, Conflict, Invalid
from registry.forms.fields import KeyField
from registry.models import Need, User


class MemberJSON(TypedDict):
    name: str
    work: list[str]
    verdict: str
    distance_km: float | None
    to_lead_km: float | None


class OfferedJSON(TypedDict):
    key: str
    members: list[MemberJSON]
    uncovered: list[str]
    volume_asked: int | None
    volume: int | None
    shortfall: int


class LeftOutJSON(TypedDict):
    name: str
    why: str


class CompositionsJSON(TypedDict):
    waits_for_index: bool
    volume_step: str
    nobody_does: list[str]
    is_exact: bool
    left_out: list[LeftOutJSON]
    results: list[OfferedJSON]


class ChosenForm(forms.Form):
    """Which of the groups that can be composed for a need."""

    need = KeyField(Need.objects.none(), label=gettext_lazy("Need"))
    key = forms.CharField(max_length=40)

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.fields["need"].queryset = Need.objects.visible_to(user).for_list()  # type: ignore[attr-defined]


def _settings() -> dict[str, forms.Field]:
    """What a group is asked for: what is left out stays as the need asks; the steps are those of the need."""
    fields = {name: copy(one) for name, one in GroupForm.base_fields.items()}
    fields["max_members"].required = False
    return fields | {"volume_step": forms.CharField(max_length=60, required=False, label=fields["volume_step"].label)}


SETTINGS = _settings()


def asking(need: Need, sent: dict[str, Any]) -> composer.Asking:
    (form,) = fill(sent, [lambda data: GroupForm(need.capabilities.all(), composer.asked_by(need), data)])
    found: composer.Asking = form.asking
    return found


def require_ready(need: Need) -> None:
    if need.state != Need.State.OPEN:
        raise Conflict(_("Only open needs are matched. Open the need first."))
    if not ready(need):
        raise Conflict(
            _("A group is composed of firms for each capability that the need asks for. Choose them in the need.")
        )


@asked_with(SETTINGS)
class CompositionAPI(Gate):
    """The best groups for a need, as the page composes them."""

    verb, resource, action, schema = "matching.view_group", "groups", "compose", Description()
    parameters, answers = tuple(SETTINGS), {"compose": {200: CompositionsJSON}}

    def get(self, request: Request, pk: int) -> Response:
        """Groups that can be kept by `POST groups/` with their key; none for a need that is not open or asks for no
        capability. A firm outside your scope is not named."""
        need = get_object_or_404(Need.objects.visible_to(request.user).for_list(), pk=pk)
        said: CompositionsJSON = {
            "waits_for_index": False,
            "volume_step": "",
            "nobody_does": [],
            "is_exact": True,
            "left_out": [],
            "results": [],
        }
        try:
            asked = asking(need, request.query_params.dict())
        except Invalid as wrong:
            raise BadRequest(wrong.errors) from wrong
        if ready(need):
            try:
                composed = composer.compose(need, asked)
                found = offers(composed, request.user)  # type: ignore[arg-type]
                said |= {
                    "volume_step": found["volume_step"],
                    "nobody_does": found["nobody"],
                    "is_exact": composed.composition.exact,
                    "left_out": [{"name": name, "why": why} for name, _url, why in found["left_out"]],
                    "results": [_offered(one) for one in found["offered"]],
                }
            except IndexMissing:
                said["waits_for_index"] = True
        return Response(said)


def _offered(one: Shown) -> OfferedJSON:
    return {
        "key": one.key,
        "members": [_member(line) for line in one.lines],
        "uncovered": one.uncovered,
        "volume_asked": one.asked,
        "volume": one.volume,
        "shortfall": one.shortfall,
    }


def _member(line: Line) -> MemberJSON:
    return {
        "name": line.name,
        "work": line.work,
        "verdict": line.verdict,
        "distance_km": line.distance,
        "to_lead_km": line.to_lead,
    }
