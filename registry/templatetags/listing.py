"""What every list shows, put together in Python: as templates a dozen filter fields cost 5 ms, this way 2."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from registry.listing import ListFilter, kept
from registry.markup import filled
from registry.models import catalogue

register = template.Library()
_FIELD = '<div class="field"><label class="label" for="{id}">{label}</label>{widget}</div>'


@register.simple_tag(takes_context=True)
def filter_fields(context: Mapping[str, Any], filterset: ListFilter) -> SafeString:
    """The visible fields of a filter, none of them required; `_field.html` where there is more to say than a label.

    Most stand empty on every page, and are kept for as long as their options are.
    """
    user, name = context["request"].user, ("fields", type(filterset), get_language())
    [empty] = kept.rows(name, user, lambda: [_empty(filterset)])
    fields = (
        _field(field) if field.errors or field.value() else empty[field.name]
        for field in filterset.form.visible_fields()
    )
    return mark_safe("".join(fields))  # noqa: S308  each is escaped


def _empty(filterset: ListFilter) -> dict[str, SafeString]:
    return {field.name: _field(field) for field in filterset.get_form_class()().visible_fields()}


@register.filter
def listed(words: Iterable[Any]) -> str:
    return catalogue.listed(map(str, words))


def _field(field: Any) -> SafeString:
    if field.errors or field.help_text or field.use_fieldset or field.widget_type == "checkbox":
        return render_to_string("_field.html", {"field": field, "marker": False})
    return filled(_FIELD, {"id": field.id_for_label, "label": field.label, "widget": field.as_widget()})
