from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry import tokens
from registry.forms.fields import validate_storable
from registry.models import APIToken


class TokenForm(forms.Form):
    """What a new token is for, how far it reaches and for how long."""

    name = forms.CharField(
        label=pgettext_lazy("token", "Name"),
        max_length=60,
        validators=[validate_storable],
        help_text=_("Which program uses it, for example “ledger of our office”."),
    )
    access = forms.ChoiceField(
        label=_("Access"), choices=APIToken.Access.choices, initial=APIToken.Access.READ, widget=forms.RadioSelect
    )
    resources = forms.MultipleChoiceField(
        label=_("Only for"),
        required=False,
        choices=tokens.RESOURCES.items,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a tick for everything that you may see yourself."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("180 days")), (tokens.MOST_DAYS, _("1 year"))],
        initial=90,
    )
