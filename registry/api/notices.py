"""A person's own notices, marking them as read, and the wish about mails."""

from typing import Any, TypedDict

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import notices
from registry.api.bodies import NOTHING, Body, StepBody, fill
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.notices import WishForm
from registry.models import Notice
from registry.office_columns import NOTICE_COLUMNS
from registry.views.notices import NOTICES


class NoticeRow(Row):
    columns = NOTICE_COLUMNS


class ReadJSON(TypedDict):
    read: int


class WishJSON(TypedDict):
    by_mail: str


class NoticeAPI(Stepped):
    """Your own notices, in your language. Looking at them here does not mark them as read."""

    listing, verb, resource, serializer_class = NOTICES, "registry.notices", "notices", NoticeRow
    answers = {"read": {200: ReadJSON}, "wish": {200: WishJSON}, "change_wish": {200: WishJSON}}
    bodies = {
        "steps": StepBody(["read"], lambda name: {}, example={"step": "read"}),
        "read": NOTHING,
        "change_wish": Body([WishForm], example={"by_mail": "daily"}),
    }

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """`read`, again too, marks one notice as read."""
        notices.read(Notice.objects.filter(pk=row.pk))

    @action(detail=False, methods=["post"])
    def read(self, request: Request) -> Response:
        """Mark all of your notices as read. Answers how many were not yet."""
        self.sent()
        said: ReadJSON = {"read": notices.read(self.get_queryset())}
        return Response(said)

    @action(detail=False, methods=["get"])
    def wish(self, request: Request) -> Response:
        """Whether your notices are mailed to you: at once, once a day, never."""
        return self._wished()

    @wish.mapping.patch
    def change_wish(self, request: Request) -> Response:
        """Change whether your notices are mailed to you. It holds for those that wait already too."""
        (form,) = fill(self.sent(), [WishForm])
        notices.wish(self.person, form.cleaned_data["by_mail"])
        return self._wished()

    def _wished(self) -> Response:
        said: WishJSON = {"by_mail": self.person.notices_by_mail}
        return Response(said)
