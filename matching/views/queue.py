"""The coordinator's queue: list, export, one step on many rows."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from matching import feedback, queue_columns, review, saved_filters
from matching.columns import QUEUE_COLUMNS
from matching.filters import QueueFilter
from matching.forms.steps import SelectionForm, StepForm
from matching.handover import receivers
from matching.models import BULK_STEPS, PROPOSAL_STEPS, Proposal
from registry.access import allow, signed_in
from registry.listing import PAGE_SIZE, Listing, LongPaginator, kept
from registry.models.catalogue import listed, sentences


class QueuePaginator(LongPaginator):
    reads = "for_page"


PROPOSALS = Listing(
    rows=lambda user: Proposal.objects.visible_to(user).for_list(),
    filters=QueueFilter,
    columns=QUEUE_COLUMNS,
    template="matching/queue.html",
    stem="proposals",
    paginator=QueuePaginator,
)
TOLD_AT_ONCE = 10
"""So many refusals are told one by one; of more only the number."""


@require_safe
@allow("matching.view_proposal")
def queue(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not request.META["QUERY_STRING"] and (start := saved_filters.start_of(request, user)):
        return HttpResponseRedirect(f"{request.path}?{start}")
    offices = kept.rows("receivers", user, lambda: receivers(user))
    return PROPOSALS.page(
        request, assign=PROPOSAL_STEPS["assign"], hand_over=PROPOSAL_STEPS["hand_over"], offices=offices
    )


@require_safe
@allow("matching.view_proposal")
def proposals_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return PROPOSALS.export(request, extension, title=_("Proposals"))


@require_safe
@allow("matching.view_proposal")
def proposals_count(request: HttpRequest) -> HttpResponse:
    return PROPOSALS.count(request)


@require_safe
@allow("matching.view_proposal")
def proposals_changes(request: HttpRequest) -> HttpResponse:
    """Of the rows that a page shows (`ids=12:proposed`), those that colleagues have moved since, drawn anew.

    A page asks this every half minute: one query by primary key while nothing has happened, answered 204.
    """
    shown = SelectionForm(request.GET)
    if not shown.is_valid():
        return HttpResponse(status=204 if not request.GET else 400)
    seen = shown.cleaned_data["ids"]
    visible = Proposal.objects.visible_to(request.user).filter(pk__in=list(seen)[:PAGE_SIZE])
    moved = [pk for pk, state in visible.order_by().values_list("pk", "state") if state != seen[pk]]
    if not moved:
        return HttpResponse(status=204)
    rows = Proposal.objects.for_list().filter(pk__in=moved)
    return render(request, "matching/_row.html", {"rows": rows, "told": review.last_moves(moved), "decided": True})


class ColumnsForm(forms.Form):
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns that I want to see"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, shown: list[str]) -> None:
        super().__init__(data, initial={"columns": shown})
        choices = [(one.name, one.heading) for one in queue_columns.COLUMNS if not one.always]
        cast("forms.MultipleChoiceField", self.fields["columns"]).choices = choices


@allow("matching.view_proposal")
def columns(request: HttpRequest) -> HttpResponse:
    """Which columns the person's queue has; the query string is that of the queue to return to."""
    user = signed_in(request)
    form = ColumnsForm(request.POST or None, shown=[one.name for one in queue_columns.chosen(user)])
    if request.method == "POST" and form.is_valid():
        reset = "reset" in request.POST
        queue_columns.choose(user, queue_columns.DEFAULT if reset else form.cleaned_data["columns"])
        messages.success(request, _("The columns were saved."))
        return _back(request)
    always = listed(str(one.heading) for one in queue_columns.COLUMNS if one.always)
    context = {"form": form, "back": _queue_url(request), "always": always}
    return render(request, "matching/queue_columns.html", context, status=422 if form.is_bound else 200)


@require_POST
@allow("matching.decide")
def bulk(request: HttpRequest) -> HttpResponse:
    """One step with one reason on the ticked rows; the query string is that of the queue to return to."""
    user, step = signed_in(request), request.POST.get("step", "")
    if step not in BULK_STEPS:
        raise Http404
    selection = SelectionForm(request.POST)
    if not selection.is_valid():
        messages.error(request, sentences(error for errors in selection.errors.values() for error in errors))
        return _back(request)
    seen = selection.cleaned_data["ids"]
    rows = list(Proposal.objects.visible_to(user).for_list().filter(pk__in=seen).order_by("pk"))
    for row in rows:
        row.state = seen[row.pk]
    form = StepForm(step, user, request.POST, many=True)
    if not form.is_valid():
        return render(
            request, "matching/bulk.html", {"form": form, "rows": rows, "back": _queue_url(request)}, status=422
        )
    result = review.take_many(step, rows, by=user, **form.fields_of_act)
    _tell(request, step, result)
    if form.cleaned_data.get("tell"):
        _tell_of_firms(request, *feedback.release_many(result.taken, by=user))
    return _back(request)


def _tell(request: HttpRequest, step: str, result: review.Result) -> None:
    label = PROPOSAL_STEPS[step].label
    if done := len(result.taken):
        text = ngettext("“%(step)s”: %(count)d proposal.", "“%(step)s”: %(count)d proposals.", done)
        messages.success(request, text % {"step": label, "count": done})
    if refused := len(result.refused):
        text = ngettext("%(count)d proposal stays as it is.", "%(count)d proposals stay as they are.", refused)
        messages.warning(request, text % {"count": refused})
    for proposal, why in result.refused[:TOLD_AT_ONCE]:
        messages.warning(request, f"{proposal.need.number} × {proposal.firm.name}: {why}")


def _tell_of_firms(request: HttpRequest, told: int, silent: int) -> None:
    if told:
        text = ngettext("%(count)d firm was told why.", "%(count)d firms were told why.", told)
        messages.success(request, text % {"count": told})
    if silent:
        text = ngettext(
            "%(count)d firm was not told: it does not know of the need.",
            "%(count)d firms were not told: they do not know of the need.",
            silent,
        )
        messages.warning(request, text % {"count": silent})


def _queue_url(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("matching:queue") + (f"?{query}" if query else "")


def _back(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(_queue_url(request))
