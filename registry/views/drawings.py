"""Drawings of a need for those in charge of it: the page, the files, who opened them, export checks."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from registry import drawings as verbs
from registry.access import allow, can, signed_in
from registry.forms.drawings import DrawingForm, ExportCheckForm
from registry.models import DrawingOpening, ExportCheck, Need, NeedDrawing, User
from registry.steps import StepRefused
from registry.views.files import handed_out

_OPENINGS = 50


@require_safe
@allow("registry.view_drawing")
def drawings(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _need(signed_in(request), pk))


@require_GET
@allow("registry.view_drawing")
def drawing(request: HttpRequest, pk: int, drawing: int) -> HttpResponseBase:
    """Always a download, and always recorded: a HEAD would be recorded as one that it is not."""
    user = signed_in(request)
    shown = get_object_or_404(NeedDrawing.objects.visible_to(user).select_related("need"), pk=drawing, need=pk)
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
    openable = set(NeedDrawing.objects.visible_to(user).filter(need=need).values_list("pk", flat=True))
    kept = NeedDrawing.objects.kept().filter(need=need).select_related("uploaded_by", "need")
    openings = DrawingOpening.objects.filter(drawing__need=need).select_related("by", "firm", "drawing")
    checks = can(user, "registry.check_export")
    context = {
        "need": need,
        "drawings": [(one, one.pk in openable) for one in kept],
        "may_change": verbs.may_change(user, need),
        "form": DrawingForm(initial={"flagged": need.is_flagged}),
        "openings": [] if user.overseas else openings[:_OPENINGS],
        "checks": ExportCheck.objects.filter(need=need).select_related("by") if checks else [],
        "check_form": ExportCheckForm() if checks else None,
    }
    return render(request, "registry/drawings.html", context | forms, status=status)
