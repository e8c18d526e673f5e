"""Links to released lists for readers without an account: which exist, a new one by mail, the end of one."""

from datetime import datetime
from operator import attrgetter
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from matching import links
from matching.filters import ListLinkFilter
from matching.forms.lists import LinkForm
from matching.models import CandidateList, ListLink
from matching.views.lists import address_in
from registry.api.bodies import Body, StepBody, fill
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.fields import KeyField
from registry.listing import Listing
from registry.models import User
from registry.tabular import Column

LINK_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("list", "candidate list", attrgetter("list_id"), type=int),
    Column("email", "e-mail address of the reader", attrgetter("email")),
    Column("language", "language", attrgetter("language")),
    Column("overseas", "the reader is outside Japan", attrgetter("overseas"), type=bool),
    Column("made_by", "made by", lambda link: str(link.made_by)),
    Column("made_at", "made on", attrgetter("made_at"), type=datetime),
    Column("expires_at", "valid until", attrgetter("expires_at"), type=datetime),
    Column("ended_at", "ended on", attrgetter("revoked_at"), type=datetime | None),
    Column("open", "leads to the list now", lambda link: link.is_open(timezone.now()), type=bool),
]
LINKS = Listing(
    rows=lambda user: ListLink.objects.visible_to(user).select_related("list", "made_by"),
    filters=ListLinkFilter,
    columns=LINK_COLUMNS,
    template="",
    stem="links",
)


class LinkRow(Row):
    columns = LINK_COLUMNS


class OfListForm(forms.Form):
    list = KeyField(CandidateList.objects.none(), label=_("Candidate list"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.fields["list"].queryset = CandidateList.objects.visible_to(user).for_list()  # type: ignore[attr-defined]


class LinkAPI(Stepped):
    """Links to lists that you may see, latest first. Their addresses are known to their readers alone, by mail."""

    listing, verb, resource, serializer_class = LINKS, "matching.make_list", "lists", LinkRow
    bodies = {
        "create": Body([OfListForm, LinkForm], example={"list": 1, "email": "holm@example.dk", "days": 14}),
        "steps": StepBody(["end"], lambda name: {}, example={"step": "end"}),
    }

    def create(self, request: Request) -> Response:
        """Mail a reader without an account the way to a released list; a code by mail opens it."""
        of, form = fill(self.sent(), [lambda data: OfListForm(self.person, data), LinkForm])
        address = address_in(request._request)
        return self.made(links.send(of.cleaned_data["list"], by=self.person, address=address, **form.cleaned_data))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """From now on the address leads nowhere."""
        links.end(row)
