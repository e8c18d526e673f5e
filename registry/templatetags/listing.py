"""What every list shows, put together in Python: as templates a dozen filter fields cost 5 ms, this way 2."""

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from registry.markup import filled
from registry.models import catalogue

register = template.Library()
_FIELD = '<div class="field"><label class="label" for="{id}">{label}</label>{widget}</div>'


@register.simple_tag
def filter_fields(form: forms.BaseForm) -> SafeString:
    """The visible fields of a filter, none of them required; `_field.html` where there is more to say than a label."""
    return mark_safe("".join(_field(field) for field in form.visible_fields()))  # noqa: S308  each is escaped


@register.filter
def listed(words: Iterable[Any]) -> str:
    return catalogue.listed(map(str, words))


def _field(field: Any) -> SafeString:
    if field.errors or field.help_text or field.use_fieldset or field.widget_type == "checkbox":
        return render_to_string("_field.html", {"field": field, "marker": False})
    return filled(_FIELD, {"id": field.id_for_label, "label": field.label, "widget": field.as_widget()})
