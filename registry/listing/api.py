"""The same list as JSON: read-only, same rows, same filters, same columns."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_object_type, resolve_type_hint
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError

from registry.access import VerbPermission
from registry.listing.filters import query_problems
from registry.listing.pages import Listing
from registry.tabular import Column


class ColumnSerializer(serializers.BaseSerializer[Any]):
    """A row as the columns' JSON, under their names."""

    columns: ClassVar[Sequence[Column]] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {column.name: column.json(instance) for column in self.columns}


class ColumnSerializerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = ColumnSerializer
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
        if problems := query_problems(filterset, request.query_params, also=("page",)):
            raise ValidationError(problems)
        return filterset.qs


class Problem(serializers.Serializer[Any]):
    detail = serializers.CharField()


class ReadSchema(AutoSchema):
    """Says in the schema which errors a reader may meet."""

    def get_response_serializers(self) -> Any:
        answers: dict[int, Any] = {200: super().get_response_serializers(), 403: Problem, 404: Problem}
        if getattr(self.view, "action", "") == "list":
            answers[400] = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        return answers


class ReadAPI(viewsets.ReadOnlyModelViewSet[Any]):
    """Give `listing`, `verb` and `serializer_class` (a ColumnSerializer with the listing's columns)."""

    listing: ClassVar[Listing]
    verb: ClassVar[str]
    permission_classes = [VerbPermission]
    filter_backends = [StrictFilterBackend]
    lookup_value_converter = "int"
    schema = ReadSchema()

    @property
    def filterset_class(self) -> Any:
        return self.listing.filters

    def get_queryset(self) -> Any:
        return self.listing.rows(self.request.user)

    def get_object(self) -> Any:
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row
