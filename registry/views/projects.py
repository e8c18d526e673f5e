"""Anchor projects: list, export, facts with their source."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry import history
from registry.access import allow, can, signed_in
from registry.atlas import locate
from registry.columns import PROJECT_COLUMNS
from registry.filters import ProjectFilter
from registry.listing import Listing
from registry.models import AnchorProject, Need

PROJECTS = Listing(
    rows=lambda user: AnchorProject.objects.visible_to(user).for_list(),
    filters=ProjectFilter,
    columns=PROJECT_COLUMNS,
    template="registry/projects.html",
    stem="projects",
)


@require_safe
@allow("registry.view_project")
def projects(request: HttpRequest) -> HttpResponse:
    return PROJECTS.page(request)


@require_safe
@allow("registry.view_project")
def projects_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return PROJECTS.export(request, extension, title=_("Anchor projects"))


@require_safe
@allow("registry.view_project")
def project(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    shown = get_object_or_404(AnchorProject.objects.visible_to(user).for_list(), pk=pk)
    may_write = can(user, "registry.change_need") and AnchorProject.objects.buying_for(user).filter(pk=pk).exists()
    shows_history = can(user, "registry.view_history")
    context = {
        "project": shown,
        "needs": Need.objects.visible_to(user).filter(project=shown).order_by("-pk")[:100],
        "state_changes": shown.state_changes.select_related("by"),
        "shows_history": shows_history,
        "entries": list(history.entries(shown)) if shows_history else [],
        "may_write": may_write,
        "shows_figures": can(user, "matching.view_figures"),
        "map": locate(shown.municipality),
    }
    return render(request, "registry/project.html", context)
