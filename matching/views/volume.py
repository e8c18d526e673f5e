"""Trying other quantities of a need's phases before they are taken over as a change of the need."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from matching import whatif
from matching.checks import phases_fitted
from matching.store import IndexMissing
from registry.access import allow, can, signed_in
from registry.forms.need import LotsForm
from registry.models import Need
from registry.needs import is_editable


@require_safe
@allow("matching.explain")
def volume(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
    tries = any(name.startswith("lot-") for name in request.GET)
    stored = {f"lot-{phase.pk}": phase.lot for phase in need.phases.all()}
    version = {"version": need.updated_at.isoformat()}
    form = LotsForm(need.phases.all(), stored | version | request.GET.dict() if tries else None, initial=version)
    context: dict[str, Any] = {"need": need, "form": form}
    status = 200
    if tries and not form.is_valid():
        status = 422
    elif need.state == Need.State.OPEN and form.phases:
        lots = form.lots if tries else {}
        changeable = can(user, "registry.change_need") and Need.objects.changeable_by(user).filter(pk=pk).exists()
        context |= {
            "lots": {f"lot-{phase}": lot for phase, lot in lots.items()},
            "differs": any(phase.lot != lots.get(phase.pk, phase.lot) for phase in form.phases),
            "may_take_over": changeable and is_editable(user, need),
        }
        try:
            rows = whatif.tried(need, lots, user)
            context["rows"] = [(row, phases_fitted(row.stored.checks) if row.stored else "") for row in rows]
        except IndexMissing:
            context["preparing"] = True
    return render(request, "matching/volume.html", context, status=status)
