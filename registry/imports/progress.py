"""How far a batch is, and whether it should go on."""

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from registry.models import ImportBatch

CLAIMED = timedelta(minutes=3)
"""For so long a worker has a batch to itself. Every chunk that is read renews it; writing takes less."""


class Stopped(Exception):
    """Somebody cancelled the batch, or another worker has it: nothing of this attempt may be written."""


def cancel_key(batch: ImportBatch) -> str:
    return f"import-{batch.pk}-cancel"


def _progress_key(batch: ImportBatch) -> str:
    return f"import-{batch.pk}"


def read_so_far(batch: ImportBatch, done: int) -> None:
    """Tell how far reading is and keep the claim. Raises Stopped when the batch was cancelled."""
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, attempts=batch.attempts)
    if not held.update(done=done, claimed_until=timezone.now() + CLAIMED):
        raise Stopped


def written_so_far(batch: ImportBatch, done: int) -> None:
    """The same inside the one transaction of writing, which holds the batch: the cache tells and is told."""
    cache.set(_progress_key(batch), done, 600)
    if cache.get(cancel_key(batch)):
        raise Stopped


def progress(batch: ImportBatch) -> int:
    """Lines done of a batch that is being written."""
    done: int = cache.get(_progress_key(batch), 0)
    return done
