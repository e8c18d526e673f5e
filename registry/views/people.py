"""Who speaks for a firm: the list, inviting, answering an invitation, roles; withdrawing and erasing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import erasure
from registry import people as verbs
from registry.access import allow, can, signed_in
from registry.filters import ErasureFilter
from registry.forms.files import InviteForm
from registry.forms.register import ReasonForm
from registry.listing import Listing
from registry.models import ERASURE_STEPS, ErasureRequest, Firm, FirmMembership
from registry.office_columns import ERASURE_COLUMNS
from registry.steps import StepRefused
from registry.views.merged import led_on

WAITING, DECIDED = 200, 50
STEPS = ("remove", "owner", "member")
ERASURES = Listing(
    rows=lambda user: ErasureRequest.objects.visible_to(user).for_list(),
    filters=ErasureFilter,
    columns=ERASURE_COLUMNS,
    template="registry/erasures.html",
    stem="erasures",
)


@require_safe
@allow("registry.view_people")
@led_on
def people(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Firm.objects.visible_to(request.user), pk=pk))


@require_POST
@allow("registry.change_people")
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, firm, status=422, form=form)
    try:
        made = verbs.invite(firm, by=signed_in(request), **form.cleaned_data)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, firm, status=409, form=form)
    messages.success(request, _("%(email)s was invited by mail.") % {"email": made.email})
    return redirect("registry:people", pk)


@require_POST
@allow("registry.change_people")
def uninvite(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    waiting = get_object_or_404(firm.invitations.filter(accepted_at=None).select_related("firm"), pk=invitation)
    try:
        verbs.withdraw(waiting, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, firm, status=409)
    messages.success(request, _("The invitation was withdrawn; its link is dead."))
    return redirect("registry:people", pk)


@require_POST
@allow("registry.change_people")
def person_step(request: HttpRequest, pk: int, member: int, step: str) -> HttpResponse:
    user = signed_in(request)
    firm = get_object_or_404(Firm.objects.visible_to(user), pk=pk)
    shown = get_object_or_404(firm.memberships.select_related("user"), pk=member)
    try:
        if step == "remove":
            verbs.remove(shown, by=user)
        else:
            verbs.set_role(shown, step, by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, firm, status=409)
    if shown.user_id == user.pk and step == "remove":
        messages.success(request, _("You do not speak for %(firm)s any more.") % {"firm": firm.name})
        return redirect("registry:home")
    messages.success(request, _("Saved."))
    return redirect("registry:people", pk)


@allow("registry.accept_invitation")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A link that was used, has expired or was sent to somebody else says nothing of the firm."""
    user = signed_in(request)
    found = verbs.invitation_for(token, user)
    if found and request.method == "POST":
        try:
            verbs.accept(found, by=user)
        except StepRefused:
            found = None
        else:
            messages.success(request, _("You now speak for %(firm)s.") % {"firm": found.firm.name})
            return redirect("registry:home")
    return render(request, "registry/invitation.html", {"invitation": found}, status=200 if found else 404)


@require_safe
@allow("registry.leave")
@led_on
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    return _leave(request, get_object_or_404(Firm.objects.visible_to(request.user), pk=pk))


@require_POST
@allow("registry.leave")
def ask_erasure(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    try:
        made = erasure.ask(firm, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _leave(request, firm, status=409)
    messages.success(
        request, _("Your request was sent. The office answers by %(date)s.") % {"date": made.due_on.isoformat()}
    )
    return redirect("registry:leave", pk)


@require_safe
@allow("registry.decide_erasure")
def erasures(request: HttpRequest) -> HttpResponse:
    return _erasures(request)


@require_safe
@allow("registry.decide_erasure")
def erasures_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return ERASURES.export(request, extension, title=_("Requests for erasure"))


@require_POST
@allow("registry.decide_erasure")
def erasure_decide(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    asked = get_object_or_404(ErasureRequest.objects.visible_to(request.user).select_related("firm"), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _erasures(request, status=422, refused=asked.pk, form=form)
    try:
        erasure.decide(step, asked, by=signed_in(request), reason=form.cleaned_data["reason"])
    except StepRefused as refused:
        form.add_error("reason", str(refused))
        return _erasures(request, status=409, refused=asked.pk, form=form)
    messages.success(request, f"{asked.firm.name}: {asked.get_state_display()}")
    return redirect("registry:erasures")


def _page(request: HttpRequest, firm: Firm, *, status: int = 200, form: Any = None) -> HttpResponse:
    user = signed_in(request)
    owns = verbs.is_owner(user, firm)
    context = {
        "firm": firm,
        "people": firm.memberships.select_related("user").order_by("pk"),
        "waiting": firm.invitations.open() if owns or not can(user, "registry.change_people") else [],
        "form": form or InviteForm(),
        "owns": owns,
        "may_change": can(user, "registry.change_people"),
        "roles": FirmMembership.Role,
    }
    return render(request, "registry/people.html", context, status=status)


def _leave(request: HttpRequest, firm: Firm, *, status: int = 200) -> HttpResponse:
    context = {
        "firm": firm,
        "owns": verbs.is_owner(signed_in(request), firm),
        "asked": firm.erasures.order_by("-pk").first(),
    }
    return render(request, "registry/leave.html", context, status=status)


def _erasures(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    rows: Any = ERASURES.rows(request.user)
    context |= {
        "waiting": rows.filter(state=ErasureRequest.State.PENDING)[:WAITING],
        "decided": rows.exclude(state=ErasureRequest.State.PENDING).order_by("-decided_at")[:DECIDED],
        "steps": ERASURE_STEPS,
        "today": timezone.localdate(),
    }
    return render(request, "registry/erasures.html", context, status=status)
