"""Every refusal as application/problem+json (RFC 9457), in the reader's language."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from registry.steps import StepRefused

MEDIA_TYPE = "application/problem+json"
SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is so and what to do, in the reader's language."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": (
                "By field or parameter; a field of the second machine is `equipment.1.name`, several are `body`."
            ),
        },
    },
    "required": ["type", "title", "status", "detail"],
}


class BadRequest(exceptions.APIException):
    """What no program should send: an unknown or wrongly typed field, an unknown parameter."""

    status_code = 400
    default_detail = gettext_lazy("The request cannot be read. See the errors.")

    def __init__(self, errors: Mapping[str, Sequence[str]] | None = None, detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or {}


class Invalid(BadRequest):
    """Values of the right kind that a form refuses."""

    status_code = 422
    default_detail = gettext_lazy("Some values cannot be taken. Nothing was changed.")


class Conflict(exceptions.APIException):
    """A step or a save that is not possible now; the detail says why."""

    status_code = 409


class Stale(exceptions.APIException):
    status_code = 412
    default_detail = gettext_lazy(
        "The object has changed since you read it. Nothing of yours was saved. Read it again, then decide."
    )


class Unconditional(exceptions.APIException):
    status_code = 428
    default_detail = gettext_lazy(
        "Send the ETag of the object that you read, with its quotation marks, in the header If-Match, so that nobody's"
        " work is overwritten."
    )


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = gettext_lazy("The body of the request is too large.")


def answer(problem: Exception, context: Mapping[str, Any]) -> Response | None:
    """What an API view answers for an exception; None for errors of the program, which become 500."""
    if isinstance(problem, Http404):
        problem = exceptions.NotFound()
    elif isinstance(problem, PermissionDenied):
        problem = exceptions.PermissionDenied()
    elif isinstance(problem, StepRefused):
        problem = Conflict(str(problem))
    elif isinstance(problem, RequestDataTooBig):
        problem = TooLarge()
    elif isinstance(problem, MultiPartParserError | TooManyFieldsSent | TooManyFilesSent):
        problem = exceptions.ParseError(_("The body is not a valid form, or has too many fields."))
    if not isinstance(problem, exceptions.APIException):
        return None
    response = describe(problem.status_code, *_said(problem))
    if header := getattr(problem, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(problem, "wait", None):
        response["Retry-After"] = str(max(1, round(wait)))
    return response


def describe(status: int, detail: str, errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        said["errors"] = {name: [str(one) for one in found] for name, found in errors.items()}
    return Response(said, status=status, content_type=MEDIA_TYPE)


def _said(problem: exceptions.APIException) -> tuple[str, Mapping[str, Sequence[str]]]:
    if isinstance(problem, BadRequest):
        return str(problem.detail), problem.errors
    if isinstance(problem, exceptions.ValidationError) and isinstance(problem.detail, dict):
        found: Any = problem.detail  # of a filter
        return _("The request cannot be read. See the errors."), found
    detail = problem.detail
    return (str(detail) if not isinstance(detail, list) else " ".join(map(str, detail))), {}
