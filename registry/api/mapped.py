"""What the map counts: firms and needs by municipality and by prefecture."""

from typing import TypedDict

from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.describing import Description, asked_with
from registry.api.gate import Gate
from registry.api.problems import BadRequest
from registry.filters import MapFilter
from registry.listing import query_problems
from registry.models import Firm
from registry.regions import Line, survey


class PlaceJSON(TypedDict):
    key: str
    name: str
    within: str
    firms: int
    needs: int


class MapJSON(TypedDict):
    firms: int
    needs: int
    prefectures: list[PlaceJSON]
    municipalities: list[PlaceJSON]


_ASKED = tuple(MapFilter.base_filters)


@asked_with(_ASKED)
class MapAPI(Gate):
    """How many firms and needs lie where."""

    verb, resource, action, schema = "registry.view_map", "firms", "count", Description()
    parameters, answers = _ASKED, {"count": {200: MapJSON}}

    def get(self, request: Request) -> Response:
        """Published firms and open needs unless another `state` is chosen, as the map counts them. What has no
        municipality is the last of `prefectures`, without a key."""
        chosen = MapFilter(request.query_params, Firm.objects.none(), request=request._request)
        if problems := query_problems(chosen, request.query_params):
            raise BadRequest(problems)
        region = survey(request._request, chosen)
        said: MapJSON = {
            "firms": region.total.firms,
            "needs": region.total.needs,
            "prefectures": [_place(line) for line in region.areas],
            "municipalities": [_place(line) for line in region.towns],
        }
        return Response(said)


def _place(line: Line) -> PlaceJSON:
    return {
        "key": line.key,
        "name": line.label,
        "within": line.around,
        "firms": line.firms,
        "needs": line.needs,
    }
