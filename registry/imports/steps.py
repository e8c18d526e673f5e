"""What people do with a batch: confirm its columns, take it over, cancel it, undo it."""

import logging
from collections.abc import Sequence
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from registry.imports import undoing
from registry.imports.progress import cancel_key
from registry.imports.upload import remember, require, somebody_went_on
from registry.intake.kinds import KINDS
from registry.models import ImportBatch, User
from registry.models.catalogue import listed
from registry.steps import StepRefused

log = logging.getLogger(__name__)
State = ImportBatch.State


def confirm(batch: ImportBatch, by: User, mapping: Sequence[str], **wishes: Any) -> None:
    """Take the columns and have the file read. `wishes`: publish, as_of. Raises StepRefused."""
    require(batch, by)
    kind = KINDS[batch.kind]
    given = [field for field in mapping if field]
    if not any(keys <= set(given) for keys in kind.keys):
        missing = [str(kind.by_name[name].label) for name in kind.by_name if name in kind.keys[0] and name not in given]
        raise StepRefused(_("Say which column holds: %(fields)s") % {"fields": listed(missing)})
    if twice := next((field for field in given if given.count(field) > 1), None):
        label = kind.by_name[twice].label
        raise StepRefused(_("Two columns are “%(field)s”. Leave one of them out.") % {"field": label})
    sources = {State.COLUMNS, State.READY, State.FAILED, State.CANCELLED}
    _ask(batch, sources, State.READING, mapping=list(mapping), **wishes)
    remember(batch)


def take_over(batch: ImportBatch, by: User, *, skip_refused: bool = False) -> None:
    """Have the new and changed rows written. Raises StepRefused while refused rows are not left out knowingly."""
    require(batch, by)
    if batch.counts.get("refused") and not skip_refused:
        raise StepRefused(
            _("Some rows are refused. Correct the file and upload it again, or tick that they are left out.")
        )
    if not batch.counts.get("new") and not batch.counts.get("changed"):
        raise StepRefused(_("The file changes nothing; there is nothing to take over."))
    _ask(batch, {State.READY}, State.WRITING, skip_refused=skip_refused)


def cancel(batch: ImportBatch, by: User) -> None:
    """Stop what is under way or put the batch away. What is being written meanwhile is not written.

    A worker that writes holds the batch; it is told through the cache and lets go after the lines at hand.
    """
    require(batch, by)
    cache.set(cancel_key(batch), True, 60)
    sources = [State.COLUMNS, State.READING, State.READY, State.WRITING, State.FAILED]
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=sources).update(state=State.CANCELLED, claimed_until=None):
        raise StepRefused(_("This import has ended already."))


def undo(batch: ImportBatch, by: User) -> None:
    """Take the whole batch back: changed rows get their old values, new ones go or are put away.

    Raises StepRefused, and changes nothing, when somebody touched one of them since.
    """
    require(batch, by)
    undoing.undo(batch)


def _ask(batch: ImportBatch, sources: set[State], target: State, **changed: Any) -> None:
    with transaction.atomic():
        moved = ImportBatch.objects.filter(pk=batch.pk, state__in=sources).update(
            state=target, done=0, error="", attempts=0, claimed_until=None, **changed
        )
        if not moved:
            raise StepRefused(somebody_went_on())
        batch.refresh_from_db()
        cache.delete(cancel_key(batch))
        transaction.on_commit(_hint)


def _hint() -> None:
    """Tell a worker; when the broker is away the beat finds the batch a little later."""
    try:
        current_app.send_task("registry.tasks.work_imports")
    except OperationalError as problem:
        log.warning("No hint for an import: %s. The beat sends it once the broker is back.", problem)
