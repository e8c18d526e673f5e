"""Row → cell of the smaller lists: consortia, events and who came, imports, claims, erasures, notices."""

from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registry import notices
from registry.columns import display
from registry.intake.kinds import KINDS
from registry.models import ImportRow
from registry.sheet_columns import ATTENDANCE_COLUMNS
from registry.tabular import Column

ID = Column("id", _("ID"), attrgetter("pk"), width=8, type=int)
STATE = Column("state", _("State"), display("state"), code=attrgetter("state"))
SOURCE = Column("source", _("Source"), attrgetter("source"), width=24)


def _name(path: str) -> Callable[[Any], str]:
    """The name of a person or an office, empty where there is none."""
    read = attrgetter(path)
    return lambda row: str(read(row) or "")


CONSORTIUM_COLUMNS = [
    Column("code", _("Code"), attrgetter("pk"), width=20),
    Column("name", _("Name"), attrgetter("name"), width=32),
    Column("name_en", _("English name"), attrgetter("name_en"), width=32),
    Column("prefecture", _("Prefecture"), _name("prefecture"), code=attrgetter("prefecture_id"), type=str | None),
    Column("member_count", _("Members, as stated"), attrgetter("member_count"), width=10, type=int | None),
    Column("count_is_rough", _("Rough count"), attrgetter("count_is_rough"), width=10, type=bool),
    Column("registered", _("In the register"), attrgetter("registered"), width=10, type=int),
    Column("note", _("Note"), attrgetter("note"), width=40),
    SOURCE,
    Column("as_of", _("As of"), attrgetter("as_of"), width=12),
]
"""`registered` counts the members that the reader may see."""

EVENT_COLUMNS = [
    ID,
    Column("name", _("Event"), attrgetter("name"), width=40),
    Column("held_on", _("Held on"), attrgetter("held_on"), width=12, type=date),
    Column("place", _("Place"), attrgetter("place"), width=28),
    Column("office", _("Office"), _name("office"), code=attrgetter("office_id"), width=24, type=int | None),
    Column("firms", _("Firms"), attrgetter("firms"), width=10, type=int),
    Column("registered", _("in the register"), attrgetter("registered"), width=10, type=int),
    Column("people", _("People"), attrgetter("people"), width=10, type=int),
    SOURCE,
]
CAME_COLUMNS = [ID, Column("event_id", _("ID of the event"), attrgetter("event_id"), type=int), *ATTENDANCE_COLUMNS]
"""A line of the sheet of who came, with the keys that a program needs."""


def _counted(state: ImportRow.State) -> Column:
    """How many lines of an import are of this kind; nothing, rather than 0, before they were read."""
    heading = format_lazy("{}: {}", _("Lines"), state.label)
    return Column(
        state.value,
        heading,
        lambda batch: batch.counts.get(state.value, 0) if batch.counts else None,
        width=10,
        type=int | None,
    )


IMPORT_COLUMNS = [
    ID,
    Column("kind", _("Kind of sheet"), lambda batch: str(KINDS[batch.kind].label), code=attrgetter("kind"), width=20),
    Column("filename", _("File"), attrgetter("filename"), width=32),
    Column("sheet", _("Sheet"), attrgetter("sheet"), width=20),
    STATE,
    Column("error", _("Error"), attrgetter("error"), width=40),
    Column("total", _("Lines"), attrgetter("total"), width=10, type=int),
    *map(_counted, ImportRow.State),
    SOURCE,
    Column("as_of", _("As of"), attrgetter("as_of"), width=12, type=date),
    Column("office", _("Office"), _name("office"), code=attrgetter("office_id"), width=24, type=int | None),
    Column("by", _("Uploaded by"), _name("by"), width=20),
    Column("made_at", _("Uploaded"), attrgetter("made_at"), type=datetime),
    Column("written_at", _("Taken over on"), attrgetter("written_at"), type=datetime | None),
    Column("undone_at", _("Undone on"), attrgetter("undone_at"), type=datetime | None),
]


def _decided(applicant: str, *, reason: str, more: tuple[Column, ...] = ()) -> list[Column]:
    """What an applicant asks of an office for a firm, and what came of it."""
    return [
        ID,
        Column("firm_id", _("ID of the firm"), attrgetter("firm_id"), width=8, type=int),
        Column("firm", _("Firm"), attrgetter("firm.name"), width=32),
        Column("place", _("Place"), attrgetter("firm.place"), width=20),
        Column("applicant", _("Applicant"), _name(applicant), width=24),
        *more,
        Column("made_at", _("Applied on"), attrgetter("made_at"), type=datetime),
        Column("due_on", _("Due on"), attrgetter("due_on"), width=12, type=date),
        STATE,
        Column("decided_by", _("Decided by"), _name("decided_by"), width=20),
        Column("decided_at", _("Decided on"), attrgetter("decided_at"), type=datetime | None),
        Column("reason", _("Reason"), attrgetter(reason), width=40),
    ]


MESSAGE = Column("message", _("Message"), attrgetter("message"), width=40)
CLAIM_COLUMNS = _decided("user", reason="why", more=(MESSAGE,))
ERASURE_COLUMNS = _decided("made_by", reason="reason")

NOTICE_COLUMNS = [
    ID,
    Column("at", _("When"), attrgetter("at"), type=datetime),
    Column("kind", _("What happened"), notices.title, code=attrgetter("kind"), width=32),
    Column("text", _("In detail"), notices.text, width=60),
    Column("url", _("Page"), attrgetter("url"), width=32),
    Column("read_at", _("Read on"), attrgetter("read_at"), type=datetime | None),
]
