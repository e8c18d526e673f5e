"""Inquiries: the office's list, asking firms, one inquiry as each side reads it, answering it, withdrawing it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from matching import inquiries as verbs
from matching import nda
from matching.checks import in_words
from matching.columns import INQUIRY_COLUMNS
from matching.filters import InquiryFilter
from matching.forms.asking import AskForm, InquiryStepForm, ReplyForm
from matching.forms.steps import SelectionForm
from matching.models import INQUIRY_STEPS, OFFICE_STEPS, DisclosureConsent, Inquiry, Proposal
from registry.access import Role, allow, can, signed_in
from registry.forms.drawings import NdaForm
from registry.forms.fields import key_in
from registry.listing import Listing
from registry.models import Need, NeedDrawing, User, of_firm
from registry.models.catalogue import sentences
from registry.steps import StepRefused, open_steps

INQUIRIES = Listing(
    rows=lambda user: Inquiry.objects.visible_to(user).for_list(),
    filters=InquiryFilter,
    columns=INQUIRY_COLUMNS,
    template="matching/inquiries.html",
    stem="inquiries",
)
MOST_ASKED = 200
"""Firms that are asked at once at most."""
TOLD_AT_ONCE = 10


@require_safe
@allow("matching.ask")
def inquiries(request: HttpRequest) -> HttpResponse:
    return INQUIRIES.page(request)


@require_safe
@allow("matching.ask")
def inquiries_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return INQUIRIES.export(request, extension, title=_("Inquiries"))


@allow("matching.ask")
def inquiry_new(request: HttpRequest) -> HttpResponse:
    """Ask the ticked firms. Without a message yet (from the queue, a need or a proposal) it shows the form."""
    user = signed_in(request)
    rows, problem = _chosen(request, user)
    sends = "message" in request.POST
    form = AskForm(request.POST if sends else None, hidden=any(verbs.is_hidden(row.need) for row in rows))
    status = 200
    if sends:
        status = 422
        if problem:
            form.add_error(None, problem)
        if form.is_valid():
            result = verbs.ask(rows, by=user, **form.cleaned_data)
            if result.sent:
                _tell(request, result)
                query = f"?need={rows[0].need_id}" if _one_need(rows) else ""
                return redirect(reverse("matching:inquiries") + query)
            for proposal, why in result.refused[:TOLD_AT_ONCE]:
                form.add_error(None, f"{proposal.firm.name}: {why}")
            status = 409
    context = {"form": form, "rows": rows, "problem": problem, "need": rows[0].need if _one_need(rows) else None}
    return render(request, "matching/inquiry_new.html", context, status=status)


def _chosen(request: HttpRequest, user: User) -> tuple[list[Proposal], str]:
    """The proposals of the ticked rows, or those of the need or the one proposal that the address names."""
    proposals = Proposal.objects.visible_to(user).select_related("need__project", "firm__prefecture").order_by("pk")
    if request.method == "POST":
        selection = SelectionForm(request.POST)
        if not selection.is_valid():
            return [], sentences(error for errors in selection.errors.values() for error in errors)
        return list(proposals.filter(pk__in=list(selection.cleaned_data["ids"])[:MOST_ASKED])), ""
    need, proposal = (key_in(request.GET.get(name, "")) for name in ("need", "proposal"))
    if proposal is not None:
        return list(proposals.filter(pk=proposal)), ""
    open_ones = proposals.filter(need=need or 0, state=Proposal.State.SHORTLISTED)
    return list(open_ones.exclude(firm__inquiries__need=need or 0)[:MOST_ASKED]), ""


def _one_need(rows: list[Proposal]) -> bool:
    return len({row.need_id for row in rows}) == 1


def _tell(request: HttpRequest, result: verbs.Result) -> None:
    sent = len(result.sent)
    text = ngettext("%(count)d inquiry was sent.", "%(count)d inquiries were sent.", sent)
    messages.success(request, text % {"count": sent})
    for proposal, why in result.refused[:TOLD_AT_ONCE]:
        messages.warning(request, f"{proposal.need.number} × {proposal.firm.name}: {why}")


@require_safe
@allow("matching.view_inquiry")
def inquiry(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(signed_in(request), pk))


@require_POST
@allow("matching.answer_inquiry")
def inquiry_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The firm answers, or an office writes down what the firm told it."""
    user = signed_in(request)
    shown = _visible(user, pk)
    form = ReplyForm(shown, request.POST, office=user.role != Role.FIRM)
    if not form.is_valid():
        return _page(request, shown, answer=form, status=422)
    shown.state = form.cleaned_data["seen"]
    try:
        verbs.answer(shown, form.given, by=user)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, _visible(user, pk), answer=form, status=409)
    messages.success(
        request, _("The answer was received.") if user.role == Role.FIRM else _("The answer was recorded.")
    )
    return redirect(shown)


@require_POST
@allow("matching.answer_inquiry")
def inquiry_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    user = signed_in(request)
    shown = _visible(user, pk)
    form = InquiryStepForm(step, request.POST)
    if not form.is_valid():
        return _page(request, shown, step=form, status=422)
    shown.state = form.cleaned_data["seen"]
    try:
        verbs.take(step, shown, by=user, note=form.cleaned_data["note"])
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _visible(user, pk), step=form, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": INQUIRY_STEPS[step].label})
    return redirect(shown)


def _visible(user: User, pk: int) -> Inquiry:
    rows = Inquiry.objects.visible_to(user).select_related(
        "need__project__municipality", "need__office", "firm__prefecture", "office", "asked_by"
    )
    shown: Inquiry = get_object_or_404(rows.prefetch_related("need__criteria__place", "need__capabilities"), pk=pk)
    return shown


def inquiry_page(request: HttpRequest, pk: int, *, nda_form: NdaForm | None, status: int) -> HttpResponse:
    """The page again, with the form of its NDA as it was sent."""
    return _page(request, _visible(signed_in(request), pk), nda_form=nda_form, status=status)


def _page(
    request: HttpRequest,
    shown: Inquiry,
    *,
    answer: ReplyForm | None = None,
    step: InquiryStepForm | None = None,
    nda_form: NdaForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """One address, two pages: what the office reads of a firm and a need is not what the firm reads."""
    user = signed_in(request)
    office = user.role != Role.FIRM
    waits = shown.state == Inquiry.State.SENT
    consents = DisclosureConsent.objects.filter(of_firm(shown.firm_id), need=shown.need_id).select_related("end", "by")
    found = Proposal.objects.filter(need=shown.need_id, firm=shown.firm_id).first()
    sees_need = Need.objects.visible_to(user).filter(pk=shown.need_id).exists()
    may_record, kept = nda.may_record(user, shown), NeedDrawing.objects.kept().filter(need=shown.need_id)
    context: dict[str, Any] = {
        "inquiry": shown,
        "nda": nda.of(shown),
        "nda_form": (nda_form or NdaForm()) if may_record else None,
        "drawings": [] if office else list(nda.drawings_for(shown, user)),
        "drawn": kept.count(),
        "sees_need": sees_need,
        "lines": in_words(shown.need, found.checks) if found and sees_need else [],
        "asked_volume": verbs.asked_volume(shown.need) if sees_need else None,
        "events": shown.events.select_related("by").order_by("-pk"),
        "consents": consents,
        "answer": answer or (ReplyForm(shown, office=office) if waits else None),
        "steps": _steps(shown, office=office, bound=step),
        "proposal": found if office and can(user, "matching.view_proposal") else None,
    }
    template = "matching/inquiry_office.html" if office else "matching/inquiry_firm.html"
    return render(request, template, context, status=status)


def _steps(shown: Inquiry, *, office: bool, bound: InquiryStepForm | None) -> list[InquiryStepForm]:
    names = [name for name in OFFICE_STEPS if name in open_steps(INQUIRY_STEPS, shown.state)]
    if not office:  # the firm takes back its answer, unless the office has withdrawn the question
        names = ["reopen"] if "reopen" in names and shown.state != Inquiry.State.WITHDRAWN else []
    return [bound if bound and bound.name == name else InquiryStepForm(name, seen=shown.state) for name in names]
