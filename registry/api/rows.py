"""A row as the columns' JSON, under their names; and the filter of its list."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import build_object_type, resolve_type_hint
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from registry.api.paging import PARAMETERS
from registry.listing import query_problems
from registry.tabular import Column


class Row(serializers.BaseSerializer[Any]):
    columns: ClassVar[Sequence[Column]] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {column.name: column.json(instance) for column in self.columns}


class RowSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = Row
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return type(self.target).__name__

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        columns: Sequence[Column] = self.target.columns
        properties = {
            column.name: resolve_type_hint(column.type) | {"description": str(column.heading)}  # type: ignore[no-untyped-call]
            for column in columns
        }
        return build_object_type(properties=properties, required=[column.name for column in columns])


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Answers 400 for an invalid value and for a parameter that does not exist."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset = self.get_filterset(request, queryset, view)
        if problems := query_problems(filterset, request.query_params, also=PARAMETERS):
            raise ValidationError(problems)
        return filterset.qs
