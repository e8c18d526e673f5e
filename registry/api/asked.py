"""What people ask of offices for a firm: to speak for it, to have its personal data erased; and what came of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from registry import erasure, register
from registry.access import can
from registry.api.bodies import Body, StepBody, fill
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.fields import CorporateNumberField, IdField, KeyField
from registry.forms.register import ClaimForm, StepReasonForm
from registry.models import CLAIM_STEPS, ERASURE_STEPS, Firm, Prefecture, User
from registry.office_columns import CLAIM_COLUMNS, ERASURE_COLUMNS
from registry.views.claims import CLAIMS
from registry.views.people import ERASURES

_FOR_OFFICES = ("applicant", "message", "decided_by")


class AskedRow(Row):
    """Who asks reads what came of it, as on the pages; who asked, with what words, and who decided is for offices."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        said = super().to_representation(instance)
        return said if self.context["office"] else said | {name: "" for name in _FOR_OFFICES if name in said}


class AskedAPI(Stepped):
    """Asked by a person of a firm, decided by an office."""

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        return {"office": can(self.person, self.verbs["steps"])}


class ClaimRow(AskedRow):
    columns = CLAIM_COLUMNS


class FoundForm(forms.Form):
    """A firm of the register as the pages find it, by number or by name: nobody leafs through the register by ids."""

    corporate_number = CorporateNumberField(required=False, label=_("corporate number"))
    name = forms.CharField(max_length=200, required=False, label=_("name"), help_text=_("Instead of the number."))
    prefecture = KeyField(Prefecture.objects.all(), required=False, label=_("prefecture"))
    firm = IdField(required=False, help_text=_("Which one, where several bear the name."))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        asked_by = "corporate_number" if said["corporate_number"] else "name"
        if bool(said["corporate_number"]) == bool(said["name"]) or bool(said["name"]) != bool(said["prefecture"]):
            self.add_error(asked_by, gettext("Send either the corporate number, or name and prefecture."))
            return said
        found = _find(said)
        if not found:
            self.add_error(asked_by, gettext("The register has no such firm. Register it as a new one."))
        elif len(found) > 1:
            known = ", ".join(f"{firm.pk} ({firm.name}, {firm.place})" for firm in found)
            self.add_error("firm", gettext("Several firms bear this name. Send the ID of yours: %s.") % known)
        else:
            said["found"] = found[0]
        return said


def _find(said: dict[str, Any]) -> list[Firm]:
    if said["corporate_number"]:
        firm = register.find_by_number(said["corporate_number"])
        found = [firm] if firm else []
    else:
        found = register.find_twins(said["name"], said["prefecture"].pk)
    return [firm for firm in found if said["firm"] in (None, firm.pk)]


class ClaimAPI(AskedAPI):
    """Who asks to speak for a firm, and what an office made of it; applicants read their own claims."""

    listing, verb, resource, serializer_class = CLAIMS, "registry.view_claim", "claims", ClaimRow
    verbs = {"create": "registry.register_firm", "steps": "registry.decide_claim"}
    bodies = {
        "create": Body(
            [FoundForm, ClaimForm],
            example={"name": "能代精機株式会社", "prefecture": "05", "message": "総務課の佐藤です。電話 0185-00-0000"},
        ),
        "steps": StepBody(
            CLAIM_STEPS, lambda name: StepReasonForm(CLAIM_STEPS[name]).fields, example={"step": "approve"}
        ),
    }

    def create(self, request: Request) -> Response:
        """Ask to speak for a firm that is in the register: an office decides within five working days."""
        found, form = fill(self.sent(), [FoundForm, ClaimForm])
        return self.made(register.claim(self.person, found.cleaned_data["found"], form.cleaned_data["message"]))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        (form,) = fill(sent, [lambda data: StepReasonForm(CLAIM_STEPS[step], data)])
        register.decide_claim(step, row, by=self.person, reason=form.cleaned_data["reason"])


class ErasureRow(AskedRow):
    columns = ERASURE_COLUMNS


class OwnFirmForm(forms.Form):
    firm = KeyField(Firm.objects.none(), label=_("Firm"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.fields["firm"].queryset = Firm.objects.visible_to(user)  # type: ignore[attr-defined]


class ErasureAPI(AskedAPI):
    """Firms that ask for their personal data to be erased, and what an office made of it; a firm reads its own."""

    listing, verb, resource, serializer_class = ERASURES, "registry.view_erasure", "erasures", ErasureRow
    verbs = {"create": "registry.leave", "steps": "registry.decide_erasure"}
    bodies = {
        "create": Body([OwnFirmForm], example={"firm": 1}),
        "steps": StepBody(
            ERASURE_STEPS,
            lambda name: StepReasonForm(ERASURE_STEPS[name]).fields,
            example={"step": "keep", "reason": "契約が続いているため"},
        ),
    }

    def create(self, request: Request) -> Response:
        """Ask, as an owner, that the personal data of your firm be erased: an office answers within 20 working days."""
        (form,) = fill(self.sent(), [lambda data: OwnFirmForm(self.person, data)])
        return self.made(erasure.ask(form.cleaned_data["firm"], by=self.person))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """`erase` cannot be undone; `keep` refuses, with a reason that the firm reads."""
        (form,) = fill(sent, [lambda data: StepReasonForm(ERASURE_STEPS[step], data)])
        erasure.decide(step, row, by=self.person, reason=form.cleaned_data["reason"])
