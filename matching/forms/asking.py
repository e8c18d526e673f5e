"""Asking firms, their answers and consents, what they are told, and the log of calls and visits."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching import consent, inquiries
from matching.feedback import Words
from matching.models import (
    ADVICE,
    ALWAYS,
    DECLINE_REASONS,
    DISCLOSABLE,
    INQUIRY_STEPS,
    REPLIES,
    Channel,
    Contact,
    Inquiry,
    Task,
)
from matching.models.contacts import MOST_MINUTES, SUMMARY_LIMIT
from matching.models.todo import TITLE_LIMIT
from matching.todo import Wish
from registry.forms.base import StorableModelForm
from registry.forms.fields import DayField, LongText, WholeNumberField, validate_storable
from registry.models import Firm, Need


class ContactForm(StorableModelForm):
    """A call, visit, meeting or mail that has taken place."""

    day = DayField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    minutes = WholeNumberField(label=_("Minutes spent"), min_value=1, max_value=MOST_MINUTES)
    summary = forms.CharField(label=_("Summary"), max_length=SUMMARY_LIMIT, widget=LongText(attrs={"rows": 4}))

    class Meta:
        model = Contact
        fields = ("day", "kind", "whom", "minutes", "summary")


class ToFirmsForm(forms.Form):
    """An office's words to firms, and how the buyer is named to them."""

    message = forms.CharField(
        label=_("Message to the firms"),
        max_length=2000,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 6}),
        help_text=_("Say what it is about and what you want to know. Each firm reads this and no other firm's name."),
    )
    recipient = forms.CharField(
        label=_("Recipient, as the firms read it"),
        required=False,
        max_length=200,
        validators=[validate_storable],
        help_text=_("Who is told about the firm if it consents. Empty: the organisation of the anchor project."),
    )

    def __init__(self, data: Any = None, *, hidden: bool) -> None:
        """`hidden`: one of the needs may not be seen by firms, so its buyer is not named by itself."""
        super().__init__(data)
        if hidden:
            self.fields["recipient"].required = True
            self.fields["recipient"].help_text = gettext(
                "Firms may not see this need: they read only your message and these words. Do not name what is secret."
            )


class AskForm(ToFirmsForm):
    """What an office asks the firms of the ticked proposals."""

    days = WholeNumberField(
        label=_("Working days to answer"), min_value=1, max_value=60, initial=inquiries.WORKING_DAYS
    )


class ReplyForm(forms.Form):
    """A firm's answer and its consent, which go together. `seen` is the state that the form was drawn for."""

    seen = forms.ChoiceField(choices=Inquiry.State.choices, widget=forms.HiddenInput)
    step = forms.ChoiceField(
        label=_("Answer"), choices=[(name, INQUIRY_STEPS[name].label) for name in REPLIES], widget=forms.RadioSelect
    )
    volume = WholeNumberField(
        label=_("Pieces a month"), required=False, min_value=1, help_text=_("For “in part”: how many you could make.")
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("Choose a reason")), *DECLINE_REASONS.items()],
        help_text=_("For “not interested”."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 3}),
    )
    fields_ = forms.MultipleChoiceField(
        label=_("What may be passed on"),
        required=False,
        choices=list(DISCLOSABLE.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    until = DayField(label=_("Consent until"), required=False)
    channel = forms.ChoiceField(
        label=_("How the firm answered"), choices=[c for c in Channel.choices if c[0] != Channel.SITE]
    )
    said_by = forms.CharField(label=_("Who at the firm answered"), max_length=100, validators=[validate_storable])

    def __init__(self, inquiry: Inquiry, data: Any = None, *, office: bool) -> None:
        """`office`: an office writes down what it was told."""
        year = consent.a_year_from_now()
        super().__init__(data, initial={"seen": inquiry.state, "until": year})
        self.inquiry, self.office = inquiry, office
        self.fields["fields_"].help_text = gettext(
            "To %(recipient)s, for this need only. Nothing is ticked in advance; without a tick nothing is passed on. "
            "You can revoke it at any time."
        ) % {"recipient": inquiry.recipient}
        if office:
            self.order_fields(["seen", "channel", "said_by"])
        else:
            for name in ("channel", "said_by"):
                self.fields.pop(name, None)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        step, chosen = cleaned.get("step"), cleaned.get("fields_")
        if step == "part" and "volume" not in self.errors and not cleaned.get("volume"):
            self.add_error("volume", gettext("Say how many pieces a month you could make: 1 or more."))
        if step == "decline" and not cleaned.get("reason"):
            self.add_error("reason", gettext("Choose the reason that fits best."))
        if cleaned.get("reason") == "other" and not cleaned.get("note"):
            self.add_error("note", gettext("Write the other reason into the note."))
        if chosen and ALWAYS not in chosen:
            self.add_error("fields_", gettext("Tick the name too: nothing can be passed on without it."))
        if chosen and "until" not in self.errors:
            self._check_until(cleaned.get("until"))
        return cleaned

    def _check_until(self, until: Any) -> None:
        if until is None:
            self.add_error("until", gettext("Say until when you consent."))
        elif not timezone.localdate() <= until <= consent.latest():
            self.add_error("until", gettext("A consent lasts two years at most and does not end before today."))

    @property
    def given(self) -> inquiries.Reply:
        data = self.cleaned_data
        chosen = data["fields_"] if data["step"] != "decline" else None
        return inquiries.Reply(
            step=data["step"],
            volume=data["volume"] if data["step"] == "part" else None,
            reason=data.get("reason", "") if data["step"] == "decline" else "",
            note=data["note"],
            fields=frozenset(chosen) if chosen else None,
            until=data["until"],
            channel=data.get("channel", Channel.SITE),
            said_by=data.get("said_by", ""),
        )


class OfferForm(ReplyForm):
    """A firm offers itself for a need, in full or in part: it answers what nobody asked it, so it has no no to give."""

    step = forms.ChoiceField(
        label=_("Answer"),
        choices=[(name, INQUIRY_STEPS[name].label) for name in ("accept", "part")],
        widget=forms.RadioSelect,
    )
    reason = None  # type: ignore[assignment]
    channel = None  # type: ignore[assignment]
    said_by = None  # type: ignore[assignment]

    def __init__(self, need: Need, firm: Firm, data: Any = None) -> None:
        blank = Inquiry(need=need, firm=firm, state=Inquiry.State.SENT, recipient=need.project.organisation)
        super().__init__(blank, data, office=False)


class FeedbackForm(forms.Form):
    """What a firm is told, and what it is asked to do about it; `seen` is how many times it was told before."""

    seen = WholeNumberField(widget=forms.HiddenInput)
    code = forms.ChoiceField(label=_("Reason"), choices=[(code, advice.label) for code, advice in ADVICE.items()])
    detail = forms.CharField(
        label=_("Which one"),
        required=False,
        max_length=100,
        validators=[validate_storable],
        help_text=_("For example the certificate. The firm reads it as it stands here."),
    )
    note = forms.CharField(
        label=_("Your words to the firm"),
        required=False,
        max_length=500,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 3}),
        help_text=_("Do not name the buyer or other firms."),
    )
    sets_task = forms.BooleanField(label=_("Set the firm a task that would change the answer"), required=False)
    task = forms.CharField(
        label=_("What the firm is to do"),
        required=False,
        max_length=TITLE_LIMIT,
        validators=[validate_storable],
        help_text=_("A missing certificate: once an office confirms it, the proposal comes back by itself."),
    )
    due_on = DayField(label=_("Due on"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("sets_task"):
            for name, words in (("task", gettext("Say what the firm is to do.")), ("due_on", gettext("Choose a day."))):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return cleaned

    @property
    def words(self) -> Words:
        said = self.cleaned_data
        wish = None
        if said["sets_task"]:
            certificate = said["detail"] if said["code"] == "certification" else ""
            wish = Wish(said["task"], said["due_on"], side=Task.Side.FIRM, note=said["note"], certificate=certificate)
        return Words(said["code"], said["detail"], said["note"], wish)


class InquiryStepForm(forms.Form):
    """Withdrawing an inquiry or asking again; the firm reads the note."""

    seen = forms.ChoiceField(choices=Inquiry.State.choices, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Message to the firm"),
        required=False,
        max_length=2000,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 2}),
    )

    def __init__(self, name: str, data: Any = None, *, seen: str = "") -> None:
        super().__init__(data, auto_id=f"id_{name}_%s", initial={"seen": seen})
        self.name, self.step = name, INQUIRY_STEPS[name]


class ConsentForm(forms.Form):
    """A firm changes what it consents to."""

    fields_ = forms.MultipleChoiceField(
        label=_("What may be passed on"), choices=list(DISCLOSABLE.items()), widget=forms.CheckboxSelectMultiple
    )
    until = DayField(label=_("Consent until"))

    def clean_fields_(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["fields_"]
        if ALWAYS not in chosen:
            raise forms.ValidationError(gettext("Tick the name too: nothing can be passed on without it."))
        return chosen

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if not timezone.localdate() <= until <= consent.latest():
            raise forms.ValidationError(gettext("A consent lasts two years at most and does not end before today."))
        return until
