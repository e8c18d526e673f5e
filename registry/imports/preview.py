"""What people read of a batch: its columns while they are confirmed, its lines once they are understood."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from registry.imports.upload import sheet_of
from registry.models import ImportBatch

State = ImportBatch.State
ASKED = {State.COLUMNS, State.CANCELLED, State.FAILED}
"""States in which people say what the columns are."""
READ = {State.READY, State.DONE, State.UNDONE}
"""States in which every line was understood; before, there may be those of an attempt that goes on."""
SAMPLES = 3


def samples(batch: ImportBatch, columns: Sequence[Any]) -> list[list[str]]:
    """For each column what the first lines below its heading say."""
    below = list(islice(sheet_of(batch), batch.header, batch.header + SAMPLES))
    return [[str(row[place]) for row in below if place < len(row) and row[place]] for place in range(len(columns))]


def lines(batch: ImportBatch) -> Any:
    """The lines with what they are about; none before all of them are read."""
    rows = batch.rows.select_related("firm", "need", "event")
    return rows if batch.state in READ else rows.none()
