"""A firm's way into the register, in short steps that save as they go: number → name and place → the sections of the
profile (registry.views.profile) → preview and publish."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from registry import register as verbs
from registry.access import allow, signed_in
from registry.forms.firm import StartFirmForm
from registry.forms.register import ClaimForm, StartForm
from registry.forms.sections import after
from registry.models import Firm, User
from registry.steps import StepRefused

OFFERED = "offered_firms"
"""In the session: rows that the person found by number or name, so that nobody leafs through the register."""
NUMBER = "corporate_number"
FIRST = after("basics")


@allow("registry.register_firm")
def register(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["corporate_number"]
        found = verbs.find_by_number(number) if number else None
        if found:
            _offer(request, [found])
            return redirect("registry:claim", found.pk)
        request.session[NUMBER] = number or ""
        return redirect("registry:register-firm")
    context = {"form": form, "draft": verbs.draft_of(user), "firms": Firm.objects.visible_to(user).published()}
    return render(request, "registry/register.html", context, status=422 if form.errors else 200)


@allow("registry.register_firm")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    if pk not in request.session.get(OFFERED, []):
        raise Http404
    user = signed_in(request)
    firm = get_object_or_404(Firm.objects.select_related("prefecture", "municipality"), pk=pk, duplicate_of=None)
    form = ClaimForm(request.POST or None)
    status, refusal = 200, verbs.why_not_claimable(user, firm)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = verbs.claim(user, firm, form.cleaned_data["message"])
            except StepRefused as refused:
                status, refusal = 409, str(refused)
            else:
                words = {"firm": firm.name, "date": made.due_on.isoformat()}
                messages.success(request, _("Your claim on %(firm)s was sent. The office answers by %(date)s.") % words)
                return redirect("registry:home")
    context = {"firm": firm, "form": form, "refusal": refusal}
    return render(request, "registry/claim.html", context, status=status)


@allow("registry.register_firm")
def register_firm(request: HttpRequest) -> HttpResponse:
    """Makes the draft; from then on its sections are edited as those of every profile."""
    user = signed_in(request)
    if draft := verbs.draft_of(user):
        return redirect("registry:firm-edit", draft.pk)
    if NUMBER not in request.session:
        return redirect("registry:register")
    firm = Firm(corporate_number=request.session[NUMBER] or None)
    fills = "fill" in request.POST
    form = StartFirmForm(None if fills else request.POST or None, instance=firm, user=user)
    if fills:
        form.fill_in(request.POST)
    twins: list[Firm] = []
    status = 200
    if request.method == "POST" and not fills:
        status = 422
        if form.is_valid():
            twins = _twins(request, firm)
            if not twins and (saved := _save(form, firm, user)):
                request.session.pop(NUMBER, None)
                return redirect("registry:firm-section", saved.pk, FIRST)
    context = {"form": form, "firm": firm, "twins": twins, "page": "basics"}
    return render(request, "registry/register_basics.html", context, status=status)


def _save(form: StartFirmForm, firm: Firm, user: User) -> Firm | None:
    try:
        return verbs.save_firm([form], firm, by=user)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return None


def _twins(request: HttpRequest, firm: Firm) -> list[Firm]:
    """Rows that may be the same firm; the person claims one of them or says that theirs is another."""
    if request.POST.get("another") == "yes":
        return []
    twins = verbs.find_twins(firm.name, firm.prefecture_id)
    _offer(request, twins)
    return twins


def _offer(request: HttpRequest, firms: list[Firm]) -> None:
    request.session[OFFERED] = [*request.session.get(OFFERED, []), *(firm.pk for firm in firms)][-10:]
