"""A step on proposals, on one or on many, and a firm added by hand."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.filters import colleagues
from matching.handover import offered, receivers
from matching.models import (
    PROPOSAL_STEPS,
    Proposal,
)
from matching.review import NOTE_LIMIT
from registry.forms.fields import UNSTORABLE, LongText, key_in, validate_storable
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
        "invalid": _(
            "The selection cannot be read. Tick the proposals again; a program sends each as its ID and the state it"
            " read, such as 12:proposed."
        ),
    }

    def to_python(self, value: Iterable[str] | None) -> dict[int, str]:
        seen: dict[int, str] = {}
        for item in value or ():
            key, _colon, state = item.partition(":")
            proposal = key_in(key)
            if proposal is None or state not in Proposal.State:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            seen[proposal] = state
        return seen


class SelectionForm(forms.Form):
    """The ticked rows of the queue, each with the state it was seen in."""

    ids = SeenField(label=_("proposals, each with the state that it was read in, such as 12:proposed"))


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
