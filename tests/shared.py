"""What depends on no kind of database is tested once: verify's two runs, beside each other, share it."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

MARKS = (pytest.mark.on_sqlite, pytest.mark.on_postgres)


def in_turn(values: Iterable[Any], name: Callable[[Any], str] = str) -> list[Any]:
    """Values to parametrize with; every other one is tried on SQLite, the rest on PostgreSQL."""
    return [pytest.param(value, id=name(value), marks=MARKS[place % 2]) for place, value in enumerate(values)]
