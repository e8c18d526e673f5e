"""What happened to a firm's, a need's or a project's row: who changed what and when. Contacts are named, never quoted.

What a save changed is read from the columns that lists and files are made of, before and after it, so that a new column
is recorded without a word here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from registry.columns import CONTACT_COLUMNS, FIRM_COLUMNS, NEED_COLUMNS, NEED_INNER_COLUMNS, PROJECT_COLUMNS
from registry.models import AnchorProject, Firm, FirmEvent, Need, NeedEvent, ProjectEvent, User, of_firm
from registry.tabular import Column, plain

LONGEST = 1000
"""Characters of a value that a record quotes."""
_NOT_QUOTED = {
    "id",
    "number",
    "english",
    "state",
    "is_sample",
    "source",
    "as_of",
    "updated_at",
    "confirmed_on",
    "cluster",
}
_NOT_QUOTED_OF_NEEDS = _NOT_QUOTED | {"prefecture"}
OF_DRAWINGS = ("drawing", "removal")
"""What `record_of_need` is told of drawings."""
_PERSONAL = {column.name for column in CONTACT_COLUMNS}


def _columns(columns: Iterable[Column], left_out: set[str]) -> list[Column]:
    return [column for column in columns if column.name not in left_out]


_QUOTED: dict[type[Any], list[Column]] = {
    Firm: _columns((*FIRM_COLUMNS, *CONTACT_COLUMNS), _NOT_QUOTED),
    Need: _columns((*NEED_COLUMNS, *NEED_INNER_COLUMNS), _NOT_QUOTED_OF_NEEDS),
    AnchorProject: _columns(PROJECT_COLUMNS, _NOT_QUOTED),
}
_LABELS: dict[str, str | Promise] = {column.name: column.heading for columns in _QUOTED.values() for column in columns}
_LABELS |= {
    "photos": _("Photos"),
    "scan": _("Scan"),
    "certificate_confirmed": _("Confirmed certificate"),
    "role": _("Role"),
    "drawing": _("Drawing"),
    "merged_record": _("Records"),
}

Change = tuple[str, str | None, str | None]
"""Name of a field with its value before and after; None where the value is personal and not kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """A changed field as people read it; `quoted` is False where the values are not kept."""

    label: str | Promise
    before: str
    after: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    by: str
    at: datetime
    person: str
    lines: list[Line]


def snapshot(row: Firm | Need | AnchorProject) -> dict[str, str]:
    """What the database says of a row now, by column, in Japanese as the offices write it."""
    model = type(row)
    found = model.objects.for_list().get(pk=row.pk)
    with override("ja"):
        return {column.name: _text(column.value(found)) for column in _QUOTED[model]}


def differences(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    return [
        (name, None, None) if name in _PERSONAL else (name, before[name][:LONGEST], after[name][:LONGEST])
        for name in before
        if before[name] != after[name]
    ]


def record(
    firm: Firm, kind: str, by: User | None, *, changes: list[Change] | None = None, person: User | None = None
) -> FirmEvent:
    """Call it in the transaction of the act."""
    event: FirmEvent = FirmEvent.objects.create(firm=firm, kind=kind, by=by, changes=changes or [], person=person)
    return event


def record_of_need(need: Need, step: str, by: User, changes: list[Change]) -> NeedEvent:
    """Something other than a step that happened to a need; call it in the transaction of the act."""
    event: NeedEvent = NeedEvent.objects.create(
        need=need, step=step, source=need.state, target=need.state, by=by, changes=changes
    )
    return event


def record_changes(row: Firm | Need | AnchorProject, before: dict[str, str], by: User) -> None:
    """A save that changed nothing leaves no line."""
    changes = differences(before, snapshot(row))
    if not changes:
        return
    if isinstance(row, Firm):
        record(row, FirmEvent.Kind.CHANGE, by, changes=changes)
    elif isinstance(row, Need):
        record_of_need(row, "change", by, changes)
    else:
        ProjectEvent.objects.create(project=row, by=by, changes=changes)


def entries(row: Firm | Need | AnchorProject, most: int = 100, *, abroad: bool = False) -> Iterator[Entry]:
    """The row's history, newest first; a firm's with that of the records merged into it.

    `abroad` leaves out what happened to drawings: their titles may say what must not leave the country.
    """
    people = ("by", "person") if isinstance(row, Firm) else ("by",)
    events = FirmEvent.objects.filter(of_firm(row.pk)) if isinstance(row, Firm) else row.events
    if abroad and isinstance(row, Need):
        events = events.exclude(step__in=OF_DRAWINGS)
    for event in events.select_related(*people).order_by("-pk")[:most]:
        person = str(event.person or "") if isinstance(event, FirmEvent) else ""
        yield Entry(event.label, str(event.by or ""), event.at, person, list(lines(event.changes)))


def lines(changes: Iterable[Change]) -> Iterator[Line]:
    """Recorded changes as people read them."""
    for name, before, after in changes:
        quoted = before is not None or after is not None
        yield Line(_LABELS.get(name, name), before or "", after or "", quoted)


def choice_text(label: Any) -> str:
    """A choice as the record keeps it: in Japanese, like everything that it quotes."""
    with override("ja"):
        return str(label)


def _text(value: Any) -> str:
    return "" if value is None else str(plain(value))
