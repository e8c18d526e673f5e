"""Events of the own offices: who came, and how many of them the register knows."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.filters import EventFilter
from registry.listing import Listing
from registry.models import Attendance, Event
from registry.sheet_columns import ATTENDANCE_COLUMNS


def _attendances(events: Any) -> Any:
    """Who came to the events, a line for each firm."""
    rows = Attendance.objects.filter(event__in=events.order_by().values("pk"))
    return rows.select_related("event", "firm__prefecture").order_by("event__held_on", "event", "pk")


EVENTS = Listing(
    rows=lambda user: Event.objects.visible_to(user).counted(),
    filters=EventFilter,
    columns=ATTENDANCE_COLUMNS,
    template="registry/events.html",
    stem="attendance",
    lines=_attendances,
)


@require_safe
@allow("registry.view_event")
def events(request: HttpRequest) -> HttpResponse:
    return EVENTS.page(request)


@require_safe
@allow("registry.view_event")
def attendance_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return EVENTS.export(request, extension, title=_("Attendance at events"))
