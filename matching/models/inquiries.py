"""An inquiry: an office asks one firm about one need, or the firm speaks up by itself; an event is one act on it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.consents import Channel
from registry.access import NOTHING, Role, Visible, firm_rows, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.models import Firm, Need, Office, User
from registry.steps import Step
from registry.text import fold


class InquiryQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """A firm sees its own; an office those whose firm and need it sees."""
        if user.role == Role.FIRM:
            return Q(firm__in=user.firm_ids)
        if user.role == Role.BUREAU:
            return Q()
        if user.role == Role.COORDINATOR:
            needs = Need.objects.filter(need_rows(user), pk=OuterRef("need_id"))
            firms = Firm.objects.filter(firm_rows(user), pk=OuterRef("firm_id"))
            return Q(Exists(needs), Exists(firms))
        return NOTHING

    def waiting(self) -> Self:
        """Inquiries that the firm has not answered yet."""
        return self.filter(state=Inquiry.State.SENT)

    def overdue(self) -> Self:
        return self.waiting().filter(answer_by__lt=timezone.localdate())

    def matching_text(self, text: str) -> "InquiryQuerySet":
        inquiries = self
        for word in fold(text).split():
            inquiries = inquiries.filter(Q(firm__search__holds=word) | Q(need__search__holds=word))
        return inquiries

    def for_list(self) -> Self:
        return self.select_related("need__project", "firm__prefecture", "office", "asked_by")


class Inquiry(models.Model):
    """`message` and `recipient` are all that a firm reads of a need that it may not see itself."""

    class State(models.TextChoices):
        SENT = "sent", _("waiting for the firm's answer")
        INTERESTED = "interested", _("interested in full")
        PARTIAL = "partial", _("interested in part")
        DECLINED = "declined", _("not interested")
        WITHDRAWN = "withdrawn", _("withdrawn by the office")

    class Origin(models.TextChoices):
        OFFICE = "office", _("asked by the office")
        FIRM = "firm", _("offered by the firm")

    need = models.ForeignKey(Need, models.PROTECT, related_name="inquiries", verbose_name=_("need"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="inquiries", verbose_name=_("firm"))
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="inquiries", verbose_name=_("office")
    )
    origin = models.CharField(_("origin"), max_length=6, choices=Origin, default=Origin.OFFICE)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENT)
    message = models.TextField(_("message to the firm"), max_length=2000)
    recipient = models.CharField(_("recipient as the firm reads it"), max_length=200)
    answer_by = models.DateField(_("answer by"))
    volume = models.PositiveIntegerField(_("pieces a month offered"), null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now, editable=False)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ("answer_by", "pk")
        constraints = (models.UniqueConstraint(fields=("need", "firm"), name="one_inquiry_per_need_and_firm"),)
        indexes = (
            models.Index(fields=("firm", "state"), name="inquiry_by_firm"),
            models.Index(fields=("state", "answer_by"), name="inquiry_by_clock"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("matching:inquiry", args=[self.pk])

    @property
    def number(self) -> str:
        return f"Q-{self.pk:04d}"

    @property
    def is_overdue(self) -> bool:
        return self.is_late(timezone.localdate())

    def is_late(self, today: date) -> bool:
        return self.state == self.State.SENT and self.answer_by < today

    @property
    def origin_label(self) -> str:
        """A firm that has not answered yet asks for the NDA of the need, or took its offer back."""
        raised = self.origin == self.Origin.FIRM and self.state == self.State.SENT
        return str(_("raised by the firm") if raised else self.get_origin_display())

    @property
    def is_positive(self) -> bool:
        return self.state in {self.State.INTERESTED, self.State.PARTIAL}


DECLINE_REASONS = {
    "capability": _("we do not do this work"),
    "capacity": _("we have no capacity at that time"),
    "certification": _("we lack a certificate that is asked for"),
    "lead_time": _("the dates are too short"),
    "distance": _("the place is too far away"),
    "price": _("we do not expect it to pay"),
    "information": _("we know too little to decide"),
    "other": _("other (see the note)"),
}
_S = Inquiry.State
_OPEN = frozenset({_S.SENT})
INQUIRY_STEPS = {
    "accept": Step(_("Interested in full"), _OPEN, _S.INTERESTED, style="primary"),
    "part": Step(_("Interested in part"), _OPEN, _S.PARTIAL),
    "decline": Step(_("Not interested"), _OPEN, _S.DECLINED, reason=True, reasons=DECLINE_REASONS),
    "withdraw": Step(
        _("Withdraw the inquiry"), frozenset({_S.SENT, _S.INTERESTED, _S.PARTIAL}), _S.WITHDRAWN, style="danger"
    ),
    "reopen": Step(_("Ask again"), frozenset({_S.INTERESTED, _S.PARTIAL, _S.DECLINED, _S.WITHDRAWN}), _S.SENT),
    "ask": Step(_("Inquiry of the office"), frozenset(), _S.SENT),  # begins an inquiry: no state offers it
    "offer": Step(_("Offer of the firm"), frozenset(), _S.INTERESTED),
    "nda": Step(_("Request for an NDA by the firm"), frozenset(), _S.SENT),
}
REPLIES = ("accept", "part", "decline")
OFFICE_STEPS = ("withdraw", "reopen")


class InquiryEvent(AppendOnly):
    """One act on an inquiry: who, when, by which channel, with what reason or number of pieces."""

    inquiry = models.ForeignKey(Inquiry, models.PROTECT, related_name="events", verbose_name=_("inquiry"))
    step = models.CharField(_("step"), max_length=8)
    source = models.CharField(_("from"), max_length=10, choices=Inquiry.State)
    target = models.CharField(_("to"), max_length=10, choices=Inquiry.State)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=2000, blank=True)
    volume = models.PositiveIntegerField(_("pieces a month offered"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.SITE)
    said_by = models.CharField(_("said by"), max_length=100, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of an inquiry")
        verbose_name_plural = _("events of an inquiry")
        ordering = ("pk",)
        constraints = (NeverChanged(name="inquiry_event_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.label} · {self.inquiry_id}"

    @property
    def label(self) -> str:
        return str(INQUIRY_STEPS[self.step].label)

    @property
    def reason_label(self) -> str:
        return str(INQUIRY_STEPS[self.step].reasons.get(self.reason, self.reason))

    @property
    def is_answer(self) -> bool:
        return self.step in {*REPLIES, "offer"}
