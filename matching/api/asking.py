"""Inquiries as offices read them and as firms do, consents of firms, and the log of contacts."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from matching.columns import INQUIRY_COLUMNS
from matching.filters import ConcernFilter, ConsentFilter, ContactFilter
from matching.models import Contact, DisclosureConsent, Inquiry
from matching.views.inquiries import INQUIRIES
from registry.api.resources import Resource
from registry.api.rows import Row
from registry.listing import Listing
from registry.models import Need
from registry.tabular import Column

_ID = Column("id", "ID", attrgetter("pk"), type=int)
_ASKED = [
    Column("message", "message to the firm", attrgetter("message")),
    Column("recipient", "recipient as the firm reads it", attrgetter("recipient")),
]


class InquiryRow(Row):
    columns = [_ID, *INQUIRY_COLUMNS, *_ASKED]


class InquiryAPI(Resource):
    """What offices asked firms, and what firms offered by themselves."""

    listing, verb, resource, serializer_class = INQUIRIES, "matching.ask", "inquiries", InquiryRow


CONCERN_COLUMNS = [
    _ID,
    Column("number", "inquiry", attrgetter("number")),
    Column("firm", "your firm", attrgetter("firm_id"), type=int),
    Column("need", "the need, where you may read it", attrgetter("need_id"), type=int | None),
    Column("office", "office", lambda inquiry: inquiry.office.label if inquiry.office else ""),
    Column("origin", "who began", attrgetter("origin")),
    Column("state", "state", attrgetter("state")),
    *_ASKED,
    Column("volume", "pieces a month offered", attrgetter("volume"), type=int | None),
    Column("asked_at", "asked on", attrgetter("asked_at"), type=datetime),
    Column("answer_by", "answer by", attrgetter("answer_by"), type=date),
    Column("answered_at", "answered on", attrgetter("answered_at"), type=datetime | None),
]
CONCERNS = Listing(
    rows=lambda user: Inquiry.objects.visible_to(user).for_list(),
    filters=ConcernFilter,
    columns=CONCERN_COLUMNS,
    template="",
    stem="concerns",
)


class ConcernRow(Row):
    columns = CONCERN_COLUMNS

    def to_representation(self, instance: Inquiry) -> dict[str, Any]:
        said = super().to_representation(instance)
        return said if instance.need_id in self.context["needs"] else said | {"need": None}


class ConcernAPI(Resource):
    """What offices ask your firm. Of a need that firms may not see you read what the office wrote."""

    listing, verb, resource, serializer_class = CONCERNS, "matching.concerns", "inquiries", ConcernRow

    def context(self, rows: Sequence[Inquiry]) -> dict[str, Any]:
        needs = Need.objects.visible_to(self.request.user).filter(pk__in=[row.need_id for row in rows])
        return {"needs": set(needs.values_list("pk", flat=True))}


CONSENT_COLUMNS = [
    _ID,
    Column("firm", "firm", attrgetter("firm_id"), type=int),
    Column("recipient", "to whom, as the firm read it", attrgetter("told")),
    Column("fields", "what may be passed on", attrgetter("fields"), type=list[str]),
    Column("until", "until", attrgetter("until"), type=date),
    Column("given_at", "given on", attrgetter("at"), type=datetime),
    Column("channel", "how it reached us", attrgetter("channel")),
    Column("ended_at", "ended on", lambda row: row.ended and row.ended.at, type=datetime | None),
    Column("ended_why", "why it ended", lambda row: row.ended and row.ended.why, type=str | None),
]
CONSENTS = Listing(
    rows=lambda user: DisclosureConsent.objects.visible_to(user).select_related("end", "firm", "need__project"),
    filters=ConsentFilter,
    columns=CONSENT_COLUMNS,
    template="",
    stem="consents",
)


class ConsentRow(Row):
    columns = CONSENT_COLUMNS


class ConsentAPI(Resource):
    """What your firm lets be passed on, also what has ended."""

    listing, verb, resource, serializer_class = CONSENTS, "matching.consent", "consents", ConsentRow


CONTACT_LOG_COLUMNS = [
    _ID,
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


class ContactAPI(Resource):
    """Calls, visits and meetings, latest first. An entry is never changed: a later one corrects it."""

    listing, verb, resource, serializer_class = CONTACT_LOG, "matching.log_contact", "contacts", ContactRow
