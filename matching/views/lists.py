"""Candidate lists: overview, preview and making, the list itself, its files, release and withdrawal."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import release
from matching.columns import LIST_COLUMNS, LISTS_COLUMNS, Candidate
from matching.filters import CandidateListFilter
from matching.forms import RecipientForm
from matching.models import LIST_STEPS, CandidateList, Proposal
from registry.access import allow, can, signed_in
from registry.listing import Listing
from registry.models import Firm, Need
from registry.steps import StepRefused, open_steps
from registry.tabular import XLSX, disposition, rows

LISTS = Listing(
    rows=lambda user: CandidateList.objects.visible_to(user).for_list(),
    filters=CandidateListFilter,
    columns=LISTS_COLUMNS,
    template="matching/lists.html",
    stem="lists",
)
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
STEPS = {"release": release.release, "withdraw": release.withdraw}


@never_cache
@require_safe
@allow("matching.view_list")
def lists(request: HttpRequest) -> HttpResponse:
    return LISTS.page(request, may_make=can(request.user, "matching.make_list"))


@allow("matching.make_list")
def list_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview is what the list would freeze; POST freezes it."""
    user = signed_in(request)
    need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
    form = RecipientForm(request.POST or None, initial={"recipient": need.project.organisation})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = release.make_list(need, by=user, recipient=form.cleaned_data["recipient"])
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(
                    request,
                    _("List %(number)s was made. Nobody outside sees it before you release it.")
                    % {"number": made.number},
                )
                return redirect(made)
    candidates = [Candidate(place, row) for place, row in enumerate(release.shortlisted(need, user), start=1)]
    context: dict[str, Any] = {
        "need": need,
        "form": form,
        "columns": LIST_COLUMNS,
        "rows": list(rows(LIST_COLUMNS, candidates)),
        "left_out": Proposal.objects.visible_to(user)
        .filter(need=need, state=Proposal.State.SHORTLISTED)
        .exclude(firm__state=Firm.State.PUBLISHED)
        .select_related("firm"),
    }
    return render(request, "matching/list_new.html", context, status=status)


@never_cache
@require_safe
@allow("matching.view_list")
def candidate_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(CandidateList.objects.visible_to(request.user).for_list(), pk=pk))


@never_cache
@require_safe
@allow("matching.view_list")
def list_file(request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
    made = get_object_or_404(CandidateList.objects.visible_to(request.user), pk=pk)
    answer = HttpResponse(release.write_file(made, extension), content_type=CONTENT_TYPES[extension])
    answer["Content-Disposition"] = disposition(f"{release.file_stem(made)}.{extension}")
    return answer


@require_POST
@allow("matching.make_list")
def list_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    made = get_object_or_404(CandidateList.objects.visible_to(request.user).for_list(), pk=pk)
    try:
        STEPS[step](made, signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, made, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": LIST_STEPS[step].label})
    return redirect(made)


def _page(request: HttpRequest, made: CandidateList, status: int = 200) -> HttpResponse:
    columns = release.columns_of(made)
    may_make = can(request.user, "matching.make_list")
    context = {
        "list": made,
        "facts": made.heading["rows"],
        "columns": columns,
        "rows": list(rows(columns, release.rows_of(made))),
        "steps": open_steps(LIST_STEPS, made.state) if may_make else {},
        "may_make": may_make,
    }
    return render(request, "matching/list.html", context, status=status)
