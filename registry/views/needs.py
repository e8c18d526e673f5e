"""Needs: list, export, detail, writing one, moving it a step."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import history
from registry import needs as verbs
from registry.access import allow, can, signed_in
from registry.columns import NEED_COLUMNS, asked
from registry.filters import NeedFilter
from registry.forms.need import CriterionFormSet, LotsForm, NeedForm, PhaseFormSet
from registry.forms.register import ReasonForm
from registry.forms.wording import hints
from registry.listing import KeyPaginator, Listing
from registry.models import NEED_STEPS, REVIEW_QUESTIONS, Need, NeedDrawing, NeedEvent
from registry.models.catalogue import in_language
from registry.panels import NEED_PANELS
from registry.quality import warnings
from registry.specification import phase_line, specification
from registry.steps import StepRefused

NEEDS = Listing(
    rows=lambda user: Need.objects.visible_to(user).for_list(),
    filters=NeedFilter,
    columns=NEED_COLUMNS,
    template="registry/needs.html",
    stem="needs",
    paginator=KeyPaginator,
)


@require_safe
@allow("registry.view_need")
def needs(request: HttpRequest) -> HttpResponse:
    return NEEDS.page(request, may_write=can(request.user, "registry.change_need"))


@require_safe
@allow("registry.view_need")
def needs_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return NEEDS.export(request, extension, title=_("Needs"))


@require_safe
@allow("registry.view_need")
def need(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Need.objects.visible_to(request.user).for_list(), pk=pk)
    return _detail(request, shown)


def _detail(request: HttpRequest, shown: Need, *, status: int = 200, **context: Any) -> HttpResponse:
    user = signed_in(request)
    may_change = can(user, "registry.change_need") and Need.objects.changeable_by(user).filter(pk=shown.pk).exists()
    steps = verbs.steps_for(user, shown) if may_change else {}
    in_charge = can(user, "registry.view_drawing") and Need.objects.in_charge_of(user).filter(pk=shown.pk).exists()
    context |= {
        "need": shown,
        "criteria": [(criterion, asked(criterion)) for criterion in shown.criteria.all()],
        "may_change": may_change,
        "editable": may_change and verbs.is_editable(user, shown),
        "steps": steps,
        "questions": REVIEW_QUESTIONS if "open" in steps else {},
        "warnings": list(warnings(shown)) if "open" in steps else [],
        "ticked": request.POST.getlist("review"),
        "reasons": [step.label for step in steps.values() if step.reason],
        "events": _steps_taken(shown) if can(user, "registry.change_need") else [],
        "specification": specification(shown),
        "phases": [phase_line(phase) for phase in shown.phases.all()],
        "in_charge": in_charge,
        "drawn": NeedDrawing.objects.kept().filter(need=shown).count() if in_charge else 0,
        "panels": NEED_PANELS,
        "shows_proposals": can(user, "matching.view_proposal"),
        "shows_fit": can(user, "matching.fit"),
        "may_offer": shown.state == Need.State.OPEN and can(user, "matching.volunteer") and bool(user.firm_ids),
    }
    return render(request, "registry/need.html", context, status=status)


def _steps_taken(shown: Need) -> Iterable[NeedEvent]:
    return shown.events.filter(step__in=NEED_STEPS).select_related("by")


@require_safe
@allow("registry.view_drawing")
def need_history(request: HttpRequest, pk: int) -> HttpResponse:
    """What was changed, for those in charge: it quotes what the need said before it became public."""
    user = signed_in(request)
    shown = get_object_or_404(Need.objects.visible_to(user).in_charge_of(user), pk=pk)
    entries = history.entries(shown, abroad=user.overseas)
    return render(request, "registry/need_history.html", {"need": shown, "entries": entries})


@allow("registry.change_need")
def need_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, Need(), _("Write a need"))


@allow("registry.change_need")
def need_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    edited = get_object_or_404(Need.objects.changeable_by(user), pk=pk)
    if not verbs.is_editable(user, edited):
        messages.error(
            request, _("In this state the need cannot be edited; the office in charge can return it to you.")
        )
        return redirect(edited)
    return _edit(request, edited, edited.title)


def _edit(request: HttpRequest, edited: Need, title: str) -> HttpResponse:
    user = signed_in(request)
    data = request.POST if request.method == "POST" else None
    initial = {}
    if edited._state.adding:  # who reads English most likely writes it too
        initial = {"project": request.GET.get("project", "")[:20], "language": in_language("ja", "en")}
    form = NeedForm(data, instance=edited, user=user, initial=initial)
    criteria = CriterionFormSet(data, instance=edited, prefix="criteria")
    phases = PhaseFormSet(data, instance=edited, prefix="phases")
    status = 200
    if data is not None:
        status = 422
        if all([form.is_valid(), phases.is_valid(), criteria.is_valid()]):
            try:
                saved = verbs.save_need([form, phases, criteria], edited, by=user)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The need was saved."))
                return redirect(saved)
    context = {
        "need": edited,
        "form": form,
        "phases": phases,
        "criteria": criteria,
        "wording": hints(str(form["text"].value() or "")),
        "title": title,
    }
    return render(request, "registry/need_edit.html", context, status=status)


@require_POST
@allow("registry.change_need")
def need_wording(request: HttpRequest) -> HttpResponse:
    """While the text is being written: which kinds of facts it names already."""
    return render(request, "registry/_wording.html", {"wording": hints(request.POST.get("text", "")), "of_need": True})


@require_POST
@allow("registry.change_need")
def need_lots(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over other quantities of the phases, as `lot-<phase>` and the state of the need that they were tried on."""
    user = signed_in(request)
    changed = get_object_or_404(Need.objects.changeable_by(user), pk=pk)
    form = LotsForm(changed.phases.all(), request.POST)
    if not form.is_valid():
        messages.error(request, _("The quantities were not taken over: enter whole numbers of pieces, from 1 up."))
        return redirect(changed)
    try:
        verbs.change_lots(changed, form.lots, form.seen, by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The need was saved."))
    return redirect(changed)


@require_POST
@allow("registry.change_need")
def need_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    user = signed_in(request)
    if not can(user, verbs.STEP_VERBS[step]):
        raise PermissionDenied
    moved = get_object_or_404(Need.objects.changeable_by(user).for_list(), pk=pk)
    form = ReasonForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            verbs.take(step, moved, by=user, reason=form.cleaned_data["reason"], review=request.POST.getlist("review"))
        except StepRefused as refused:
            form.add_error("reason", str(refused))
            status = 409
        else:
            messages.success(request, _("“%(step)s” is done.") % {"step": NEED_STEPS[step].label})
            still_seen = Need.objects.visible_to(user).filter(pk=pk).exists()  # a draft goes back to its author alone
            return redirect(moved) if still_seen else redirect("registry:needs")
    return _detail(request, moved, status=status, form=form, refused=step)
