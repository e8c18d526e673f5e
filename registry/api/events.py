"""Events of offices, and who came to them."""

from registry.api.resources import Resource
from registry.api.rows import Row
from registry.office_columns import CAME_COLUMNS, EVENT_COLUMNS
from registry.views.events import ATTENDANCE, EVENTS


class EventRow(Row):
    columns = EVENT_COLUMNS


class EventAPI(Resource):
    """Events of your offices, with how many came; who came is `/api/attendance/?event=`."""

    listing, verb, resource, serializer_class = EVENTS, "registry.view_event", "events", EventRow


class AttendanceRow(Row):
    columns = CAME_COLUMNS


class AttendanceAPI(Resource):
    """Firms that came to events, registered or not."""

    listing, verb, resource, serializer_class = ATTENDANCE, "registry.view_event", "events", AttendanceRow
