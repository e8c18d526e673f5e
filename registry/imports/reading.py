"""Understand every line of a batch and compare it with the register; writes nothing but rows of the batch."""

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from registry.imports.progress import read_so_far
from registry.imports.upload import sheet_of
from registry.intake.cells import Cell, filled
from registry.intake.fields import understand
from registry.intake.kinds import KINDS
from registry.intake.kinds.base import Line, Reading
from registry.models import ImportBatch, ImportRow

State = ImportBatch.State
CHUNK = 500


def read_lines(batch: ImportBatch) -> None:
    """From `reading` to `ready`. Raises Stopped."""
    sheet = sheet_of(batch)
    while ImportRow.objects.filter(pk__in=batch.rows.order_by().values("pk")[:20_000]).delete()[0]:
        pass  # of an attempt before; in pieces, so that other writers get their turn
    total = max(sheet.size - batch.header, 0)
    ImportBatch.objects.filter(pk=batch.pk).update(total=total)
    reader = _Reader(batch, len(sheet.line(batch.header)) if not sheet.name else 0)
    done = 0
    lines = islice(enumerate(sheet, start=1), batch.header, None)
    while chunk := list(islice(lines, CHUNK)):
        rows = reader.rows([(number, cells) for number, cells in chunk if filled(cells)])
        done += len(chunk)
        with transaction.atomic():
            ImportRow.objects.bulk_create(rows)
            read_so_far(batch, done)
    counts = dict(batch.rows.order_by().values_list("state").annotate(Count("pk")))
    ImportBatch.objects.filter(pk=batch.pk, state=State.READING, attempts=batch.attempts).update(
        state=State.READY, counts=counts, done=total, claimed_until=None
    )


class _Reader:
    """Lines to rows. `widest` is how many cells a line of a text file may have, 0 for workbooks."""

    def __init__(self, batch: ImportBatch, widest: int) -> None:
        self.batch, self.widest = batch, widest
        self.kind, self.reading = KINDS[batch.kind], Reading(batch.by)
        self.fields = [field for field in self.kind.fields if field.name in batch.mapping]

    def rows(self, lines: Sequence[tuple[int, Sequence[Cell]]]) -> list[ImportRow]:
        read = list(self._understood(lines))
        self.kind.look_up(self.reading, read)
        return [self._row(line) for line in read]

    def _understood(self, lines: Sequence[tuple[int, Sequence[Cell]]]) -> Iterator[Line]:
        for number, cells in lines:
            given = {field: cell for field, cell in zip(self.batch.mapping, cells, strict=False) if field}
            values, remarks = understand(self.fields, given, self.reading.catalogues)
            line = Line(number, given, values, remarks)
            if self.widest and len(cells) > self.widest:
                line.remarks.append(
                    (
                        "",
                        str(cells[-1])[:100],
                        _("more cells than headings: a comma inside a text needs “quotation marks”"),
                    )
                )
            yield line

    def _row(self, line: Line) -> ImportRow:
        self.kind.forgive(line)
        row = ImportRow(batch=self.batch, number=line.number, values=line.values)
        if line.target is not None:
            row.changes, row.target = self.kind.changes(line), line.target.pk
        if line.owner is not None:
            setattr(row, self.kind.owner, line.owner)
            row.seen_at = line.owner.updated_at
        self._refuse_second(line)
        row.remarks = [list(remark) for remark in line.remarks]
        row.state = _state(row)
        return row

    def _refuse_second(self, line: Line) -> None:
        if line.key is None:
            return
        first = self.reading.lines.setdefault(line.key, line.number)
        if first != line.number:
            line.remarks.append(
                ("", "", _("speaks of the same as line %(line)d; delete one of them") % {"line": first})
            )


def _state(row: ImportRow) -> ImportRow.State:
    if row.remarks:
        return ImportRow.State.REFUSED
    if row.target is None:
        return ImportRow.State.NEW
    return ImportRow.State.CHANGED if row.changes else ImportRow.State.UNCHANGED
