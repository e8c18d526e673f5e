"""Events of the own offices: who came, and how many of them the register knows."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.filters import AttendanceFilter, EventFilter
from registry.listing import Listing
from registry.models import Attendance, Event
from registry.sheet_columns import ATTENDANCE_COLUMNS

EVENTS = Listing(
    rows=lambda user: Event.objects.visible_to(user).select_related("office").counted(),
    filters=EventFilter,
    columns=ATTENDANCE_COLUMNS,
    template="registry/events.html",
    stem="attendance",
    lines=lambda events: Attendance.objects.filter(event__in=events.order_by().values("pk")).for_list(),
)
"""The page has a line for each event, its file one for each firm that came."""
ATTENDANCE = Listing(
    rows=lambda user: Attendance.objects.visible_to(user).for_list(),
    filters=AttendanceFilter,
    columns=ATTENDANCE_COLUMNS,
    template="",
    stem="attendance",
)


@require_safe
@allow("registry.view_event")
def events(request: HttpRequest) -> HttpResponse:
    return EVENTS.page(request)


@require_safe
@allow("registry.view_event")
def attendance_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return EVENTS.export(request, extension, title=_("Attendance at events"))
