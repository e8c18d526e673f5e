"""Consortia: what their source says of their size, and which of their members the register knows."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.charts import Chart, Number, Row, chart
from registry.models import Consortium, ConsortiumMembership, Firm, Prefecture
from registry.regions import FIRMS


@require_safe
@allow("registry.view_consortium")
def consortia(request: HttpRequest) -> HttpResponse:
    members = ConsortiumMembership.objects.on(timezone.localdate()).order_by()
    members = members.filter(firm__in=Firm.objects.visible_to(request.user))
    known = dict(members.values_list("consortium").annotate(count=Count("pk")))
    rows = [(one, known.get(one.pk, 0)) for one in Consortium.objects.select_related("prefecture")]
    return render(request, "registry/consortia.html", {"rows": rows})


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
