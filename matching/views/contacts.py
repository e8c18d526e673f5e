"""The log of calls and visits, on a proposal and on a firm."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from matching import contacts
from matching.forms.asking import ContactForm
from matching.models import Contact, Proposal
from registry.access import allow, signed_in
from registry.forms.fields import key_in
from registry.models import Firm
from registry.steps import StepRefused
from registry.views.merged import led_on


@allow("matching.log_contact")
def proposal_contacts(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Proposal.objects.visible_to(request.user).select_related("firm", "need")
    proposal = get_object_or_404(rows, pk=pk)
    return _page(request, proposal.firm, proposal, back=proposal)


@allow("matching.log_contact")
@led_on
def firm_contacts(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    return _page(request, firm, None, back=firm)


def _page(request: HttpRequest, firm: Firm, proposal: Proposal | None, *, back: Any) -> HttpResponse:
    """The entries and the form for a new one; `?corrects=` fills it with the entry that it replaces."""
    user = signed_in(request)
    corrects = _corrected(request, firm, proposal)
    initial = {"day": timezone.localdate(), "minutes": 15, "kind": Contact.Kind.CALL}
    if corrects is not None:
        initial = {name: getattr(corrects, name) for name in ContactForm.base_fields}
    form = ContactForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                contacts.log(firm, user, proposal=proposal, corrects=corrects, **form.cleaned_data)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The contact was logged."))
                return redirect(request.path)
    context = {
        "firm": firm,
        "proposal": proposal,
        "back": back,
        "form": form,
        "corrects": corrects,
        "contacts": contacts.logged(user, firm=firm.pk, proposal=proposal.pk if proposal else None),
    }
    return render(request, "matching/contacts.html", context, status=status)


def _corrected(request: HttpRequest, firm: Firm, proposal: Proposal | None) -> Contact | None:
    key = request.GET.get("corrects", "")
    if not key:
        return None
    rows = Contact.objects.visible_to(request.user).standing().filter(firm=firm, proposal=proposal)
    found: Contact = get_object_or_404(rows, pk=key_in(key))
    return found
