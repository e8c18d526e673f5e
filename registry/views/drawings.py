"""Drawings of a need for those in charge of it: the page, the files, who opened them, export checks."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from registry import drawings as verbs
from registry.access import allow, can, signed_in
from registry.forms.drawings import DrawingForm, ExportCheckForm
from registry.models import ExportCheck, Need, NeedDrawing, User
from registry.steps import StepRefused
from registry.views.files import handed_out


@require_safe
@allow("registry.view_drawing")
def drawings(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _need(signed_in(request), pk))


@require_GET
@allow("registry.view_drawing")
def drawing(request: HttpRequest, pk: int, drawing: int) -> HttpResponseBase:
    """A HEAD would be recorded as an opening that it is not."""
    return opened_by(signed_in(request), pk, drawing)


def opened_by(user: User, need: int, drawing: int) -> FileResponse:
    """Always a download, and always recorded. Raises Http404."""
    shown = get_object_or_404(NeedDrawing.objects.visible_to(user).select_related("need"), pk=drawing, need=need)
    verbs.note_opening(shown, by=user)
    return handed_out(shown.file.name, f"{shown.need.number}-{shown.pk}", download=True)


@require_POST
@allow("registry.change_need")
def drawing_add(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    need = _need(user, pk)
    form = DrawingForm(request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            verbs.add(need, by=user, **form.cleaned_data)
        except StepRefused as refused:
            form.add_error(None, str(refused))
            status = 409
        else:
            messages.success(request, _("The drawing was added."))
            return redirect("registry:drawings", pk)
    return _page(request, need, status=status, form=form)


@require_POST
@allow("registry.change_need")
def drawing_remove(request: HttpRequest, pk: int, drawing: int) -> HttpResponse:
    user = signed_in(request)
    need = _need(user, pk)
    try:
        verbs.remove(get_object_or_404(NeedDrawing.objects.select_related("need"), pk=drawing, need=need), by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, need, status=409)
    messages.success(request, _("The drawing was removed."))
    return redirect("registry:drawings", pk)


@require_POST
@allow("registry.check_export")
def export_check(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    need = _need(user, pk)
    form = ExportCheckForm(request.POST)
    if not form.is_valid():
        return _page(request, need, status=422, check_form=form)
    verbs.check(need, by=user, **form.cleaned_data)
    messages.success(request, _("The check was recorded."))
    return redirect("registry:drawings", pk)


def _need(user: User, pk: int) -> Need:
    rows = Need.objects.visible_to(user).in_charge_of(user).select_related("project__municipality", "office")
    shown: Need = get_object_or_404(rows, pk=pk)
    return shown


def _page(request: HttpRequest, need: Need, *, status: int = 200, **forms: Any) -> HttpResponse:
    user = signed_in(request)
    checks = can(user, "registry.check_export")
    context = {
        "need": need,
        "drawings": verbs.told(user, need),
        "may_change": verbs.may_change(user, need),
        "form": DrawingForm(initial={"flagged": need.is_flagged}),
        "openings": verbs.openings(user, need),
        "checks": ExportCheck.objects.filter(need=need).select_related("by") if checks else [],
        "check_form": ExportCheckForm() if checks else None,
    }
    return render(request, "registry/drawings.html", context | forms, status=status)
