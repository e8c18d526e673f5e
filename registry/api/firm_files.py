"""Scans of certificates and photos of a firm; which there are stands in the firm."""

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from registry import firm_files
from registry.api.bodies import FileBody, fill
from registry.api.firms import FirmAPI, PhotoJSON, photo_json
from registry.forms.files import PhotoForm, ScanForm
from registry.uploads import TYPES
from registry.views.files import handed_out

SCANNED: dict[Any, Any] = {(200, kind): OpenApiTypes.BINARY for kind in TYPES.values()}


class FirmFileAPI(FirmAPI):
    """Files of the firms that you may see, each at an address of its own."""

    verb = "registry.view_file"
    verbs = dict.fromkeys(("put_scan", "remove_scan", "add_photo", "remove_photo"), "registry.change_firm")
    answers = {
        "scan": SCANNED,
        "photo": {(200, TYPES[".jpg"]): OpenApiTypes.BINARY},
        "add_photo": {201: PhotoJSON},
    }
    bodies = {"put_scan": FileBody([ScanForm]), "add_photo": FileBody([PhotoForm], example={"alt": "工場の外観"})}

    def scan(self, request: Request, pk: int, certificate: int) -> FileResponse:
        """The scan of a certificate, as a download."""
        held = get_object_or_404(self.get_object().firm_certifications, pk=certificate)
        return handed_out(held.scan.name, f"certificate-{held.pk}", download=True)

    def put_scan(self, request: Request, pk: int, certificate: int) -> Response:
        """Keep a scan of the certificate, in the place of an older one; an office may confirm it anew."""
        held = get_object_or_404(self.unchanged().firm_certifications, pk=certificate)
        (form,) = fill(self.sent(), [lambda data: ScanForm(data, request.FILES)])
        return self.after(lambda: firm_files.put_scan(held, by=self.person, **form.cleaned_data))

    def remove_scan(self, request: Request, pk: int, certificate: int) -> Response:
        """Delete the scan; the certificate stays."""
        held = get_object_or_404(self.unchanged().firm_certifications, pk=certificate)
        return self.after(lambda: firm_files.remove_scan(held, by=self.person))

    def photo(self, request: Request, pk: int, photo: int) -> FileResponse:
        """A photo of the firm, without what a camera notes in it."""
        shown = get_object_or_404(self.get_object().photos, pk=photo)
        return handed_out(shown.image.name, f"photo-{shown.pk}", download=False)

    def add_photo(self, request: Request, pk: int) -> Response:
        """Add a photo. The same one again is the one that is there."""
        firm = self.get_object()
        (form,) = fill(self.sent(), [lambda data: PhotoForm(data, request.FILES)])
        return Response(photo_json(firm_files.add_photo(firm, by=self.person, **form.cleaned_data)), status=201)

    def remove_photo(self, request: Request, pk: int, photo: int) -> Response:
        """Delete a photo."""
        firm = self.unchanged()
        shown = get_object_or_404(firm.photos, pk=photo)
        return self.after(lambda: firm_files.remove_photo(firm, shown.pk, by=self.person))
