"""Pages of a list that may be long, and of one that may be too long to be counted."""

import re
from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.utils.translation import gettext as _

MOST_COUNTED = 100
MOST_PAGES = 1_000_000


class KeyPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Reads the ids of a page in the list's order, and whole rows of these alone.

    What is skipped or sorted away is never joined or read; the queryset's method `reads` gives what a row shows.
    """

    reads = "for_page"

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        return Page(self._rows(self._ids(start, start + self.per_page)), number, self)

    def _ids(self, start: int, stop: int) -> list[Any]:
        rows: Any = self.object_list
        return list(rows.values_list("pk", flat=True)[start:stop])

    def _rows(self, ids: list[Any]) -> list[Any]:
        model: Any = self.object_list.model  # type: ignore[attr-defined]
        rows = getattr(model._default_manager, self.reads)().order_by().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]


class LongPage(Page):  # type: ignore[type-arg]  # not subscriptable when it runs
    paginator: "LongPaginator"

    def __init__(self, rows: Any, number: int, paginator: "LongPaginator", *, more: bool) -> None:
        super().__init__(rows, number, paginator)
        self.more = more

    def has_next(self) -> bool:
        return self.more

    def end_index(self) -> int:
        return (self.number - 1) * self.paginator.per_page + len(self)


class LongPaginator(KeyPaginator):
    """Counts to MOST_COUNTED and no further.

    Counting fifty thousand rows through a coordinator's scope costs many times the page itself. So the first ids of the
    list, in its order, are read once: they are the first pages and the count. Beyond them `capped` is true and `count`
    the limit.
    """

    reads = "for_list"

    @cached_property
    def _first(self) -> list[Any]:
        return self._ids(0, MOST_COUNTED + 1)

    @cached_property
    def count(self) -> int:
        return min(len(self._first), MOST_COUNTED)

    @property
    def capped(self) -> bool:
        return len(self._first) > MOST_COUNTED

    def validate_number(self, number: int | str | float) -> int:
        """Any page may exist while the rows are not all counted."""
        digits = str(number)
        if self.capped and re.fullmatch("[0-9]{1,7}", digits) and 0 < int(digits) <= MOST_PAGES:
            return int(digits)
        return super().validate_number(number)

    def page(self, number: int | str) -> LongPage:
        number = self.validate_number(number)
        start, stop = (number - 1) * self.per_page, number * self.per_page + 1
        ids = self._first[start:stop] if stop <= MOST_COUNTED + 1 else self._ids(start, stop)
        if not ids and number > 1:
            raise EmptyPage(_("There is no such page."))
        return LongPage(self._rows(ids[: self.per_page]), number, self, more=len(ids) > self.per_page)
