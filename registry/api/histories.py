"""What happened to a firm, a need or an anchor project: who changed what and when, as the page tells it."""

from datetime import datetime
from typing import Any, TypedDict

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from registry import history
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.models import AnchorProject, Firm, Need, User


class LineJSON(TypedDict):
    field: str
    before: str | None
    after: str | None


class EntryJSON(TypedDict):
    what: str
    by: str
    at: datetime
    person: str
    changes: list[LineJSON]


class HistoryJSON(TypedDict):
    results: list[EntryJSON]


class _HistoryAPI(Gate):
    action, schema = "history", Description()
    answers = {"history": {200: HistoryJSON}}

    def rows(self, user: User) -> Any:
        """Of the objects that the person sees, those whose history they may read."""
        raise NotImplementedError

    def get(self, request: Request, pk: int) -> Response:
        """The last hundred entries, newest first. A personal value is named, never quoted (null)."""
        user: Any = request.user
        row = self.rows(user).filter(pk=pk).first()
        if row is None:
            raise Http404
        said: HistoryJSON = {"results": [_entry(one) for one in history.entries(row, abroad=user.overseas)]}
        return Response(said)


class FirmHistoryAPI(_HistoryAPI):
    """What happened to a firm and to the records that were merged into it."""

    verb, resource = "registry.view_history", "firms"

    def rows(self, user: User) -> Any:
        return Firm.objects.visible_to(user)


class NeedHistoryAPI(_HistoryAPI):
    """What was changed in a need, for those in charge of it."""

    verb, resource = "registry.view_drawing", "needs"

    def rows(self, user: User) -> Any:
        return Need.objects.visible_to(user).in_charge_of(user)


class ProjectHistoryAPI(_HistoryAPI):
    """What was changed in an anchor project."""

    verb, resource = "registry.view_history", "projects"

    def rows(self, user: User) -> Any:
        return AnchorProject.objects.visible_to(user)


def _entry(one: history.Entry) -> EntryJSON:
    return {
        "what": str(one.label),
        "by": one.by,
        "at": one.at,
        "person": one.person,
        "changes": [
            {
                "field": str(line.label),
                "before": line.before if line.quoted else None,
                "after": line.after if line.quoted else None,
            }
            for line in one.lines
        ],
    }
