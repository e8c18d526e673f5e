"""Firms, needs and judgements from files in the exchange form of the evaluation set (JSON lines), as engine documents.

Optional fields may be absent, null or empty and unknown ones are ignored; what cannot be read is refused with the file
and the line.
"""

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from matching.engine.criteria import Criterion, Kind
from matching.engine.documents import FirmDocument, NeedDocument
from registry.intake.catalogue import DATA

Document = TypeVar("Document", FirmDocument, NeedDocument)

_MONTHS = {"月": 1, "month": 1, "年": 12, "year": 12}


class CorpusError(Exception):
    """A file cannot be read or does not hold what it should."""


def read_firms(path: Path) -> dict[str, FirmDocument]:
    """Firms by the id that the file gives them, numbered from 1 in the order of the file."""
    return _read(path, _firm)


def read_needs(path: Path) -> dict[str, NeedDocument]:
    """Needs by the id that the file gives them, numbered from 1 in the order of the file."""
    return _read(path, _need)


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Grades 0 to 3 by need and firm, from lines of `need_id 0 firm_id grade`."""
    judged: dict[str, dict[str, int]] = {}
    for where, line in _lines(path):
        fields = line.split()
        if len(fields) != 4 or fields[3] not in {"0", "1", "2", "3"}:
            raise CorpusError(f'{where}: expected "need_id 0 firm_id grade" with a grade of 0 to 3')
        need, _, firm, grade = fields
        if firm in judged.setdefault(need, {}):
            raise CorpusError(f"{where}: {firm} is judged twice for {need}; remove one of the lines")
        judged[need][firm] = int(grade)
    if not judged:
        raise CorpusError(f"{path}: no judgements")
    return judged


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a need for several firms: what it is called and the firms that can do it."""

    label: str
    firms: frozenset[str]


def read_groups(path: Path) -> dict[str, list[Part]]:
    """For each group need, the parts that must be covered."""
    groups: dict[str, list[Part]] = {}
    for record in _records(path):
        parts = record.values.get("parts")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise CorpusError(f'{record.where}, "parts": a list of objects is expected, found {parts!r:.80}')
        read = [_Record(record.where, part) for part in parts]
        groups[record.text("need_id")] = [Part(part.text("label"), frozenset(part.texts("firms"))) for part in read]
    return groups


def _read(path: Path, convert: Callable[[int, "_Record"], Document]) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for record in _records(path):
        where = record.where
        name = record.text("id").strip()
        if not name or len(name.split()) != 1:
            raise CorpusError(f'{where}, "id": a text without blanks is expected, found {record.values.get("id")!r}')
        if name in documents:
            raise CorpusError(f'{where}, "id": {name} stands twice in this file')
        documents[name] = convert(len(documents) + 1, record)
    if not documents:
        raise CorpusError(f"{path}: no records")
    return documents


def _records(path: Path) -> Iterator["_Record"]:
    for where, line in _lines(path):
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CorpusError(f"{where}: not a JSON object: {error}") from error
        if not isinstance(values, dict):
            raise CorpusError(f"{where}: a JSON object is expected, found {type(values).__name__}")
        yield _Record(where, values)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path}:{number}", line
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8; save the file as UTF-8") from error


@dataclass(frozen=True, slots=True)
class _Record:
    """One JSON object and where it stands; a value of another type is refused with its place."""

    where: str
    values: dict[str, Any]

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, (dict, list)):
            raise self._wrong(name, "a text")
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        if value is None or value == "":
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or any(isinstance(item, (dict, list)) for item in value):
            raise self._wrong(name, "a list of texts")
        return tuple(str(item) for item in value if item is not None and str(item).strip())

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            number = float(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(name, "a number")
        return number

    def whole(self, name: str) -> int | None:
        number = self.number(name)
        return None if number is None else int(number)

    def prefecture(self, text: str) -> str:
        """The two-digit code of a prefecture in Japanese or English; empty for other places."""
        return _prefecture_codes().get(text.strip().lower(), "")

    def _wrong(self, name: str, expected: str) -> CorpusError:
        return CorpusError(f'{self.where}, "{name}": {expected} is expected, found {self.values[name]!r:.80}')


@cache
def _industries() -> dict[str, str]:
    """Names of the industry classification by code, as production's documents hold them."""
    with (DATA / "industries.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@cache
def _prefecture_codes() -> dict[str, str]:
    """Codes by name with and without its last character (宮城県, 宮城) and by English name."""
    codes: dict[str, str] = {}
    with (DATA / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            codes |= dict.fromkeys((row["name"], row["name"][:-1], row["name_en"].lower()), row["code"])
    return codes


def _firm(number: int, record: _Record) -> FirmDocument:
    return FirmDocument(
        id=number,
        name=record.text("name"),
        capability_text=record.text("capability_text"),
        equipment=record.texts("equipment"),
        products=record.texts("products"),
        certifications=record.texts("certifications"),
        industry=_industries().get(record.text("industry_code").strip(), ""),
        memberships=record.texts("memberships"),
        prefecture=record.prefecture(record.text("prefecture")),
        employees=record.whole("employees"),
        monthly_capacity=record.whole("max_lot"),
        lead_time_days=record.whole("lead_time_days"),
    )


def _need(number: int, record: _Record) -> NeedDocument:
    return NeedDocument(
        id=number,
        title=record.text("title"),
        text=record.text("description"),
        sector=record.text("sector"),
        criteria=tuple(_criteria(record)),
    )


def _criteria(record: _Record) -> Iterator[Criterion]:
    for hard, field in ((True, "required_certifications"), (False, "preferred_certifications")):
        for certificate in record.texts(field):
            yield Criterion(kind=Kind.CERTIFICATION, hard=hard, certification=certificate)
    prefectures = tuple(filter(None, map(record.prefecture, record.texts("preferred_prefectures"))))
    if prefectures:
        yield Criterion(kind=Kind.PREFECTURE, hard=False, prefectures=prefectures)
    employees = record.number("min_employees")
    if employees is not None:
        yield Criterion(kind=Kind.EMPLOYEES, number=employees)
    days = record.number("lead_time_days")
    if days is not None:
        yield Criterion(kind=Kind.LEAD_TIME, number=days)
    monthly = _monthly(record)
    if monthly is not None:
        yield Criterion(kind=Kind.VOLUME, number=monthly)


def _monthly(record: _Record) -> float | None:
    """Pieces a month, where the unit is a month or a year; other quantities are not rates of supply."""
    quantity = record.number("quantity")
    months = _MONTHS.get(record.text("quantity_unit").rpartition("/")[2].strip().lower())
    return None if quantity is None or months is None else quantity / months
