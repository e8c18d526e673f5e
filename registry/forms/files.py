"""Files of a profile, each sent by itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry import uploads
from registry.forms.fields import validate_storable
from registry.models import FirmMembership

MISSING = _("Choose a file of at most 10 MB that is not empty.")


class ScanForm(forms.Form):
    scan = forms.FileField(
        label=_("Scan"),
        help_text=_("PDF, JPEG or PNG, at most 10 MB."),
        error_messages={"required": MISSING, "empty": MISSING},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def clean_scan(self) -> Any:
        return uploads.scan(self.cleaned_data["scan"])


class PhotoForm(forms.Form):
    alt = forms.CharField(
        label=_("What the photo shows"),
        max_length=200,
        validators=[validate_storable],
        help_text=_("Read out to people who cannot see it, and shown below the photo."),
    )
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, at most 10 MB. Place and camera are taken out of the file."),
        error_messages={"required": MISSING, "empty": MISSING},
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.webp"}),
    )

    def clean_photo(self) -> Any:
        return uploads.photo(self.cleaned_data["photo"])


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        validators=[validate_storable],
        help_text=_("The person signs in with this address; the invitation works once and for 7 days."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=FirmMembership.Role,
        initial=FirmMembership.Role.MEMBER,
        help_text=_("Members keep the profile. Owners also decide who speaks for the firm."),
    )
