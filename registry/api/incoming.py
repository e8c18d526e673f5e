"""What comes in to people, to be read: events, notices."""

from registry.api.resources import Resource
from registry.api.rows import Row
from registry.office_columns import CAME_COLUMNS, EVENT_COLUMNS, NOTICE_COLUMNS
from registry.views.events import ATTENDANCE, EVENTS
from registry.views.notices import NOTICES


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


class NoticeRow(Row):
    columns = NOTICE_COLUMNS


class NoticeAPI(Resource):
    """Your own notices, in your language. Reading them here does not mark them as read."""

    listing, verb, resource, serializer_class = NOTICES, "registry.notices", "notices", NoticeRow
