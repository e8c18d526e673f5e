"""One proposal: both sides beside each other, the checks, the history and the steps."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching import adjacent, contacts, distance, review, todo
from matching import feedback as telling
from matching.checks import in_words, phases_fitted, place_in_words
from matching.columns import of_ten, points
from matching.filters import QueueFilter
from matching.forms.asking import FeedbackForm
from matching.forms.steps import AddForm, StepForm, step_forms
from matching.handover import lies_elsewhere
from matching.highlight import firm_passages, need_passages, weights
from matching.models import ADVICE, PROPOSAL_STEPS, DisclosureConsent, Inquiry, Proposal
from matching.reasons import reasons, words
from registry.access import allow, signed_in
from registry.listing.keyset import Key, beyond, order_of, ordered, reversed_order
from registry.models import Firm, Need, User, of_firm
from registry.models.catalogue import sentences
from registry.steps import StepRefused

_CONTACTS = 3
"""Contacts that a proposal's page shows; the log has the others."""


@require_safe
@allow("matching.view_proposal")
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(signed_in(request), pk))


@require_POST
@allow("matching.decide")
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    user = signed_in(request)
    moved = _visible(user, pk)
    form = StepForm(step, user, request.POST)
    in_queue = request.headers.get("HX-Target") == f"row-{pk}"
    if not form.is_valid():
        if in_queue:
            errors = sentences(error for found in form.errors.values() for error in found)
            return HttpResponse(errors, content_type="text/plain; charset=utf-8", status=422)
        return _page(request, moved, bound=form, status=422)
    moved.state = form.cleaned_data["seen"]
    try:
        decision = review.take(step, moved, by=user, **form.fields_of_act)
    except StepRefused as refused:
        if in_queue:
            return _row(request, user, pk, str(refused), status=409)
        messages.error(request, str(refused))
        return _page(request, _visible(user, pk), bound=form, status=409)
    if in_queue:
        return _row(request, user, pk, review.in_one_line(decision), decided=decision.source != decision.target)
    messages.success(request, _("“%(step)s” is done.") % {"step": PROPOSAL_STEPS[step].label})
    return HttpResponseRedirect(_url(request, moved))


@allow("matching.decide")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a firm that the matcher left out into the queue of a need."""
    user = signed_in(request)
    need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
    firms = Firm.objects.visible_to(user).published()
    form = AddForm(firms, request.POST or None, initial={"q": request.GET.get("q", "")[:100]})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                added = review.add_by_hand(need, form.cleaned_data["firm"], user, form.cleaned_data["reason"])
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The firm stands in the queue now."))
                return HttpResponseRedirect(added.get_absolute_url())
    return render(request, "matching/add.html", {"need": need, "form": form}, status=status)


@require_POST
@allow("matching.feedback")
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the firm know why it was not chosen."""
    user = signed_in(request)
    shown = _visible(user, pk)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, feedback_form=form, status=422)
    try:
        telling.release(shown, form.cleaned_data["seen"], form.words, by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _visible(user, pk), feedback_form=form, status=409)
    messages.success(request, _("The firm was told."))
    return HttpResponseRedirect(_url(request, shown))


def _visible(user: User, pk: int) -> Proposal:
    rows = Proposal.objects.visible_to(user).select_related(
        "need__project__municipality", "need__delivery_place", "need__delivery_municipality", "need__office",
        "firm__prefecture", "firm__municipality", "firm__industry",
        "assignee", "build", "order_model", "office",
    ).prefetch_related(
        "need__criteria__place", "need__capabilities", "firm__equipment", "firm__capabilities",
        "firm__firm_certifications", "firm__consortium_memberships__consortium",
    )  # fmt: skip
    shown: Proposal = get_object_or_404(rows, pk=pk)
    return shown


def _row(
    request: HttpRequest, user: User, pk: int, told: str, *, decided: bool = True, status: int = 200
) -> HttpResponse:
    """The row of the queue as it is now, with what became of it."""
    rows = Proposal.objects.visible_to(user).for_list().filter(pk=pk)
    return render(request, "matching/_row.html", {"rows": rows, "told": {pk: told}, "decided": decided}, status=status)


def _feedback_form(shown: Proposal, seen: int) -> FeedbackForm | None:
    """Filled with the reason of whoever said no; None where there is nothing to tell."""
    if not telling.may_be_told(shown):
        return None
    code, detail = telling.suggestion(shown)
    task = {
        "sets_task": code == "certification",
        "task": todo.title_for(detail),
        "due_on": timezone.localdate() + timedelta(days=todo.DAYS),
    }
    return FeedbackForm(initial={"seen": seen, "code": code, "detail": detail} | task)


def _page(
    request: HttpRequest,
    shown: Proposal,
    *,
    bound: StepForm | None = None,
    feedback_form: FeedbackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, found = signed_in(request), reasons(shown)
    terms, told = words(found), list(shown.feedback.select_related("by", "task"))
    before, after = _neighbours(request, shown)
    context: dict[str, Any] = {
        "proposal": shown,
        "need_passages": need_passages(shown.need, terms),
        "firm_passages": firm_passages(shown.firm, terms),
        "weights": weights(found, shown.score),
        "points": points(shown.score),
        "fitted": of_ten(shown.band),
        "lines": in_words(shown.need, shown.checks, shown.firm.firm_certifications.all()),
        "fitted_phases": phases_fitted(shown.checks),
        "way": adjacent.way(shown.entry),
        "referrals": adjacent.referrals([shown]).get(shown.pk, []),
        "placed": place_in_words(shown.score, shown.checks),
        "distance": distance.in_words(shown.need, shown.firm),
        "decisions": shown.decisions.select_related("by", "assignee", "office").order_by("-pk"),
        "forms": step_forms(shown, user, bound),
        "contacts": contacts.logged(user, firm=shown.firm_id, proposal=shown.pk)[:_CONTACTS],
        "inquiry": Inquiry.objects.visible_to(user).filter(need=shown.need_id, firm=shown.firm_id).first(),
        "consent": DisclosureConsent.objects.filter(
            of_firm(shown.firm_id), need=shown.need_id, recipient=DisclosureConsent.Recipient.PROJECT
        )
        .in_force(timezone.localdate())
        .first(),
        "told": told,
        "feedback_form": feedback_form or _feedback_form(shown, len(told)),
        "advices": ADVICE.values(),
        "own_firm": shown.firm_id in user.firm_ids,
        "elsewhere": lies_elsewhere(shown, user),
        "sees_need": shown.office_id is None or Need.objects.visible_to(user).filter(pk=shown.need_id).exists(),
        "sees_firm": shown.office_id is None or Firm.objects.visible_to(user).filter(pk=shown.firm_id).exists(),
        "query": request.GET.urlencode(),
        "before": before and _url(request, before),
        "after": after and _url(request, after),
    }
    return render(request, "matching/proposal.html", context, status=status)


def _url(request: HttpRequest, row: Proposal) -> str:
    query = request.GET.urlencode()
    return reverse("matching:proposal", args=[row.pk]) + (f"?{query}" if query else "")


def _neighbours(request: HttpRequest, shown: Proposal) -> tuple[Proposal | None, Proposal | None]:
    """The rows before and after this one in the queue that the query string describes, whether or not it is in it."""
    filterset = QueueFilter(request.GET, Proposal.objects.visible_to(request.user), request=request)
    if not filterset.is_valid():
        return None, None
    rows = filterset.qs
    order = order_of(rows)
    return _next(rows, reversed_order(order), shown), _next(rows, order, shown)


def _next(rows: QuerySet[Proposal], order: list[Key], shown: Proposal) -> Proposal | None:
    """The row that follows in this order."""
    values = [attrgetter(key.path.replace("__", "."))(shown) for key in order]
    following: Proposal | None = ordered(rows.filter(beyond(order, values)), order).only("pk").first()
    return following
