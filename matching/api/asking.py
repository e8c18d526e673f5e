"""Inquiries as offices read them and as firms do, and consents of firms."""

from collections.abc import Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypedDict

from django.http import FileResponse
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import concerns, consent, nda
from matching import inquiries as verbs_of
from matching.api.hidden import BesideNeed, needs_seen
from matching.api.proposals import RefusedJSON, refused_json
from matching.columns import INQUIRY_COLUMNS
from matching.filters import ConcernFilter, ConsentFilter
from matching.forms.asking import AskForm, ConsentForm, InquiryStepForm, ReplyForm
from matching.forms.steps import SelectionForm
from matching.models import OFFICE_STEPS, DisclosureConsent, Inquiry, InquiryEvent, Proposal
from matching.views.inquiries import INQUIRIES
from matching.views.nda import ACTS, opened_by
from registry.api.bodies import Body, StepBody, fill
from registry.api.firm_files import SCANNED
from registry.api.problems import Invalid
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.drawings import NdaForm
from registry.listing import Listing
from registry.models import Need, of_firm
from registry.tabular import Column

_ID = Column("id", "ID", attrgetter("pk"), type=int)
_ASKED = [
    Column("message", "message to the firm", attrgetter("message")),
    Column("recipient", "recipient as the firm reads it", attrgetter("recipient")),
]


class InquiryRow(Row):
    columns = [_ID, *INQUIRY_COLUMNS, *_ASKED]


class EventJSON(TypedDict):
    step: str
    at: datetime
    volume: int | None
    reason: str
    note: str
    channel: str


class ToldEventJSON(EventJSON):
    said_by: str
    by: str


class GivenJSON(TypedDict):
    id: int
    recipient: str
    fields: list[str]
    until: date
    given_at: datetime
    channel: str
    ended_at: datetime | None


def _signed(inquiry: Inquiry) -> date | None:
    found = nda.of(inquiry)
    return found.signed_on if found else None


def _event(event: InquiryEvent) -> EventJSON:
    return {
        "step": event.step,
        "at": event.at,
        "volume": event.volume,
        "reason": event.reason,
        "note": event.note,
        "channel": event.channel,
    }


def _events(inquiry: Inquiry) -> list[EventJSON]:
    return [_event(event) for event in inquiry.events.order_by("-pk")]


def _told_events(inquiry: Inquiry) -> list[ToldEventJSON]:
    """With the people, for offices."""
    rows = inquiry.events.select_related("by").order_by("-pk")
    return [{**_event(event), "said_by": event.said_by, "by": str(event.by)} for event in rows]


def _given(inquiry: Inquiry) -> list[GivenJSON]:
    rows = DisclosureConsent.objects.filter(of_firm(inquiry.firm_id), need=inquiry.need_id).select_related("end")
    return [
        {
            "id": one.pk,
            "recipient": one.told,
            "fields": one.fields,
            "until": one.until,
            "given_at": one.at,
            "channel": one.channel,
            "ended_at": one.ended.at if one.ended else None,
        }
        for one in rows
    ]


class InquiryDetail(Row):
    columns = [
        *InquiryRow.columns,
        Column("nda_signed_on", "the NDA in force was signed on", _signed, type=date | None),
        Column("events", "what happened, newest first", _told_events, type=list[ToldEventJSON]),
        Column("consents", "what the firm lets be passed on for the need, newest first", _given, type=list[GivenJSON]),
    ]


class SentJSON(TypedDict):
    sent: list[int]
    refused: list[RefusedJSON]


class Answerable(Stepped):
    """An inquiry that is answered with its consent, and withdrawn or asked again."""

    office: bool

    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: int) -> Response:
        """Answer the inquiry: the firm itself, or an office that was told the answer."""
        row, sent = self.unchanged(), self.sent()
        (form,) = fill(sent, [lambda data: ReplyForm(row, data, office=self.office)], seen=row.state)
        return self.after(lambda: verbs_of.answer(row, form.given, by=self.person))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        (form,) = fill(sent, [lambda data: InquiryStepForm(step, data)], seen=row.state)
        verbs_of.take(step, row, by=self.person, note=form.cleaned_data["note"])


OF_A_FIRM = {name: one for name, one in ReplyForm.base_fields.items() if name not in {"channel", "said_by"}}


class InquiryAPI(Answerable):
    """What offices asked firms, and what firms offered by themselves."""

    listing, verb, resource, serializer_class = INQUIRIES, "matching.ask", "inquiries", InquiryRow
    whole = InquiryDetail
    office = True
    verbs = {"nda": "matching.record_nda"}
    answers = {"create": {201: SentJSON}}
    bodies = {
        "create": Body(
            [SelectionForm, AskForm],
            example={"ids": ["12:shortlisted"], "message": "月40基を製作できますか。", "days": 10},
        ),
        "answer": Body(
            [ReplyForm],
            example={
                "step": "accept",
                "channel": "phone",
                "said_by": "総務",
                "fields": ["identity"],
                "until": "2027-03-31",
            },
        ),
        "steps": StepBody(OFFICE_STEPS, lambda name: InquiryStepForm(name).fields, example={"step": "withdraw"}),
        "nda": StepBody(
            ACTS,
            lambda name: NdaForm.base_fields if name == "record" else {},
            example={"step": "record", "signed_on": "2026-04-01"},
        ),
    }

    def writable(self) -> Any:
        rows = super().writable()
        return rows.filter(need__in=Need.objects.in_charge_of(self.person)) if self.action == "nda" else rows

    @action(detail=True, methods=["post"])
    def nda(self, request: Request, pk: int) -> Response:
        """Record that the NDA with the firm is signed, or that it has ended: need and drawings open and close by it."""
        row, sent = self.unchanged(), self.sent()
        if sent["step"] == "end":
            return self.after(lambda: nda.end(row, by=self.person))
        (form,) = fill(sent, [NdaForm])
        return self.after(lambda: nda.record(row, by=self.person, **form.cleaned_data))

    def create(self, request: Request) -> Response:
        """Ask the firms of shortlisted proposals; what is refused is told one by one."""
        sent, user = self.sent(), self.person
        (selection,) = fill({"ids": sent.pop("ids", [])}, [SelectionForm])
        proposals = Proposal.objects.visible_to(user).select_related("need__project", "firm__prefecture")
        chosen = selection.cleaned_data["ids"]
        rows = list(proposals.filter(pk__in=chosen).order_by("pk"))
        hidden = any(verbs_of.is_hidden(row.need) for row in rows)
        (form,) = fill(sent, [lambda data: AskForm(data, hidden=hidden)])
        result = verbs_of.ask(rows, by=user, **form.cleaned_data)
        refused = refused_json(chosen, rows, result.refused)
        if not result.sent:
            raise Invalid({f"ids.{one['proposal']}": [one["why"]] for one in refused})
        said: SentJSON = {"sent": [one.pk for one in result.sent], "refused": refused}
        return Response(said, status=201)


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
    Column("standing", "how far it has come for your firm, a code", lambda inquiry: ""),
]
CONCERNS = Listing(
    rows=lambda user: Inquiry.objects.visible_to(user).for_list(),
    filters=ConcernFilter,
    columns=CONCERN_COLUMNS,
    template="",
    stem="concerns",
)


class ConcernRow(BesideNeed):
    columns = CONCERN_COLUMNS

    def to_representation(self, instance: Inquiry) -> dict[str, Any]:
        return super().to_representation(instance) | {"standing": self.context["standings"][instance.pk]}


class OpenDrawingJSON(TypedDict):
    id: int
    title: str


class ConcernDetail(ConcernRow):
    columns = [
        *CONCERN_COLUMNS,
        Column("events", "what happened, newest first", _events, type=list[EventJSON]),
        Column("drawings", "drawings that you may open now", lambda row: [], type=list[OpenDrawingJSON]),
    ]

    def to_representation(self, instance: Inquiry) -> dict[str, Any]:
        rows = nda.drawings_for(instance, self.context["reader"])
        found: list[OpenDrawingJSON] = [{"id": one.pk, "title": one.title} for one in rows]
        return super().to_representation(instance) | {"drawings": found}


class ConcernAPI(Answerable):
    """What offices ask your firm. Of a need that firms may not see you read what the office wrote."""

    listing, verb, resource, serializer_class = CONCERNS, "matching.concerns", "inquiries", ConcernRow
    whole = ConcernDetail
    office = False
    verbs = {"drawing": "matching.read_drawing"}
    answers = {"drawing": SCANNED}
    bodies = {
        "answer": Body(
            [OF_A_FIRM],
            example={"step": "part", "volume": 20, "fields": ["identity", "capacity"], "until": "2027-03-31"},
        ),
        "steps": StepBody(["reopen"], lambda name: InquiryStepForm(name).fields, example={"step": "reopen"}),
    }

    def context(self, rows: Sequence[Inquiry]) -> dict[str, Any]:
        standings = {one.inquiry.pk: one.code for one in concerns.standings(self.person, rows)}
        seen = needs_seen(self.person, (row.need_id for row in rows))
        return seen | {"standings": standings, "reader": self.person}

    def drawing(self, request: Request, pk: int, drawing: int) -> FileResponse:
        """Open a drawing that your NDA opens to you. That it was opened, by whom and for which firm is written down."""
        return opened_by(self.person, pk, drawing)


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


class ConsentAPI(Stepped):
    """What your firm lets be passed on, also what has ended."""

    listing, verb, resource, serializer_class = CONSENTS, "matching.consent", "consents", ConsentRow
    bodies = {
        "steps": StepBody(
            ["revoke", "change"],
            lambda name: ConsentForm.base_fields if name == "change" else {},
            example={"step": "revoke"},
        )
    }

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """`change` gives a new consent in place of this one, which ends."""
        if step == "revoke":
            consent.revoke(row, by=self.person)
            return
        (form,) = fill(sent, [ConsentForm])
        consent.change(row, by=self.person, fields=form.cleaned_data["fields_"], until=form.cleaned_data["until"])
