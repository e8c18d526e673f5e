"""The map of the six prefectures with its tables."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.atlas import PLACES, draw
from registry.filters import MapFilter
from registry.models import Firm, Place
from registry.regions import survey


@require_safe
@allow("registry.view_map")
def region_map(request: HttpRequest) -> HttpResponse:
    """An invalid filter shows its error and nothing counted."""
    chosen = MapFilter(request.GET, Firm.objects.none(), request=request)
    context: dict[str, object] = {"filter": chosen, "target": "#results"}
    if chosen.is_valid():
        region = survey(request, chosen)
        places = list(Place.objects.filter(kind__in=PLACES))
        context |= {"region": region, "places": places, "map": draw(region.spots, places)}
    return render(request, "registry/map.html", context)
