"""What a merge changes, written down as it is done, so that it can be taken back to the letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from registry.models import Firm, FirmInvitation, FirmMembership, User
from registry.steps import StepRefused

Line = list[Any]
"""[table, key, column, before, after]; for links to a catalogue the column begins with “+” and `after` is what came."""
_COME_AND_GO = {FirmMembership._meta.label_lower, FirmInvitation._meta.label_lower}
"""People leave without asking whether a merge may still be undone."""


@dataclass(slots=True)
class Journal:
    lines: list[Line] = field(default_factory=list)

    def set(self, row: models.Model, **values: Any) -> None:
        """Change columns of a row in the database and in memory. What stays the same leaves no line."""
        changes: dict[str, Any] = {}
        for name, value in values.items():
            column = row._meta.get_field(name)
            key = str(column.attname)  # type: ignore[union-attr]  # columns only
            before, after = _plain(getattr(row, key)), _plain(value)
            if before != after:
                changes[key] = value.pk if isinstance(value, models.Model) else value
                self.lines.append([row._meta.label_lower, row.pk, key, before, after])
        if changes:
            manager: models.Manager[Any] = type(row)._base_manager
            manager.filter(pk=row.pk).update(**changes)
            for key, value in changes.items():
                setattr(row, key, value)

    def link(self, row: models.Model, name: str, keys: Iterable[Any]) -> None:
        """Add links of a many-to-many column that are not there yet."""
        links = getattr(row, name)
        if new := sorted(set(keys) - set(links.values_list("pk", flat=True))):
            links.add(*new)
            self.lines.append([row._meta.label_lower, row.pk, f"+{name}", None, new])


def take_back(lines: Sequence[Line]) -> None:
    """Give every column the value it had, the last change first. Raises StepRefused, to be rolled back, when one
    of them was changed since."""
    for label, key, column, before, after in reversed(lines):
        model: Any = apps.get_model(label)
        row = model._base_manager.filter(pk=key).first()
        if row is None:
            if label in _COME_AND_GO:
                continue
            raise StepRefused(_worked_on(model._meta.verbose_name))
        if column.startswith("+"):
            getattr(row, column[1:]).remove(*after)
            continue
        column = next(one for one in model._meta.concrete_fields if one.attname == column)
        if _plain(getattr(row, column.attname)) != after:
            raise StepRefused(_worked_on(column.verbose_name))
        value = before if column.is_relation else column.to_python(before)
        model._base_manager.filter(pk=key).update(**{column.attname: value})


def _worked_on(what: Any) -> str:
    return _("Since the merge somebody changed: %(what)s. Correct the firms by hand instead.") % {"what": what}


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | FieldFile):
        return str(value)
    return value


@dataclass(frozen=True, slots=True)
class Joining:
    """A merge under way, for whoever has something hanging on the loser (registry.changes.on_merge)."""

    survivor: Firm
    loser: Firm
    by: User
    journal: Journal
