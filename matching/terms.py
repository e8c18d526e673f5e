"""Where the term table comes from: the shipped vocabulary and the names of the capability catalogue."""

import csv
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db.models import Count, Max, Sum

from matching.engine.terms import Entry, Link, TermTable, phrase, problems
from registry.intake.catalogue import DATA
from registry.models import Capability, TermEntry

log = logging.getLogger(__name__)

_CATALOGUE_WEIGHT = 0.6
"""A synonym of the catalogue often is a kind or a tool of the capability, seldom exactly the same."""


class Names(NamedTuple):
    """What a capability of the catalogue is called."""

    name: str
    name_en: str
    synonyms: Iterable[str]


@cache
def shipped() -> TermTable:
    """The table of a fresh installation: terms.csv and the catalogue as it is delivered."""
    capabilities = json.loads((DATA / "capabilities.json").read_text(encoding="utf-8"))["capabilities"]
    names = [Names(item["name"], item["name_en"], item["synonyms"]) for item in capabilities]
    return table(read(DATA / "terms.csv"), names)


def current() -> TermTable:
    """The table of this installation: entries and catalogue as they stand in the register.

    An entry that is wrong by today's text rules is left out and logged, so that the index can be built all the same.
    """
    rows = Capability.objects.order_by("pk").values_list("name", "name_en", "synonyms")
    held = entries()
    refused = {problem.row: problem.reason for problem in problems(held)}
    for row, reason in refused.items():
        log.warning("Entry of the term table left out: %s", reason, extra={"row": row})
    return table([entry for row, entry in enumerate(held) if row not in refused], [Names(*row) for row in rows])


def entries() -> list[Entry]:
    """What is in use; before the catalogues were loaded for the first time what they will hold."""
    if not TermEntry.objects.exists():
        return read(DATA / "terms.csv")
    return list(map(entry_of, TermEntry.objects.filter(active=True).order_by("pk")))


def entry_of(row: TermEntry) -> Entry:
    return Entry(row.term, row.target, Link(row.kind), row.weight)


def objections(changed: Sequence[TermEntry]) -> dict[int, str]:
    """Why these rows, new or changed, would not fit the rest of the table: place in the sequence → reason."""
    rest = TermEntry.objects.filter(active=True).exclude(pk__in=[row.pk for row in changed if row.pk])
    held = list(map(entry_of, rest.order_by("pk")))
    places = [place for place, row in enumerate(changed) if row.active]
    found = problems([*held, *(entry_of(changed[place]) for place in places)])
    return {places[problem.row - len(held)]: problem.reason for problem in found if problem.row >= len(held)}


def fingerprint() -> str:
    """Changes whenever `current` would."""
    rows = list(Capability.objects.order_by("pk").values_list("name", "name_en", "synonyms"))
    state = TermEntry.objects.aggregate(count=Count("pk"), ids=Sum("pk"), latest=Max("updated_at"))
    facts = json.dumps([rows, state], default=str, ensure_ascii=False).encode()
    if not state["count"]:
        facts += (DATA / "terms.csv").read_bytes()
    return hashlib.sha256(facts).hexdigest()


def read(path: Path) -> list[Entry]:
    """The entries of a CSV file with the columns term, target, kind and weight."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Entry(row["term"], row["target"], Link(row["kind"]), float(row["weight"])) for row in csv.DictReader(file)
        ]


def table(entries: Iterable[Entry], capabilities: Iterable[Names]) -> TermTable:
    """Entries and the catalogue's names in one table. Raises TermsRefused when an entry is wrong.

    A name of the catalogue that the entries know already, or that has no word to match, adds nothing.
    """
    all_entries = list(entries)
    known = {(phrase(entry.term), phrase(entry.target)) for entry in all_entries}
    for entry in _of_catalogue(capabilities):
        ends = phrase(entry.term), phrase(entry.target)
        if all(ends) and ends[0] != ends[1] and ends not in known:
            known.add(ends)
            all_entries.append(entry)
    return TermTable.build(all_entries)


def _of_catalogue(capabilities: Iterable[Names]) -> Iterator[Entry]:
    for item in capabilities:
        if item.name_en:
            yield Entry(item.name, item.name_en, Link.TRANSLATION, _CATALOGUE_WEIGHT)
        for synonym in item.synonyms:
            yield Entry(item.name, synonym, Link.SYNONYM, _CATALOGUE_WEIGHT)
