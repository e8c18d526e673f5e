"""What is shown often and changes seldom, read once in a while: filter panels and their options, counts of dashboards.

Each process keeps its own, and each person theirs by role and scope, so that nobody is shown what another person, or
they themselves before their role or scope changed, may see.
Only what is shown may be old; whether a chosen value is valid is asked of the database.
"""

import time
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

from registry.access import Role

if TYPE_CHECKING:
    from registry.access import Person

SECONDS = 60
MOST = 1000
"""Answers kept at once; a coordinator's pages ask about four questions."""

_kept: dict[Hashable, tuple[float, list[Any]]] = {}


def rows(name: Hashable, person: "Person", read: Callable[[], Iterable[Any]]) -> list[Any]:
    """What `read` answers, at most SECONDS old. The rows are shared: read them, change nothing."""
    role = person.role if person.is_authenticated else ""
    scope = person.scope if person.is_authenticated and role == Role.COORDINATOR else None
    key, now = (name, person.pk, role, scope), time.monotonic()
    until, found = _kept.get(key, (0.0, []))
    if until < now:
        if len(_kept) >= MOST:
            _kept.clear()
        found = list(read())
        _kept[key] = now + SECONDS, found
    return found


def forget() -> None:
    _kept.clear()
