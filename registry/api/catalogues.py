"""What is looked up: anchor projects, consortia, and the catalogues whose keys other objects hold."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema

from registry.api.resources import Resource
from registry.api.rows import Row
from registry.columns import PROJECT_COLUMNS
from registry.listing import ListFilter, Listing
from registry.models import (
    Capability,
    Certification,
    Consortium,
    Industry,
    Municipality,
    Office,
    Place,
    Prefecture,
    Programme,
    Sector,
)
from registry.tabular import Column
from registry.views.projects import PROJECTS


class ProjectRow(Row):
    columns = PROJECT_COLUMNS


class ProjectAPI(Resource):
    """Anchor projects of the plan and of the sample."""

    listing, verb, resource, serializer_class = PROJECTS, "registry.view_project", "projects", ProjectRow


class NoFilter(ListFilter):
    """Of a list that is short enough to be read whole."""


def read_whole(rows: Callable[[Any], Any], columns: list[Column], stem: str) -> Listing:
    return Listing(rows=rows, filters=NoFilter, columns=columns, template="", stem=stem)


CONSORTIUM_COLUMNS = [
    Column("code", "code", attrgetter("pk")),
    Column("name", "name", attrgetter("name")),
    Column("name_en", "English name", attrgetter("name_en")),
    Column("prefecture", "prefecture", attrgetter("prefecture_id"), type=str | None),
    Column("member_count", "members, as the source says", attrgetter("member_count"), type=int | None),
    Column("count_is_rough", "the count is rough", attrgetter("count_is_rough"), type=bool),
    Column("note", "note", attrgetter("note")),
    Column("source", "source", attrgetter("source")),
    Column("as_of", "as of", attrgetter("as_of")),
]


class ConsortiumRow(Row):
    columns = CONSORTIUM_COLUMNS


class ConsortiumAPI(Resource):
    """Consortia; their members are `/api/firms/?consortium=`."""

    listing = read_whole(lambda user: Consortium.objects.all(), CONSORTIUM_COLUMNS, "consortia")
    verb, resource, serializer_class = "registry.view_consortium", "catalogues", ConsortiumRow
    lookup_value_converter = "slug"


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
