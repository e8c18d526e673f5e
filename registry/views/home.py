"""The first page of each role: what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry import visits
from registry.access import allow, signed_in
from registry.home import PLACES, panels


@require_safe
@allow("registry.home")
def home(request: HttpRequest) -> HttpResponse:
    found = panels(request, visits.begin(signed_in(request)))
    places = {place: [panel for panel in found if panel.place == place] for place in PLACES}
    return render(request, "home.html", {"panels": found, **places})
