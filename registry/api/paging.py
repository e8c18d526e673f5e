"""Pages that go on after a row instead of counting rows: the thousandth page costs what the first one does."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from registry.listing.keyset import Key, beyond, order_of, ordered

SIZE, MOST = 50, 200
SALT = "registry.api.paging"
PARAMETERS = ("cursor", "limit")


class KeysetPages(BasePagination):
    """`next` holds a signed cursor: it says after which values the list goes on, and nobody can make one up."""

    following: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        keys, limit = order_of(queryset), limit_of(request)
        rows = queryset
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(beyond(keys, _read(cursor, queryset.model, keys)))
        found = list(ordered(rows, keys).values_list("pk", *(key.path for key in keys))[: limit + 1])
        if len(found) > limit:
            cursor = _write(queryset.model, keys, found[limit - 1][1:])
            self.following = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        shown = view.get_queryset().in_bulk([row[0] for row in found[:limit]])  # read whole only what is shown
        return [shown[row[0]] for row in found[:limit] if row[0] in shown]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.following, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {"type": ["string", "null"], "description": "Address of the page that follows."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to go on, from `next` of the page before.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": "Rows of a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE},
            },
        ]


def limit_of(request: Request) -> int:
    text = request.query_params.get("limit", str(SIZE))
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise ValidationError({"limit": [_("Enter a whole number from 1 to %(most)d.") % {"most": MOST}]})
    return int(text)


def _write(model: Any, keys: Sequence[Key], values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return signing.dumps([_name(model, keys), plain], salt=SALT)


def _read(cursor: str, model: Any, keys: Sequence[Key]) -> Sequence[Any]:
    try:
        name, values = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        name, values = "", []
    if name != _name(model, keys):
        raise ValidationError({"cursor": [_("This is not a cursor of this list in this order. Start from the top.")]})
    found: Sequence[Any] = values
    return found


def _name(model: Any, keys: Sequence[Key]) -> str:
    order = ",".join(f"-{key.path}" if key.falling else key.path for key in keys)
    return f"{model._meta.label}:{order}"
