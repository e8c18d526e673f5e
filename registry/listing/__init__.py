"""A list declared once: rows, filters and columns, read alike by its page, its export and the API."""

from registry.listing.filters import (
    ChoiceFilter,
    DateFilter,
    KeyFilter,
    ListFilter,
    NumberFilter,
    SortFilter,
    TextFilter,
    YesNoFilter,
    query_problems,
)
from registry.listing.pages import PAGE_SIZE, Listing, page_of
from registry.listing.paging import KeyPaginator, LongPaginator

__all__ = [
    "PAGE_SIZE",
    "ChoiceFilter",
    "DateFilter",
    "KeyFilter",
    "KeyPaginator",
    "ListFilter",
    "Listing",
    "LongPaginator",
    "NumberFilter",
    "SortFilter",
    "TextFilter",
    "YesNoFilter",
    "page_of",
    "query_problems",
]
