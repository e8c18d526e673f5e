"""Files of offices into the register: uploaded, columns confirmed, read, taken over whole or not at all, undone.

This package is the only writer of ImportBatch and ImportRow. A batch that is being read or taken over is worked by
Celery (`work`): a worker claims it for a while, and what a killed worker left is taken up again. Reading writes only
rows of the batch; taking over writes the register in one transaction together with the batch's state, so there is all
or nothing. What kinds of sheets there are, `registry.intake.kinds` says.
"""

from registry.imports.preview import ASKED, READ, lines, samples
from registry.imports.progress import progress
from registry.imports.steps import cancel, confirm, take_over, undo
from registry.imports.upload import (
    headings,
    left_out,
    look_at,
    other_tables,
    sheet_of,
    sheets_of,
    unread_sheets,
    upload,
)
from registry.imports.work import MOST_ATTEMPTS, claim, do, forget, work

__all__ = [
    "ASKED",
    "MOST_ATTEMPTS",
    "READ",
    "cancel",
    "claim",
    "confirm",
    "do",
    "forget",
    "headings",
    "left_out",
    "lines",
    "look_at",
    "other_tables",
    "progress",
    "samples",
    "sheet_of",
    "sheets_of",
    "take_over",
    "undo",
    "unread_sheets",
    "upload",
    "work",
]
