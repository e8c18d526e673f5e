"""Scans and photos of a firm: handed out only by these views, to those who may see them."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from registry import certified, firm_files, uploads
from registry.access import allow, signed_in
from registry.forms.files import PhotoForm, ScanForm
from registry.forms.sections import SECTIONS
from registry.models import Firm, FirmCertification, FirmPhoto
from registry.steps import StepRefused
from registry.views.firms import profile_page
from registry.views.merged import led_on
from registry.views.profile import section_page


@require_safe
@allow("registry.view_file")
@led_on
def scan(request: HttpRequest, pk: int, certificate: int) -> HttpResponseBase:
    """Always a download: what somebody sent is never opened as a page of this site."""
    held = _certificate(request, pk, certificate)
    return handed_out(held.scan.name, f"certificate-{held.pk}", download=True)


@require_safe
@allow("registry.view_file")
@led_on
def photo(request: HttpRequest, pk: int, photo: int) -> HttpResponseBase:
    return handed_out(_photo(request, pk, photo).image.name, f"photo-{photo}", download=False)


@require_POST
@allow("registry.change_firm")
def scan_put(request: HttpRequest, pk: int, certificate: int) -> HttpResponse:
    """Keep a scan of the certificate, in the place of an older one."""
    held = _certificate(request, pk, certificate)
    form = ScanForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            firm_files.put_scan(held, by=signed_in(request), **form.cleaned_data)
        except StepRefused as refused:
            form.add_error("scan", str(refused))
    if not form.is_valid():
        return section_page(request, held.firm, SECTIONS["certificates"], status=422, scan_form=form, scan_of=held.pk)
    messages.success(request, _("The scan was saved."))
    return redirect("registry:firm-section", pk, "certificates")


@require_POST
@allow("registry.change_firm")
def scan_remove(request: HttpRequest, pk: int, certificate: int) -> HttpResponse:
    held = _certificate(request, pk, certificate)
    firm_files.remove_scan(held, by=signed_in(request))
    messages.success(request, _("The scan was deleted."))
    return redirect("registry:firm-section", pk, "certificates")


@require_POST
@allow("registry.change_firm")
def photo_add(request: HttpRequest, pk: int) -> HttpResponse:
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            firm_files.add_photo(firm, by=signed_in(request), **form.cleaned_data)
        except StepRefused as refused:
            form.add_error(None, str(refused))
    if not form.is_valid():
        return section_page(request, firm, SECTIONS["photos"], status=422, photo_form=form)
    messages.success(request, _("The photo was saved."))
    return redirect("registry:firm-section", pk, "photos")


@require_POST
@allow("registry.change_firm")
def photo_remove(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    """A photo that is gone already was deleted by the first of two clicks."""
    firm = get_object_or_404(Firm.objects.visible_to(request.user), pk=pk)
    firm_files.remove_photo(firm, photo, by=signed_in(request))
    messages.success(request, _("The photo was deleted."))
    return redirect("registry:firm-section", pk, "photos")


@require_POST
@allow("registry.confirm_certificate")
def certificate_step(request: HttpRequest, pk: int, certificate: int, step: str) -> HttpResponse:
    """An office confirms what it saw (`seen`), or takes that back."""
    held = _certificate(request, pk, certificate)
    try:
        certified.take(step, held, request.POST.get("seen", ""), by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return profile_page(request, Firm.objects.for_profile().get(pk=pk), status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": certified.CERTIFICATE_STEPS[step].label})
    return redirect("registry:firm", pk)


def _certificate(request: HttpRequest, pk: int, certificate: int) -> FirmCertification:
    firms = Firm.objects.visible_to(request.user).filter(pk=pk)
    return get_object_or_404(FirmCertification.objects.select_related("firm"), pk=certificate, firm__in=firms)


def _photo(request: HttpRequest, pk: int, photo: int) -> FirmPhoto:
    firms = Firm.objects.visible_to(request.user).filter(pk=pk)
    return get_object_or_404(FirmPhoto.objects.select_related("firm"), pk=photo, firm__in=firms)


def handed_out(name: str | None, title: str, *, download: bool) -> FileResponse:
    """`nosniff` and `no-store` come from the middlewares; the policy lets a file that is opened alone run nothing."""
    if not name:
        raise Http404
    try:
        stored = default_storage.open(name)
    except FileNotFoundError as error:  # the disk lost it
        raise Http404 from error
    ending = name[name.rindex(".") :]
    answer = FileResponse(
        stored, as_attachment=download, filename=f"{title}{ending}", content_type=uploads.TYPES[ending]
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
