"""The figures with their file, and the list of decisions that some of their numbers lead to."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matching.columns import DECISION_COLUMNS
from matching.figures import proposals_of, survey
from matching.filters import DecisionFilter
from matching.models import Decision
from registry import charts
from registry.access import allow
from registry.listing import Listing, LongPaginator, query_problems
from registry.tabular import WRITERS

DECISIONS = Listing(
    rows=lambda user: Decision.objects.visible_to(user).for_list(),
    filters=DecisionFilter,
    columns=DECISION_COLUMNS,
    template="matching/decisions.html",
    stem="decisions",
    paginator=LongPaginator,
)


@require_safe
@allow("matching.view_figures")
def figures(request: HttpRequest) -> HttpResponse:
    """An invalid filter shows its error and nothing counted."""
    chosen = proposals_of(request)
    shown = survey(request, chosen) if chosen.is_valid() else []
    chosen_values = {name: request.GET.get(name) for name in chosen.form.fields}
    query = urlencode({name: value for name, value in chosen_values.items() if value})
    context = {"filter": chosen, "charts": shown, "query": query, "target": "#results"}
    return render(request, "matching/figures.html", context)


@require_safe
@allow("matching.view_figures")
def figures_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    chosen = proposals_of(request)
    if problems := query_problems(chosen, request.GET):
        return render(request, "registry/bad_query.html", {"problems": problems}, status=400)
    rows = charts.figures(survey(request, chosen))
    return WRITERS[extension](charts.FIGURE_COLUMNS, rows, stem="figures", title=_("Figures"))


@require_safe
@allow("matching.view_figures")
def decisions(request: HttpRequest) -> HttpResponse:
    return DECISIONS.page(request)


@require_safe
@allow("matching.view_figures")
def decisions_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return DECISIONS.export(request, extension, title=_("Decisions"))
