"""Who wants to know that a row was saved. The register tells, without knowing whom: no signals, no imports upward."""

from collections.abc import Callable

from django.db.models import Model

on_change: list[Callable[[Model], None]] = []
"""Appended to by the apps above when they are ready; each is called with the saved firm or need."""


def changed(row: Model) -> None:
    """Called by the register's verbs, inside their transaction, after a firm or need was saved."""
    for callback in on_change:
        callback(row)
