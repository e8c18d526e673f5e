"""Firms: list, export, profile, editing, publishing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import register
from registry.access import allow, can, signed_in
from registry.atlas import locate
from registry.columns import CONTACT_COLUMNS, FIRM_COLUMNS
from registry.completeness import completeness
from registry.filters import FirmFilter
from registry.listing import KeyPaginator, Listing
from registry.models import FIRM_STEPS, DuplicatePair, Firm
from registry.official.registers import in_use
from registry.steps import StepRefused, open_steps
from registry.views.merged import led_on

MOST = 5
"""Possible duplicates that a profile names."""


FIRMS = Listing(
    rows=lambda user: Firm.objects.visible_to(user).for_list(),
    filters=FirmFilter,
    columns=FIRM_COLUMNS,
    more_in_files=CONTACT_COLUMNS,
    template="registry/firms.html",
    stem="firms",
    paginator=KeyPaginator,
)


@require_safe
@allow("registry.view_firm")
def firms(request: HttpRequest) -> HttpResponse:
    return FIRMS.page(request, may_export=can(request.user, "registry.export_firm"))


@require_safe
@allow("registry.export_firm")
def firms_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return FIRMS.export(request, extension, title=_("Firms"))


@require_safe
@allow("registry.view_firm")
@led_on
def firm(request: HttpRequest, pk: int) -> HttpResponse:
    return profile_page(request, get_object_or_404(Firm.objects.visible_to(request.user).for_profile(), pk=pk))


def profile_page(request: HttpRequest, shown: Firm, *, status: int = 200) -> HttpResponse:
    user, may_change = signed_in(request), can(request.user, "registry.change_firm")
    context = {
        "firm": shown,
        "map": locate(shown.municipality),
        "today": timezone.localdate(),
        "may_change": may_change,
        "shows_contact": may_change,
        "shows_proposals": can(request.user, "matching.view_proposal"),
        "steps": open_steps(FIRM_STEPS, shown.state) if may_change else {},
        "complete": completeness(shown) if may_change else None,
        "shows_history": can(request.user, "registry.view_history"),
        "may_confirm": can(request.user, "registry.confirm_firm"),
        "may_certify": can(user, "registry.confirm_certificate") and shown.pk not in user.firm_ids,
        "duplicates": _duplicates(request, shown),
        "may_ask_registers": can(request.user, "registry.ask_registers") and bool(in_use()),
        "may_confirm_english": can(request.user, "registry.confirm_english"),
    }
    return render(request, "registry/firm.html", context, status=status)


def _duplicates(request: HttpRequest, shown: Firm) -> list[DuplicatePair]:
    """Open pairs of the firm, for the offices that see both."""
    pairs: list[DuplicatePair] = list(DuplicatePair.objects.visible_to(request.user).open().of_firm(shown.pk)[:MOST])
    return pairs


@require_POST
@allow("registry.change_firm")
def firm_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    moved = get_object_or_404(Firm.objects.visible_to(request.user).for_profile(), pk=pk)
    try:
        register.take(step, moved, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return profile_page(request, moved, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": FIRM_STEPS[step].label})
    return redirect(moved)
