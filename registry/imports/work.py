"""The worker's part: claim a batch, do what it waits for, tell how far it is; and forget old batches."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registry.imports import reading, writing
from registry.imports.progress import CLAIMED, Stopped
from registry.intake.sheets import FileRefused
from registry.models import ImportBatch, ImportRow
from registry.steps import StepRefused

log = logging.getLogger(__name__)
State = ImportBatch.State
MOST_ATTEMPTS = 3
KEPT = timedelta(days=180)


def work() -> int:
    """Do the batches that wait; returns how many. Safe to run twice at once."""
    done = 0
    waiting = ImportBatch.objects.filter(state__in=[State.READING, State.WRITING]).defer("file").order_by("pk")
    for batch in waiting:
        if claim(batch):
            done += do(batch)
    return done


def claim(batch: ImportBatch) -> bool:
    """Have the batch to oneself for a while. After three attempts that ended their worker it has failed."""
    now = timezone.now()
    free = ImportBatch.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), pk=batch.pk, state=batch.state)
    with override(batch.language):
        error = _("The worker ended each time while it did this. Nothing was written. Tell the administrator.")
    given_up = free.filter(attempts__gte=MOST_ATTEMPTS)
    if given_up.update(state=State.FAILED, error=error, claimed_until=None):
        return False
    return bool(free.update(claimed_until=now + CLAIMED, attempts=F("attempts") + 1))


def do(batch: ImportBatch) -> bool:
    """Do what the claimed batch waits for; False when it was cancelled meanwhile."""
    batch.refresh_from_db()
    with override(batch.language), _unmapped():
        try:
            if batch.state == State.READING:
                reading.read_lines(batch)
            else:
                writing.write(batch)
        except Stopped:
            return False
        except (FileRefused, StepRefused) as refusal:
            _fail(batch, str(refusal))
        except IntegrityError:
            log.exception("Import %s met a row of somebody else.", batch.pk)
            _fail(batch, _("Something of it was registered meanwhile. Read the file again; nothing was written."))
        except Exception as problem:
            log.exception("Import %s failed.", batch.pk)
            words = _("An error that nobody foresaw (%(error)s). Nothing was written. Tell the administrator.")
            _fail(batch, words % {"error": type(problem).__name__})
    return True


@contextmanager
def _unmapped() -> Iterator[None]:
    """SQLite maps its file into memory, which is quick to read; an import would have all of it there that it writes."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA mmap_size").fetchone() or (0,)  # an SQLite that cannot map says nothing
        cursor.execute("PRAGMA mmap_size=0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA mmap_size={before[0]}")


def _fail(batch: ImportBatch, error: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=batch.state).update(
        state=State.FAILED, error=error[:500], claimed_until=None
    )


def forget() -> int:
    """Delete the files and lines of old imports; the batch stays as the record of who took over what and when."""
    old = ImportBatch.objects.filter(made_at__lt=timezone.now() - KEPT).exclude(digest="")
    ids = list(old.values_list("pk", flat=True)[:100])
    ImportRow.objects.filter(batch__in=ids).delete()
    return ImportBatch.objects.filter(pk__in=ids).update(file=b"", digest="")
