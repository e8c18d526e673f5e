"""What OpenAPI says of each operation: its headers, its body as the forms have it, and every refusal."""

from collections.abc import Iterable
from typing import Any, is_typeddict

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import resolve_type_hint
from drf_spectacular.utils import OpenApiParameter, extend_schema

from registry.api import problems
from registry.api.authentication import TokenAuthentication
from registry.api.bodies import NOTHING

_HEADERS = {
    "If-None-Match": "The ETag that you have: answered 304 when it still holds.",
    "If-Match": "The ETag of the object as you read it.",
    "Idempotency-Key": "Any words of yours: the same request again gets the same answer and has no second effect.",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token that you made on the page “API tokens”."}


GUARDED = {
    *("partial_update", "steps", "answer", "parts", "members", "feedback", "nda", "certificates"),
    *("put_scan", "remove_scan", "remove_photo", "remove"),
}
"""Actions on an object that has to be as its writer read it."""


class Description(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        view: Any = self.view
        asked = getattr(view, "questions", {}).get(view.action, {})
        return [
            *(
                OpenApiParameter(name, str, OpenApiParameter.QUERY, enum=list(known) or None)
                for name, known in asked.items()
            ),
            *(
                OpenApiParameter(
                    name, str, OpenApiParameter.HEADER, required=name == "If-Match", description=_HEADERS[name]
                )
                for name in self._headers()
            ),
        ]

    def _headers(self) -> list[str]:
        view: Any = self.view
        if self.method == "GET":
            return ["If-None-Match"] if 304 in self._good() else []
        guarded = ["If-Match"] if view.action in GUARDED else []
        keeps = self.method == "POST" and view.action not in view.only_asks
        return [*guarded, "Idempotency-Key"] if keeps else guarded

    def get_response_serializers(self) -> Any:
        refusals = dict.fromkeys(self._refusals(), problems.SCHEMA)
        good = {code: _schema(one) for code, one in self._good().items()}
        return good | {(code, problems.MEDIA_TYPE): schema for code, schema in refusals.items()}

    def _good(self) -> dict[int, Any]:
        view: Any = self.view
        if known := getattr(view, "answers", {}).get(view.action):
            found: dict[int, Any] = known
            return found
        if view.action == "list":
            return {200: view.serializer_class}
        if view.action == "retrieve":
            return {200: self._object()} | ({} if view.moving else {304: None})
        return {201: self._object()} if view.action == "create" else {200: self._object(), 204: None}

    def _object(self) -> Any:
        """What is said of one object, if the view has objects."""
        view: Any = self.view
        return getattr(view, "whole", None) or getattr(view, "serializer_class", None)

    def _get_request_body(self, direction: Any = "request") -> Any:
        view: Any = self.view
        body = getattr(view, "bodies", {}).get(view.action)
        if self.method == "GET" or body is None:
            return None
        example = {"example": dict(body.example)} if body.example else {}
        return {
            "required": body is not NOTHING,
            "content": {body.parser.media_type: {"schema": body.schema(), **example}},
        }

    def _refusals(self) -> list[int]:
        codes = [400, 401, 403, 404, 406, 429]
        view: Any = self.view
        if view.action in view.not_always:
            codes.append(409)
        if self.method != "GET":
            codes += [409, 412, 413, 415, 422, 428]
        return codes

    def _get_response_headers_for_code(self, status_code: Any, direction: Any = "response") -> Any:
        """An ETag comes with an object, read or written; not with lists, counts and other answers."""
        view: Any = self.view
        answered = None if view.action == "list" else self._good().get(int(status_code))
        shows = answered is not None and answered is self._object()
        return {"ETag": {"schema": {"type": "string"}}} if shows else {}


def _schema(answer: Any) -> Any:
    """A TypedDict as its schema; anything else as it is."""
    return resolve_type_hint(answer) if is_typeddict(answer) else answer  # type: ignore[no-untyped-call]


def asked_with(names: Iterable[str]) -> Any:
    """For a view that takes parameters of its own, by their names."""
    return extend_schema(parameters=[OpenApiParameter(name, str) for name in names])
