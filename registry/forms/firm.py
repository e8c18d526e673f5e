"""What a person may say of a firm: a small form for each section of the profile."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry import postal
from registry.access import Role
from registry.certificates import CertificationIndex
from registry.forms.base import Rows, StorableModelForm, VersionedForm
from registry.forms.fields import (
    AmountField,
    CappedURLField,
    CorporateNumberField,
    DayField,
    KeyField,
    KeysField,
    LinesField,
    PostalCodeField,
    PostalCodeInput,
    WholeNumberField,
)
from registry.forms.wording import watched
from registry.models import (
    Capability,
    Consortium,
    Equipment,
    Firm,
    FirmCertification,
    Industry,
    Municipality,
    Prefecture,
    User,
)

ROWS = 40
"""Certificates and machines of one firm, at most."""


class GroupedIterator(ModelChoiceIterator):  # type: ignore[type-arg]
    """Choices under the heading that the field's `heading` reads from each row."""

    field: Any

    def __iter__(self) -> Any:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        groups: dict[str, list[Any]] = {}
        for row in self.queryset:
            groups.setdefault(self.field.heading(row), []).append(self.choice(row))
        yield from groups.items()


class MunicipalityField(KeyField):
    iterator = GroupedIterator

    @staticmethod
    def heading(row: Municipality) -> str:
        return row.prefecture.label


class CapabilityPicker(forms.CheckboxSelectMultiple):
    """Tick boxes under folding headings; a script adds a search box, without it the headings open by hand."""

    template_name = "registry/widgets/capabilities.html"
    sought: tuple[str, ...] = ()
    """Folded words: boxes that hold them all, and those that are ticked, are drawn."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["words"] = value.instance.search
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = context["widget"]["optgroups"]
        context["widget"]["groups"] = [
            (heading, drawn, sum(option["selected"] for option in drawn))
            for heading, options, _index in groups
            if (drawn := [option for option in options if self._is_drawn(option)])
        ]
        context["widget"]["sought"] = self.sought
        return context

    def _is_drawn(self, option: dict[str, Any]) -> bool:
        return option["selected"] or all(word in option["words"] for word in self.sought)


class CapabilitiesField(KeysField):
    iterator = GroupedIterator
    empty_label = None
    widget = CapabilityPicker

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Capability.objects.all(), **{"required": False, "label": _("capabilities")} | kwargs)

    @staticmethod
    def heading(row: Capability) -> str:
        return row.group_label


class PlaceFields(VersionedForm):
    """A prefecture and, of the same prefecture, a municipality. Offices keep to their own prefectures."""

    postal_code = PostalCodeField(label=_("postal code"))
    prefecture = KeyField(Prefecture.objects.all(), label=_("prefecture"), empty_label=_("(choose)"))
    municipality = MunicipalityField(
        Municipality.objects.select_related("prefecture"),
        label=_("municipality"),
        required=False,
        empty_label=_("(choose)"),
        help_text=_("Distances are measured from its centre."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.role == Role.COORDINATOR:
            scope = Prefecture.objects.filter(pk__in=user.scope.prefectures)
            self.fields["prefecture"].queryset = scope  # type: ignore[attr-defined]

    def fill_in(self, sent: QueryDict) -> None:
        """Show what was typed, not saved and not yet checked, with the place that its postal code stands for.

        An address that is typed already stays.
        """
        for name in self.fields:
            if name in sent:
                self.initial[name] = sent.getlist(name) if name == "consortia" else sent[name]
        widget = self.fields["postal_code"].widget
        assert isinstance(widget, PostalCodeInput)
        try:
            place = postal.look_up(postal.clean(sent.get("postal_code", "")))
        except ValidationError as error:
            widget.told = error.messages[0]
            return
        if place is None:
            widget.told = _(
                "This postal code is not in our data, which covers Tohoku and Niigata. Choose the place below."
            )
            return
        self.initial["prefecture"], self.initial["municipality"] = place.municipality[:2], place.municipality
        self.initial["address"] = sent.get("address", "").strip() or place.town
        widget.told = _("The place was filled in. Complete the address with block and number, then save.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        prefecture, municipality = cleaned.get("prefecture"), cleaned.get("municipality")
        if prefecture and municipality and municipality.prefecture_id != prefecture.pk:
            self.add_error("municipality", _("This municipality is not in the chosen prefecture."))
        return self.cleaned_data


class StartFirmForm(PlaceFields):
    """What a registration begins with: who and where."""

    employees = WholeNumberField(label=_("employees"), required=False)

    class Meta:
        model = Firm
        fields = ("name", "name_kana", "postal_code", "prefecture", "municipality", "address", "employees")
        help_texts = {
            "name": _("As registered, with its legal form."),
            "name_kana": _("Without the legal form. The register is sorted by it."),
        }


class BasicsForm(PlaceFields):
    corporate_number = CorporateNumberField(
        label=_("corporate number"), required=False, help_text=_("13 digits. Sole proprietors have none.")
    )
    industry = KeyField(
        Industry.objects.exclude(code__length=1), label=_("industry"), required=False, empty_label=_("(choose)")
    )
    employees = WholeNumberField(label=_("employees"), required=False)
    capital_jpy = WholeNumberField(label=_("capital (yen)"), required=False, max_value=10**15)
    founded = WholeNumberField(label=_("founded (year)"), required=False, min_value=1500, max_value=2200)
    site = CappedURLField(label=_("web site"), max_length=300, required=False, assume_scheme="https")
    consortia = KeysField(
        queryset=Consortium.objects.all(), label=_("consortia"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Firm
        fields = (
            *("corporate_number", "name", "name_kana", "postal_code", "prefecture", "municipality", "address"),
            *("employees", "industry", "capital_jpy", "founded", "site", "consortia"),
        )
        help_texts = StartFirmForm.Meta.help_texts

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if user.role == Role.FIRM and self.instance.corporate_number:
            self.fields["corporate_number"].disabled = True
            self.fields["corporate_number"].help_text = _("Only the office in charge changes it.")


class SectionForm(VersionedForm):
    """A section of the profile; who edits it makes no difference."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    class Meta:
        model = Firm
        fields: tuple[str, ...] = ()


class CapabilitiesForm(SectionForm):
    capabilities = CapabilitiesField()

    class Meta(SectionForm.Meta):
        fields = ("capabilities",)


class TextForm(SectionForm):
    class Meta(SectionForm.Meta):
        fields = ("capability_text",)
        help_texts = {"capability_text": _("Name processes, materials, sizes, tolerances and lots, in your own words.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = reverse_lazy("registry:firm-wording")
        self.fields["capability_text"].widget.attrs |= watched("capability_text", address)


class ProductsForm(SectionForm):
    products = LinesField(label=_("products"), required=False, help_text=_("One a line."))

    class Meta(SectionForm.Meta):
        fields = ("products",)


class CapacityForm(SectionForm):
    monthly_capacity = WholeNumberField(
        label=_("monthly capacity (pieces)"),
        required=False,
        help_text=_("Of what you make most, beside the orders that you have."),
    )
    lead_time_days = WholeNumberField(
        label=_("lead time (days)"), required=False, help_text=_("From order to delivery, as a rule.")
    )

    class Meta(SectionForm.Meta):
        fields = ("monthly_capacity", "lead_time_days")


class EnglishForm(SectionForm):
    """Whoever types the English answers for it, unless it is said to come from a machine."""

    by_machine = forms.BooleanField(
        label=_("A machine translated it and nobody has checked it yet"),
        required=False,
        help_text=_("Readers are told so until a person confirms the English."),
    )

    class Meta(SectionForm.Meta):
        fields = ("name_en", "summary_en")
        help_texts = {"summary_en": _("For buyers from abroad. Nothing is translated by machine.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.user = user
        self.initial["by_machine"] = self.instance.english_origin == Firm.EnglishOrigin.MACHINE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        firm, origins = self.instance, Firm.EnglishOrigin
        if {"name_en", "summary_en", "by_machine"} & set(self.changed_data):
            by_machine = bool(cleaned.get("by_machine"))
            firm.english_origin = origins.MACHINE if by_machine else origins.PERSON
            firm.english_confirmed_on = None if by_machine else timezone.localdate()
            firm.english_confirmed_by = None if by_machine else self.user
        return self.cleaned_data


class ContactForm(SectionForm):
    class Meta(SectionForm.Meta):
        fields = ("contact_name", "contact_email", "contact_phone")
        help_texts = {"contact_name": _("Only you and the offices of your prefecture see the contact.")}


class CertificateForm(StorableModelForm):
    stated = forms.CharField(
        label=_("certificate"),
        max_length=200,
        help_text=_("As on the certificate, with scope and level; the list offers the usual spellings."),
        widget=forms.TextInput(attrs={"list": "certification-names"}),
    )
    valid_from = DayField(label=_("valid from"), required=False)
    valid_until = DayField(label=_("valid until"), required=False)

    class Meta:
        model = FirmCertification
        fields = ("stated", "number", "issuer", "valid_from", "valid_until")

    def __init__(self, *args: Any, index: CertificationIndex, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.index = index

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.certification_id = self.index.find(cleaned.get("stated", ""))
        if self.has_changed():
            self.instance.unconfirmed()
        begins, ends = cleaned.get("valid_from"), cleaned.get("valid_until")
        if begins and ends and ends < begins:
            self.add_error("valid_until", _("This day is before the day from which the certificate is valid."))
        return cleaned


class CertificateRows(Rows):
    """Reads the catalogue once for all rows."""

    @cached_property
    def index(self) -> CertificationIndex:
        return CertificationIndex()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"index": self.index}


class EquipmentForm(StorableModelForm):
    count = WholeNumberField(label=pgettext_lazy("machines", "number"), required=False)
    size = AmountField(label=_("size or capacity"), required=False, help_text=_("The largest that it takes or lifts."))

    class Meta:
        model = Equipment
        fields = ("name", "maker", "model", "count", "size", "unit", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        size, unit = cleaned.get("size"), cleaned.get("unit")
        if size is not None and not unit and "unit" not in self.errors:
            self.add_error("unit", _("Choose the unit of the size."))
        if unit and size is None and "size" not in self.errors:
            self.add_error("size", _("Enter the size in this unit, or take the unit away."))
        return cleaned


CertificateFormSet = forms.inlineformset_factory(
    Firm,
    FirmCertification,
    form=CertificateForm,
    formset=CertificateRows,
    extra=2,
    max_num=ROWS,
    validate_max=True,
    absolute_max=ROWS + 10,
)
EquipmentFormSet = forms.inlineformset_factory(
    Firm, Equipment, form=EquipmentForm, formset=Rows, extra=2, max_num=ROWS, validate_max=True, absolute_max=ROWS + 10
)
