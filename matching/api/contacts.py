"""The log of calls and visits."""

from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from matching import contacts
from matching.filters import ContactFilter
from matching.forms.asking import ContactForm
from matching.models import Contact, Proposal
from registry.api.bodies import Body, fill
from registry.api.resources import Resource
from registry.api.rows import Row
from registry.forms.fields import KeyField
from registry.listing import Listing
from registry.models import Firm, User
from registry.tabular import Column

CONTACT_LOG_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("firm", "firm", attrgetter("firm_id"), type=int),
    Column("proposal", "proposal", attrgetter("proposal_id"), type=int | None),
    Column("day", "date", attrgetter("day"), type=date),
    Column("kind", "kind", attrgetter("kind")),
    Column("whom", "with whom", attrgetter("whom")),
    Column("summary", "summary", attrgetter("summary")),
    Column("minutes", "minutes spent", attrgetter("minutes"), type=int),
    Column("corrects", "entry that this one corrects", attrgetter("corrects_id"), type=int | None),
    Column("by", "by", lambda row: str(row.by)),
    Column("at", "written on", attrgetter("at"), type=datetime),
]
CONTACT_LOG = Listing(
    rows=lambda user: Contact.objects.visible_to(user).for_list(),
    filters=ContactFilter,
    columns=CONTACT_LOG_COLUMNS,
    template="",
    stem="contacts",
)


class ContactRow(Row):
    columns = CONTACT_LOG_COLUMNS


class AboutForm(forms.Form):
    """What a contact was about: a firm, or one of its proposals; and which entry it corrects."""

    firm = KeyField(Firm.objects.none(), required=False, label=gettext_lazy("Firm"))
    proposal = KeyField(Proposal.objects.none(), required=False, label=gettext_lazy("Proposal"))
    corrects = KeyField(Contact.objects.none(), required=False, label=gettext_lazy("corrects"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        seen: dict[str, Any] = {
            "firm": Firm.objects.visible_to(user),
            "proposal": Proposal.objects.visible_to(user).select_related("firm", "need"),
            "corrects": Contact.objects.visible_to(user).standing(),
        }
        for name, rows in seen.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(said["firm"]) == bool(said["proposal"]):
            self.add_error("firm", _("Name the firm or one of its proposals."))
        return said


class ContactAPI(Resource):
    """Calls, visits and meetings, latest first. An entry is never changed: a later one corrects it."""

    listing, verb, resource, serializer_class = CONTACT_LOG, "matching.log_contact", "contacts", ContactRow
    bodies = {
        "create": Body(
            [AboutForm, ContactForm],
            example={
                "firm": 1,
                "day": "2026-04-01",
                "kind": "call",
                "whom": "営業部",
                "minutes": 15,
                "summary": "増産の予定",
            },
        )
    }

    def create(self, request: Request) -> Response:
        """Log a call, visit, meeting or mail that has taken place."""
        about, form = fill(self.sent(), [lambda data: AboutForm(self.person, data), ContactForm])
        proposal = about.cleaned_data["proposal"]
        firm = about.cleaned_data["firm"] or proposal.firm
        corrects = about.cleaned_data["corrects"]
        return self.made(contacts.log(firm, self.person, proposal=proposal, corrects=corrects, **form.cleaned_data))
