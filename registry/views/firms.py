"""Firms: list, export, profile, editing, publishing."""

from typing import Any

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
from registry.filters import FirmFilter
from registry.forms.firm import CertificateFormSet, EquipmentFormSet, FirmForm
from registry.listing import Listing
from registry.models import FIRM_STEPS, Firm
from registry.steps import StepRefused, open_steps

FIRMS = Listing(
    rows=lambda user: Firm.objects.visible_to(user).for_list(),
    filters=FirmFilter,
    columns=FIRM_COLUMNS,
    more_in_files=CONTACT_COLUMNS,
    template="registry/firms.html",
    stem="firms",
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
def firm(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Firm.objects.visible_to(request.user).for_list(), pk=pk)
    return _profile(request, shown)


def _profile(request: HttpRequest, shown: Firm, *, status: int = 200) -> HttpResponse:
    may_change = can(request.user, "registry.change_firm")
    context = {
        "firm": shown,
        "map": locate(shown.municipality),
        "today": timezone.localdate(),
        "may_change": may_change,
        "shows_contact": may_change,
        "shows_proposals": can(request.user, "matching.view_proposal"),
        "steps": open_steps(FIRM_STEPS, shown.state) if may_change else {},
        "missing": register.missing(shown) if may_change else [],
    }
    return render(request, "registry/firm.html", context, status=status)


@allow("registry.change_firm")
def firm_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    edited = get_object_or_404(Firm.objects.visible_to(user), pk=pk)
    name = edited.name  # the form writes into `edited` while it is checked
    data = request.POST if request.method == "POST" else None
    forms: tuple[FirmForm, Any, Any] = (
        FirmForm(data, instance=edited, user=user),
        CertificateFormSet(data, instance=edited, prefix="certificates"),
        EquipmentFormSet(data, instance=edited, prefix="equipment"),
    )
    status = 200
    if data is not None:
        status = 422
        if not [form for form in forms if not form.is_valid()]:  # each shows its errors
            try:
                register.save_firm(forms, edited, by=user)
            except StepRefused as refused:
                forms[0].add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The profile was saved."))
                return redirect(edited)
    context = {"firm": edited, "name": name, "form": forms[0], "certificates": forms[1], "equipment": forms[2]}
    return render(request, "registry/firm_edit.html", context, status=status)


@require_POST
@allow("registry.change_firm")
def firm_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    moved = get_object_or_404(Firm.objects.visible_to(request.user).for_list(), pk=pk)
    try:
        register.take(step, moved, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _profile(request, moved, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": FIRM_STEPS[step].label})
    return redirect(moved)
