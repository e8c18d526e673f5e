"""What is looked up: anchor projects, consortia, and the catalogues whose keys other objects hold."""

from collections.abc import Sequence
from datetime import date
from operator import attrgetter
from typing import Any, TypedDict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from registry.api.resources import Resource
from registry.api.rows import Row
from registry.columns import PROJECT_COLUMNS
from registry.filters import MembershipFilter, NoFilter
from registry.listing import Listing
from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    ConsortiumMembership,
    Industry,
    Municipality,
    Office,
    Place,
    Prefecture,
    Programme,
    Sector,
)
from registry.office_columns import CONSORTIUM_COLUMNS
from registry.tabular import Column
from registry.views.consortia import CONSORTIA
from registry.views.projects import PROJECTS


class StateJSON(TypedDict):
    state: str
    since: date
    reason: str
    source: str


def _states(project: AnchorProject) -> list[StateJSON]:
    return [
        {"state": one.state, "since": one.since, "reason": one.reason, "source": one.source}
        for one in project.state_changes.all()
    ]


class ProjectRow(Row):
    columns = PROJECT_COLUMNS


class ProjectDetail(Row):
    columns = [*PROJECT_COLUMNS, Column("states", "history of its state, oldest first", _states, type=list[StateJSON])]


class ProjectAPI(Resource):
    """Anchor projects of the plan and of the sample."""

    listing, verb, resource, serializer_class = PROJECTS, "registry.view_project", "projects", ProjectRow
    whole = ProjectDetail


class ConsortiumRow(Row):
    columns = CONSORTIUM_COLUMNS


class ConsortiumAPI(Resource):
    """Consortia; their members are `/api/firms/?consortium=`."""

    listing, verb, resource, serializer_class = CONSORTIA, "registry.view_consortium", "catalogues", ConsortiumRow
    lookup_value_converter = "slug"


MEMBERSHIP_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("firm", "firm", attrgetter("firm_id"), type=int),
    Column("consortium", "consortium", attrgetter("consortium_id")),
    Column("since", "member since", attrgetter("since"), type=date | None),
    Column("until", "member until", attrgetter("until"), type=date | None),
]
MEMBERSHIPS = Listing(
    rows=ConsortiumMembership.objects.visible_to,
    filters=MembershipFilter,
    columns=MEMBERSHIP_COLUMNS,
    template="",
    stem="memberships",
)


class MembershipRow(Row):
    columns = MEMBERSHIP_COLUMNS


class MembershipAPI(Resource):
    """Which firms are or were members of which consortia, from when to when."""

    listing, verb, resource, serializer_class = MEMBERSHIPS, "registry.export_firm", "firms", MembershipRow


CATALOGUES: dict[str, tuple[Any, str]] = {
    "prefectures": (Prefecture.objects.all(), ""),
    "municipalities": (Municipality.objects.all(), "prefecture_id"),
    "industries": (Industry.objects.all(), ""),
    "sectors": (Sector.objects.all(), "parent_id"),
    "capabilities": (Capability.objects.all(), "group"),
    "certifications": (Certification.objects.all(), "kind"),
    "places": (Place.objects.all(), "municipality_id"),
    "programmes": (Programme.objects.all(), "kind"),
    "offices": (Office.objects.all(), "kind"),
}
"""Rows by name, and what each belongs to."""


class CatalogueRow(Row):
    columns = [
        Column("key", "what other objects hold", attrgetter("pk"), code=lambda row: str(row.pk)),
        Column("name", "name", attrgetter("name")),
        Column("name_en", "English name", attrgetter("name_en")),
        Column("within", "what it belongs to", lambda row: None, type=str | None),
    ]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        within = CATALOGUES[self.context["catalogue"]][1]
        return super().to_representation(instance) | {"within": (getattr(instance, within) or None) if within else None}


@extend_schema(
    parameters=[OpenApiParameter("catalogue", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(CATALOGUES))]
)
class CatalogueAPI(Resource):
    """A catalogue by name: the keys that firms and needs hold, with their names in both languages."""

    verb, resource, serializer_class = "registry.view_catalogue", "catalogues", CatalogueRow

    @property
    def filterset_class(self) -> Any:
        return NoFilter

    def get_queryset(self) -> Any:
        return CATALOGUES[self.kwargs.get("catalogue", "prefectures")][0].all()  # no name: it is being described

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        return {"catalogue": self.kwargs["catalogue"]}
