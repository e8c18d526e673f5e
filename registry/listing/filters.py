"""Query string → rows. Unlike a plain FilterSet nothing invalid or unknown is ever dropped without a word."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.fields import ModelChoiceField, ModelChoiceIterator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from registry.forms.fields import QuickSelect, SearchField, WholeNumberField, validate_key
from registry.listing import kept
from registry.listing.keyset import Key, may_be_null
from registry.tabular import Column


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filter of one list; a field of its form is a parameter of its page, its export and the API."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.filters.values():
            vars(one).pop("_field", None)  # who reads the API's schema leaves fields made for nobody on the class


class TextFilter(django_filters.CharFilter):  # type: ignore[misc]
    """Words that must all occur, by the queryset's `matching_text`."""

    field_class = SearchField

    def filter(self, qs: Any, value: str) -> Any:
        return qs.matching_text(value) if value else qs


class WholeIterator(ModelChoiceIterator):  # type: ignore[misc]
    """A few dozen rows that every page shows."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        if self.field.null_label is not None:
            yield (self.field.null_value, self.field.null_label)
        yield from map(self.choice, self.field.options())


class Later:
    """A queryset that is put together only when it is read: mostly its rows are kept already, and no value is asked."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def all(self) -> "Later":
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self._make())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


class KeyField(ModelChoiceField):  # type: ignore[misc]
    iterator = WholeIterator

    widget = QuickSelect
    kept_as: tuple[Any, Any] | None = None
    """Name of the list and person, once both are known: under these the options are kept for a while."""

    def options(self) -> list[Any]:
        if self.kept_as is None:
            return list(self.queryset)
        return kept.rows(*self.kept_as, self.queryset.all)

    def to_python(self, value: Any) -> Any:
        validate_key(value)
        chosen = super().to_python(value)
        if chosen is not None and chosen not in self.options():
            kept.forget()  # newer than the options that would be shown with it
        return chosen


@extend_schema_field(OpenApiTypes.STR)
class KeyFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    """One row of a catalogue, by its key. `queryset` may be a function of the request.

    With a `null_label` the value “null” stands for rows that have none.
    """

    field_class = KeyField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": gettext_lazy("(all)")} | kwargs)

    def get_queryset(self, request: Any) -> Any:
        return Later(partial(self.queryset, request)) if callable(self.queryset) else self.queryset

    @property
    def field(self) -> Any:
        field, request = super().field, self.get_request()
        if request is not None:
            field.kept_as = (type(self.parent), self.field_name), request.user
        return field


class ChoiceFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": gettext_lazy("(all)"), "widget": QuickSelect} | kwargs)


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(ChoiceFilter):
    """Yes, no or either; anything else is refused, unlike with BooleanFilter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))]
        super().__init__(*args, **{"choices": choices} | kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        return super().filter(qs, {"true": True, "false": False}.get(value, value))


class NumberFilter(django_filters.NumberFilter):  # type: ignore[misc]
    field_class = WholeNumberField

    def get_max_validator(self) -> None:
        return None


class DateFilter(django_filters.DateFilter):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")} | kwargs)


class SortFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """`sort=name` or `sort=-name` for each column that names its model field; empty is the model's own order.

    Rows without a value come last either way, and equal rows go by id, so that pages neither repeat nor skip.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.fields = {column.name: column.sort for column in columns if column.sort}
        super().__init__(choices=list(_sort_choices(columns)), widget=forms.HiddenInput, label=gettext_lazy("Sort"))

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        name = self.fields[value.removeprefix("-")]
        key = Key(name, falling=value.startswith("-"), nullable=may_be_null(qs.model, name))
        return qs.order_by(key.expression, "pk")


def _sort_choices(columns: Sequence[Column]) -> Iterator[tuple[str, str | Promise]]:
    for column in columns:
        if column.sort:
            yield column.name, column.heading
            yield f"-{column.name}", column.heading


def query_problems(filterset: ListFilter, query: QueryDict, *, also: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """What is wrong with a query string, by parameter: an invalid value, an unknown name, one name twice."""
    problems = {name: [str(error) for error in errors] for name, errors in filterset.form.errors.items()}
    return problems | unknown_parameters(filterset, query, also=also)


def unknown_parameters(filterset: ListFilter, query: QueryDict, *, also: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """What no list would heed: an unknown name, one name twice."""
    fields, problems = filterset.form.fields, {}
    for name in query:
        if name not in fields and name not in also:
            problems[name] = [_("There is no such parameter. Known are: %s.") % ", ".join((*fields, *also))]
        elif len(query.getlist(name)) > 1:
            problems[name] = [_("This parameter is given twice.")]
    return problems
