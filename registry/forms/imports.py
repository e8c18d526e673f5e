"""Uploading a file, and saying what its columns are."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registry.forms.fields import DayField, WholeNumberField, validate_storable
from registry.intake.kinds import KINDS, kinds_for
from registry.intake.sheets import MOST_BYTES, TEXTS, WORKBOOKS, Cell
from registry.models import ImportBatch, User


class SheetField(forms.FileField):
    """An Excel or CSV file, by its name; whether it can be read tells `registry.intake.sheets.read`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("File"),
            max_length=200,
            widget=forms.ClearableFileInput(attrs={"accept": ",".join(sorted(WORKBOOKS | TEXTS))}),
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)d MB. Divide it into several files.") % {"most": MOST_BYTES >> 20}
            )
        if file and PurePath(file.name).suffix.lower() not in WORKBOOKS | TEXTS:
            raise forms.ValidationError(_("This is no Excel or CSV file. Save it as .xlsx or .csv."))
        return file


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind of sheet"), required=False)
    file = SheetField()
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        validators=[validate_storable],
        help_text=_("Where the data come from; stands with every row, for example 秋田県 企業データベース."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "Excel (.xlsx) or CSV, up to %(most)d MB. Title rows above the headings are fine."
        ) % {"most": MOST_BYTES >> 20}
        kinds = [(kind.name, kind.label) for kind in kinds_for(user)]
        choices = kinds if len(kinds) == 1 else [("", _("(by its headings)")), *kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """One choice for each column of the file, named c0, c1, …"""

    as_of = DayField(label=_("As of"), help_text=_("The day for which the data are right."))
    publish = forms.BooleanField(
        label=_("Publish new firms at once"),
        required=False,
        help_text=_("Otherwise they are drafts: not matched and not shown."),
    )

    def __init__(self, batch: ImportBatch, headings: list[Cell], data: Any = None) -> None:
        super().__init__(data, initial={"as_of": batch.as_of, "publish": batch.publish})
        kind = KINDS[batch.kind]
        if kind.name != "firms":
            del self.fields["publish"], self.fields["as_of"]
        choices = [("", _("(leave out)")), *((field.name, field.label) for field in kind.fields)]
        self.columns = [f"c{place}" for place in range(len(headings))]
        for place, heading in enumerate(headings):
            self.fields[f"c{place}"] = forms.ChoiceField(
                label=str(heading or "")[:60] or _("(no heading)"),
                choices=choices,
                required=False,
                initial=batch.mapping[place] if place < len(batch.mapping) else "",
            )

    @property
    def mapping(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.columns]


class HeaderForm(forms.Form):
    """Another kind, sheet or line of headings than the one that was found."""

    kind = forms.ChoiceField(label=_("Kind of sheet"))
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    header = WholeNumberField(label=_("Line of the headings"), min_value=1, max_value=10_000)

    def __init__(self, batch: ImportBatch, sheets: list[str], user: User, data: Any = None) -> None:
        super().__init__(data, initial={"kind": batch.kind, "sheet": batch.sheet, "header": batch.header})
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds_for(user)]  # type: ignore[attr-defined]
        self.fields["sheet"].choices = [(name, name or "CSV") for name in sheets]  # type: ignore[attr-defined]


class TakeOverForm(forms.Form):
    skip_refused = forms.BooleanField(label=_("Leave the refused rows out"), required=False)
