"""Who wants to know that a row was saved. The register tells, without knowing whom: no signals, no imports upward."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

on_change: list[Callable[[Model], None]] = []
"""Appended to by the apps above when they are ready; each is called with the saved firm or need."""


def changed(row: Model) -> None:
    """Called by the register's verbs, inside their transaction, after a firm or need was saved."""
    for callback in on_change:
        callback(row)


on_merge: list[Callable[[Any], None]] = []
"""Called with the registry.duplicates.journal.Joining of a merge, inside its transaction: move what hangs on the loser
to the survivor by its journal."""
on_split: list[Callable[[Any], None]] = []
"""Called with the Merge that is about to be undone, inside its transaction; raise StepRefused to keep it."""
