"""What people type about groups: what one is asked for, a member's share, an office's word, a firm's answer."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.engine.parts import Shares
from matching.forms.asking import ConsentForm, ToFirmsForm
from matching.groups import Asking
from matching.models import Channel, GroupMember
from registry.forms.fields import LongText, WholeNumberField, validate_storable
from registry.models import Capability

_TOLD = [choice for choice in Channel.choices if choice[0] != Channel.SITE]


class GroupForm(forms.Form):
    """What groups are composed for. Empty fields ask for nothing; the page begins with what the need itself asks."""

    volume = WholeNumberField(label=_("Volume per month"), required=False, min_value=1)
    volume_step = forms.ChoiceField(label=_("Volume is counted at"), required=False)
    max_km = WholeNumberField(label=_("At most (km)"), required=False, min_value=1, max_value=5000)
    max_members = WholeNumberField(label=_("Members at most"), min_value=1, max_value=6)

    def __init__(self, steps: Iterable[Capability], asked: Asking, data: Any = None) -> None:
        super().__init__(data, initial=asdict(asked))
        choices = [(step.pk, step.label) for step in steps]
        cast("forms.ChoiceField", self.fields["volume_step"]).choices = [("", _("(where most firms can)")), *choices]

    @property
    def asking(self) -> Asking:
        return Asking(**self.cleaned_data)


class SeenForm(forms.Form):
    """`seen` is the version of the group that the page showed."""

    seen = WholeNumberField(widget=forms.HiddenInput, min_value=1)

    def renew(self, version: int) -> None:
        """Keep what was typed, for the group as the page shows it now."""
        renewed = cast("QueryDict", self.data).copy()
        renewed["seen"] = str(version)
        self.data = renewed


class ChangeForm(SeenForm):
    """A change of the members: of which one, and which firm comes in."""

    member = WholeNumberField(required=False)
    key = forms.CharField(required=False, max_length=40)


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=100)


class ShareForm(SeenForm):
    """What a member does: pieces a month where they are counted, a tick where they are not."""

    amount = WholeNumberField(required=False, min_value=1, max_value=100_000_000)
    steps = forms.MultipleChoiceField(label=_("Also does"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, member: GroupMember, labels: Mapping[str, str], counted: str, version: int, data: Any = None
    ) -> None:
        """`labels` are the steps that the firm can do, by code; pieces are counted at `counted`."""
        amounts = member.amounts
        others = [(code, label) for code, label in labels.items() if code != counted]
        ticked = [code for code, _label in others if code in amounts]
        initial = {"seen": version, "amount": amounts.get(counted), "steps": ticked}
        super().__init__(data, auto_id=f"id_{member.pk}_%s", initial=initial)
        self.counted = counted
        cast("forms.MultipleChoiceField", self.fields["steps"]).choices = others
        self.fields["amount"].label = gettext("%(step)s: pieces a month") % {"step": labels.get(counted, "")}
        if counted not in labels:
            del self.fields["amount"]
        if not others:
            del self.fields["steps"]

    @property
    def shares(self) -> Shares:
        amount, shares = self.cleaned_data.get("amount"), dict.fromkeys(self.cleaned_data.get("steps", ()))
        return ({self.counted: amount} if amount else {}) | shares


class ProposeForm(ToFirmsForm):
    """What the firms of a group read of it."""

    message = forms.CharField(
        label=_("Message to the firms"),
        required=False,
        max_length=2000,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 4}),
        help_text=_("Each firm reads it beside its own part, once its office has accepted the part."),
    )


class RefuseForm(SeenForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, validators=[validate_storable])


class _Told(SeenForm):
    """`office`: an office writes down what it was told."""

    channel = forms.ChoiceField(label=_("How the firm answered"), choices=_TOLD)
    said_by = forms.CharField(label=_("Who at the firm answered"), max_length=100, validators=[validate_storable])

    def __init__(self, data: Any = None, *, version: int, office: bool, **initial: Any) -> None:
        super().__init__(data, auto_id=f"id_{type(self).__name__}_%s", initial={"seen": version} | initial)
        if office:
            self.order_fields(["seen", "channel", "said_by"])
        else:
            del self.fields["channel"], self.fields["said_by"]

    @property
    def said(self) -> dict[str, Any]:
        """What `matching.parts.answer` takes."""
        return {name.rstrip("_"): value for name, value in self.cleaned_data.items()}


class JoinForm(_Told, ConsentForm):
    """A firm takes part and says what may be passed on; nothing is ticked in advance."""


class DeclineForm(_Told):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        validators=[validate_storable],
        help_text=_("The offices read it, the other firms do not."),
    )
