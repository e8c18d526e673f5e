"""What a firm does by itself about needs: it reads which match it and how it fits, offers itself, asks for the NDA."""

from typing import Any, TypedDict

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from matching import concerns
from matching import inquiries as verbs_of
from matching.api.asking import ConcernAPI, ConcernDetail
from matching.api.explained import LineJSON, line_json
from matching.forms.asking import OfferForm
from matching.models import Inquiry
from matching.views.fit import fits, seen_need
from registry.api.asked import OwnFirmForm
from registry.api.bodies import Body, fill
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.models import Firm, Need


class FitJSON(TypedDict):
    firm: int
    name: str
    state: str
    criteria: list[LineJSON]


class FitsJSON(TypedDict):
    results: list[FitJSON]


class FitAPI(Gate):
    """How your firms stand to a need."""

    verb, resource, action, schema = "matching.fit", "needs", "fit", Description()
    answers = {"fit": {200: FitsJSON}}

    def get(self, request: Request, pk: int) -> Response:
        """What is asked and what your firms have: no score, no rank, nothing of other firms."""
        user: Any = request.user
        need = seen_need(user, pk)
        said: FitsJSON = {
            "results": [
                {
                    "firm": firm.pk,
                    "name": firm.name,
                    "state": firm.state,
                    "criteria": [line_json(line) for line in lines],
                }
                for firm, lines in fits(need, user)
            ]
        }
        return Response(said)


class ChipJSON(TypedDict):
    text: str
    outcome: str


class MatchJSON(TypedDict):
    need: int
    firm: int
    words: list[str]
    asked: list[ChipJSON]


class MatchesJSON(TypedDict):
    results: list[MatchJSON]


class MatchesAPI(Gate):
    """Needs that match your firms."""

    verb, resource, action, schema = "matching.concerns", "needs", "match", Description()
    answers = {"match": {200: MatchesJSON}}

    def get(self, request: Request) -> Response:
        """Open needs that you may see, that match your firms and that nobody has asked them about yet."""
        user: Any = request.user
        said: MatchesJSON = {
            "results": [
                {
                    "need": one.need.pk,
                    "firm": one.firm.pk,
                    "words": one.words,
                    "asked": [{"text": str(chip.text), "outcome": chip.outcome} for chip in one.chips],
                }
                for one in concerns.matches(user)
            ]
        }
        return Response(said)


class VolunteerAPI(ConcernAPI):
    """A firm speaks up for a need that is open; what comes of it is one of `/api/concerns/`."""

    verb = "matching.volunteer"
    answers = {"offer": {201: ConcernDetail}, "ask_nda": {201: ConcernDetail}}
    bodies = {
        "offer": Body(
            [OwnFirmForm, OfferForm],
            example={"firm": 1, "step": "part", "volume": 20, "fields": ["identity"], "until": "2027-03-31"},
        ),
        "ask_nda": Body([OwnFirmForm], example={"firm": 1}),
    }

    def offer(self, request: Request, pk: int) -> Response:
        """Offer a firm of yours, with its consent: the office reads it like an answer to an inquiry."""
        need, sent = self._need(pk), self.sent()
        firm = self._firm(sent)
        (form,) = fill(sent, [lambda data: OfferForm(need, firm, data)], seen=Inquiry.State.SENT)
        return self.made(verbs_of.offer(need, firm, form.given, by=self.person))

    def ask_nda(self, request: Request, pk: int) -> Response:
        """Ask for the NDA that the need wants before it shows its drawings."""
        need, sent = self._need(pk), self.sent()
        return self.made(verbs_of.ask_for_nda(need, self._firm(sent), by=self.person))

    def _need(self, pk: int) -> Need:
        seen = Need.objects.visible_to(self.person).open().select_related("project", "office")
        need: Need = get_object_or_404(seen, pk=pk)
        return need

    def _firm(self, sent: dict[str, Any]) -> Firm:
        (form,) = fill({"firm": sent.pop("firm", None)}, [lambda data: OwnFirmForm(self.person, data)])
        firm: Firm = form.cleaned_data["firm"]
        return firm
