"""What the firms of a filter hold, as files of a line each, which an import reads again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.access import allow
from registry.listing import Listing
from registry.models import ConsortiumMembership, Equipment, Firm, FirmCertification
from registry.sheet_columns import CAPABILITY_COLUMNS, CERTIFICATE_COLUMNS, EQUIPMENT_COLUMNS, MEMBERSHIP_COLUMNS
from registry.tabular import Column
from registry.views.firms import FIRMS


def _held(model: type[models.Model], columns: Sequence[Column], stem: str, *catalogue: str) -> Listing:
    """The list of firms, whose files have a line for each row of a model that belongs to one of them."""
    own = [field.name for field in model._meta.concrete_fields]
    named = [f"{row}__{name}" for row in ("firm__prefecture", *catalogue) for name in ("name", "name_en")]
    rows = model._default_manager.select_related("firm__prefecture", *catalogue)
    rows = rows.only(*own, "firm__name", "firm__corporate_number", *named).order_by("firm", "pk")

    def lines(firms: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return rows.filter(firm__in=firms.order_by().values("pk"))

    return replace(FIRMS, columns=columns, more_in_files=(), stem=stem, lines=lines)


EQUIPMENT = _held(Equipment, EQUIPMENT_COLUMNS, "equipment")
CERTIFICATES = _held(FirmCertification, CERTIFICATE_COLUMNS, "certificates")
CAPABILITIES = _held(Firm.capabilities.through, CAPABILITY_COLUMNS, "capabilities", "capability")
MEMBERSHIPS = _held(ConsortiumMembership, MEMBERSHIP_COLUMNS, "memberships", "consortium")


@require_safe
@allow("registry.export_firm")
def equipment_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return EQUIPMENT.export(request, extension, title=_("Equipment"))


@require_safe
@allow("registry.export_firm")
def certificates_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return CERTIFICATES.export(request, extension, title=_("Certificates"))


@require_safe
@allow("registry.export_firm")
def capabilities_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return CAPABILITIES.export(request, extension, title=_("Capabilities"))


@require_safe
@allow("registry.export_firm")
def memberships_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return MEMBERSHIPS.export(request, extension, title=_("Memberships of consortia"))
