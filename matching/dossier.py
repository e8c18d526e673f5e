"""The PDF dossier of a candidate list: cover, summary, one page for each firm. Typst sets it from JSON.

What is arranged how is in `typeset/`; here is what goes in. No text of anybody is ever markup: it travels as JSON
strings. Fonts and layout come with the product and the only date inside is the list's own, so equal contents give equal
bytes; without a network, a clock or fonts of the machine.
"""

import contextlib
import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from matching.contents import Contents
from matching.labels import LAYOUT
from matching.list_columns import FIELD_OF
from matching.models import CandidateList
from registry.atlas import WIDTH
from registry.tabular import plain

SETTER = [sys.executable, "-I", str(Path(__file__).parent / "typeset" / "typeset.py")]
IN_TITLE = frozenset({"position", "name", "name_en"})
SHORT = frozenset(
    {"corporate_number", "name_kana", "place", "distance", "employees", "monthly_capacity", "lead_time_days", "verdict"}
)
"""Facts that stand beside the map; the longer ones below it."""
INTERNAL = frozenset({"firm_id", "sample", "english", "source", "as_of"})
"""Columns of the table that a page says in another way."""
_TOLD_IN_FULL = {"certificates": "certifications", "criteria": "missed", "entry": "entry"}
"""Details and the column that is their short form."""
_SUMMARY = {"position": 0, "name": 3, "place": 2, "distance": 2, "capabilities": 3, "monthly_capacity": 0, "verdict": 2}
"""Columns of the summary with their share of the width; 0: as wide as what is in it."""
LONGEST = 120
"""Seconds that a dossier may take; one of 300 firms takes a few."""
PATIENCE = 8.0
"""Seconds that a reader waits for the dossier of another one."""


class Busy(Exception):
    """Another dossier is being set on this machine, and takes long."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A column of a firm as its page tells it. `unsure`: what is said of English that nobody confirmed."""

    name: str
    label: str
    value: str
    source: str
    unsure: str
    undisclosed: bool


def facts(contents: Contents, place: int) -> list[Fact]:
    """What the n-th firm says, column by column, with who said it; what is empty is left out."""
    row, details = contents.rows[place], contents.details[place]
    blank = contents.labels["undisclosed"]
    skipped = IN_TITLE | (INTERNAL if contents.layout else {"firm_id"})
    skipped |= {column for detail, column in _TOLD_IN_FULL.items() if details[detail]}
    return [
        Fact(
            name=column.name,
            label=str(column.heading),
            value=str(row[column.name]),
            source=details["sources"].get(column.name, {}).get("line", ""),
            unsure=unsure(contents, place) if column.name == "summary_en" and row[column.name] != blank else "",
            undisclosed=column.name in FIELD_OF and row[column.name] == blank,
        )
        for column in contents.columns
        if column.name not in skipped and row.get(column.name) not in (None, "")
    ]


def unsure(contents: Contents, place: int) -> str:
    return contents.labels["unconfirmed"] if contents.details[place]["english"] == "unconfirmed" else ""


# ---- the document ----------------------------------------------------------------------------------------------------
def as_pdf(made: CandidateList, contents: Contents) -> bytes:
    """Raises Busy, or subprocess.SubprocessError when the fonts or the layout are damaged: any text can be set.

    The typesetter works in a process of its own, because it keeps what it has set for the next time: a few long lists
    would fill the memory of a web process.
    """
    return typeset(job(made, contents))


def typeset(told: bytes) -> bytes:
    """Raises subprocess.SubprocessError and Busy, see `as_pdf`."""
    with _turn():
        done = subprocess.run(SETTER, input=told, capture_output=True, check=True, timeout=LONGEST)
    return done.stdout


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Be the only one on this machine who sets: 300 firms take 436 MB. The lock ends with its process, in any case."""
    var, until = Path(settings.VAR), time.monotonic() + PATIENCE
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (var / "dossier.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise Busy from None
                time.sleep(0.1)
        yield


def job(made: CandidateList, contents: Contents) -> bytes:
    return job_of(f"{contents.layout or LAYOUT}.typ", document(made, contents), made.made_at)


def job_of(layout: str, data: Mapping[str, Any], day: datetime) -> bytes:
    """What the typesetter reads: a file of `typeset/`, what it is given, and the only date inside."""
    told = {"layout": layout, "data": _clean(data), "timestamp": int(day.timestamp())}
    return json.dumps(told, ensure_ascii=False).encode()


def document(made: CandidateList, contents: Contents) -> dict[str, Any]:
    """What the layout is given."""
    heading = [[str(label), str(value)] for label, value in contents.heading if value not in (None, "")]
    day = timezone.localtime(made.made_at).date()
    return {
        "lang": "en" if contents.language == "en" else "ja",
        "title": f"{made.number} v{made.version}",
        "subtitle": made.recipient,
        "author": made.office.label if made.office else "",
        "made": [day.year, day.month, day.day],
        "sample": contents.labels["sample"] if contents.sample else "",
        "labels": contents.labels,
        "heading": heading,
        "summary": _summary(contents),
        "firms": [_firm(contents, place) for place in range(len(contents.rows))],
    }


def _summary(contents: Contents) -> dict[str, Any]:
    columns = [column for column in contents.columns if column.name in _SUMMARY]
    return {
        "widths": [_SUMMARY[column.name] for column in columns],
        "headings": [str(column.heading) for column in columns],
        "rows": [[_in_summary(row, column.name) for column in columns] for row in contents.rows],
    }


def _in_summary(row: Mapping[str, Any], name: str) -> str:
    """The cell; a name with the English one below it."""
    parts = [row[name], row.get("name_en")] if name == "name" else [row[name]]
    return "\n".join(_cell(part) for part in dict.fromkeys(parts) if part not in (None, ""))


def _firm(contents: Contents, place: int) -> dict[str, Any]:
    row, details, labels = contents.rows[place], contents.details[place], contents.labels
    said, marks = facts(contents, place), Marks()
    name_en = _cell(row.get("name_en"))
    return {
        "number": str(row["position"]),
        "name": _cell(row["name"]),
        "name_en": name_en,
        "name_unsure": unsure(contents, place) if name_en else "",
        "sample": labels["sample"] if details["sample"] else "",
        "short": [marks.short(fact) for fact in said if fact.name in SHORT],
        "long": [marks.short(fact) for fact in said if fact.name not in SHORT],
        "certificates_source": marks.of(details["sources"].get("certifications", {}).get("line", "")),
        "sources": marks.told,
        "certificates": [held | {"until": _until(held, labels)} for held in details["certificates"]],
        "criteria": [
            line | {"kind": labels["must" if line["must"] else "wish"], "word": labels[line["outcome"]],
                    "found": line["found"] or labels["not_stated"]}
            for line in details["criteria"]
        ],
        "entry": _entry(details["entry"], labels),
        "terms": details["terms"],
        "map": _located(details["map"]),
    }  # fmt: skip


class Marks:
    """A letter for each source of a page, so that every field can bear its own without filling the page."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def of(self, line: str) -> str:
        if not line:
            return ""
        for mark, told in self.told:
            if told == line:
                return mark
        self.told.append((chr(ord("a") + len(self.told)), line))
        return self.told[-1][0]

    def short(self, fact: Fact) -> dict[str, Any]:
        return asdict(fact) | {"source": self.of(fact.source)}


def _entry(entry: Mapping[str, Any] | None, labels: Mapping[str, str]) -> dict[str, Any] | None:
    if entry is None:
        return None
    words = {"pass": labels["has"], "fail": labels["missing"], "unknown": labels["unknown"]}
    lines = [
        line | {"word": words[line["outcome"]], "asked": labels["entry_asked"] if line["asked"] else ""}
        for line in entry["lines"]
    ]
    return {"name": entry["name"], "lines": lines}


def _located(spot: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Points in widths of the map."""
    if spot is None:
        return None
    points = {name: spot[name] and [part / WIDTH for part in spot[name]] for name in ("firm", "site")}
    return {**points, "place": spot["place"]}


def _until(held: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """How long a certificate holds, and whether an office confirmed it; lists from before do not know that."""
    until = held["until"] or labels["not_stated"]
    return f"{until} · {labels['certified']} {held['confirmed']}" if held.get("confirmed") else until


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _clean(value: Any) -> Any:
    """Without characters that no file can hold."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, Sequence) else value
