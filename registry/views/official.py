"""A firm beside what the public registers say of it."""

from datetime import datetime
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

SALT = "registry.official"
GOOD_FOR = 3600
"""Seconds for which an answer may be taken over; it travels signed in the page, so that nobody writes another one."""


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
    lines = [
        (name, PARTS[name].label, text_of(firm, name), text_of(compare.as_firm(firm, columns), name), register)
        for name, (columns, register) in answer.offered.items()
    ]
    said = {name: columns for name, (columns, _register) in answer.offered.items()}
    signed = signing.dumps({"firm": firm.pk, "seen": firm.updated_at.isoformat(), "said": said}, salt=SALT)
    return _page(request, firm, answer=answer, lines=lines, signed=signed)


@require_POST
@allow("registry.ask_registers")
def firm_official_take(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    try:
        answer = signing.loads(request.POST.get("answer", ""), salt=SALT, max_age=GOOD_FOR)
        if answer["firm"] != firm.pk:
            raise signing.BadSignature
    except signing.BadSignature:
        return _page(request, firm, status=422, refusal=_("This answer is too old. Ask the registers again."))
    try:
        seen = datetime.fromisoformat(answer["seen"])
        compare.take_over(firm, answer["said"], request.POST.getlist("take"), seen, by=signed_in(request))
    except StepRefused as refused:
        return _page(request, firm, status=409, refusal=str(refused))
    messages.success(request, _("What you ticked was taken over."))
    return redirect(firm)


def _page(request: HttpRequest, firm: Firm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"firm": firm, "registers": in_use(), "all_registers": REGISTERS}
    return render(request, "registry/official.html", context, status=status)
