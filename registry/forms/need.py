"""What a need asks for, in guided fields: the need itself and a table of criteria."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from registry.access import Role
from registry.certificates import CertificationIndex
from registry.forms.base import Rows, StorableModelForm, VersionedForm, version_of
from registry.forms.fields import AmountField, DayField, KeyField, KeysField, MonthField, WholeNumberField
from registry.forms.firm import CapabilitiesField, MunicipalityField
from registry.forms.wording import watched
from registry.models import AnchorProject, Criterion, Municipality, Need, NeedPhase, Office, Place, Prefecture, User

ROWS = 20
"""Criteria of one need, at most."""
MOST_PHASES = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Fields of the form that are asked together. All but the first part fold away while nothing stands in them."""

    name: str
    label: str | Promise
    fields: tuple[str, ...]
    hint: str | Promise = ""


@dataclass(frozen=True, slots=True)
class ShownPart:
    part: Part
    fields: list[BoundField]
    open: bool


PARTS = (
    Part("what", _("What is needed"), ("project", "title", "language", "text", "capabilities")),
    Part(
        "specification",
        _("Material, tolerance, size"),
        ("material", "tolerance", "tolerance_unit", "roughness", "diameter", "length", "width", "height"),
        _("What a drawing would say. Firms are found by these values too."),
    ),
    Part("quantity", _("Quantity"), ("quantity", "quantity_unit")),
    Part(
        "delivery",
        _("Place and dates"),
        ("deadline", "first_delivery", "delivery_place", "delivery_municipality"),
        _("Distances are measured from the place of delivery; without one, from the project."),
    ),
    Part(
        "secrecy",
        _("Who may read it"),
        ("visibility", "nda_first", "export_control", "export_checked_on", "export_checked_by", "office"),
        _("Drawings are added on the need's own page. A firm opens them only after its NDA is recorded."),
    ),
)


def _amount(label: Any, **kwargs: Any) -> AmountField:
    return AmountField(**{"label": label, "required": False} | kwargs)


class NeedForm(VersionedForm):
    project = KeyField(AnchorProject.objects.none(), label=_("anchor project"), empty_label=_("(choose)"))
    office = KeyField(
        Office.objects.none(),
        label=_("office in charge"),
        required=False,
        empty_label=_("(the prefecture of the project)"),
    )
    capabilities = CapabilitiesField(label=_("capabilities looked for"))
    tolerance = _amount(_("tolerance (±)"), max_digits=8, decimal_places=4)
    roughness = _amount(_("surface roughness (Ra, μm)"), max_digits=6, decimal_places=3)
    diameter = _amount(_("largest diameter (mm)"))
    length = _amount(_("largest length (mm)"))
    width = _amount(_("largest width (mm)"))
    height = _amount(_("largest height (mm)"))
    quantity = WholeNumberField(
        label=_("quantity"), required=False, help_text=_("In all, if you do not know the phases below yet.")
    )
    first_delivery = DayField(label=_("first delivery by"), required=False)
    delivery_place = KeyField(
        Place.objects.all(), label=_("delivered to (port, site)"), required=False, empty_label=_("(choose)")
    )
    delivery_municipality = MunicipalityField(
        Municipality.objects.select_related("prefecture"),
        label=_("delivered to (municipality)"),
        required=False,
        empty_label=_("(choose)"),
    )
    export_checked_on = DayField(label=_("classified on"), required=False)
    deadline = DayField(label=_("answer by"), required=False, help_text=_("Until the end of that day, Japan time."))

    class Meta:
        model = Need
        fields = tuple(name for part in PARTS for name in part.fields)
        help_texts = {
            "title": _("What it is, in one line."),
            "text": _(
                "Name material, process, size, tolerance and lots per month: a maker finds you by these words. Do not "
                "name what must stay secret: choose below who may read it."
            ),
            "material": _("For example: Inconel 718, A5052-H112, SUS316L."),
            "nda_first": _("Firms are told that they sign an NDA before they get more than this text."),
            "export_control": _(
                "The result of your classification (Foreign Exchange and Foreign Trade Act). Leave it open when nobody "
                "has classified it yet, and flag the drawings."
            ),
            "language": _("The language you write in. Firms read it as you wrote it."),
            "quantity_unit": _("For example: pieces a month, sets, t."),
        }
        labels = {"nda_first": _("An NDA comes first"), "export_control": _("Export control")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = AnchorProject.objects.buying_for(user)
        if self.instance.pk:
            projects = projects | AnchorProject.objects.filter(pk=self.instance.project_id)
        self.fields["text"].widget.attrs |= watched("text", reverse_lazy("registry:need-wording"))
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        if not self.initial.get("project") and projects.count() == 1:
            self.initial["project"] = projects.get().pk
        if user.role == Role.ANCHOR:
            del self.fields["office"]
            return
        offices = Office.objects.all() if user.role == Role.BUREAU else Office.objects.filter(pk__in=user.scope.offices)
        if self.instance.office_id:
            offices = offices | Office.objects.filter(pk=self.instance.office_id)
        self.fields["office"].queryset = offices.distinct()  # type: ignore[attr-defined]

    def parts(self) -> Iterator[ShownPart]:
        """The form's fields by part; a part that holds a value or an error stands open."""
        for number, part in enumerate(PARTS):
            fields = [self[name] for name in part.fields if name in self.fields]
            told = any(field.errors or self._is_told(field) for field in fields)
            yield ShownPart(part, fields, open=number == 0 or told)

    def _is_told(self, field: BoundField) -> bool:
        value = field.value()
        return bool(value) and not (field.name in {"visibility", "tolerance_unit"} and not self.is_bound)

    def clean_deadline(self) -> Any:
        deadline = self.cleaned_data["deadline"]
        if deadline and "deadline" in self.changed_data and deadline < timezone.localdate():
            raise ValidationError(_("This day has passed."), code="past")
        return deadline

    def clean_export_checked_on(self) -> Any:
        day = self.cleaned_data["export_checked_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("delivery_place") and cleaned.get("delivery_municipality"):
            self.add_error("delivery_municipality", _("Choose a port or site, or a municipality, not both."))
        return self.cleaned_data


class CriterionForm(StorableModelForm):
    """One row; which of its fields count follows from the kind."""

    hard = forms.TypedChoiceField(
        label=_("weight"),
        choices=[("must", _("must")), ("wish", _("wish"))],
        coerce=lambda value: value == "must",
        initial="must",
    )
    prefectures = KeysField(
        queryset=Prefecture.objects.filter(in_tohoku=True),
        label=_("prefectures"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    place = KeyField(Place.objects.all(), label=_("measured from"), required=False, empty_label=_("(choose)"))
    by_year = WholeNumberField(
        label=_("by the year"),
        required=False,
        min_value=2000,
        max_value=2100,
        help_text=_("For a certificate that is wished later."),
    )
    number = WholeNumberField(
        label=_("value"),
        required=False,
        max_value=1_000_000_000,
        help_text=_("At least (employees, pieces a month) or at most (km, days)."),
    )

    class Meta:
        model = Criterion
        fields = ("kind", "hard", "stated", "by_year", "confirmed", "prefectures", "place", "number")

    def __init__(self, *args: Any, index: CertificationIndex, choices: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.index = index
        for name, known in choices.items():
            self.fields[name].choices = known  # type: ignore[attr-defined]  # read once for all rows
        self.fields["stated"].label = _("Certification")
        self.fields["stated"].widget.attrs["list"] = "certification-names"
        if self.instance.pk:
            self.initial["hard"] = "must" if self.instance.hard else "wish"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, kinds = cleaned.get("kind"), Criterion.Kind
        if kind == kinds.CERTIFICATION and not cleaned.get("stated"):
            self.add_error("stated", _("Name the certification."))
        if kind == kinds.CERTIFICATION and cleaned.get("by_year") and cleaned.get("hard"):
            self.add_error("by_year", _("What is needed only later is a wish today: choose “wish”."))
        if kind == kinds.PREFECTURE and not cleaned.get("prefectures"):
            self.add_error("prefectures", _("Tick at least one prefecture."))
        if kind == kinds.DISTANCE and not cleaned.get("place"):
            self.add_error("place", _("Choose where the distance is measured from."))
        needs_number = {kinds.DISTANCE, kinds.EMPLOYEES, kinds.VOLUME, kinds.LEAD_TIME}
        if kind in needs_number and cleaned.get("number") is None and "number" not in self.errors:
            self.add_error("number", _("Enter a number."))
        self._drop_what_does_not_count(kind)
        return self.cleaned_data

    def _drop_what_does_not_count(self, kind: Any) -> None:
        kinds, cleaned = Criterion.Kind, self.cleaned_data
        if kind != kinds.CERTIFICATION:
            cleaned["stated"], cleaned["by_year"], cleaned["confirmed"] = "", None, False
        if kind != kinds.PREFECTURE:
            cleaned["prefectures"] = Prefecture.objects.none()
        if kind != kinds.DISTANCE:
            cleaned["place"] = None
        if kind in {kinds.CERTIFICATION, kinds.PREFECTURE}:
            cleaned["number"] = None
        self.instance.certification_id = self.index.find(cleaned.get("stated") or "")


class CriterionRows(Rows):
    """Reads the catalogues once for all rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"queryset": Criterion.objects.prefetch_related("prefectures")})

    @cached_property
    def index(self) -> CertificationIndex:
        return CertificationIndex()

    @cached_property
    def choices(self) -> dict[str, Any]:
        fields = CriterionForm.base_fields
        return {name: list(fields[name].choices) for name in ("prefectures", "place")}  # type: ignore[attr-defined]

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"index": self.index, "choices": self.choices}


CriterionFormSet = forms.inlineformset_factory(
    Need,
    Criterion,
    form=CriterionForm,
    formset=CriterionRows,
    extra=3,
    max_num=ROWS,
    validate_max=True,
    absolute_max=ROWS + 10,
)


class LotsForm(forms.Form):
    """Other quantities for the phases of a need, to be tried or taken over; `version` is the need they are tried on."""

    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, phases: Iterable[NeedPhase], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.phases = list(phases)
        for phase in self.phases:
            self.fields[f"lot-{phase.pk}"] = WholeNumberField(
                label=capfirst(f"{phase.get_kind_display()} · {phase.get_per_display()}"),
                min_value=1,
                max_value=1_000_000_000,
                required=False,
                initial=phase.lot,
            )

    @property
    def lots(self) -> dict[int, int]:
        """Pieces by phase; a phase that is left empty keeps its own."""
        cleaned = self.cleaned_data
        return {phase.pk: cleaned.get(f"lot-{phase.pk}") or phase.lot for phase in self.phases}

    @property
    def seen(self) -> datetime | None:
        return version_of(self.cleaned_data)


class PhaseForm(StorableModelForm):
    """One row: how many pieces from when on."""

    lot = WholeNumberField(label=_("pieces"), min_value=1, max_value=1_000_000_000)
    since = MonthField(label=_("from the month"), required=False, help_text=_("For example: 2029-01."))

    class Meta:
        model = NeedPhase
        fields = ("kind", "lot", "per", "since")


PhaseFormSet = forms.inlineformset_factory(
    Need,
    NeedPhase,
    form=PhaseForm,
    formset=Rows,
    extra=3,
    max_num=MOST_PHASES,
    validate_max=True,
    absolute_max=MOST_PHASES + 10,
)
