"""A JSON body as the forms of the pages take it, and what OpenAPI says of it: the forms are the one declaration."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from registry.api.parsing import FormParser, StrictJSONParser, from_form
from registry.api.problems import BadRequest, Invalid
from registry.forms.fields import CorporateNumberField, LinesField
from registry.models import Role, Scope, User

Make = Callable[[Any], Any]
"""Data, or None for a blank one, → a form or a formset."""
HIDDEN = {"version", "seen"}
"""Which state of a row the author saw: the API knows it by the ETag."""
_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
    "file": lambda value: isinstance(value, UploadedFile),
}
MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Body:
    """What may be sent to one action.

    forms    form classes, or fields by name, whose fields may be sent
    rows     formset classes by name: a list of objects that takes the place of the rows that are there
    partial  what is left out stays as it is
    example  a body that is taken
    """

    forms: Sequence[Any]
    rows: Mapping[str, Any] = field(default_factory=dict)
    partial: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)
    parser: ClassVar[type[BaseParser]] = StrictJSONParser

    def schema(self) -> dict[str, Any]:
        said = _object(self.forms, partial=self.partial)
        for name, rows in self.rows.items():
            items = _object([rows.form], partial=False)
            items["properties"] = {"id": {"type": "integer"}} | items["properties"]
            said["properties"][name] = {"type": "array", "items": items, "maxItems": MOST_ITEMS}
        return said | ({"minProperties": 1} if self.partial else {})

    def read(self, request: Request) -> dict[str, Any]:
        """The body, once every field is known and of its type. Raises BadRequest."""
        schema = self.schema()
        data = self.sent(request, schema)
        if self.partial and not data:
            raise BadRequest(detail=_("Send at least one field."))
        _refuse(data, schema)
        return dict(data)

    def sent(self, request: Request, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        data: Any = request.data
        return dict(data)  # an object: the parser takes nothing else


NOTHING = Body([])
"""For an action that asks for nothing: what is sent all the same is refused, as everywhere."""


class FileBody(Body):
    """A body with a file, sent as a form. Forms are made with the request's FILES beside their data."""

    parser = FormParser

    def sent(self, request: Request, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        return from_form(request, schema["properties"])


@dataclass(frozen=True, slots=True)
class StepBody:
    """A step by name and what it asks for; `fields` gives its form's fields by the name of the step."""

    steps: Iterable[str]
    fields: Callable[[str], Mapping[str, forms.Field]]
    example: Mapping[str, Any] = field(default_factory=dict)
    parser: ClassVar[type[BaseParser]] = StrictJSONParser

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [self._of(name) for name in self.steps]}

    def read(self, request: Request) -> dict[str, Any]:
        data: Any = request.data
        name = data.get("step")
        if not isinstance(name, str) or name not in self.steps:
            raise BadRequest({"step": [_("Known are: %s.") % ", ".join(self.steps)]})
        _refuse(data, self._of(name))
        return dict(data)

    def _of(self, name: str) -> dict[str, Any]:
        said = _object([self.fields(name)], partial=False)
        said["properties"] = {"step": {"type": "string", "const": name}} | said["properties"]
        return said | {"required": ["step", *said.get("required", ())]}


def nobody() -> User:
    """Whom forms are made for when they are only described: no query is needed for it."""
    person = User(pk=0, role=Role.BUREAU)
    person.__dict__["scope"] = Scope((), (), ())
    return person


# ---- what OpenAPI says ----------------------------------------------------------------------------------------------
def _object(sources: Sequence[Any], *, partial: bool) -> dict[str, Any]:
    fields = {name: one for source in sources for name, one in _fields(source).items() if name not in HIDDEN}
    said: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {public(name): shape(one) for name, one in fields.items()},
    }
    asked = [public(name) for name, one in fields.items() if _is_asked(one)]
    return said | ({"required": asked} if asked and not partial else {})


def _is_asked(one: forms.Field) -> bool:
    """Whether a new row needs the field to be sent, since the form has no default for it."""
    return one.required and one.initial in (None, "")


def _fields(source: Any) -> Mapping[str, forms.Field]:
    found: Mapping[str, forms.Field] = source if isinstance(source, Mapping) else source.base_fields
    return found


def public(name: str) -> str:
    """A form's `fields_` would hide `fields` of the form; a body has no such trouble."""
    return name if name == NON_FIELD_ERRORS else name.rstrip("_")


def shape(one: forms.Field) -> dict[str, Any]:
    """The JSON of a form's field."""
    said, nullable = _shape(one)
    if nullable and not one.required:
        said["type"] = [said["type"], "null"]
    words = " ".join(str(text) for text in (one.label, one.help_text) if text)
    return said | ({"description": words} if words else {})


def _shape(one: forms.Field) -> tuple[dict[str, Any], bool]:
    match one:
        case forms.ModelMultipleChoiceField():
            return {"type": "array", "items": {"type": _key(one)}, "maxItems": MOST_ITEMS}, False
        case forms.ModelChoiceField():
            return {"type": _key(one)}, True
        case forms.MultipleChoiceField():
            return {"type": "array", "items": {"type": "string", "enum": _codes(one)}, "maxItems": MOST_ITEMS}, False
        case forms.ChoiceField():
            return {"type": "string", "enum": _codes(one) if one.required else ["", *_codes(one)]}, False
        case forms.FileField():
            return {"type": "string", "format": "binary"}, False
        case forms.BooleanField():
            return {"type": "boolean"}, False
        case forms.DecimalField():
            return {"type": "number", "minimum": one.min_value or 0}, True
        case forms.IntegerField():
            limits = {"minimum": one.min_value, "maximum": one.max_value}
            return {"type": "integer"} | {name: value for name, value in limits.items() if value is not None}, True
        case forms.DateField():
            return {"type": "string", "format": "date"}, True
        case LinesField():
            return {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ITEMS}, False
        case CorporateNumberField():
            return {"type": "string", "pattern": "^[0-9]{13}$"}, True
        case forms.CharField():
            longest = {"maxLength": one.max_length} if one.max_length else {}
            return {"type": "string"} | longest | ({"minLength": 1} if one.required else {}), False
    return {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ITEMS}, False


def _key(one: Any) -> str:
    return "integer" if isinstance(one.queryset.model._meta.pk, models.IntegerField) else "string"


def _codes(one: Any) -> list[str]:
    return [str(code) for code, _label in one.choices if code != ""]


# ---- what a body holds that it must not -----------------------------------------------------------------------------
def _refuse(data: Any, schema: Mapping[str, Any]) -> None:
    if wrong := dict(_misfits(data, schema, "")):
        raise BadRequest({name: [why] for name, why in wrong.items()})


def _misfits(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kinds = ["file"] if schema.get("format") == "binary" else kinds
    if not any(_IS[kind](value) for kind in kinds):
        yield path, _("Expected is: %s.") % ", ".join(kinds)
    elif isinstance(value, dict):
        known = schema["properties"]
        for name, item in value.items():
            if name in known:
                yield from _misfits(item, known[name], _below(path, name))
            else:
                yield _below(path, name[:100]), _("There is no such field. Known are: %s.") % (", ".join(known) or "–")
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", MOST_ITEMS):
            yield path, _("At most %(most)d are possible.") % {"most": schema.get("maxItems", MOST_ITEMS)}
            return
        for number, item in enumerate(value):
            yield from _misfits(item, schema["items"], _below(path, str(number)))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# ---- the body in the forms ------------------------------------------------------------------------------------------
def fill(
    sent: Mapping[str, Any],
    makes: Iterable[Make],
    rows: Mapping[str, Make] | None = None,
    **server: Any,
) -> list[Any]:
    """Valid forms, then valid formsets, filled with what was sent; what was not keeps its value or its default.

    `server` are fields that nobody sends. Raises BadRequest for a field that this person's forms do not have, Invalid
    for what the forms refuse.
    """
    rows = rows or {}
    blanks = [(make, make(None)) for make in makes]
    known = {public(name) for _make, blank in blanks for name in blank.fields} | rows.keys()
    if unknown := sorted(sent.keys() - known - {"step"}):
        raise BadRequest({name: [_("This field is not yours to set.")] for name in unknown})
    filled: list[Any] = []
    wrong: dict[str, list[Any]] = {}
    for make, blank in blanks:
        form = make(MultiValueDict(_values(blank, sent, server, wrong)))
        wrong |= {public(name): list(errors) for name, errors in form.errors.items()}
        filled.append(form)
    for name, make in rows.items():
        if name in sent:
            filled.append(_fill_rows(name, make, sent[name], wrong))
    if wrong:
        raise Invalid({"body" if name == NON_FIELD_ERRORS else name: errors for name, errors in wrong.items()})
    return filled


def require(sent: Mapping[str, Any], fields: Mapping[str, forms.Field]) -> None:
    """Where no form reads what was sent. Raises Invalid for a field that is needed and missing."""
    missing = {name: one for name, one in fields.items() if one.required and name not in sent}
    if missing:
        raise Invalid({name: [str(one.error_messages["required"])] for name, one in missing.items()})


def question(form: Callable[[Any], forms.Form], query: QueryDict) -> dict[str, Any]:
    """What the parameters of an address say. Raises BadRequest for what the form refuses."""
    asked = form(query)
    if not asked.is_valid():
        raise BadRequest({name: [str(error) for error in errors] for name, errors in asked.errors.items()})
    return asked.cleaned_data


def _values(
    blank: Any, sent: Mapping[str, Any], server: Mapping[str, Any], wrong: dict[str, list[Any]]
) -> dict[str, list[str]]:
    values = {}
    is_new = hasattr(blank, "instance") and blank.instance.pk is None
    for name, one in blank.fields.items():
        value = one.prepare_value(blank.get_initial_for_field(one, name))
        if name in server:
            value = server[name]
        elif public(name) in sent:
            if one.disabled and sent[public(name)] != value:
                wrong[public(name)] = [one.help_text or _("This field is not yours to set.")]
            value = sent[public(name)]
        elif is_new and _is_asked(one):
            value = None  # a page may guess it for its reader, as the only project; a program has to say it
        values[blank.add_prefix(name)] = _typed(one, value)
    return values


def _typed(one: forms.Field, value: Any) -> list[str]:
    """A value as a browser would send it."""
    if isinstance(one, LinesField) and isinstance(value, list):
        return ["\n".join(" ".join(item.splitlines()) for item in value)]
    if isinstance(value, str):
        return [value]
    if value is None:
        return [] if isinstance(one, forms.MultipleChoiceField | forms.ModelMultipleChoiceField) else [""]
    if isinstance(value, bool):
        return ["on"] if value else []
    if isinstance(value, UploadedFile):
        return []  # it stands in the request's FILES
    if isinstance(value, date):
        return [value.isoformat()]
    return [str(item) for item in value] if isinstance(value, Iterable) else [str(value)]


def _fill_rows(name: str, make: Make, sent: Sequence[Mapping[str, Any]], wrong: dict[str, list[Any]]) -> Any:
    """The rows that were sent with their id are changed, those without are added, the others are taken away."""
    blank = make(None)
    there = blank.forms[: blank.initial_form_count()]
    mine = {row["id"]: number for number, row in enumerate(sent) if row.get("id") is not None}
    ids = [row["id"] for row in sent if row.get("id") is not None]
    for gone in {*ids} - {form.instance.pk for form in there} | {one for one in ids if ids.count(one) > 1}:
        wrong[f"{name}.{mine[gone]}.id"] = [_("There is no such row here, or it is named twice.")]
    places: list[int | None] = []
    data: dict[str, list[str]] = {}
    for form in there:
        number = mine.get(form.instance.pk)
        places.append(number)
        data |= _values(form, sent[number] if number is not None else {}, {}, wrong)
        if number is None:
            data[form.add_prefix("DELETE")] = ["on"]
    for number, row in enumerate(sent):
        if row.get("id") is None:
            empty = blank.empty_form
            empty.prefix = blank.add_prefix(len(places))
            places.append(number)
            data |= _values(empty, {k: v for k, v in row.items() if k != "id"}, {}, wrong)
    for key, value in (("TOTAL", len(places)), ("INITIAL", len(there)), ("MIN_NUM", 0), ("MAX_NUM", MOST_ITEMS)):
        data[f"{blank.prefix}-{key}_FORMS"] = [str(value)]
    formset = make(MultiValueDict(data))
    if not formset.is_valid():
        if errors := formset.non_form_errors():
            wrong[name] = list(errors)
        for number, errors in zip(places, formset.errors, strict=False):
            at = f"{name}.{number}"
            wrong |= {at if of == NON_FIELD_ERRORS else f"{at}.{public(of)}": list(e) for of, e in errors.items()}
    return formset
