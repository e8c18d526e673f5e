"""The NDA of an inquiry as the office records it, and the drawings that it opens to the firm."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from matching import nda as verbs
from matching.models import Inquiry
from matching.views.inquiries import inquiry_page
from registry.access import allow, signed_in
from registry.drawings import note_opening
from registry.forms.drawings import NdaForm
from registry.models import Need, User
from registry.steps import StepRefused
from registry.views.files import handed_out

ACTS = ("record", "end")


@require_POST
@allow("matching.record_nda")
def nda(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    user = signed_in(request)
    needs = Need.objects.in_charge_of(user)
    inquiry = get_object_or_404(Inquiry.objects.visible_to(user).select_related("need", "firm"), pk=pk, need__in=needs)
    form = NdaForm(request.POST)
    if act == "record" and not form.is_valid():
        return inquiry_page(request, pk, nda_form=form, status=422)
    try:
        if act == "record":
            verbs.record(inquiry, by=user, **form.cleaned_data)
        else:
            verbs.end(inquiry, by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return inquiry_page(request, pk, nda_form=form if act == "record" else None, status=409)
    messages.success(request, _("The NDA is recorded.") if act == "record" else _("The NDA has ended."))
    return redirect(inquiry)


@require_GET
@allow("matching.read_drawing")
def drawing(request: HttpRequest, pk: int, drawing: int) -> HttpResponseBase:
    return opened_by(signed_in(request), pk, drawing)


def opened_by(user: User, inquiry_id: int, drawing: int) -> FileResponse:
    """What the firm may not open is not there. Always a download, and always recorded. Raises Http404."""
    inquiry = get_object_or_404(Inquiry.objects.visible_to(user).select_related("need", "firm"), pk=inquiry_id)
    shown = get_object_or_404(verbs.drawings_for(inquiry, user), pk=drawing)
    note_opening(shown, by=user, firm=inquiry.firm)
    return handed_out(shown.file.name, f"{inquiry.number}-{shown.pk}", download=True)
