"""A firm beside what the public registers say of it."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from registry.access import allow, signed_in
from registry.duplicates.merge import PARTS
from registry.forms.duplicates import text_of
from registry.models import Firm
from registry.official import compare
from registry.official.registers import REGISTERS, in_use
from registry.steps import StepRefused
from registry.views.merged import led_on


@allow("registry.ask_registers")
@led_on
def firm_official(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked by a POST only: a look at the page asks nobody."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, firm)
    try:
        answer = compare.ask(firm, by=signed_in(request))
    except StepRefused as refused:
        return _page(request, firm, status=422, refusal=str(refused))
    return _page(request, firm, answer=answer, lines=lines(firm, answer), signed=compare.sealed(firm, answer))


def lines(firm: Firm, answer: compare.Answer) -> list[tuple[str, str, str, str, str]]:
    """For each part that differs its name, its label, what is said here and there, and the register that says it."""
    return [
        (name, str(PARTS[name].label), text_of(firm, name), text_of(compare.as_firm(firm, columns), name), register)
        for name, (columns, register) in answer.offered.items()
    ]


@require_POST
@allow("registry.ask_registers")
def firm_official_take(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    try:
        offered, seen = compare.opened(firm, request.POST.get("answer", ""))
    except signing.BadSignature:
        return _page(request, firm, status=422, refusal=_("This answer is too old. Ask the registers again."))
    try:
        compare.take_over(firm, offered, request.POST.getlist("take"), seen, by=signed_in(request))
    except StepRefused as refused:
        return _page(request, firm, status=409, refusal=str(refused))
    messages.success(request, _("What you ticked was taken over."))
    return redirect(firm)


def _page(request: HttpRequest, firm: Firm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"firm": firm, "registers": in_use(), "all_registers": REGISTERS}
    return render(request, "registry/official.html", context, status=status)
