"""Fields that answer hostile or odd input with a form error, the same on SQLite and PostgreSQL."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from registry import postal
from registry.markup import escaped
from registry.text import clean_corporate_number, validate_corporate_number

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL refuses NUL, and no database takes half of a surrogate pair."""
MOST = 2_147_483_647
"""The largest integer that every column and every database compares."""


def validate_storable(value: str) -> None:
    if UNSTORABLE.search(value):
        raise ValidationError(
            _("This text holds a character that cannot be stored. Delete it, or type the text again."),
            code="unstorable",
        )


def validate_key(value: object) -> None:
    """A key that no database could hold is an invalid choice, not an error of the database."""
    if isinstance(value, str) and (len(value) > 100 or UNSTORABLE.search(value)):
        raise _no_choice()


def _no_choice() -> ValidationError:
    return ValidationError(
        _("Select a valid choice. That choice is not one of the available choices."), code="invalid_choice"
    )


def key_in(text: str) -> int | None:
    """The id that a query string or a form names; None for what is no id, or one that no database holds."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


class LongText(forms.Textarea):
    """Lets a text that is too long come in, so that the form can say so: a browser would cut it off silently."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(*args, **kwargs)
        attrs.pop("maxlength", None)
        return attrs


class SearchField(forms.CharField):
    """A few words to look for; capped before anything folds them."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 100)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "search", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.validators.append(validate_storable)


class WholeNumberField(forms.IntegerField):
    """A number as people type it: full-width digits, thousands separators and blanks are fine."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**{"min_value": 0, "max_value": MOST} | kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = re.sub(r"[\s,、]", "", unicodedata.normalize("NFKC", value[:40]))
        return super().to_python(value)


class IdField(forms.IntegerField):
    """The ID of a row as a program sends it; none is larger than what both databases hold."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 2**62} | kwargs)


class AmountField(forms.DecimalField):
    """A number with decimals as people type it: full-width digits, thousands separators and blanks are fine."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**{"min_value": 0, "max_digits": 9, "decimal_places": 2} | kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s,、]", "", unicodedata.normalize("NFKC", value[:40]))
        return super().to_python(value)


class DayField(forms.DateField):
    """A day from the browser's calendar, or typed the Japanese way where it has none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"], **kwargs)


class MonthField(forms.DateField):
    """A month, kept as its first day: 2029-01, 2029/1, 2029年1月, or that day itself, as the API reads it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "month"}, format="%Y-%m"))
        message = {"invalid": _("Enter a month such as 2029-01.")}
        super().__init__(input_formats=["%Y-%m", "%Y/%m", "%Y年%m月", "%Y-%m-01"], error_messages=message, **kwargs)


class QuickSelect(forms.Select):
    """A select of hundreds of rows, written at once instead of by one template for each option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = set(self.format_value(value))
        options = "".join(self._option(key, label, chosen) for key, label in self.choices)
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # noqa: S308  escaped one by one

    def _option(self, key: Any, label: Any, chosen: set[str]) -> str:
        if isinstance(label, list | tuple):
            options = "".join(self._option(k, text, chosen) for k, text in label)
            return f'<optgroup label="{escaped(key)}">{options}</optgroup>'
        selected = " selected" if str(key) in chosen else ""
        return f'<option value="{escaped(key)}"{selected}>{escaped(label)}</option>'


class KeysField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # any model
    """Several rows of a catalogue, by their keys."""

    most = 100

    def clean(self, value: Any) -> Any:
        catalogue: Any = self.queryset
        numbered = isinstance(catalogue.model._meta.pk, models.IntegerField)
        for key in value or ():
            validate_key(key)
            if numbered and key_in(str(key)) is None:  # SQLite would fail over a number that is too large
                raise _no_choice()
        if value and len(value) > self.most:
            raise ValidationError(_("Choose at most %(most)d.") % {"most": self.most}, code="too_many")
        return super().clean(value)


class KeyField(forms.ModelChoiceField):  # type: ignore[type-arg]  # any model
    """One row of a catalogue, by its key."""

    widget = QuickSelect

    def to_python(self, value: Any) -> Any:
        validate_key(value)
        return super().to_python(value)


class LinesField(forms.CharField):
    """A list typed one item a line."""

    most, longest = 50, 200

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"max_length": 5000, "widget": LongText(attrs={"rows": 4})}
        super().__init__(**defaults | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > self.most or any(len(line) > self.longest for line in lines):
            raise ValidationError(
                _("At most %(most)d lines of %(longest)d characters each.")
                % {"most": self.most, "longest": self.longest},
                code="too_many",
            )
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class CappedURLField(forms.URLField):
    """Refuses an over-long address before anything takes it apart: that would normalise it, at quadratic cost."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and self.max_length and len(value) > self.max_length:
            raise ValidationError(_("This address is longer than %(most)d characters.") % {"most": self.max_length})
        return super().to_python(value)


class PostalCodeInput(forms.TextInput):
    """With a button beside it that fills in the place; `told` is what came of it."""

    template_name = "registry/widgets/postal_code.html"
    told: Any = ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["told"] = self.told
        return context


class PostalCodeField(forms.CharField):
    """Seven digits as people type them: full-width, with a hyphen or 〒."""

    widget = PostalCodeInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, "required": False} | kwargs)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "postal-code"}

    def to_python(self, value: Any) -> str:
        return postal.clean(super().to_python(value) or "")


class CorporateNumberField(forms.CharField):
    """13 digits as people type or paste them: full-width, with blanks or hyphens, even as Excel has left them."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        defaults: dict[str, Any] = {"max_length": 100, "widget": widget, "empty_value": None}
        super().__init__(**defaults | kwargs)
        self.validators.append(validate_corporate_number)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_corporate_number(text) or None if text else text
