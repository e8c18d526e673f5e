"""The firm's side: what concerns it, offering itself for a need, its consents and who read what on their strength."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching import concerns as what
from matching import consent as consents_of
from matching import inquiries as verbs
from matching.checks import checked
from matching.documents import needs_for_matching
from matching.forms.asking import ConsentForm, OfferForm
from matching.models import Disclosure, DisclosureConsent, Inquiry
from registry.access import allow, signed_in
from registry.forms.fields import key_in
from registry.models import Firm, Need, User
from registry.steps import StepRefused

MOST_SHOWN = 100


@require_safe
@allow("matching.concerns")
def concerns(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    inquiries = list(what.inquiries_of(user)[:MOST_SHOWN])
    standings = list(what.standings(user, inquiries))
    context = {
        "open": [one for one in standings if one.code == Inquiry.State.SENT],
        "standings": [one for one in standings if one.code != Inquiry.State.SENT],
        "feedback": what.feedback_of(user),
        "tasks": what.tasks_of(user),
        "parts": what.parts_of(user),
        "matches": what.matches(user),
        "speaks": bool(user.firm_ids),
    }
    return render(request, "matching/concerns.html", context)


@allow("matching.volunteer")
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """A firm offers itself for a public need that is open."""
    user = signed_in(request)
    need, firm, asked = _pair(request, pk)
    if asked:
        return redirect(asked)
    form = OfferForm(need, firm, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = verbs.offer(need, firm, form.given, by=user)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The office has your offer."))
                return redirect(made)
    chips = what.chips(need, firm, checked(need, firm)[1])
    context = {"need": need, "firm": firm, "form": form, "chips": chips, "asked": verbs.asked_volume(need)}
    return render(request, "matching/offer.html", context, status=status)


@allow("matching.volunteer")
def nda_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A firm asks for the NDA that a need wants before it shows its drawings."""
    need, firm, asked = _pair(request, pk)
    if asked:
        return redirect(asked)
    if request.method == "POST":
        try:
            made = verbs.ask_for_nda(need, firm, by=signed_in(request))
        except StepRefused as refused:
            messages.error(request, str(refused))
            return render(request, "matching/nda_ask.html", {"need": need, "firm": firm}, status=409)
        messages.success(request, _("The office has your request. It will send you the NDA."))
        return redirect(made)
    return render(request, "matching/nda_ask.html", {"need": need, "firm": firm})


def _pair(request: HttpRequest, pk: int) -> tuple[Need, Firm, Inquiry | None]:
    """The open need, the firm that the person means, and the inquiry that there is about both."""
    user = signed_in(request)
    visible = Need.objects.visible_to(user).open().filter(pk=pk)
    need = get_object_or_404(needs_for_matching().filter(pk__in=visible.values("pk")))
    firm = get_object_or_404(_own(user, request.POST.get("firm", "") or request.GET.get("firm", "")))
    return need, firm, Inquiry.objects.visible_to(user).filter(need=need, firm=firm).first()


def _own(user: User, key: str) -> Any:
    """The firm that the person means; without a word their first one."""
    own = Firm.objects.visible_to(user).for_list().order_by("pk")
    chosen = key_in(key)
    return (own if chosen is None else own.filter(pk=chosen))[:1]


@require_safe
@allow("matching.consent")
def consents(request: HttpRequest) -> HttpResponse:
    return _consents(request)


@require_POST
@allow("matching.consent")
def consent_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    given = _consent(request, pk)
    try:
        consents_of.revoke(given, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _consents(request, status=409)
    messages.success(request, _("The consent is revoked. From now on the recipient reads nothing of you."))
    return redirect("matching:consents")


@allow("matching.consent")
def consent_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A new consent takes the old one's place; both stay in the history."""
    given = _consent(request, pk)
    form = ConsentForm(request.POST or None, initial={"fields_": given.fields, "until": given.until})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                consents_of.change(
                    given, by=signed_in(request), fields=form.cleaned_data["fields_"], until=form.cleaned_data["until"]
                )
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The consent was changed."))
                return redirect("matching:consents")
    return render(request, "matching/consent_change.html", {"form": form, "consent": given}, status=status)


def _consent(request: HttpRequest, pk: int) -> DisclosureConsent:
    rows = DisclosureConsent.objects.visible_to(request.user).select_related("firm", "need__project", "need__office")
    found: DisclosureConsent = get_object_or_404(rows, pk=pk)
    return found


def _consents(request: HttpRequest, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    rows = list(
        DisclosureConsent.objects.visible_to(user).select_related("firm", "end", "by").order_by("-pk")[:MOST_SHOWN]
    )
    numbers = Inquiry.objects.visible_to(user).filter(need__in={row.need_id for row in rows})
    inquiry_of = {(one.need_id, one.firm.today_id): one for one in numbers.select_related("firm")}
    read = Disclosure.objects.visible_to(user).select_related("access__list", "firm")[:MOST_SHOWN]
    told = {(row.need_id, row.firm_id): row.told for row in reversed(rows)}
    context = {
        "consents": [(row, inquiry_of.get((row.need_id, row.firm.today_id))) for row in rows],
        "readings": [(row, told.get((row.access.list.need_id, row.firm_id), "")) for row in read],
    }
    return render(request, "matching/consents.html", context, status=status)
