"""State machines as tables: a step has a label, the states it leaves, the one it reaches, and whether it needs a why.

Buttons are drawn from the same table that `move` obeys. A step is one conditional UPDATE that must hit one row, so of
two people at once one wins on SQLite and PostgreSQL alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """`target` None keeps the state; `style` is how the button looks."""

    label: str | Promise
    sources: frozenset[str]
    target: str | None
    reason: bool = False
    style: str = "secondary"
    reasons: Mapping[str, str | Promise] = field(default_factory=dict)


class StepRefused(Exception):
    """The step cannot be taken; the message tells the user why and what to do."""


def open_steps(steps: Mapping[str, Step], state: str) -> dict[str, Step]:
    """The steps that may be taken from a state, in the table's order."""
    return {name: step for name, step in steps.items() if state in step.sources}


def move(row: models.Model, step: Step, *, field: str = "state", **changes: Any) -> str:
    """Take the step on the row in the database and in memory; return the state it left.

    Raises StepRefused when somebody else moved the row meanwhile or the step does not start from its state. The caller
    wraps it in a transaction together with the record it writes.
    """
    manager: models.Manager[Any] = type(row)._default_manager
    source = str(getattr(row, field))
    if source not in step.sources:
        raise StepRefused(
            _("“%(step)s” is not possible: the state is already “%(state)s”. Reload the page to see what was decided.")
            % {"step": step.label, "state": _label(row, field)}
        )
    changes[field] = step.target or source
    if manager.filter(pk=row.pk, **{field: source}).update(**changes) != 1:
        row.refresh_from_db(fields=[field])
        raise StepRefused(
            _("Somebody else was faster: the state is already “%(state)s”. Nothing was changed.")
            % {"state": _label(row, field)}
        )
    for name, value in changes.items():
        setattr(row, name, value)
    return source


def hold(row: models.Model, seen: datetime | None) -> None:
    """Win the row for an edit made from the state that was saved at `seen`; raises StepRefused when it moved on.

    The caller saves it in the same transaction.
    """
    manager: models.Manager[Any] = type(row)._default_manager
    if seen is None or manager.filter(pk=row.pk, updated_at=seen).update(updated_at=timezone.now()) != 1:
        raise StepRefused(
            _(
                "Somebody else saved this while you were editing. Nothing of yours was saved. Copy what you need, "
                "reload the page and enter it again."
            )
        )


def _label(row: models.Model, field: str) -> str:
    return str(getattr(row, f"get_{field}_display")())
