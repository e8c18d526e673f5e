"""What a need asks for, in guided fields: the need itself and a table of criteria."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from registry.access import Role
from registry.certificates import CertificationIndex
from registry.forms.base import Rows, StorableModelForm, VersionedForm
from registry.forms.fields import DayField, KeyField, KeysField, WholeNumberField
from registry.forms.firm import CapabilitiesField
from registry.models import AnchorProject, Criterion, Need, Office, Place, Prefecture, User

ROWS = 20
"""Criteria of one need, at most."""


class NeedForm(VersionedForm):
    project = KeyField(AnchorProject.objects.none(), label=_("anchor project"), empty_label=_("(choose)"))
    office = KeyField(
        Office.objects.none(),
        label=_("office in charge"),
        required=False,
        empty_label=_("(the prefecture of the project)"),
    )
    capabilities = CapabilitiesField(label=_("capabilities looked for"))
    quantity = WholeNumberField(label=_("quantity"), required=False)
    deadline = DayField(label=_("answer by"), required=False, help_text=_("Until the end of that day, Japan time."))

    class Meta:
        model = Need
        fields = (
            *("project", "title", "text", "language", "capabilities", "quantity", "quantity_unit", "deadline"),
            *("visibility", "office"),
        )
        help_texts = {
            "title": _("What it is, in one line."),
            "text": _(
                "What it is for, material, size, tolerance, process, quantity by phase, place and dates. Do not name "
                "what must stay secret: choose the visibility below instead."
            ),
            "language": _("The language you write in. Firms read it as you wrote it."),
            "quantity_unit": _("For example: pieces a month, sets, t."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = AnchorProject.objects.buying_for(user)
        if self.instance.pk:
            projects = projects | AnchorProject.objects.filter(pk=self.instance.project_id)
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

    def clean_deadline(self) -> Any:
        deadline = self.cleaned_data["deadline"]
        if deadline and "deadline" in self.changed_data and deadline < timezone.localdate():
            raise ValidationError(_("This day has passed."), code="past")
        return deadline


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
    number = WholeNumberField(
        label=_("value"),
        required=False,
        max_value=1_000_000_000,
        help_text=_("At least (employees, pieces a month) or at most (km, days)."),
    )

    class Meta:
        model = Criterion
        fields = ("kind", "hard", "stated", "prefectures", "place", "number")

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
            cleaned["stated"] = ""
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
