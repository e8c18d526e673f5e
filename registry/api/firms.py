"""Firms: read, registered, edited section by section, published and archived; confirmed, compared with registers."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any, TypedDict

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from registry import certified, confirmation, register
from registry.access import can
from registry.api.bodies import NOTHING, Body, StepBody, fill
from registry.api.gate import count
from registry.api.problems import Conflict, Invalid
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.columns import FIRM_COLUMNS
from registry.duplicates.merge import PARTS
from registry.forms.fields import CorporateNumberField, IdField
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
from registry.official import compare
from registry.tabular import Column
from registry.views.firms import FIRMS
from registry.views.official import lines


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


class TakeOverForm(forms.Form):
    """Parts of what the registers said; `answer` is the words by which that is known again."""

    answer = forms.CharField(max_length=20_000)
    parts = forms.MultipleChoiceField(choices=[(name, part.label) for name, part in PARTS.items()])


class OfferJSON(TypedDict):
    part: str
    label: str
    here: str
    there: str
    register: str


class OfficialJSON(TypedDict):
    """What differs, and the registers that are away, call the corporation closed or do not know it."""

    answer: str
    offered: list[OfferJSON]
    problems: list[str]
    closed: list[str]
    unknown: list[str]


ACTS: dict[str, dict[str, forms.Field]] = {"confirm": {}, "confirm_english": {}, "take_over": TakeOverForm.base_fields}
"""Steps beside those that move the state, with the fields that each takes."""
ACT_VERBS = {
    "confirm": "registry.confirm_firm",
    "confirm_english": "registry.confirm_english",
    "take_over": "registry.ask_registers",
}
REGISTERS_PER_MINUTE = 30
"""Questions of one person to the public registers, which shut out who asks too much: our key is that of all offices."""
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
        "certificates": "registry.confirm_certificate",
        "official": "registry.ask_registers",
    }
    answers = {"official": {200: OfficialJSON}}
    only_asks = ("official",)
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
        "steps": StepBody([*FIRM_STEPS, *ACTS], lambda name: ACTS.get(name, {}), example={"step": "publish"}),
        "certificates": StepBody(
            certified.CERTIFICATE_STEPS,
            lambda name: {"certificate": IdField()},
            example={"step": "confirm", "certificate": 1},
        ),
        "official": NOTHING,
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
        """`confirm` says that the profile is still right, `confirm_english` that its English is."""
        if step in ACTS and not can(self.person, ACT_VERBS[step]):
            raise PermissionDenied
        match step:
            case "confirm":
                confirmation.confirm(row, by=self.person)
            case "confirm_english":
                confirmation.confirm_english(row, by=self.person, seen=row.updated_at)
            case "take_over":
                self._take_over(row, sent)
            case _:
                register.take(step, row, by=self.person)

    def _take_over(self, firm: Firm, sent: dict[str, Any]) -> None:
        (form,) = fill(sent, [TakeOverForm])
        try:
            offered, seen = compare.opened(firm, form.cleaned_data["answer"])
        except BadSignature:
            raise Invalid({"answer": [_("This answer is too old. Ask the registers again.")]}) from None
        compare.take_over(firm, offered, form.cleaned_data["parts"], seen, by=self.person)

    @action(detail=True, methods=["post"])
    def official(self, request: Request, pk: int) -> Response:
        """Ask the public registers about a firm. Nothing is changed: the step `take_over` names what is to be."""
        self.sent()
        firm = self.get_object()
        count(f"registers:{self.person.pk}", REGISTERS_PER_MINUTE)
        answer = compare.ask(firm, by=self.person)
        said: OfficialJSON = {
            "answer": compare.sealed(firm, answer),
            "offered": [
                {"part": part, "label": label, "here": here, "there": there, "register": source}
                for part, label, here, there, source in lines(firm, answer)
            ],
            "problems": answer.problems,
            "closed": answer.closed,
            "unknown": answer.unknown,
        }
        return Response(said)

    @action(detail=True, methods=["post"])
    def certificates(self, request: Request, pk: int) -> Response:
        """Confirm a certificate that you have seen, or take that back; `certificate` is its `id`."""
        firm, sent = self.unchanged(), self.sent()
        held = next((one for one in firm.firm_certifications.all() if one.pk == sent.get("certificate")), None)
        if held is None:
            raise Http404
        return self.after(lambda: certified.take(sent["step"], held, held.mark, by=self.person))


def _bound(form: Any, firm: Firm, user: Any, data: Any) -> Any:
    return form(data, instance=firm, user=user)


def _rows(formset: Any, firm: Firm, data: Any) -> Any:
    return formset(data, instance=firm, prefix="rows")
