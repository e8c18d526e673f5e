"""What happened to a firm's row, for the offices: who changed what and when. Contacts are named, never quoted.

What a save changed is read from the columns that lists and files are made of, before and after it, so that a new column
is recorded without a word here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from registry.columns import CONTACT_COLUMNS, FIRM_COLUMNS
from registry.models import Firm, FirmEvent, User
from registry.tabular import plain

LONGEST = 1000
"""Characters of a value that a record quotes."""
_NOT_OF_THE_FIRM = {"id", "state", "is_sample", "source", "as_of", "updated_at", "confirmed_on"}
_QUOTED = [column for column in FIRM_COLUMNS if column.name not in _NOT_OF_THE_FIRM]
_LABELS: dict[str, str | Promise] = {column.name: column.heading for column in (*_QUOTED, *CONTACT_COLUMNS)}
_LABELS |= {
    "photos": _("Photos"),
    "scan": _("Scan"),
    "certificate_confirmed": _("Confirmed certificate"),
    "role": _("Role"),
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


def snapshot(firm_id: int) -> dict[str, str]:
    """What the database says of a firm now, by column, in Japanese as the firms write it."""
    firm = Firm.objects.for_list().get(pk=firm_id)
    with override("ja"):
        return {column.name: _text(column.value(firm)) for column in (*_QUOTED, *CONTACT_COLUMNS)}


def differences(before: dict[str, str], after: dict[str, str]) -> list[Change]:
    personal = {column.name for column in CONTACT_COLUMNS}
    return [
        (name, None, None) if name in personal else (name, before[name][:LONGEST], after[name][:LONGEST])
        for name in before
        if before[name] != after[name]
    ]


def record(
    firm: Firm, kind: str, by: User | None, *, changes: list[Change] | None = None, person: User | None = None
) -> FirmEvent:
    """Call it in the transaction of the act."""
    event: FirmEvent = FirmEvent.objects.create(firm=firm, kind=kind, by=by, changes=changes or [], person=person)
    return event


def record_changes(firm: Firm, before: dict[str, str], by: User) -> None:
    """A save that changed nothing leaves no line."""
    if changes := differences(before, snapshot(firm.pk)):
        record(firm, FirmEvent.Kind.CHANGE, by, changes=changes)


def entries(firm: Firm, most: int = 100) -> Iterator[Entry]:
    """The firm's history, newest first."""
    for event in firm.events.select_related("by", "person")[:most]:
        lines = [
            Line(_LABELS.get(name, name), before or "", after or "", before is not None or after is not None)
            for name, before, after in event.changes
        ]
        label, by = str(event.get_kind_display()), str(event.by or "")
        yield Entry(label, by, event.at, str(event.person or ""), lines)


def choice_text(label: Any) -> str:
    """A choice as the record keeps it: in Japanese, like everything that it quotes."""
    with override("ja"):
        return str(label)


def _text(value: Any) -> str:
    return "" if value is None else str(plain(value))
