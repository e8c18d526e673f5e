"""The first page of each role: what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.home import panels


@require_safe
@allow("registry.home")
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {"panels": list(panels(request))})
