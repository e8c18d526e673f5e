"""JSON and forms from outside: no deeper, longer or odder than both databases and our own code can take."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.request import Request

from registry.api.problems import BadRequest, TooLarge
from registry.forms.fields import UNSTORABLE
from registry.uploads import Quota

MOST_BYTES = 1_000_000
DEEPEST = 8
_YES_NO = {"true": True, "false": False}


class StrictJSONParser(BaseParser):
    """One JSON object, every name in it once, no NaN, no text that a database refuses."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        if not body:
            return {}
        try:
            data = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not valid JSON.")) from None
        if not isinstance(data, dict):
            raise ParseError(_("The body has to be a JSON object."))
        _check(data, DEEPEST)
        return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_number(_name: str) -> Any:
    raise ValueError


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ParseError(_("The body holds a character that cannot be stored."))
    if isinstance(value, dict | list):
        if depth == 0:
            raise ParseError(_("The body is nested too deeply."))
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            _check(item, depth - 1)


# ---- a form with a file ----------------------------------------------------------------------------------------------
class FormParser(BaseParser):
    """A form as Django reads it, with the limits of the settings; `problems.answer` says what was wrong with it."""

    media_type = "multipart/form-data"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        request: Request = (parser_context or {})["request"]
        meta = request.META | {"CONTENT_TYPE": media_type}
        body: Any = stream
        return DataAndFiles(*MultiPartParser(meta, body, request.upload_handlers).parse())


def from_form(request: Request, properties: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says: files, text, and yes and no by the schema. Raises BadRequest, ParseError or TooLarge.

    Not the parser's work: where a session is asked for its CSRF token, Django has read the form before.
    """
    sent: Any = request.data
    quota = next((one for one in request.upload_handlers if isinstance(one, Quota)), None)
    if quota and quota.exceeded:
        raise TooLarge(_("A file may have at most %(most)d MB here.") % {"most": quota.most >> 20})
    values = dict(sent.lists()) if isinstance(sent, MultiValueDict) else {}
    if twice := [name[:100] for name, found in values.items() if len(found) != 1]:
        raise BadRequest({name: [_("Send this field once.")] for name in twice})
    said = {name: found[0] for name, found in values.items()}
    _check(said, DEEPEST)
    yes_no = {name for name, schema in properties.items() if schema["type"] == "boolean"}
    return {name: _YES_NO.get(value, value) if name in yes_no else value for name, value in said.items()}
