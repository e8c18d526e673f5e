"""The term table as a spreadsheet: written with the columns below, read back with headings and kinds in any language.

A file is taken whole or not at all. Rows are found again by term and target; what the file does not name stays.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from matching.terms import objections
from registry.intake.fields import in_each_language
from registry.intake.sheets import FileRefused as Unreadable
from registry.intake.sheets import read
from registry.models import TermEntry, User
from registry.models.catalogue import listed
from registry.tabular import Column, as_csv, as_xlsx

MOST_ROWS = 50_000
TERM_COLUMNS = [
    Column("term", _("Term"), attrgetter("term"), width=30),
    Column("target", _("Stands for"), attrgetter("target"), width=30),
    Column("kind", _("Kind of link"), lambda row: row.get_kind_display(), code=attrgetter("kind"), width=24),
    Column("weight", _("Weight"), attrgetter("weight"), width=8, type=float),
    Column("active", _("In use"), lambda row: _now("yes") if row.active else _now("no"), code=attrgetter("active")),
    Column("source", _("Source"), attrgetter("source"), width=24),
]
_NEEDED = ("term", "target", "kind")


class FileRefused(Exception):
    """Nothing was taken; `faults` says which lines are wrong and why."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Taken:
    added: int
    changed: int
    same: int


def write(path: Path) -> int:
    """Write the whole table to an .xlsx or .csv file; returns its rows. Raises OSError."""
    rows = list(TermEntry.objects.all())
    made = as_csv(TERM_COLUMNS, rows) if _is_csv(path) else as_xlsx(TERM_COLUMNS, rows, title=_now("Term table"))
    path.write_bytes(made)
    return len(rows)


def take(name: str, data: bytes, by: User | None = None, *, only_check: bool = False) -> Taken:
    """Add and change entries as the file says. Raises FileRefused, and takes nothing, when any line is wrong."""
    lines = list(_lines(name, data))
    if len(lines) > MOST_ROWS + 1:
        raise FileRefused([_now("The file has more than %(count)d lines.") % {"count": MOST_ROWS}])
    columns = _columns(lines[0][1] if lines else [])
    with transaction.atomic():
        known = {(row.term, row.target): row for row in TermEntry.objects.select_for_update()}
        read = [(number, _row(number, dict(zip(columns, cells, strict=False)), known)) for number, cells in lines[1:]]
        wrong = [fault for _number, fault in read if isinstance(fault, str)]
        rows = [(number, row) for number, row in read if isinstance(row, _Row)]
        refused = objections([row.entry for _number, row in rows]) if not wrong else {}
        wrong += [_fault(rows[place][0], reason) for place, reason in refused.items()]
        if wrong:
            raise FileRefused(wrong)
        taken = Taken(*(sum(row.what == what for _number, row in rows) for what in ("added", "changed", "same")))
        if not only_check:
            for _number, row in rows:
                if row.what != "same":
                    row.entry.updated_by = by
                    row.entry.save()
    return taken


@dataclass(frozen=True, slots=True)
class _Row:
    entry: TermEntry
    what: str


def _row(number: int, cells: Mapping[str, str], known: Mapping[tuple[str, str], TermEntry]) -> "_Row | str":
    term, target = cells.get("term", ""), cells.get("target", "")
    kind = _kinds().get(_key(cells.get("kind", "")))
    active = _answers().get(_key(cells.get("active", "") or "yes"))
    if not term or not target or max(len(term), len(target)) > 200:
        return _fault(number, _now("term and target are needed, at most 200 characters each"))
    if kind is None:
        return _fault(number, _now("“%(kind)s” is no kind of link") % {"kind": cells.get("kind", "")})
    if active is None:
        return _fault(number, _now("“in use” is yes or no, not “%(value)s”") % {"value": cells.get("active", "")})
    try:
        weight = float(unicodedata.normalize("NFKC", cells.get("weight", "") or "1"))
    except ValueError:
        return _fault(number, _now("the weight “%(value)s” is not a number") % {"value": cells["weight"]})
    entry = known.get((term, target)) or TermEntry(term=term, target=target)
    before = (entry.kind, entry.weight, entry.active, entry.source)
    entry.kind, entry.weight, entry.active = kind, weight, active == "yes"
    entry.source = cells.get("source", entry.source)[:200]
    after = (entry.kind, entry.weight, entry.active, entry.source)
    return _Row(entry, "added" if entry.pk is None else "changed" if before != after else "same")


def _fault(number: int, reason: str) -> str:
    return _now("Line %(number)d: %(reason)s") % {"number": number, "reason": reason}


def _columns(first: Sequence[str]) -> list[str]:
    names = {column.name: column.heading for column in TERM_COLUMNS}
    spelled = _spelled(names)
    found = [spelled.get(_key(heading), "") for heading in first]
    if missing := [names[name] for name in _NEEDED if name not in found]:
        headings = listed(map(str, missing))
        raise FileRefused([_now("The first line lacks these headings: %(headings)s") % {"headings": headings}])
    return found


def _spelled(labels: Mapping[str, Any]) -> dict[str, str]:
    """Codes by their own name and by their label in every language, in lower case."""
    codes = {code.lower(): code for code in labels}
    for _language in in_each_language():
        for code, label in labels.items():
            codes.setdefault(str(label).lower(), code)
    return codes


@cache
def _kinds() -> dict[str, str]:
    return _spelled({str(kind): kind.label for kind in TermEntry.Kind})


@cache
def _answers() -> dict[str, str]:
    return _spelled({"yes": _("yes"), "no": _("no")})


def _key(text: str) -> str:
    return text.strip().lower()


def _lines(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of the lines of the first sheet that are not empty."""
    try:
        sheet = read(name, data)[0]
    except Unreadable as error:
        raise FileRefused([f"{name}: {error}"]) from error
    for number, row in enumerate(sheet, 1):
        cells = ["" if cell is None else str(cell) for cell in row]
        if any(cells):
            yield number, cells


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"
