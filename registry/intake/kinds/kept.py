"""What a line of a list of firms cannot say of the rows that it replaces, kept so that undoing gives it back.

A machine in one line has no maker and no model apart, a certificate no number; and a text that is written by a file
loses the word of the person who confirmed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import models

from registry.columns import equipment_line
from registry.models import Equipment, Firm, FirmCertification, ImportRow

_MACHINE = ("name", "maker", "model", "count", "size", "unit", "note")
_CERTIFICATE = ("number", "issuer", "valid_from", "scan", "confirmed_at", "confirmed_by")
_ENGLISH = ("english_origin", "english_confirmed_on", "english_confirmed_by")
Parts = dict[int, list[Any]]


def remember(rows: Sequence[ImportRow], new: Mapping[int, Mapping[str, Any]]) -> None:
    """Fill `kept` of the rows that are about to be written, in three queries for a chunk; not saved."""
    speaks = {row.pk: new[row.pk].keys() for row in rows}
    machines = _by_firm(Equipment, [row.firm_id for row in rows if "equipment" in speaks[row.pk]])
    papers = _by_firm(FirmCertification, [row.firm_id for row in rows if "certifications" in speaks[row.pk]])
    texts = [row.firm_id for row in rows if speaks[row.pk] & {"name_en", "summary_en"}]
    firms = Firm.objects.in_bulk([pk for pk in texts if pk])
    for row in rows:
        found: dict[str, Any] = {
            "equipment": {equipment_line(one): said(one, _MACHINE) for one in machines.get(row.firm_id or 0, ())},
            "certifications": {one.stated: said(one, _CERTIFICATE) for one in papers.get(row.firm_id or 0, ())},
            "english": said(firms[row.firm_id], _ENGLISH) if row.firm_id in firms else {},
        }
        row.kept = {name: value for name, value in found.items() if value}


def give_back(rows: Iterable[ImportRow]) -> None:
    """After the old values of the rows were written again."""
    rows = [row for row in rows if row.kept]
    machines = _by_firm(Equipment, [row.firm_id for row in rows])
    papers = _by_firm(FirmCertification, [row.firm_id for row in rows])
    for row in rows:
        for machine in machines.get(row.firm_id or 0, ()):
            _set(machine, row.kept.get("equipment", {}).get(equipment_line(machine), {}))
        for paper in papers.get(row.firm_id or 0, ()):
            _set(paper, row.kept.get("certifications", {}).get(paper.stated, {}))
        if row.firm_id and (english := row.kept.get("english")):
            Firm.objects.filter(pk=row.firm_id).update(**english)


def said(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Columns of a row as JSON holds them, by their attributes."""
    columns: list[Any] = [row._meta.get_field(name) for name in names]
    return {column.attname: _plain(column.value_from_object(row)) for column in columns}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)  # to the microsecond, unlike Django's encoder


def _set(row: models.Model, columns: Mapping[str, Any]) -> None:
    if columns != said(row, [name.removesuffix("_id") for name in columns]):
        type(row)._default_manager.filter(pk=row.pk).update(**columns)


def _by_firm(model: Any, firms: Iterable[int | None]) -> Parts:
    found: Parts = defaultdict(list)
    for row in model._default_manager.filter(firm__in={pk for pk in firms if pk}).order_by("pk"):
        found[row.firm_id].append(row)
    return found
