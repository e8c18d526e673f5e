"""The choice of a merge: which record stays, and for each part that differs from which of the two it is taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.columns import CONTACT_COLUMNS, FIRM_COLUMNS, certificate_line, equipment_line
from registry.duplicates.merge import PARTS, Choice, default_source, default_survivor, values
from registry.forms.base import version_of
from registry.models import DuplicatePair, Firm

_CELLS = {column.name: column for column in (*FIRM_COLUMNS, *CONTACT_COLUMNS)}
UNITED = {
    "capabilities": _("Capabilities"),
    "products": _("Products"),
    "equipment": _("Equipment"),
    "certifications": _("Certificates"),
    "consortia": _("Consortia"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A part of both records side by side, by its name in PARTS; `field` is the bound choice where they differ."""

    name: str
    label: str | Promise
    first: str
    second: str
    field: Any = None


@dataclass(frozen=True, slots=True)
class ListLine:
    """Entries of a list of both records, each with whether the other one has it too; `name` is one of UNITED."""

    name: str
    label: str | Promise
    first: list[tuple[str, bool]]
    second: list[tuple[str, bool]]


class MergeForm(forms.Form):
    survivor = forms.TypedChoiceField(
        label=_("Which record stays?"),
        coerce=int,
        widget=forms.RadioSelect,
        help_text=_("Its ID and address stay; those of the other one lead to it."),
    )

    def __init__(self, pair: DuplicatePair, data: Any = None) -> None:
        super().__init__(data)
        self.pair = pair
        first, second = self.firms = pair.first, pair.second
        stays: Any = self.fields["survivor"]
        stays.choices = [(firm.pk, f"{firm.name} (ID {firm.pk})") for firm in self.firms]
        stays.initial = default_survivor(first, second).pk
        for name, part in PARTS.items():
            if values(first, part) != values(second, part):
                self.fields[name] = forms.TypedChoiceField(
                    label=str(part.label),
                    coerce=int,
                    choices=[(firm.pk, text_of(firm, name) or _("(empty)")) for firm in self.firms],
                    initial=default_source(name, first, second).pk,
                    widget=forms.RadioSelect,
                )
        for firm in self.firms:
            self.fields[f"seen-{firm.pk}"] = forms.CharField(
                max_length=40, widget=forms.HiddenInput, required=False, initial=firm.updated_at.isoformat()
            )

    @property
    def choice(self) -> Choice:
        chosen = self.cleaned_data
        survivor = chosen["survivor"]
        return Choice(
            survivor,
            frozenset(name for name in PARTS if name in chosen and chosen[name] != survivor),
            {firm.pk: version_of({"version": chosen[f"seen-{firm.pk}"]}) for firm in self.firms},
        )

    def lines(self) -> Iterator[Line]:
        for name, part in PARTS.items():
            first, second = (text_of(firm, name) for firm in self.firms)
            if name in self.fields or first:
                yield Line(name, part.label, first, second, self[name] if name in self.fields else None)

    def lists(self) -> Iterator[ListLine]:
        for name, label in UNITED.items():
            first, second = (_entries(firm, name) for firm in self.firms)
            if first or second:
                both = [(one, one in second) for one in first], [(one, one in first) for one in second]
                yield ListLine(name, label, *both)


def text_of(firm: Firm, name: str) -> str:
    """What a record says of a part, in the reader's language."""
    if name == "place":
        return " ".join(filter(None, (firm.postal_code, firm.place, firm.address)))
    cells = (_CELLS[column].value(firm) for column in PARTS[name].columns)
    return " ".join(_grouped(name, cell) for cell in cells if cell not in (None, ""))


def _grouped(name: str, cell: Any) -> str:
    return f"{cell:,}" if name in {"capital_jpy", "monthly_capacity"} else str(cell)


def _entries(firm: Firm, name: str) -> list[str]:
    if name == "certifications":
        return [certificate_line(one) for one in firm.firm_certifications.all()]
    if name == "equipment":
        return [equipment_line(one) for one in firm.equipment.all()]
    return [str(one) for one in _CELLS[name].cell(firm)]
