"""What a need asks for in figures, in one cell each, as its export writes them in either language."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.intake import values
from registry.intake.cells import Cell
from registry.intake.fields import Catalogues, Value, in_each_language, key
from registry.models import Municipality, Need, NeedPhase, Place
from registry.models.need import plain_number
from registry.specification import phase_words

SIDES = {"⌀": "diameter", "L": "length", "W": "width", "H": "height"}
_LETTERS = {"⌀": "⌀", "Ø": "⌀", "ø": "⌀", "φ": "⌀", "Φ": "⌀"}
_SIDE = re.compile(r"([⌀LWH])\s*(\d{1,7}(?:\.\d{1,3})?)")
_ROUGHNESS = re.compile(r"(?:ra)?\s*(\d{1,3}(?:\.\d{1,3})?)\s*(?:μm|um)?")
_LOT, _MONTH = "\ue000", "\ue001"
"""Stand for the pieces and the month while a sentence is made into a pattern; no file holds them."""


# ---- reading ---------------------------------------------------------------------------------------------------------
def roughness(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "Ra 0.4 μm" as "0.4"."""
    typed = values.folded(cell)
    if typed in values.NOTHING:
        return None
    if match := _ROUGHNESS.fullmatch(typed):
        return plain_number(Decimal(match[1]))
    raise ValidationError(
        _("“%(typed)s” is no roughness; write it like Ra 0.4 μm"), params={"typed": values.line(cell, 200)[:40]}
    )


def dimensions(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """ "⌀ 120 · L 80 mm" as {"diameter": "120", "length": "80"}."""
    typed = values.line(cell, 200).strip().removesuffix("mm")
    typed = "".join(_LETTERS.get(letter, letter) for letter in typed)
    parts = [_SIDE.fullmatch(part.strip()) for part in re.split(r"[·・,、×]", typed) if part.strip()]
    found = {SIDES[part[1]]: part[2] for part in parts if part}
    if len(found) < len(parts):
        raise ValidationError(
            _("“%(typed)s” does not give dimensions; write them in mm like ⌀ 120 · L 80 · W 60 · H 40 mm"),
            params={"typed": typed[:40]},
        )
    return {name: plain_number(Decimal(found[name])) for name in SIDES.values() if name in found} or None


def delivery(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """A port or site, or a municipality with its prefecture, as {"place": code} or {"town": code}."""
    typed = values.line(cell, 200)
    if not typed:
        return None
    if place := catalogues.places.get(key(typed)):
        return {"place": place}
    if town := catalogues.addresses.get(key(typed)):
        return {"town": town}
    raise ValidationError(
        _("“%(typed)s” is no port or site of the register and no municipality; write it like 秋田県 能代市"),
        params={"typed": typed[:40]},
    )


def phases(cell: Cell, _catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """Lines like "volume production: 60 a year from 2029-01" as [{"kind", "lot", "per", "since"}]."""
    return _ordered(_phase(line) for line in values.text(cell).split("\n") if line.strip())


def _phase(line: str) -> dict[str, Value]:
    for kind, per, pattern in _patterns():
        match = pattern.fullmatch(line.strip())
        lot = int(match["lot"].replace(",", "")) if match else 0
        if match and 1 <= lot <= 10**9:
            month = match.groupdict().get("month")
            return {"kind": kind, "lot": lot, "per": per, "since": month and f"{month}-01"}
    raise ValidationError(
        _("“%(typed)s” is no quantity of a phase; write it like %(example)s"),
        params={"typed": line[:60], "example": phase_words(NeedPhase.Kind.VOLUME, "60", NeedPhase.Per.YEAR, "2029-01")},
    )


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """Kind, how often and pattern of every sentence in each language."""
    found = []
    for _language in in_each_language():
        for kind in NeedPhase.Kind:
            for per in NeedPhase.Per:
                for month in (_MONTH, ""):
                    text = re.escape(phase_words(kind, _LOT, per, month)).replace(r"\ ", r"\s*")
                    text = text.replace(_LOT, r"(?P<lot>\d[\d,]{0,12})")
                    text = text.replace(_MONTH, r"(?P<month>(?:19|2[01])\d\d-(?:0[1-9]|1[0-2]))")
                    found.append((kind.value, per.value, re.compile(text)))
    return found


def _ordered(found: Iterable[dict[str, Value]]) -> list[dict[str, Value]]:
    order = list(NeedPhase.Kind.values)
    return sorted(found, key=lambda one: (order.index(one["kind"]), one["since"] or "", one["lot"]))


# ---- the register ----------------------------------------------------------------------------------------------------
def held(need: Need) -> dict[str, Value]:
    """What the need says, in the form in which the functions above give a line."""
    sides = {name: getattr(need, name) for name in SIDES.values()}
    place, town = need.delivery_place_id, need.delivery_municipality_id
    return {
        "roughness": None if need.roughness is None else plain_number(need.roughness),
        "dimensions": {name: plain_number(side) for name, side in sides.items() if side is not None} or None,
        "delivery": ({"place": place} if place else {}) | ({"town": town} if town else {}) or None,
        "phases": _ordered(
            {"kind": one.kind, "lot": one.lot, "per": one.per, "since": one.since and one.since.isoformat()}
            for one in need.phases.all()
        ),
    }


def columns(given: Mapping[str, Value]) -> dict[str, Any]:
    """Columns of the need; phases are rows of their own."""
    found: dict[str, Any] = {}
    if "roughness" in given:
        found["roughness"] = _number(given["roughness"])
    if "dimensions" in given:
        sides = given["dimensions"] or {}
        found |= {name: _number(sides.get(name)) for name in SIDES.values()}
    if "delivery" in given:
        where = given["delivery"] or {}
        found |= {"delivery_place_id": where.get("place"), "delivery_municipality_id": where.get("town")}
    return found


def _number(said: str | None) -> Decimal | None:
    return Decimal(said) if said else None


# ---- showing ---------------------------------------------------------------------------------------------------------
def show_dimensions(value: Value, _catalogues: Catalogues) -> str:
    letters = {name: letter for letter, name in SIDES.items()}
    return " · ".join(f"{letters[name]} {side}" for name, side in (value or {}).items())


def show_delivery(value: Value, catalogues: Catalogues) -> str:
    value = value or {}
    return (
        catalogues.name(Place, value["place"])
        if "place" in value
        else catalogues.name(Municipality, value.get("town", ""))
    )


def show_phases(value: Value, _catalogues: Catalogues) -> str:
    return "\n".join(
        phase_words(NeedPhase.Kind(one["kind"]), f"{one['lot']:,}", NeedPhase.Per(one["per"]), (one["since"] or "")[:7])
        for one in value or ()
    )
