"""What every form of a model here does: text that can be stored, no lost update, no row of somebody else."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from registry.forms.fields import validate_storable


class StorableModelForm(forms.ModelForm):  # type: ignore[type-arg]  # each form names its model in Meta
    """A model's form whose text every database can store."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)
            field.widget.attrs.pop("maxlength", None)  # a browser would cut off what is pasted, and say nothing
            if isinstance(field, forms.TypedChoiceField):
                known: Any = field.choices
                field.choices = [_in_words(choice, field) for choice in known]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if isinstance(value, str):
                try:
                    validate_storable(value)
                except ValidationError as error:
                    self.add_error(name, error)
        return self.cleaned_data


def _in_words(choice: Any, field: forms.Field) -> Any:
    """The choice, or words instead of Django's dashes, which say nothing."""
    if [choice] != BLANK_CHOICE_DASH:
        return choice
    return "", _("(choose)") if field.required else _("(none)")


def version_of(cleaned: dict[str, Any]) -> datetime | None:
    """The time in a form's field `version`; None where there is none."""
    try:
        seen = parse_datetime(cleaned["version"])
        return seen.astimezone(UTC) if seen and seen.tzinfo else None
    except (ValueError, OverflowError):
        return None


class VersionedForm(StorableModelForm):
    """Remembers in the page which state of the row it was made from."""

    version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.updated_at.isoformat()

    @property
    def seen(self) -> datetime | None:
        """When the row that the author saw was last saved; None when the page did not say."""
        return version_of(self.cleaned_data)


class Rows(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows that belong to one parent. Django skips a row that is gone or another parent's; here it is an error."""

    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None for form in self.initial_forms):
            raise ValidationError(
                _("One of the rows is not here any more. Reload the page and enter your changes again."), code="gone"
            )
