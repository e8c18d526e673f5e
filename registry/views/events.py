"""Events of the own offices: who came, and how many of them the register knows."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.listing.pages import PAGE_SIZE
from registry.models import Event


@require_safe
@allow("registry.view_event")
def events(request: HttpRequest) -> HttpResponse:
    rows = Event.objects.visible_to(request.user).counted().select_related("office")
    try:
        page = Paginator(rows, PAGE_SIZE).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error
    return render(request, "registry/events.html", {"page_obj": page})
