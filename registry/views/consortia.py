"""Consortia: what their source says of their size, and which of their members the register knows."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.charts import Chart, Number, Row, chart
from registry.filters import NoFilter
from registry.listing import Listing
from registry.models import Consortium, ConsortiumMembership, Firm, Prefecture
from registry.office_columns import CONSORTIUM_COLUMNS
from registry.regions import FIRMS


def _with_members(user: Any) -> Any:
    """Every consortium, with how many of its members of today the person sees."""
    members = ConsortiumMembership.objects.on(timezone.localdate()).order_by()
    members = members.filter(consortium=OuterRef("pk"), firm__in=Firm.objects.visible_to(user))
    known = Subquery(members.values("consortium").annotate(count=Count("pk")).values("count"))
    return Consortium.objects.select_related("prefecture").annotate(registered=Coalesce(known, 0))


CONSORTIA = Listing(
    rows=_with_members,
    filters=NoFilter,
    columns=CONSORTIUM_COLUMNS,
    template="registry/consortia.html",
    stem="consortia",
)


@require_safe
@allow("registry.view_consortium")
def consortia(request: HttpRequest) -> HttpResponse:
    return render(request, "registry/consortia.html", {"rows": CONSORTIA.rows(request.user)})


@require_safe
@allow("registry.view_consortium")
def consortia_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return CONSORTIA.export(request, extension, title=_("Consortia"))


@require_safe
@allow("registry.view_consortium")
def consortium(request: HttpRequest, code: str) -> HttpResponse:
    shown = get_object_or_404(Consortium.objects.select_related("prefecture"), pk=code)
    members = FIRMS.count(request, {"consortium": shown.pk})
    rows = [
        Row(area.label, [Number(members.areas[area.pk], members.url(prefecture=area.pk))])
        for area in Prefecture.objects.filter(pk__in=members.areas)
    ]
    by_prefecture: Chart = chart(
        "members", _("Members in the register, by prefecture"), _("Prefecture"), [_("Firms")], rows
    )
    context = {"consortium": shown, "members": members.total, "members_url": members.url(), "chart": by_prefecture}
    return render(request, "registry/consortium.html", context)
