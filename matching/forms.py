"""What a coordinator types: a step with its reason, a list's recipient, a firm added by hand."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching import consent, inquiries
from matching.feedback import Words
from matching.filters import colleagues
from matching.handover import offered, receivers
from matching.links import DAYS
from matching.models import (
    ADVICE,
    ALWAYS,
    DECLINE_REASONS,
    DISCLOSABLE,
    INQUIRY_STEPS,
    PROPOSAL_STEPS,
    REPLIES,
    Answer,
    Channel,
    Contact,
    Inquiry,
    ListLink,
    Proposal,
    Task,
)
from matching.models.contacts import MOST_MINUTES, SUMMARY_LIMIT
from matching.models.todo import TITLE_LIMIT
from matching.review import NOTE_LIMIT
from matching.todo import Wish
from registry.forms.base import StorableModelForm
from registry.forms.fields import UNSTORABLE, DayField, LongText, WholeNumberField, validate_storable
from registry.models import Firm, FirmQuerySet, Office, User
from registry.steps import open_steps


class StepForm(forms.Form):
    """One step: reason, note, assignee as its row of the table says; `seen` is the state it was drawn for."""

    seen = forms.ChoiceField(choices=Proposal.State.choices, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"))
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, label=_("Assignee"), empty_label=_("(nobody)")
    )
    office = forms.ModelChoiceField(
        queryset=Office.objects.none(), label=_("Office"), empty_label=_("Choose an office")
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LIMIT,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 2}),
    )

    tell = forms.BooleanField(
        label=_("Tell the firms why, in softened words"),
        required=False,
        help_text=_("Only firms that may know of the need are told; neither the buyer nor your note is named."),
    )

    def __init__(self, step: str, user: User, data: Any = None, *, seen: str = "", many: bool = False) -> None:
        """`many` is a form for many rows, each of which brings the state it was seen in.

        Its names begin with the step's, since the bar below the queue holds the fields of several steps.
        """
        super().__init__(data, prefix=step if many else None, auto_id=f"id_{step}_%s", initial={"seen": seen})
        self.name, self.step = step, PROPOSAL_STEPS[step]
        if many:
            del self.fields["seen"]
        if not (many and step == "reject"):
            del self.fields["tell"]
        if self.step.reasons:
            choices = [("", _("Choose a reason")), *self.step.reasons.items()]
            self.fields["reason"] = forms.ChoiceField(choices=choices, required=self.step.reason, label=_("Reason"))
            self.order_fields(["seen", "reason", "note"])
        else:
            del self.fields["reason"]
        if step == "assign":
            self.fields["assignee"].queryset = colleagues(user)  # type: ignore[attr-defined]
        else:
            del self.fields["assignee"]
        if step == "hand_over":
            self.fields["office"].queryset = receivers(user)  # type: ignore[attr-defined]
        else:
            del self.fields["office"]
        self.fields["note"].required = step in {"note", "hand_back"}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == "other" and not cleaned.get("note"):
            self.add_error("note", gettext("Write the other reason into the note."))
        return cleaned

    @property
    def fields_of_act(self) -> dict[str, Any]:
        """What `review.take` wants to know."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"seen", "tell"}}


def step_forms(proposal: Proposal, user: User, bound: StepForm | None = None) -> list[StepForm]:
    """A form for each step that the proposal's state allows; the one that was refused keeps its input."""
    names = [name for name in open_steps(PROPOSAL_STEPS, proposal.state) if offered(name, proposal)]
    forms_ = [StepForm(name, user, seen=proposal.state) for name in names]
    if bound is None:
        return forms_
    kept = [bound if form.name == bound.name else form for form in forms_]
    return kept if bound in kept else [*kept, bound]


class SeenField(forms.Field):
    """ "12:proposed" is proposal 12, seen as proposed."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": _("Tick at least one proposal first."),
        "invalid": _("The selection cannot be read. Go back to the queue and tick the proposals again."),
    }

    def to_python(self, value: Iterable[str] | None) -> dict[int, str]:
        seen: dict[int, str] = {}
        for item in value or ():
            key, _colon, state = item.partition(":")
            if not (key.isascii() and key.isdecimal() and len(key) < 16 and state in Proposal.State):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            seen[int(key)] = state
        return seen


class SelectionForm(forms.Form):
    """The ticked rows of the queue, each with the state it was seen in."""

    ids = SeenField()


class RecipientForm(forms.Form):
    recipient = forms.CharField(
        label=_("Recipient"),
        max_length=200,
        validators=[validate_storable],
        help_text=_("Company and person who will read the list; it stands in its heading."),
    )
    groups = forms.TypedMultipleChoiceField(
        label=_("Groups that go in as one"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    latest = forms.IntegerField(min_value=0, max_value=32_767, widget=forms.HiddenInput, label=_("newest list"))

    def __init__(self, data: Any = None, *, groups: Sequence[tuple[int, str]] = (), **kept: Any) -> None:
        """`groups`: id and words of those that may go in."""
        super().__init__(data, **kept)
        if groups:
            cast("forms.TypedMultipleChoiceField", self.fields["groups"]).choices = groups
        else:
            self.fields.pop("groups", None)


class LinkForm(forms.Form):
    """For whom a link to a list is, and for how long."""

    email = forms.EmailField(label=_("E-mail address of the reader"), max_length=254, validators=[validate_storable])
    language = forms.ChoiceField(label=_("Language"), choices=ListLink.Language.choices, initial="en")
    days = WholeNumberField(label=_("Valid for (days)"), min_value=1, max_value=60, initial=DAYS)
    overseas = forms.BooleanField(
        label=_("The reader is outside Japan"),
        required=False,
        help_text=_("Lists of a need that is subject to export control go abroad only after a dated check."),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code of six digits"),
        max_length=20,
        validators=[validate_storable],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["code"]).split())


class AnswerForm(forms.Form):
    """What a buyer says to one firm; `seen` is the number of answers that the page showed."""

    seen = forms.IntegerField(min_value=0, max_value=1000, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label=_("Your answer"), choices=Answer.Verdict.choices, widget=forms.RadioSelect)
    code = forms.ChoiceField(
        label=_("Reason, if not chosen"),
        required=False,
        choices=[("", _("Choose a reason")), *Answer.Code.choices],
    )
    detail = forms.CharField(
        label=_("Which one"),
        required=False,
        max_length=100,
        validators=[validate_storable],
        help_text=_("The certificate, machine or material that is missing, for example EN 1090-2 EXC3."),
    )
    value = WholeNumberField(
        label=_("Contract value (yen)"), required=False, min_value=1, max_value=10**13, help_text=_("For a contract.")
    )
    note = forms.CharField(
        label=_("Note to the office"),
        required=False,
        max_length=NOTE_LIMIT,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 2}),
        help_text=_("The firm does not read this. The office tells it what helps."),
    )

    def __init__(self, entry_id: int, seen: int, data: Any = None) -> None:
        super().__init__(data, prefix=f"firm{entry_id}", initial={"seen": seen})

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        verdict = said.get("verdict")
        if verdict != Answer.Verdict.REJECT:
            said |= {"code": "", "detail": ""}
        elif not said.get("code"):
            self.add_error(
                "code", gettext("Choose why the firm is not chosen; the firm can only improve what it knows.")
            )
        elif said["code"] == Answer.Code.CERT_MISSING and not said.get("detail"):
            self.add_error("detail", gettext("Name the certificate."))
        if verdict != Answer.Verdict.CONTRACT:
            said["value"] = None
        elif not said.get("value") and "value" not in self.errors:
            self.add_error("value", gettext("Enter the value of the contract in yen."))
        if not said.get("note") and (verdict == Answer.Verdict.MORE or said.get("code") == Answer.Code.OTHER):
            self.add_error("note", gettext("Write what you would like to know, or the other reason."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        """What `answers.answer` records."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class AddForm(forms.Form):
    """A firm found by its corporate number, its id or its name, and the reason for it."""

    q = forms.CharField(
        label=_("Firm"),
        max_length=100,
        validators=[validate_storable],
        help_text=_("Corporate number, or words of the name. When several firms fit, choose one below."),
    )
    firm = forms.ModelChoiceField(
        queryset=Firm.objects.none(), required=False, label=_("Which one?"), widget=forms.RadioSelect, empty_label=None
    )
    reason = forms.CharField(
        label=_("Why this firm?"),
        max_length=NOTE_LIMIT,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 3}),
    )

    MOST = 20

    def __init__(self, firms: FirmQuerySet, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.firms = firms
        words = (self.data.get("q") or self.initial.get("q", ""))[:100]
        found = firms.matching_text(words)[: self.MOST] if words and not UNSTORABLE.search(words) else firms.none()
        self.found = list(found)
        choice = self.fields["firm"]
        choice.queryset = firms.filter(pk__in=[firm.pk for firm in self.found])  # type: ignore[attr-defined]
        choice.label_from_instance = lambda firm: f"{firm.name} ({firm.place})"  # type: ignore[attr-defined]
        if len(self.found) < 2:
            choice.widget = choice.hidden_widget()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("firm") or "firm" in self.errors or "q" in self.errors:
            return cleaned
        if len(self.found) == 1:
            cleaned["firm"] = self.found[0]
        elif self.found:
            self.add_error("firm", gettext("Several firms fit. Choose one."))
        else:
            self.add_error("q", gettext("No published firm in your office's scope fits. Try other words."))
        return cleaned


class ContactForm(StorableModelForm):
    """A call, visit, meeting or mail that has taken place."""

    day = DayField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    minutes = WholeNumberField(label=_("Minutes spent"), min_value=1, max_value=MOST_MINUTES)
    summary = forms.CharField(label=_("Summary"), max_length=SUMMARY_LIMIT, widget=LongText(attrs={"rows": 4}))

    class Meta:
        model = Contact
        fields = ("day", "kind", "whom", "minutes", "summary")


class AskForm(forms.Form):
    """What an office asks the firms of the ticked proposals."""

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
    days = WholeNumberField(label=_("Working days to answer"), min_value=1, max_value=60)

    def __init__(self, data: Any = None, *, hidden: bool) -> None:
        """`hidden`: one of the needs may not be seen by firms, so its buyer is not named by itself."""
        super().__init__(data, initial={"days": inquiries.WORKING_DAYS})
        if hidden:
            self.fields["recipient"].required = True
            self.fields["recipient"].help_text = gettext(
                "Firms may not see this need: they read only your message and these words. Do not name what is secret."
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

    def __init__(self, inquiry: Inquiry, data: Any = None, *, office: bool, steps: Iterable[str] = REPLIES) -> None:
        """`office`: an office writes down what it was told; `steps` are the answers that are offered."""
        year = consent.a_year_from_now()
        super().__init__(data, initial={"seen": inquiry.state, "until": year})
        self.inquiry, self.office = inquiry, office
        chosen = cast("forms.ChoiceField", self.fields["step"])
        chosen.choices = [(name, INQUIRY_STEPS[name].label) for name in steps]
        self.fields["fields_"].help_text = gettext(
            "To %(recipient)s, for this need only. Nothing is ticked in advance; without a tick nothing is passed on. "
            "You can revoke it at any time."
        ) % {"recipient": inquiry.recipient}
        if "decline" not in steps:
            del self.fields["reason"]
        if office:
            self.order_fields(["seen", "channel", "said_by"])
        else:
            del self.fields["channel"], self.fields["said_by"]

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
