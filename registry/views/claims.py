"""Offices decide who speaks for an imported row."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import register
from registry.access import allow, signed_in
from registry.filters import ClaimFilter
from registry.forms.register import ReasonForm
from registry.listing import Listing
from registry.models import CLAIM_STEPS, FirmClaim
from registry.office_columns import CLAIM_COLUMNS
from registry.steps import StepRefused

WAITING, DECIDED = 200, 50
CLAIMS = Listing(
    rows=lambda user: FirmClaim.objects.visible_to(user).for_list(),
    filters=ClaimFilter,
    columns=CLAIM_COLUMNS,
    template="registry/claims.html",
    stem="claims",
)


@require_safe
@allow("registry.decide_claim")
def claims(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_safe
@allow("registry.decide_claim")
def claims_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return CLAIMS.export(request, extension, title=_("Claims"))


@require_POST
@allow("registry.decide_claim")
def claim_decide(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    claim = get_object_or_404(FirmClaim.objects.visible_to(request.user).select_related("firm", "user"), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, refused=claim.pk, form=form)
    try:
        register.decide_claim(step, claim, by=signed_in(request), reason=form.cleaned_data["reason"])
    except StepRefused as refused:
        form.add_error("reason", str(refused))
        return _page(request, status=409, refused=claim.pk, form=form)
    words = {"firm": claim.firm.name, "state": claim.get_state_display()}
    messages.success(request, _("Claim on %(firm)s: %(state)s.") % words)
    return redirect("registry:claims")


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    rows: Any = CLAIMS.rows(request.user)
    context |= {
        "waiting": rows.filter(state=FirmClaim.State.PENDING)[:WAITING],
        "decided": rows.exclude(state=FirmClaim.State.PENDING).order_by("-decided_at")[:DECIDED],
        "steps": CLAIM_STEPS,
        "today": timezone.localdate(),
    }
    return render(request, "registry/claims.html", context, status=status)
