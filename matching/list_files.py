"""A candidate list as a file, in one language or both: XLSX, CSV and PDF dossier; equal bytes for equal contents."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from operator import itemgetter
from typing import Any

from matching.contents import Contents
from matching.dossier import as_pdf
from matching.models import CandidateList
from registry.tabular import XLSX, Column, Sheet, as_csv, as_xlsx, write_sheets

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "pdf": "application/pdf"}


def write_file(made: CandidateList, extension: str, contents: Contents) -> bytes:
    if extension == "pdf":
        return as_pdf(made, contents)
    if extension == "csv":
        return as_csv(contents.columns, contents.rows)
    if not contents.layout:
        heading = dict(contents.heading)
        return as_xlsx(contents.columns, contents.rows, title=made.number, heading=heading, created=made.made_at)
    file = io.BytesIO()
    write_sheets(file, list(_sheets(made, contents)), title=made.number, created=made.made_at)
    return file.getvalue()


def file_name(made: CandidateList, extension: str, language: str) -> str:
    suffix = "" if language == "both" else f"-{language}"
    return f"{made.number}-v{made.version}{suffix}.{extension}"


def _sheets(made: CandidateList, contents: Contents) -> Iterator[Sheet]:
    labels = contents.labels
    columns = [
        replace(column, cell=_day(column.name)) if column.type is date else column for column in contents.columns
    ]
    heading = dict(contents.heading)
    yield Sheet(made.number, columns, contents.rows, heading, tall=True, pages_wide=3, repeated=4)
    yield Sheet(labels["reasons"], _reason_columns(contents), list(_reasons(contents)), tall=True)
    yield Sheet(labels["sources"], _source_columns(contents), list(_sources(contents)), tall=True)


def _reason_columns(contents: Contents) -> list[Column]:
    widths = {"kind": 22, "subject": 30, "asked": 34, "found": 34, "outcome": 22}
    return [*_firm_columns(contents), *_columns(contents, widths)]


def _source_columns(contents: Contents) -> list[Column]:
    widths = {"field": 30, "said_by": 34, "source": 40}
    days = [
        Column(name, contents.labels[name], _day(name), width=18, type=date) for name in ("as_of", "confirmed_on")
    ]  # fmt: skip
    return [*_firm_columns(contents), *_columns(contents, widths), *days]


def _firm_columns(contents: Contents) -> list[Column]:
    return _columns(contents, {"number": 6, "firm": 28})


def _columns(contents: Contents, widths: dict[str, int]) -> list[Column]:
    return [Column(name, contents.labels[name], itemgetter(name), width=width) for name, width in widths.items()]


def _reasons(contents: Contents) -> Iterator[dict[str, Any]]:
    """Criteria, what an adjacent entry takes, matching terms: each a line that says what was asked and found."""
    labels = contents.labels
    for row, details in zip(contents.rows, contents.details, strict=True):
        firm = {"number": row["position"], "firm": row["name"]}
        for line in details["criteria"]:
            yield firm | {
                "kind": labels["must" if line["must"] else "wish"],
                "subject": line["label"],
                "asked": line["asked"],
                "found": line["found"] or labels["not_stated"],
                "outcome": f"{line['sign']} {labels[line['outcome']]}",
            }
        for line in details["entry"]["lines"] if details["entry"] else ():
            yield firm | {
                "kind": labels["entry"],
                "subject": f"{details['entry']['name']}: {line['kind']}",
                "asked": line["name"],
                "found": labels["entry_asked"] if line["asked"] else "",
                "outcome": f"{line['sign']} {entry_word(contents, line['outcome'])}",
            }
        for term in details["terms"]:
            yield firm | {
                "kind": labels["term"], "subject": "", "asked": term["need"], "found": term["firm"], "outcome": ""
            }  # fmt: skip


def entry_word(contents: Contents, outcome: str) -> str:
    return contents.labels[{"pass": "has", "fail": "missing"}.get(outcome, "unknown")]


def _sources(contents: Contents) -> Iterator[dict[str, Any]]:
    for row, details in zip(contents.rows, contents.details, strict=True):
        for name, heading, said in (
            (column.name, column.heading, details["sources"].get(column.name)) for column in contents.columns
        ):
            if said is None:
                continue
            unsure = details["english"] == "unconfirmed" and name in {"name_en", "summary_en"}
            note = f" ({contents.labels['unconfirmed']})" if unsure else ""
            yield {
                "number": row["position"],
                "firm": row["name"],
                "field": f"{heading}{note}",
                "said_by": said["who"],
                "source": said["source"],
                "as_of": said["as_of"],
                "confirmed_on": said["confirmed_on"],
            }


def _day(name: str) -> Any:
    """Reads a day that is kept as text; what is none stays text."""

    def read(row: dict[str, Any]) -> Any:
        try:
            return date.fromisoformat(row[name])
        except (TypeError, ValueError):
            return row[name]

    return read
