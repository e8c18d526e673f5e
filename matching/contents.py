"""What a candidate list says: frozen in Japanese and English when it is made, read in either or both of them.

`heading` of a list and `row` of an entry hold both languages side by side and are all that the oldest lists have;
`texts` hold each language by itself, with the details that a dossier shows beside the row. What a reader is shown
leaves out what a firm does not consent to any more.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching import adjacent, distance, reasons
from matching.checks import in_words
from matching.consent import Recipient, consented
from matching.engine.score import Origin
from matching.labels import LABELS, LAYOUT
from matching.list_columns import FIELD_OF, LIST_COLUMNS, Candidate
from matching.models import DISCLOSABLE, CandidateList, CandidateListEntry
from matching.said import Statement
from registry.atlas import on_map
from registry.tabular import Column, plain
from registry.text import fold

LANGUAGES = ("both", "ja", "en")
_TOLD_BY_WORDS = {"capabilities": "capabilities", "equipment": "equipment", "certifications": "certificates",
                  "summary_en": "summary"}  # fmt: skip
"""Columns in whose text a matching term may stand, with the field of DISCLOSABLE that each belongs to."""
_FIELD_OF_DETAIL = {"criteria": "criteria", "entry": "criteria", "certificates": "certificates"}
"""Details that go when the consent to a field ends; terms and sources know theirs by themselves."""
_NO_DETAILS: dict[str, Any] = {
    "criteria": [], "entry": None, "certificates": [], "terms": [], "sources": {}, "english": "", "map": None,
    "sample": False,
}  # fmt: skip


# ---- freezing --------------------------------------------------------------------------------------------------------
Facts = Sequence[tuple[Callable[[], str], Callable[[], Any]]]


def frozen_heading(facts: Facts, **flags: Any) -> dict[str, Any]:
    """What stands above the table, the columns and the labels, in each language and in both."""

    def read() -> dict[str, Any]:
        return {
            "rows": [[str(label()), resolved(value())] for label, value in facts],
            "columns": [[c.name, str(c.heading), c.width, *(["date"] if c.type is date else [])] for c in LIST_COLUMNS],
            "labels": {name: str(label) for name, label in LABELS.items()},
        }

    japanese, english = in_both(read)
    both = paired(japanese, english)
    texts = {"ja": japanese, "en": english}
    return {"rows": both["rows"], "columns": both["columns"], "texts": texts, "layout": LAYOUT} | flags


def frozen_entry(candidate: Candidate, sources: Mapping[str, Statement]) -> dict[str, Any]:
    """The columns `row`, `fields` and `texts` of a firm's entry."""

    rows = in_both(lambda: {column.name: resolved(column.cell(candidate)) for column in LIST_COLUMNS})
    filled = [name for name in sources if rows[0].get(name) not in (None, "", [])]
    terms = _terms(candidate, rows)
    details = in_both(lambda: _details(candidate, {name: sources[name] for name in filled}, terms))
    return {
        "row": _flat(paired(*rows)),
        "fields": [name for name in DISCLOSABLE if name in candidate.fields],
        "texts": {
            language: {"row": row} | more for language, row, more in zip(("ja", "en"), rows, details, strict=True)
        },
    }


def _details(candidate: Candidate, sources: Mapping[str, Statement], terms: list[dict[str, Any]]) -> dict[str, Any]:
    proposal, fields = candidate.proposal, candidate.fields
    firm, today = proposal.firm, timezone.localdate()
    details: dict[str, Any] = {
        "criteria": [
            {"sign": adjacent.SIGNS[line.outcome], "outcome": line.outcome, "must": line.hard, "label": line.label,
             "asked": line.asked, "found": line.found}
            for line in in_words(proposal.need, proposal.checks, firm.firm_certifications.all())
        ],
        "entry": _entry(candidate),
        "certificates": [
            {"name": held.stated, "until": held.valid_until.isoformat() if held.valid_until else "",
             "expired": bool(held.valid_until and held.valid_until < today),
             "confirmed": timezone.localdate(held.confirmed_at).isoformat() if held.confirmed_at else ""}
            for held in firm.firm_certifications.all()
        ],
        "terms": terms,
        "sources": {
            name: {"line": said.words, "who": said.who_label, "source": said.source, "as_of": _iso(said.as_of),
                   "confirmed_on": _iso(said.confirmed_on)}
            for name, said in sources.items()
        },
        "english": firm.english_state,
        "map": _map(candidate),
        "sample": firm.is_sample,
    }  # fmt: skip
    return _disclosed(details, fields)


def _entry(candidate: Candidate) -> dict[str, Any] | None:
    """The way in from a neighbouring field, without the words of the profile that were found."""
    way = adjacent.way(candidate.proposal.entry)
    if way is None:
        return None
    lines = [
        {"sign": adjacent.SIGNS[line.outcome], "outcome": line.outcome, "kind": line.kind, "name": line.name,
         "asked": line.asked}
        for line in way.lines
    ]  # fmt: skip
    return {"name": way.name, "lines": lines}


def _terms(candidate: Candidate, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Terms that the need says, or is led to by its own words, and that stand in what the firm discloses.

    A term that the register's habits brought in is left out: it is nobody's word here.
    """
    need = fold(f"{candidate.proposal.need.title} {candidate.proposal.need.text}")
    texts = {
        name: " ".join(fold(str(resolved_text(row[column]))) for row in rows)
        for column, name in _TOLD_BY_WORDS.items()
        if name in candidate.fields
    }
    found = []
    for reason in reasons.reasons(candidate.proposal):
        term, asked = fold(reason.term), reason.via or reason.term
        told_by = [name for name, text in texts.items() if term and term in text]
        ours = reason.origin != Origin.RELATED and all(word in need for word in fold(asked).split())
        if told_by and ours:
            found.append({"need": asked, "firm": reason.term, "fields": told_by})
    return found


def _map(candidate: Candidate) -> dict[str, Any] | None:
    """Where firm and need lie on the map of the six prefectures; None when the firm lies elsewhere."""
    town = candidate.proposal.firm.municipality
    home = on_map(town.latitude, town.longitude) if town else None
    if home is None:
        return None
    site = distance.site_of(candidate.proposal.need)
    there = on_map(site.latitude, site.longitude) if site else None
    return {"firm": home, "site": there, "place": site.label if site and there else ""}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


# ---- reading ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Contents:
    """What somebody reads of a list in one language or both: heading, rows with their details, fields by firm.

    A list from before there were details has none of them: `layout` is 0.
    """

    language: str
    layout: int
    heading: list[tuple[str, Any]]
    columns: list[Column]
    labels: dict[str, str]
    sample: bool
    left_out: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    details: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[int, list[str]] = field(default_factory=dict)

    def add(self, entry: CandidateListEntry, shown: list[str]) -> None:
        row, details = _read(entry, self.language)
        if shown != entry.fields:
            blank = self.labels["undisclosed"]
            row = {name: value if FIELD_OF.get(name) in {None, *shown} else blank for name, value in row.items()}
            details = _disclosed(details, shown)
        self.rows.append(row)
        self.details.append(details)
        self.fields[entry.firm_id] = shown

    def place_of(self, entry: CandidateListEntry) -> int:
        """Which of `rows` and `details` is the entry's."""
        return next(n for n, row in enumerate(self.rows) if row["position"] == entry.row["position"])


def original(made: CandidateList, language: str = "both") -> Contents:
    """The list as it was frozen: what offices read."""
    contents = _blank(made, language)
    for entry in made.entries.all():
        contents.add(entry, entry.fields)
    return contents


def as_consented(made: CandidateList, on: date, language: str = "both") -> Contents:
    """The frozen list without what firms do not consent to any more on that day, noted in its heading.

    As long as no consent ended it is the original, to the byte; a wider consent given later adds nothing to it.
    """
    allowed = consented(made.need, Recipient.PROJECT, on)
    contents, gone, fewer = _blank(made, language), 0, 0
    for entry in made.entries.all():
        shown = [name for name in entry.fields if name in allowed.get(entry.firm_id, ())]
        gone += not shown
        fewer += bool(shown) and shown != entry.fields
        if shown:
            contents.add(entry, shown)
    notes: list[tuple[Callable[[], str], int]] = [
        (lambda: _("Firms left out since then: consent ended"), gone),
        (lambda: _("Firms that disclose less since then"), fewer),
    ]
    contents.heading.extend((_in(language, label), count) for label, count in notes if count)
    missing = [entry for entry in made.entries.all() if entry.firm_id not in contents.fields]
    if broken := sorted({entry.row.get("group") for entry in missing} - {"", None}):
        contents.heading.append((_in(language, lambda: _("Groups that are no longer complete")), ", ".join(broken)))
    return contents


def for_recipient(made: CandidateList, language: str = "both") -> Contents:
    """What the anchor side reads: what firms consent to today. Offices keep the original."""
    return as_consented(made, timezone.localdate(), language)


def _blank(made: CandidateList, language: str) -> Contents:
    """The list without its firms."""
    heading = made.heading
    texts = heading.get("texts")
    labels = {name: _in(language, partial(str, label)) for name, label in LABELS.items()}
    if texts:
        here = paired(texts["ja"], texts["en"]) if language == "both" else texts[language]
        heading, labels = here, labels | here["labels"]  # a label that is younger than the list is read as it is today
    return Contents(
        language=language,
        layout=made.heading.get("layout", 0),
        heading=[(label, value) for label, value in heading["rows"]],
        columns=[
            Column(name, label, itemgetter(name), width=width, type=date if kind else str)
            for name, label, width, *kind in heading["columns"]
        ],
        labels=labels,
        sample=made.heading.get("sample", False),
        left_out=made.heading.get("left_out", 0),
    )


def _read(entry: CandidateListEntry, language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    texts = entry.texts
    if not texts:
        return entry.row, dict(_NO_DETAILS)
    here = paired(texts["ja"], texts["en"]) if language == "both" else texts[language]
    details = {name: value for name, value in here.items() if name != "row"}
    return entry.row if language == "both" else _flat(here["row"]), _NO_DETAILS | details


def _disclosed(details: Mapping[str, Any], shown: Collection[str]) -> dict[str, Any]:
    """The details that belong to fields that are shown."""
    kept = {
        name: value if _FIELD_OF_DETAIL.get(name) in {None, *shown} else _NO_DETAILS[name]
        for name, value in details.items()
    }
    kept["terms"] = [term for term in details["terms"] if set(term["fields"]) & set(shown)]
    kept["sources"] = {n: said for n, said in details["sources"].items() if FIELD_OF.get(n) in {None, *shown}}
    return kept


# ---- two languages ---------------------------------------------------------------------------------------------------
def in_both(read: Callable[[], Any]) -> tuple[Any, Any]:
    with override("ja"):
        japanese = read()
    with override("en"):
        return japanese, read()


def _in(language: str, read: Callable[[], str]) -> str:
    japanese, english = in_both(read)
    return {"ja": japanese, "en": english}.get(language) or str(paired(japanese, english))


def paired(japanese: Any, english: Any) -> Any:
    """Text in both languages, once where both are the same; lists and tables item by item."""
    if isinstance(japanese, dict):
        return {name: paired(value, english[name]) for name, value in japanese.items()}
    if isinstance(japanese, list):
        return [paired(one, other) for one, other in zip(japanese, english, strict=True)]
    if isinstance(japanese, str) and japanese != english:
        return f"{japanese} / {english}"
    return japanese  # the same in both: a code, a number, or nothing


def resolved(value: Any) -> Any:
    """The value as JSON holds it, in the language of now."""
    if isinstance(value, list):
        return [str(plain(item)) for item in value]
    value = plain(value)
    return value.isoformat() if isinstance(value, date) else value


def resolved_text(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, list) else value


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: resolved_text(value) for name, value in row.items()}
