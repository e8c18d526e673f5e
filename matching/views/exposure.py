"""Who is shown how often: firms and prefectures among the proposals of a period."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from matching.columns import EXPOSURE_COLUMNS
from matching.exposure import limit
from matching.filters import ExposureFilter
from matching.models import Proposal
from registry.access import allow
from registry.listing import Listing


class ExposurePaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when it runs
    """All rows are put in order; names and what stands on lists are then read for those of the page alone."""

    def page(self, number: int | str) -> Page[Any]:
        rows: Any = self.object_list
        number = self.validate_number(number)
        if self.count <= self.per_page:
            return Page(rows, number, self)
        start = (number - 1) * self.per_page
        keys = rows.values_list("key", flat=True)[start : start + self.per_page]
        return Page(rows.filter(key__in=list(keys)), number, self)


EXPOSURE = Listing(
    rows=lambda user: Proposal.objects.read_whole_by(user),
    filters=ExposureFilter,
    columns=EXPOSURE_COLUMNS,
    template="matching/exposure.html",
    stem="exposure",
    paginator=ExposurePaginator,
)


@never_cache
@require_safe
@allow("matching.view_exposure")
def exposure(request: HttpRequest) -> HttpResponse:
    return EXPOSURE.page(request, cap=limit())


@require_safe
@allow("matching.view_exposure")
def exposure_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return EXPOSURE.export(request, extension, title=_("Exposure"))
