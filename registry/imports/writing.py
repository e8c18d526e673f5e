"""Take a batch over: everything in one transaction with the state of the batch, a chunk of lines at a time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registry import changes
from registry.imports.progress import Stopped, written_so_far
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS
from registry.intake.kinds.base import Kind
from registry.models import Event, Firm, FirmEvent, ImportBatch, ImportRow, Need
from registry.steps import StepRefused

State = ImportBatch.State
CHUNK = 500
OWNERS: dict[str, Any] = {"firm": Firm, "need": Need, "event": Event}
TOLD = 200
"""So many firms or needs are matched at once; a larger import waits for the sweep, which takes them together."""


def write(batch: ImportBatch) -> None:
    """Write all new and changed rows. Raises StepRefused when the register moved, Stopped when it was cancelled."""
    kind, at = KINDS[batch.kind], timezone.now()
    with transaction.atomic():
        held = ImportBatch.objects.filter(pk=batch.pk, state=State.WRITING, attempts=batch.attempts)
        if not held.update(state=State.DONE, written_at=at, claimed_until=None):
            raise Stopped
        hold(batch, kind, at)
        done, told, catalogues = 0, _Told(batch, kind), Catalogues()
        for state in (ImportRow.State.NEW, ImportRow.State.CHANGED):
            for rows in chunks(batch, state):
                if state == ImportRow.State.NEW:
                    _add(kind, batch, rows, catalogues)
                else:
                    _change(kind, rows, catalogues)
                told.tell(rows)
                done += len(rows)
                written_so_far(batch, done)
        settle(batch, kind, at)
        told.close()


def chunks(batch: ImportBatch, *states: str) -> Iterator[list[ImportRow]]:
    """The rows in one of the states, in the order of the file."""
    last = 0
    rows = batch.rows.filter(state__in=states).order_by("number")
    while chunk := list(rows.filter(number__gt=last)[:CHUNK]):
        last = chunk[-1].number
        yield chunk


def hold(batch: ImportBatch, kind: Kind, at: datetime) -> None:
    """Win every firm (need, event) that a row is about, in the version that it was compared with: one UPDATE.

    It must hit as many as there are, and only those that the author still may change. Whoever edits one of them
    meanwhile waits on PostgreSQL, or has won already.
    """
    concerned = batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.CHANGED], seen_at__isnull=False)
    here = concerned.filter(**{kind.owner: OuterRef("pk"), "seen_at": OuterRef("updated_at")})
    expected = concerned.order_by().values(kind.owner).distinct().count()
    moved = concerned.exclude(**{f"{kind.owner}__updated_at": F("seen_at")}).order_by("number").first()
    if moved or kind.owners(batch.by).filter(Exists(here)).update(updated_at=at) != expected:
        line = moved or concerned.order_by("number").first()
        raise StepRefused(
            _("Line %(line)d: what it is about was changed meanwhile. Read the file again; nothing was written.")
            % {"line": line.number if line else 0}
        )


def settle(batch: ImportBatch, kind: Kind, at: datetime) -> None:
    """Give what was written the moment of the batch as its version, so that undoing can tell whether it was touched."""
    written = batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.CHANGED])
    OWNERS[kind.owner].objects.filter(pk__in=written.order_by().values(kind.owner)).update(updated_at=at)


def values(rows: list[ImportRow], which: int) -> dict[int, dict[str, Any]]:
    """What changed rows said before (0) and are to say (1), by primary key."""
    return {row.pk: {name: both[which] for name, both in row.changes.items()} for row in rows}


def _change(kind: Kind, rows: list[ImportRow], catalogues: Catalogues) -> None:
    new = values(rows, 1)
    kind.keep(rows, new)
    ImportRow.objects.bulk_update([row for row in rows if row.kept], ["kept"], batch_size=200)
    kind.change(rows, new, catalogues)


def _add(kind: Kind, batch: ImportBatch, rows: list[ImportRow], catalogues: Catalogues) -> None:
    kind.add(batch, rows, catalogues)
    ImportRow.objects.bulk_create(  # an upsert: CASE WHEN for every row takes three times as long
        rows, update_conflicts=True, unique_fields=["id"], update_fields={kind.owner, "firm", "target"}
    )


class _Told:
    """What the import did, for the history of each firm and for whoever matches."""

    def __init__(self, batch: ImportBatch, kind: Kind) -> None:
        self.batch, self.kind, self.catalogues = batch, kind, Catalogues()
        self.owners: set[int] = set()

    def tell(self, rows: list[ImportRow]) -> None:
        """Each firm gets its line, in Japanese like every record of a firm."""
        self.owners |= {getattr(row, f"{self.kind.owner}_id") for row in rows}
        if self.kind.owner == "firm":
            with override("ja"):
                told = [(row, *self.kind.told(row, self.catalogues)) for row in rows]
            FirmEvent.objects.bulk_create(
                FirmEvent(firm_id=row.firm_id, kind=step, by=self.batch.by, changes=changed)
                for row, step, changed in told
                if row.firm_id
            )

    def close(self) -> None:
        if self.kind.owner != "event" and len(self.owners) <= TOLD:
            for row in OWNERS[self.kind.owner].objects.filter(pk__in=self.owners):
                changes.changed(row)
