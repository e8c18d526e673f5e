"""All criteria of a need in one cell, as its export writes them: one a line, in either language."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.certificates import CertificationIndex
from registry.columns import criterion_line, limit
from registry.intake import values
from registry.intake.cells import Cell
from registry.intake.fields import Catalogues, Value, in_each_language, key, many
from registry.intake.kinds.firm_fields import NO_PREFECTURE
from registry.models import Criterion, Need, Place, Prefecture
from registry.models.catalogue import listed
from registry.specification import certificate_asked

K = Criterion.Kind
_WHAT, _MORE = "\ue000", "\ue001"
"""Stand for what a sentence is about while it is made into a pattern; no file holds them (values.text refuses them)."""
_LINE = re.compile(r"\[(?P<weight>[^\]]{1,20})\]\s*(?P<kind>[^:：]{1,60})[:：]\s*(?P<what>.+)")
_prefectures = many("prefectures", NO_PREFECTURE)


# ---- reading ---------------------------------------------------------------------------------------------------------
def parse(cell: Cell, catalogues: Catalogues, _row: Mapping[str, Value]) -> Value:
    """A list of criteria, musts first, each with its `kind`, `hard` and the values of its kind."""
    lines = filter(None, (line.strip() for line in values.text(cell).split("\n")))
    found = [_criterion(line, catalogues) for line in lines]
    return sorted(found, key=lambda one: not one["hard"])


def _criterion(line: str, catalogues: Catalogues) -> dict[str, Value]:
    match = _LINE.fullmatch(line)
    kind = _kinds().get(key(match["kind"])) if match else None
    hard = _weights().get(key(match["weight"])) if match else None
    if match is None or kind is None or hard is None:
        raise ValidationError(
            _("“%(typed)s” is no criterion; write it like %(example)s"),
            params={"typed": line[:60], "example": criterion_line(K.CERTIFICATION, "ISO 9001", hard=True)},
        )
    what = match["what"].strip()
    if kind == K.CERTIFICATION:
        return {"kind": kind, "hard": hard} | _certification(what, hard=hard)
    if kind == K.PREFECTURE:
        return {"kind": kind, "hard": hard, "prefectures": _prefectures(what, catalogues, {})}
    return {"kind": kind, "hard": hard} | _limit(kind, what, catalogues)


def _certification(what: str, *, hard: bool) -> dict[str, Value]:
    for pattern in _patterns(K.CERTIFICATION):
        if match := pattern.fullmatch(what):
            found = match.groupdict()
            year = int(found["more"]) if found.get("more") else None
            if year and hard:
                raise ValidationError(_("What is needed only later is a wish today: choose “wish”."))
            confirmed = "confirmed" in pattern.groupindex
            stated = values.line(found["what"], 200)
            return {"stated": stated, "by_year": year, "confirmed": confirmed}
    raise AssertionError("the last pattern takes everything")


def _limit(kind: str, what: str, catalogues: Catalogues) -> dict[str, Value]:
    for pattern in _patterns(kind):
        if match := pattern.fullmatch(what):
            number = values.whole(match["what"])
            place = catalogues.places.get(key(match["more"])) if kind == K.DISTANCE else None
            if kind == K.DISTANCE and place is None:
                raise ValidationError(
                    _("“%(typed)s” is no place that distances are measured from"), params={"typed": match["more"][:40]}
                )
            return {"number": number} | ({"place": place} if place else {})
    raise ValidationError(
        _("“%(typed)s” does not say how much; write it like %(example)s"),
        params={"typed": what[:60], "example": limit(K(kind), "80", gettext("a port"))},
    )


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    return {key(str(kind.label)): kind.value for _language in in_each_language() for kind in K}


@lru_cache(maxsize=1)
def _weights() -> dict[str, bool]:
    found: dict[str, bool] = {}
    for _language in in_each_language():
        found |= {key(gettext("must")): True, key(gettext("wish")): False}
    return found


@lru_cache(maxsize=len(K))
def _patterns(kind: str) -> list[re.Pattern[str]]:
    """The sentences of a kind in each language as patterns, the most telling one first."""
    found = []
    for _language in in_each_language():
        if kind == K.CERTIFICATION:
            for confirmed in (True, False):
                for year in (_MORE, None):
                    found.append((confirmed, bool(year), certificate_asked(_WHAT, year, confirmed=confirmed)))
        else:
            found.append((False, False, limit(K(kind), _WHAT, _MORE)))
    found.sort(key=lambda one: (one[0], one[1]), reverse=True)
    return [_pattern(sentence, confirmed=confirmed, year=year) for confirmed, year, sentence in found]


def _pattern(sentence: str, *, confirmed: bool, year: bool) -> re.Pattern[str]:
    more = r"(?P<more>\d{4})" if year else "(?P<more>.+)"
    text = re.escape(sentence).replace(r"\ ", r"\s*").replace(_WHAT, "(?P<what>.+?)").replace(_MORE, more)
    return re.compile(text + ("(?P<confirmed>)" if confirmed else ""))


# ---- showing and writing ---------------------------------------------------------------------------------------------
def as_value(criterion: Criterion) -> dict[str, Value]:
    """A row of the register as `parse` gives a line."""
    value: dict[str, Value] = {"kind": str(criterion.kind), "hard": criterion.hard}
    if criterion.kind == K.CERTIFICATION:
        return value | {
            "stated": criterion.stated,
            "by_year": criterion.by_year,
            "confirmed": criterion.confirmed,
        }
    if criterion.kind == K.PREFECTURE:
        return value | {"prefectures": sorted(place.pk for place in criterion.prefectures.all())}
    return value | {"number": criterion.number} | ({"place": criterion.place_id} if criterion.place_id else {})


def show(value: Value, catalogues: Catalogues) -> str:
    return "\n".join(criterion_line(one["kind"], _words(one, catalogues), hard=one["hard"]) for one in value or ())


def _words(one: Mapping[str, Any], catalogues: Catalogues) -> str:
    if one["kind"] == K.CERTIFICATION:
        return certificate_asked(one["stated"], one["by_year"], confirmed=one["confirmed"])
    if one["kind"] == K.PREFECTURE:
        return listed(catalogues.name(Prefecture, code) for code in one["prefectures"])
    place = catalogues.name(Place, one["place"]) if one.get("place") else ""
    return limit(K(one["kind"]), f"{one['number']:,}", place)


def write(need: Need, wanted: Iterable[Mapping[str, Value]], known: CertificationIndex) -> None:
    """The need asks for these and for nothing else."""
    need.criteria.all().delete()
    for one in wanted:
        columns = {name: value for name, value in one.items() if name not in {"place", "prefectures"}}
        code = known.find(one["stated"]) if "stated" in one else None
        made = need.criteria.create(place_id=one.get("place"), certification_id=code, **columns)
        made.prefectures.set(one.get("prefectures", ()))
