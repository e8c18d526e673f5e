from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry import webhooks
from registry.forms.fields import CappedURLField, validate_storable


class WebhookForm(forms.Form):
    """Whom to tell, and of what."""

    url = CappedURLField(
        label=pgettext_lazy("URL", "Address"),
        max_length=500,
        assume_scheme="https",
        validators=[validate_storable],
        help_text=_("Begins with https:// and is reachable from the internet."),
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
        choices=lambda: [(name, event.label) for name, event in webhooks.EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only of what you may see yourself. A message says no more than which object it is."),
    )
