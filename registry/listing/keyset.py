"""Where a list goes on after a row: (a, b, id) beyond (x, y, z), found by the index and not by counting rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, OrderBy, Q


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. Rows without a value come last."""

    path: str
    falling: bool
    nullable: bool

    @property
    def expression(self) -> str | OrderBy:
        if not self.nullable:  # saying where NULL stands costs the index
            return f"-{self.path}" if self.falling else self.path
        column = F(self.path)
        return column.desc(nulls_last=True) if self.falling else column.asc(nulls_last=True)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def after(self, value: Any) -> Q:
        if value is None:
            return Q(pk__in=[])
        further = Q(**{f"{self.path}__{'lt' if self.falling else 'gt'}": value})
        return further | Q(**{f"{self.path}__isnull": True}) if self.nullable else further


def may_be_null(model: Any, path: str) -> bool:
    """Whether any step of a lookup path may be NULL."""
    for part in path.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        if field.null:
            return True
        model = field.related_model
    return False


def order_of(rows: Any) -> list[Key]:
    """The order in which a queryset comes, made total by the primary key."""
    model, keys = rows.model, []
    for name in rows.query.order_by or model._meta.ordering or ():
        if isinstance(name, OrderBy):
            column: Any = name.expression
            path, falling = column.name, bool(name.descending)
        else:
            path, falling = str(name).removeprefix("-"), str(name).startswith("-")
        keys.append(Key(path, falling, may_be_null(model, path)))
    if not {"pk", model._meta.pk.name} & {key.path for key in keys}:
        keys.append(Key("pk", falling=False, nullable=False))
    return keys


def reversed_order(keys: Iterable[Key]) -> list[Key]:
    """The same order from the end. Only of columns that always have a value: NULL would have to come first."""
    return [replace(key, falling=not key.falling) for key in keys]


def beyond(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows that come after the one with these values."""
    further, equal = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        further |= equal & key.after(value)
        equal &= key.same(value)
    first = keys[0]
    if first.nullable or len(keys) == 1:
        return further
    bound = Q(**{f"{first.path}__{'lte' if first.falling else 'gte'}": values[0]})
    return bound & further  # the OR alone would be answered by reading the whole index


def ordered(rows: Any, keys: Iterable[Key]) -> Any:
    return rows.order_by(*(key.expression for key in keys))
