"""Firms: read, registered, edited section by section, published and archived."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry import register
from registry.access import can
from registry.api.bodies import Body, StepBody, fill
from registry.api.problems import Conflict
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.columns import FIRM_COLUMNS
from registry.forms.fields import CorporateNumberField
from registry.forms.firm import (
    BasicsForm,
    CapabilitiesForm,
    CapacityForm,
    CertificateFormSet,
    EnglishForm,
    EquipmentFormSet,
    ProductsForm,
    SectionForm,
    StartFirmForm,
    TextForm,
)
from registry.models import FIRM_STEPS, Firm, FirmCertification, FirmPhoto
from registry.tabular import Column
from registry.views.firms import FIRMS


class FirmRow(Row):
    columns = FIRM_COLUMNS


class PhotoJSON(TypedDict):
    id: int
    alt: str
    width: int
    height: int


class ScanJSON(TypedDict):
    certificate: int
    version: str


class FirmDetail(Row):
    """A firm with the files that it has, where the reader may open them; `version` is another one for another scan."""

    columns = [
        *FIRM_COLUMNS,
        Column("photos", "photos", lambda firm: [photo_json(one) for one in firm.photos.all()], type=list[PhotoJSON]),
        Column(
            "scans",
            "certificates of which there is a scan",
            lambda firm: [_scan_json(held) for held in firm.firm_certifications.all() if held.scan],
            type=list[ScanJSON],
        ),
    ]

    def to_representation(self, instance: Firm) -> dict[str, Any]:
        said = super().to_representation(instance)
        return said if self.context["opens_files"] else said | {"photos": [], "scans": []}


def photo_json(photo: FirmPhoto) -> PhotoJSON:
    return {"id": photo.pk, "alt": photo.alt, "width": photo.width, "height": photo.height}


def _scan_json(held: FirmCertification) -> ScanJSON:
    return {"certificate": held.pk, "version": hashlib.sha256(str(held.scan.name).encode()).hexdigest()[:12]}


class RegisterForm(StartFirmForm):
    """Number, name and place in one: what the pages ask in two steps."""

    corporate_number = CorporateNumberField(required=False, label=gettext_lazy("corporate number"))
    another = forms.BooleanField(
        required=False, help_text=gettext_lazy("It is another firm than the one of this name in the register.")
    )

    class Meta(StartFirmForm.Meta):
        fields = ("corporate_number", *StartFirmForm.Meta.fields)  # type: ignore[assignment]


SECTIONS = (BasicsForm, CapabilitiesForm, TextForm, ProductsForm, CapacityForm, EnglishForm)
ROWS = {"equipment": EquipmentFormSet, "certifications": CertificateFormSet}


class FirmAPI(Stepped):
    """Suppliers that you may see. Contact persons are in the offices' files, not here."""

    listing, verb, resource, serializer_class = FIRMS, "registry.view_firm", "firms", FirmRow
    whole = FirmDetail
    verbs = {
        "create": "registry.register_firm",
        "partial_update": "registry.change_firm",
        "steps": "registry.change_firm",
    }
    bodies = {
        "create": Body([RegisterForm], example={"name": "能代精機株式会社", "prefecture": "05", "employees": 12}),
        "partial_update": Body(
            SECTIONS,
            rows=ROWS,
            partial=True,
            example={
                "capability_text": "SUS304の溶接と旋盤加工",
                "equipment": [{"name": "NC旋盤", "count": 2, "size": 300, "unit": "mm"}],
                "certifications": [{"stated": "ISO 9001", "valid_until": "2028-03-31"}],
            },
        ),
        "steps": StepBody(FIRM_STEPS, lambda name: {}, example={"step": "publish"}),
    }

    def context(self, rows: Sequence[Firm]) -> dict[str, Any]:
        return {"opens_files": can(self.person, "registry.view_file")}

    def retrieve(self, request: Request, pk: int) -> Response:
        """One firm. A record that was merged into another one answers 301 with that one's address."""
        survivor = Firm.objects.visible_to(request.user).survivor_of(pk).first()
        if survivor is None:
            return super().retrieve(request, pk)
        address = reverse("firm-detail", args=[survivor.pk], request=request)
        headers = {"Location": address, "Cache-Control": "no-store"}  # a merge may be undone
        return Response({"id": survivor.pk, "url": address}, status=301, headers=headers)

    def create(self, request: Request) -> Response:
        """Register a firm of yours: a draft, which you publish by a step once it says what you can do."""
        sent, user = self.sent(), self.person
        if register.draft_of(user):
            raise Conflict(_("You have begun to register a firm. Edit that one and publish it first."))
        firm = Firm()
        (form,) = fill(sent, [lambda data: RegisterForm(data, instance=firm, user=user)])
        if not form.cleaned_data["another"] and register.find_twins(firm.name, firm.prefecture_id):
            raise Conflict(
                _("The register has a firm of this name in this prefecture. Claim it, or send “another”: true.")
            )
        return self.made(register.save_firm([form], firm, by=user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change fields of the profile. A list of rows takes the place of the one that is there."""
        firm, user, sent = self.unchanged(), self.person, self.sent()
        wanted = [SectionForm, *(form for form in SECTIONS if form.base_fields.keys() & sent.keys())]
        makes = [partial(_bound, form, firm, user) for form in wanted]
        rows = {name: partial(_rows, formset, firm) for name, formset in ROWS.items()}
        filled = fill(sent, makes, rows, version=firm.updated_at.isoformat())
        return self.after(lambda: register.save_firm(filled, firm, by=user))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        register.take(step, row, by=self.person)


def _bound(form: Any, firm: Firm, user: Any, data: Any) -> Any:
    return form(data, instance=firm, user=user)


def _rows(formset: Any, firm: Firm, data: Any) -> Any:
    return formset(data, instance=firm, prefix="rows")
