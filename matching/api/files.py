"""Files of candidate lists and groups, written as for their pages, in the language that a program asks for."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from matching.contents import LANGUAGES
from matching.dossier import Busy
from matching.list_files import CONTENT_TYPES
from registry.api import problems


class Waiting(APIException):
    status_code = 503
    default_detail = gettext_lazy("Dossiers are made one after the other, and at the moment a long one is on.")
    wait = 60


def answers(extensions: Iterable[str]) -> dict[Any, Any]:
    """What OpenAPI says of an action that hands out such files."""
    kinds = [CONTENT_TYPES[extension].partition(";")[0] for extension in extensions]
    return {(200, kind): OpenApiTypes.BINARY for kind in kinds} | {(503, problems.MEDIA_TYPE): problems.SCHEMA}


def language_of(request: Request) -> str:
    """Japanese, English or, unless `language` says otherwise, both side by side. Raises BadRequest."""
    language = request.query_params.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise problems.BadRequest({"language": [_("Known are: %s.") % ", ".join(LANGUAGES)]})
    return language


def handed_out(request: Request, write: Callable[[str], HttpResponse]) -> HttpResponse:
    """Raises BadRequest or Waiting."""
    try:
        return write(language_of(request))
    except Busy as busy:
        raise Waiting from busy
