"""Which columns of the queue a person sees: some always, the others as they chose. Files keep to QUEUE_COLUMNS."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.columns import QUEUE_COLUMNS
from registry.models import User

LIST = "proposals"
"""The list's name among the choices that a person has stored."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of the page. `sort` is a value of the filter's `sort`; `always` columns cannot be taken away."""

    name: str
    heading: str | Promise
    sort: str = ""
    always: bool = False
    main: bool = False


_PLAIN = (
    *("score", "rank", "missed", "terms", "kind", "entry_lacks", "origin"),
    *("project", "corporate_number", "assignee", "office", "proposed_at"),
)
"""Columns of the declaration that the page can show as they are."""
_DECLARED = {column.name: column for column in QUEUE_COLUMNS}
_FIRST = (
    Shown("firm", _("Firm"), sort="firm", always=True, main=True),
    Shown("need", _("Need"), sort="need", always=True),
    Shown("criteria", _("Criteria")),
    Shown("near", _("Band"), sort="score"),
)
_LAST = (
    Shown("state", _("State"), sort="state", always=True),
    Shown("changed", _("Last change")),
    Shown("due", _("Due on"), sort="due_on", always=True),
)
COLUMNS = (*_FIRST, *(Shown(name, _DECLARED[name].heading) for name in _PLAIN), *_LAST)
DEFAULT = ("criteria", "near", "changed")


def plain(name: str) -> bool:
    return name in _PLAIN


def chosen(user: User) -> list[Shown]:
    """The columns that the person sees, in the order of the page; what a release dropped is passed over."""
    names = user.columns.get(LIST, DEFAULT)
    return [column for column in COLUMNS if column.always or column.name in names]


def choose(user: User, names: Iterable[str]) -> None:
    known = {column.name for column in COLUMNS if not column.always}
    user.columns = user.columns | {LIST: sorted(known.intersection(names))}
    user.save(update_fields=["columns"])
