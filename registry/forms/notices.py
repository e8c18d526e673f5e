"""How a person wants to be told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.models import ByMail


class WishForm(forms.Form):
    by_mail = forms.ChoiceField(
        label=_("Notices by e-mail"),
        choices=ByMail.choices,
        widget=forms.RadioSelect,
        help_text=_("A mail says what kind of thing happened and links to it; it names no firm, need or person."),
    )
