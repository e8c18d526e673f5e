"""Possible duplicates: the list, two records side by side, and what an office makes of them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry.access import allow, signed_in
from registry.columns import DUPLICATE_COLUMNS
from registry.duplicates import merge as merging
from registry.filters import DuplicateFilter
from registry.forms.duplicates import MergeForm
from registry.listing import Listing
from registry.models import PAIR_STEPS, DuplicatePair, DuplicateSearch
from registry.steps import StepRefused

DUPLICATES = Listing(
    rows=lambda user: DuplicatePair.objects.visible_to(user).for_list(),
    filters=DuplicateFilter,
    columns=DUPLICATE_COLUMNS,
    template="registry/duplicates.html",
    stem="duplicates",
)
STEPS: dict[str, Callable[..., None]] = {
    "different": merging.call_different,
    "reopen": merging.reopen,
    "split": merging.split,
}
"""What needs no choice; the other step of PAIR_STEPS is the merge."""


@require_safe
@allow("registry.merge_firms")
def duplicates(request: HttpRequest) -> HttpResponse:
    return DUPLICATES.page(request, last_search=DuplicateSearch.objects.first())


@require_safe
@allow("registry.merge_firms")
def duplicates_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return DUPLICATES.export(request, extension, title=_("Possible duplicates"))


@require_safe
@allow("registry.merge_firms")
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _pair(request, pk))


@require_POST
@allow("registry.merge_firms")
def duplicate_merge(request: HttpRequest, pk: int) -> HttpResponse:
    pair = _pair(request, pk)
    form = MergeForm(pair, request.POST)
    if not form.is_valid():
        return _page(request, pair, form=form, status=422)
    try:
        done = merging.merge(pair, form.choice, by=signed_in(request))
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, _pair(request, pk), form=form, status=409)
    messages.success(request, _("Merged: “%(firm)s” stays.") % {"firm": done.survivor.name})
    return redirect(pair)


@require_POST
@allow("registry.merge_firms")
def duplicate_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    pair = _pair(request, pk)
    try:
        STEPS[step](pair, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _pair(request, pk), status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": PAIR_STEPS[step].label})
    return redirect(pair)


def _pair(request: HttpRequest, pk: int) -> DuplicatePair:
    pair: DuplicatePair = get_object_or_404(DuplicatePair.objects.visible_to(request.user).for_decision(), pk=pk)
    return pair


def _page(request: HttpRequest, pair: DuplicatePair, *, status: int = 200, form: Any = None) -> HttpResponse:
    """Who may not decide alone sees the records and reads why."""
    context = {
        "pair": pair,
        "form": form or MergeForm(pair),
        "refusal": merging.refusal(pair, signed_in(request)),
        "steps": {name: PAIR_STEPS[name] for name in STEPS if pair.state in PAIR_STEPS[name].sources},
        "done": pair.merges.filter(undone_at=None).select_related("survivor", "loser", "by").first(),
    }
    return render(request, "registry/duplicate.html", context, status=status)
