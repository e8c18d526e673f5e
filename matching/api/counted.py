"""What is counted: the figures, and who is shown how often."""

from typing import TypedDict

from django.core.paginator import InvalidPage
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from matching.exposure import limit
from matching.figures import proposals_of, survey
from matching.filters import ExposureFilter, FiguresFilter
from matching.views.exposure import EXPOSURE, ExposurePaginator
from registry.api.describing import Description, asked_with
from registry.api.gate import Gate
from registry.api.paging import limit_of
from registry.api.problems import BadRequest
from registry.charts import FIGURE_COLUMNS, figures
from registry.listing import query_problems


class FigureJSON(TypedDict):
    chart: str
    row: str
    heading: str
    count: int


class FiguresJSON(TypedDict):
    results: list[FigureJSON]


class ExposedJSON(TypedDict):
    key: int | str
    name: str
    first: int
    share: float
    proposals: int
    shortlisted: int
    listed: int


class ExposureJSON(TypedDict):
    cap: int | None
    next: str | None
    results: list[ExposedJSON]


_FIGURES = tuple(FiguresFilter.base_filters)
_EXPOSURE = (*ExposureFilter.base_filters, "limit", "page")


@asked_with(_FIGURES)
class FiguresAPI(Gate):
    """The numbers of the page, one by one."""

    verb, resource, action, schema = "matching.view_figures", "proposals", "count", Description()
    parameters, answers = _FIGURES, {"count": {200: FiguresJSON}}

    def get(self, request: Request) -> Response:
        """Proposals by stage, place, time and office, and decisions by week, in the reader's language."""
        chosen = proposals_of(request._request)
        if problems := query_problems(chosen, request.query_params):
            raise BadRequest(problems)
        lines = figures(survey(request._request, chosen))
        return Response({"results": [{one.name: one.json(line) for one in FIGURE_COLUMNS} for line in lines]})


@asked_with(_EXPOSURE)
class ExposureAPI(Gate):
    """Firms, or with `by=prefecture` prefectures, those with the most first places first."""

    verb, resource, action, schema = "matching.view_exposure", "proposals", "count", Description()
    parameters, answers = _EXPOSURE, {"count": {200: ExposureJSON}}

    def get(self, request: Request) -> Response:
        """Who is shown how often. `cap` is in how many open needs one firm may stand among the first ten."""
        chosen = EXPOSURE.filtered(request._request)
        if problems := query_problems(chosen, request.query_params, also=("limit", "page")):
            raise BadRequest(problems)
        try:
            page = ExposurePaginator(chosen.qs, limit_of(request)).page(request.query_params.get("page", "1"))
        except InvalidPage as invalid:
            raise BadRequest({"page": [str(invalid)]}) from invalid
        here = request.build_absolute_uri()
        return Response(
            {
                "cap": limit(),
                "next": replace_query_param(here, "page", page.next_page_number()) if page.has_next() else None,
                "results": [{one.name: one.json(row) for one in EXPOSURE.columns} for row in page],
            }
        )
