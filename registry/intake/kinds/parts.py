"""What the sheets about registered firms have in common: a line is a row of one model that belongs to a firm."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.history import LONGEST, Change
from registry.intake import values
from registry.intake.fields import Catalogues, ImportField, Value, by, chosen, key, named
from registry.intake.kinds.base import Kind, Line, New, Reading, at_once, same
from registry.intake.kinds.firm_fields import NAME_ALIASES, NO_PREFECTURE, NUMBER_ALIASES
from registry.intake.kinds.lookup import Wanted, find, settle
from registry.models import (
    Firm,
    FirmEvent,
    ImportBatch,
    ImportRow,
    Prefecture,
    User,
)
from registry.sheet_columns import CORPORATE_NUMBER, FIRM_ID, FIRM_NAME, PREFECTURE

FIRM_KEYS = (
    ImportField("firm_id", FIRM_ID.heading, by(values.whole), ("ID", "企業ID", "firm id")),
    ImportField(
        "corporate_number",
        CORPORATE_NUMBER.heading,
        by(values.corporate_number),
        NUMBER_ALIASES,
        gettext_lazy("13 digits; format the column as text"),
    ),
    ImportField("name", FIRM_NAME.heading, by(values.line, 200), ("名称", "name", *NAME_ALIASES)),
    ImportField(
        "prefecture",
        PREFECTURE.heading,
        chosen("prefectures", NO_PREFECTURE),
        ("県", "都道府県名"),
        gettext_lazy("Where several firms have the same name"),
        show=named(Prefecture),
        choices=Prefecture,
    ),
)
"""How a line says which firm it means."""


class Parts(Kind):
    """A kind whose lines are rows of one model that belong to a firm.

    identity  fields that tell a firm's rows apart; the other fields of `own` are what may change
    column    the column of a list of firms that shows the rows, under which the history speaks of them
    """

    owner = "firm"
    note = gettext_lazy(
        "The firm has to be registered: give its ID, its corporate number, or its name where that is enough."
    )
    model: ClassVar[type[models.Model]]
    own: ClassVar[Sequence[ImportField]]
    identity: ClassVar[Sequence[str]]
    column: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.fields = (*FIRM_KEYS, *cls.own)
        needed = {field.name for field in cls.own if field.required}
        cls.keys = tuple({name, *needed} for name in ("name", "corporate_number", "firm_id"))

    def told(self, row: ImportRow, catalogues: Catalogues) -> tuple[str, list[Change]]:
        def words(given: Mapping[str, Value]) -> str:
            return " ".join(filter(None, (field.show(given.get(field.name), catalogues) for field in self.own)))

        before = row.values | {name: old for name, (old, _new) in row.changes.items()}
        old = words(before) if row.state == ImportRow.State.CHANGED else ""
        return FirmEvent.Kind.CHANGE, [(self.column, old[:LONGEST], words(row.values)[:LONGEST])]

    def owners(self, user: User) -> Any:
        return Firm.objects.visible_to(user)

    def rows(self) -> Any:
        return self.model._default_manager.all()

    # ---- reading ----
    def look_up(self, reading: Reading, lines: Sequence[Line]) -> None:
        wanted = [Wanted.of(line.values) for line in lines]
        found = find(reading.user, wanted, Firm.objects.select_related("prefecture", "municipality"))
        for line, want in zip(lines, wanted, strict=True):
            line.owner = settle(line, want, found)
        held: dict[Any, list[Any]] = defaultdict(list)
        for row in self.rows().filter(firm__in={line.owner.pk for line in lines if line.owner}):
            for name in self.held_as(row):
                held[row.firm_id, name].append(row)
        for line in lines:
            self._check(line)
            if line.owner is None:
                continue
            line.target = self._meant(line, held)
            line.key = (line.owner.pk, self.one_line(line.values))

    def _meant(self, line: Line, held: Mapping[Any, Sequence[Any]]) -> Any:
        """The row of the firm that the line is about. Of several alike it is the one that says the same already."""
        alike = next((rows for name in self.named(line.values) if (rows := held.get((line.owner.pk, name)))), ())
        if len(alike) < 2:
            return alike[0] if alike else None
        said = next((row for row in alike if self._says(row, line)), None)
        if said is None:
            line.refuse(self.identity[0], _("the firm has this several times; correct it on the firm's page"))
        return said or alike[0]

    def _says(self, row: Any, line: Line) -> bool:
        return all(same(value, line.values.get(name)) for name, value in self.held(row).items())

    def held_as(self, target: Any) -> list[Any]:
        """What a row is found by among those of its firm."""
        return [self._identity(self.held(target))]

    def named(self, row: Mapping[str, Value]) -> list[Any]:
        """By what a line looks for its row, the surest first."""
        return [self._identity(row)]

    def one_line(self, row: Mapping[str, Value]) -> Any:
        """What no second line about the firm may say."""
        return self._identity(row)

    def _check(self, line: Line) -> None:
        refused = {remark[0] for remark in line.remarks}
        for field in self.own:
            if field.required and field.name not in line.values and field.name not in refused:
                line.refuse(field.name, _("must be filled"))

    def _identity(self, row: Mapping[str, Value]) -> tuple[str, ...]:
        return tuple(key(str(row.get(name) or "")) for name in self.identity)

    def held(self, target: Any) -> dict[str, Value]:
        return {field.name: self.json(target, field.name) for field in self.own}

    def json(self, target: Any, name: str) -> Value:
        column: Any = self.model._meta.get_field(name)
        value = getattr(target, column.attname)
        return value.isoformat() if hasattr(value, "isoformat") else value

    # ---- writing ----
    def add(self, batch: ImportBatch, rows: Sequence[ImportRow], catalogues: Catalogues) -> None:
        made = [self.model(firm_id=row.firm_id, **self.columns(row.values)) for row in rows]
        self.complete(made, catalogues)
        self.model._default_manager.bulk_create(made)
        for row, part in zip(rows, made, strict=True):
            row.target = part.pk

    def complete(self, parts: Iterable[Any], catalogues: Catalogues) -> None:
        """What follows from the columns of new rows."""

    def change(self, rows: Sequence[ImportRow], new: New, catalogues: Catalogues) -> None:
        parts = self.model._default_manager.in_bulk([row.target for row in rows])
        names: set[str] = set()
        for row in rows:
            for name, value in self.columns(new[row.pk]).items():
                setattr(parts[row.target], name, value)
                names.add(name)
            names |= set(self.changed(parts[row.target]))
        at_once(parts.values(), names)

    def changed(self, part: Any) -> list[str]:
        """Set what follows from a change; returns those columns."""
        return []

    def columns(self, given: Mapping[str, Value]) -> dict[str, Any]:
        """Values of a line as columns of the model."""
        columns: dict[str, Any] = {}
        for field in self.own:
            if field.name in given:
                column: Any = self.model._meta.get_field(field.name)
                value = given[field.name]
                empty = None if column.null else column.get_default()
                columns[column.attname] = empty if value in (None, "") else column.to_python(value)
        return columns

    def take_back(self, rows: Sequence[ImportRow]) -> None:
        self.model._default_manager.filter(pk__in=[row.target for row in rows]).delete()
