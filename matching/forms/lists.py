"""Making a candidate list, sharing it by a link, and answering it firm by firm."""

import unicodedata
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.links import DAYS
from matching.models import (
    Answer,
    ListLink,
)
from matching.review import NOTE_LIMIT
from registry.forms.fields import LongText, WholeNumberField, validate_storable


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
