"""What a person may say of a firm: the profile, its certificates and its machines."""

from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import Role
from registry.certificates import CertificationIndex
from registry.forms.base import Rows, StorableModelForm, VersionedForm
from registry.forms.fields import (
    CappedURLField,
    CorporateNumberField,
    DayField,
    KeyField,
    KeysField,
    LinesField,
    WholeNumberField,
)
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

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["words"] = value.instance.search
        return option

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        groups = context["widget"]["optgroups"]
        context["widget"]["groups"] = [
            (heading, options, sum(option["selected"] for option in options)) for heading, options, _index in groups
        ]
        return context


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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        prefecture, municipality = cleaned.get("prefecture"), cleaned.get("municipality")
        if prefecture and municipality and municipality.prefecture_id != prefecture.pk:
            self.add_error("municipality", _("This municipality is not in the chosen prefecture."))
        return self.cleaned_data


_BASICS = ("name", "name_kana", "name_en", "prefecture", "municipality", "address", "site")
_CONTACT = ("contact_name", "contact_email", "contact_phone")
_ABILITIES = ("capability_text", "capabilities", "products", "monthly_capacity", "lead_time_days", "summary_en")


class BasicsForm(PlaceFields):
    """The first page of a registration: who and where."""

    site = CappedURLField(label=_("web site"), max_length=300, required=False, assume_scheme="https")
    employees = WholeNumberField(label=_("employees"), required=False)

    class Meta:
        model = Firm
        fields = (*_BASICS, "employees", *_CONTACT)
        help_texts = {
            "name": _("As registered, with its legal form."),
            "name_kana": _("Without the legal form. The register is sorted by it."),
            "contact_name": _("Only you and the offices of your prefecture see the contact."),
        }


class AbilitiesForm(VersionedForm):
    """The second page: what the firm can do."""

    capabilities = CapabilitiesField()
    products = LinesField(label=_("products"), required=False, help_text=_("One a line."))
    monthly_capacity = WholeNumberField(label=_("monthly capacity (pieces)"), required=False)
    lead_time_days = WholeNumberField(label=_("lead time (days)"), required=False)

    class Meta:
        model = Firm
        fields = _ABILITIES
        help_texts = {
            "capability_text": _("Name processes, materials, sizes, tolerances and lots, in your own words."),
            "summary_en": _("For buyers from abroad. Nothing is translated by machine."),
        }


class FirmForm(PlaceFields):
    """The whole profile."""

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
    capabilities = CapabilitiesField()
    consortia = KeysField(
        queryset=Consortium.objects.all(), label=_("consortia"), required=False, widget=forms.CheckboxSelectMultiple
    )
    products = LinesField(label=_("products"), required=False, help_text=_("One a line."))
    monthly_capacity = WholeNumberField(label=_("monthly capacity (pieces)"), required=False)
    lead_time_days = WholeNumberField(label=_("lead time (days)"), required=False)

    groups = (
        (_("Firm"), ("corporate_number", *_BASICS, "industry", "employees", "capital_jpy", "founded")),
        (_("What the firm can do"), (*_ABILITIES, "consortia")),
        (_("Contact"), _CONTACT),
    )

    class Meta:
        model = Firm
        fields = (
            *("corporate_number", *_BASICS, "industry", "employees", "capital_jpy", "founded", *_ABILITIES),
            *("consortia", *_CONTACT),
        )
        help_texts = BasicsForm.Meta.help_texts | AbilitiesForm.Meta.help_texts

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if user.role == Role.FIRM and self.instance.corporate_number:
            self.fields["corporate_number"].disabled = True
            self.fields["corporate_number"].help_text = _("Only the office in charge changes it.")

    def groups_of_fields(self) -> list[tuple[Any, list[forms.BoundField]]]:
        return [(heading, [self[name] for name in names]) for heading, names in self.groups]


class CertificateForm(StorableModelForm):
    stated = forms.CharField(
        label=_("certificate"),
        max_length=200,
        help_text=_("As on the certificate, with scope and level; the list offers the usual spellings."),
        widget=forms.TextInput(attrs={"list": "certification-names"}),
    )
    valid_until = DayField(label=_("valid until"), required=False)

    class Meta:
        model = FirmCertification
        fields = ("stated", "number", "valid_until")

    def __init__(self, *args: Any, index: CertificationIndex, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.index = index

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.instance.certification_id = self.index.find(cleaned.get("stated", ""))
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

    class Meta:
        model = Equipment
        fields = ("name", "count", "note")


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
