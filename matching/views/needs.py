"""Parts of the office's page of a need: as a fragment of that page, or as a page of its own without scripts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from matching.panels import PARTS
from registry.access import allow, signed_in
from registry.models import Need


@require_safe
@allow("matching.view_proposal")
def panel(request: HttpRequest, pk: int, panel: str) -> HttpResponse:
    user = signed_in(request)
    need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
    part = PARTS[panel]
    fragment = "HX-Request" in request.headers
    context = {"label": part.label, "template": part.template, "heading": fragment, **part.make(need, user)}
    answer = render(request, part.template if fragment else "matching/need_part.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
