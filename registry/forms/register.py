"""The first questions of a registration, and the answer to what somebody asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.fields import CorporateNumberField, LongText, validate_storable
from registry.models import FirmClaim
from registry.steps import Step


class StartForm(forms.Form):
    """A corporate number, or that there is none."""

    corporate_number = CorporateNumberField(
        label=_("Corporate number"),
        required=False,
        help_text=_("13 digits, as on the notice of the National Tax Agency. Full-width digits and hyphens are fine."),
    )
    none = forms.BooleanField(label=_("We have no corporate number (sole proprietor)"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "corporate_number" in self.errors:
            return cleaned
        if cleaned.get("corporate_number") and cleaned.get("none"):
            self.add_error("none", _("You entered a number above. Delete it, or clear this tick."))
        if not cleaned.get("corporate_number") and not cleaned.get("none"):
            self.add_error("corporate_number", _("Enter the 13 digits, or tick that you have none."))
        return cleaned


class ClaimForm(forms.Form):
    message = forms.CharField(
        label=_("Message to the office"),
        max_length=FirmClaim._meta.get_field("message").max_length,
        required=False,
        widget=LongText(attrs={"rows": 3}),
        validators=[validate_storable],
        help_text=_("Your name and post, and how the office can reach you. The office alone reads it."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=LongText(attrs={"rows": 2}),
        validators=[validate_storable],
    )


class StepReasonForm(ReasonForm):
    """The reason of one step, asked for where its row of the table wants one."""

    def __init__(self, step: Step, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"].required = step.reason
