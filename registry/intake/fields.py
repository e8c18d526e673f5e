"""What a column of a sheet may be: its headings, how a cell of it is read, and how the value is shown again."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.certificates import CertificationIndex
from registry.intake import values
from registry.intake.cells import Cell
from registry.models import Capability, Consortium, Industry, Municipality, Place, Prefecture
from registry.models.catalogue import Bilingual, place_name, sentences
from registry.text import fold

Value = Any
"""JSON: the same for a line of a file and for a row of the register, so that what changes is found by comparing."""
Remark = tuple[str, str, str]
"""Field, value as typed, what is wrong with it and what to do."""


def in_each_language() -> Iterator[str]:
    """The languages of the site one after the other, each in force while the caller's loop has it; do not break off."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield language


class Catalogues:
    """Rows of the catalogues by every spelling, and their names by key; each read once for a file, when asked for."""

    @cached_property
    def prefectures(self) -> dict[str, str]:
        return _spelled(Prefecture.objects.all(), lambda row: [re.sub("[都府県]$", "", row.name)])

    @cached_property
    def towns(self) -> dict[str, dict[str, str]]:
        """By prefecture."""
        found: dict[str, dict[str, str]] = {}
        for town in Municipality.objects.all():
            spelled = found.setdefault(town.prefecture_id, {})
            for spelling in (town.pk, town.name, town.name_en, town.name.split("郡")[-1]):
                spelled.setdefault(key(spelling), town.pk)
        return found

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Municipalities by their name with that of the prefecture, as pages write it in each language."""
        found: dict[str, str] = {}
        towns = list(Municipality.objects.select_related("prefecture"))
        for _language in in_each_language():
            found |= {key(place_name(town.prefecture, town)): town.pk for town in towns}
        return found

    @cached_property
    def places(self) -> dict[str, str]:
        return _spelled(Place.objects.all())

    @cached_property
    def industries(self) -> dict[str, str]:
        return _spelled(Industry.objects.all())

    @cached_property
    def consortia(self) -> dict[str, str]:
        return _spelled(Consortium.objects.all())

    @cached_property
    def capabilities(self) -> dict[str, str]:
        found = _spelled(Capability.objects.all())
        for row in Capability.objects.order_by("pk"):
            for spelling in row.synonyms:
                found.setdefault(key(spelling), row.pk)
        return found

    @cached_property
    def certifications(self) -> CertificationIndex:
        return CertificationIndex()

    @cached_property
    def _names(self) -> dict[type[Bilingual], dict[str, str]]:
        return {}

    def name(self, model: type[Bilingual], code: str) -> str:
        """What the reader calls a row of a catalogue."""
        if model not in self._names:
            self._names[model] = {row.pk: row.label for row in model._default_manager.all()}
        return self._names[model].get(code, code)


def _spelled(rows: Iterable[Any], also: Callable[[Any], Iterable[str]] = lambda _row: ()) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        for spelling in (row.pk, row.name, row.name_en, *also(row)):
            if spelling:
                found.setdefault(key(spelling), row.pk)
    return found


def key(spelling: str) -> str:
    return fold(spelling).replace(" ", "")


Parse = Callable[[Cell, Catalogues, Mapping[str, Value]], Value]
Show = Callable[[Value, Catalogues], str]


def plainly(value: Value, _catalogues: Catalogues | None = None) -> str:
    """A value as people read it."""
    if isinstance(value, list):
        return "、".join(map(plainly, value))
    return "" if value is None else str(value)


def named(model: type[Bilingual]) -> Show:
    """The names of the rows that a value names by key."""

    def show(value: Value, catalogues: Catalogues) -> str:
        codes = value if isinstance(value, list) else [value] if value else []
        return "、".join(catalogues.name(model, code) for code in codes)

    return show


def labelled(choices: type[models.TextChoices]) -> Show:
    return lambda value, _catalogues: str(choices(value).label) if value in choices.values else plainly(value)


@dataclass(frozen=True, slots=True)
class ImportField:
    """`aliases` are other headings of its column; `hint` stands in the template; `choices` are what a cell may hold.

    A required field is needed where a line is new. A `personal` one is named in a history, never quoted. `into` is the
    field that it gives the value of, in another unit.
    """

    name: str
    label: str | Promise
    parse: Parse
    aliases: Sequence[str] = ()
    hint: str | Promise = ""
    required: bool = False
    personal: bool = False
    show: Show = plainly
    choices: type[Bilingual] | type[models.TextChoices] | None = None
    into: str = ""


# ---- how a cell is read ----------------------------------------------------------------------------------------------
def by(parse: Callable[..., Value], *arguments: Any) -> Parse:
    """A function of `values`, which needs neither catalogues nor the rest of the line."""
    return lambda cell, _catalogues, _row: parse(cell, *arguments)


def day(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    found = values.day(cell)
    return found and found.isoformat()


def chosen(table: str, message: Any) -> Parse:
    """One row of a catalogue, by any of its names or its code."""

    def parse(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        typed = values.line(cell, 200)
        if not typed:
            return None
        known = getattr(catalogues, table)
        if found := known.get(key(typed.zfill(2) if typed.isdecimal() else typed)):
            return found
        raise ValidationError(message, params={"typed": typed[:40]})

    return parse


def many(table: str, message: Any) -> Parse:
    """Several rows of a catalogue; a name may itself hold a comma."""

    def parse(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        known = getattr(catalogues, table)
        if (whole := values.line(cell, values.CELL_LIMIT)) and key(whole[:200]) in known:
            return [known[key(whole)]]
        found = []
        for word in values.words(cell):
            if key(word) not in known:
                raise ValidationError(message, params={"typed": word[:40]})
            found.append(known[key(word)])
        return sorted(set(found))

    return parse


def one_of(choices: type[models.TextChoices]) -> Parse:
    """A choice by its code or its label in either language."""

    def parse(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        typed = values.line(cell, 200)
        if not typed:
            return None
        labels: dict[str, str] = {}
        for _language in in_each_language():
            labels |= {key(str(label)): code for code, label in choices.choices}
        if key(typed) in labels or typed in choices.values:
            return labels.get(key(typed), typed)
        raise ValidationError(
            _("“%(typed)s” is none of the choices: %(choices)s"),
            params={"typed": typed[:40], "choices": " / ".join(map(str, choices.labels))},
        )

    return parse


def checked(validator: Callable[[str], None], longest: int) -> Parse:
    def parse(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
        typed = values.entry(cell, longest)
        if typed:
            validator(typed)
        return typed

    return parse


# ---- headings --------------------------------------------------------------------------------------------------------
def heading_key(heading: str) -> str:
    """A heading as it is compared: without blanks, line breaks and marks such as ※ or 【必須】."""
    return re.sub(r"[\s※*＊●◎○]|【.*?】|\[.*?\]|\((?:必須|任意|required|optional)\)", "", fold(heading[:200]))


def spellings(fields: Iterable[ImportField]) -> dict[str, str]:
    """Every known heading, folded, with the field that it means."""
    fields = list(fields)
    found: dict[str, str] = {}
    for field in fields:
        for spelling in (field.name, *field.aliases):
            found.setdefault(heading_key(spelling), field.name)
    return labels(fields) | found


def labels(fields: Sequence[ImportField]) -> dict[str, str]:
    """The headings that the fields have here in each language, folded, with the field of each."""
    found: dict[str, str] = {}
    for _language in in_each_language():
        for field in fields:
            found.setdefault(heading_key(str(field.label)), field.name)
    return found


# ---- a line ----------------------------------------------------------------------------------------------------------
def understand(
    fields: Iterable[ImportField], cells: Mapping[str, Cell], catalogues: Catalogues
) -> tuple[dict[str, Value], list[Remark]]:
    """What the cells of a line mean, and what is wrong with them. An empty cell says nothing."""
    row: dict[str, Value] = {}
    remarks: list[Remark] = []
    for field in fields:
        if field.name not in cells:
            continue
        cell = cells[field.name]
        try:
            value = field.parse(cell, catalogues, row)
        except ValidationError as refusal:
            remarks.append((field.name, str(cell)[:100], sentences(refusal.messages)))
            continue
        if value not in (None, "", []):
            row.setdefault(field.into or field.name, value)
    return row, remarks
