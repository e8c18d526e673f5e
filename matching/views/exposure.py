"""Who is shown how often: firms and prefectures among the proposals of a period."""

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

EXPOSURE = Listing(
    rows=lambda user: Proposal.objects.read_whole_by(user),
    filters=ExposureFilter,
    columns=EXPOSURE_COLUMNS,
    template="matching/exposure.html",
    stem="exposure",
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
