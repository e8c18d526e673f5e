"""What opens drawings: adding one, recording an export check, recording an NDA."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import uploads
from registry.forms.fields import DayField, validate_storable
from registry.forms.files import MISSING


class DrawingForm(forms.Form):
    title = forms.CharField(label=_("What it shows"), max_length=200, validators=[validate_storable])
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, at most 10 MB. Pictures are made anew; a PDF stays as it is."),
        error_messages={"required": MISSING, "empty": MISSING},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    flagged = forms.BooleanField(
        label=_("Flag for export control"),
        required=False,
        help_text=_("It may be on a control list. Nobody abroad gets it before a dated check of that reader."),
    )

    def clean_file(self) -> Any:
        return uploads.scan(self.cleaned_data["file"])


class ExportCheckForm(forms.Form):
    reader = forms.EmailField(
        label=_("E-mail address of the reader abroad"),
        max_length=254,
        validators=[validate_storable],
        help_text=_("Of an account, or of the reader of a link to a list."),
    )
    permitted = forms.TypedChoiceField(
        label=_("Result"),
        choices=[("yes", _("may be passed on")), ("no", _("must not be passed on"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    checked_on = DayField(label=_("Checked on"))
    checker = forms.CharField(label=_("Checked by"), max_length=100, validators=[validate_storable])
    note = forms.CharField(
        label=_("Ground (classification, licence number)"),
        max_length=300,
        required=False,
        validators=[validate_storable],
    )

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."), code="future")
        return day


class NdaForm(forms.Form):
    signed_on = DayField(label=_("Signed on"))
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        validators=[validate_storable],
        help_text=_("For example where the paper is kept. The firm does not read it."),
    )
