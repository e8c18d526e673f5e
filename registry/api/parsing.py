"""JSON from outside: no deeper, longer or odder than both databases and our own code can take."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from registry.api.problems import TooLarge
from registry.forms.fields import UNSTORABLE

MOST_BYTES = 1_000_000
DEEPEST = 8


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
