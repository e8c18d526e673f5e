"""The page and the export of a list; and a page of rows that have no filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from registry.access import Visible
from registry.listing.filters import ListFilter, query_problems, unknown_parameters
from registry.tabular import WRITERS, Column

if TYPE_CHECKING:
    from registry.access import Person

PAGE_SIZE = 50
CHUNK = 500
"""Rows of a file that are held at once, with everything that they show."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list needs to be known: its page, its export and the API follow from this one declaration.

    `rows` gives what a person sees, with everything that a row shows prefetched. `template` is the page; the fragment
    with its rows has the same name with a leading underscore and stands in an element with the id `results`. A file may
    have other `lines` than the page, as those of the machines of the firms that the filter shows.
    """

    rows: Callable[["Person"], Visible]
    filters: type[ListFilter]
    columns: Sequence[Column]
    template: str
    stem: str
    more_in_files: Sequence[Column] = ()
    paginator: "type[Paginator[Any]]" = Paginator
    lines: Callable[[Any], Any] = lambda rows: rows

    def filtered(self, request: HttpRequest) -> ListFilter:
        return self.filters(request.GET, self.rows(request.user), request=request)

    def page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The list, or for htmx only its rows. An invalid filter shows its error and no rows.

        A name that the list does not know is answered 400: the page would look filtered and show everything.
        """
        filterset = self.filtered(request)
        if unknown := unknown_parameters(filterset, request.GET, also=("page",)):
            return render(request, "registry/bad_query.html", {"problems": unknown}, status=400)
        rows = filterset.qs if filterset.is_valid() else filterset.queryset.none()
        shown = context | {
            "filter": filterset,
            "page_obj": page_of(rows, request, paginator=self.paginator),
            "query": _query(filterset),
            "target": "#results",
        }
        answer = render(request, self._fragment if _wants_rows(request) else self.template, shown)
        patch_vary_headers(answer, ("HX-Request", "HX-Target"))
        return answer

    def export(self, request: HttpRequest, extension: str, *, title: str = "") -> HttpResponseBase:
        """Everything the filter shows, as a file; whatever the query string says wrongly is answered 400.

        That answer carries the `problems`, for a reader without a browser.
        """
        if extension not in WRITERS:
            raise Http404
        filterset = self.filtered(request)
        if problems := query_problems(filterset, request.GET):
            answer = render(request, "registry/bad_query.html", {"problems": problems}, status=400)
            answer.problems = problems  # type: ignore[attr-defined]
            return answer
        columns = [*self.columns, *self.more_in_files]
        rows = self.lines(filterset.qs).iterator(chunk_size=CHUNK)
        return WRITERS[extension](columns, rows, stem=self.stem, title=title or self.stem)

    def count(self, request: HttpRequest) -> HttpResponse:
        """How many rows the filter shows, to be loaded into a page whose paginator did not count to the end."""
        filterset = self.filtered(request)
        if query_problems(filterset, request.GET, also=("page",)):
            return HttpResponse("–", content_type="text/plain; charset=utf-8", status=400)
        return HttpResponse(number_format(filterset.qs.count(), force_grouping=True), content_type="text/plain")

    @property
    def _fragment(self) -> str:
        folder, _slash, name = self.template.rpartition("/")
        return f"{folder}/_{name}"


def page_of(
    rows: Any, request: HttpRequest, size: int = PAGE_SIZE, *, paginator: "type[Paginator[Any]]" = Paginator
) -> Page[Any]:
    """The page that the query string names, the first one without a word; 404 for one that does not exist."""
    try:
        return paginator(rows, size).page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error


def _query(filterset: ListFilter) -> str:
    """The valid, non-empty part of the query string, for the links to the export."""
    if not filterset.is_valid():
        return ""
    values = {name: filterset.data.get(name) for name in filterset.form.fields}
    return urlencode({name: value for name, value in values.items() if value})


def _wants_rows(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == "results"
