"""Groups of firms that were kept for a need."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from matching import groups as composer
from matching.filters import GroupFilter
from matching.models import GROUP_STEPS, Group
from registry.api.bodies import StepBody
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.listing import Listing
from registry.models import Firm
from registry.tabular import Column


class ShareJSON(TypedDict):
    step: str
    amount: float | None
    part: float


class MemberJSON(TypedDict):
    firm: int | None
    name: str
    is_lead: bool
    shares: list[ShareJSON]
    verdict: str
    distance_km: float | None
    to_lead_km: float | None


GROUP_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("number", "number", str),
    Column("need", "need", attrgetter("need_id"), type=int),
    Column("state", "state", attrgetter("state")),
    Column("origin", "how it was composed", attrgetter("origin")),
    Column("steps", "capabilities that are covered", attrgetter("steps"), type=list[str]),
    Column("uncovered", "capabilities that are not", attrgetter("uncovered"), type=list[str]),
    Column("volume_asked", "pieces a month asked for", attrgetter("volume_asked"), type=int | None),
    Column("volume", "pieces a month reached", attrgetter("volume"), type=int | None),
    Column("shortfall", "pieces a month that it falls short by", attrgetter("shortfall"), type=int),
    Column("computed_at", "composed on", attrgetter("computed_at"), type=datetime),
    Column("members", "members, the lead first", lambda row: [], type=list[MemberJSON]),
]
GROUPS = Listing(
    rows=lambda user: Group.objects.visible_to(user).select_related("need").prefetch_related("members"),
    filters=GroupFilter,
    columns=GROUP_COLUMNS,
    template="",
    stem="groups",
)


class GroupRow(Row):
    columns = GROUP_COLUMNS

    def to_representation(self, instance: Group) -> dict[str, Any]:
        names, seen = self.context["names"], self.context["seen"]
        members: list[MemberJSON] = [
            {
                "firm": member.firm_id if member.firm_id in seen else None,
                "name": names[member.firm_id][0],
                "is_lead": member.is_lead,
                "shares": member.shares,
                "verdict": member.verdict,
                "distance_km": member.distance_km,
                "to_lead_km": member.to_lead_km,
            }
            for member in instance.members.all()
        ]
        return super().to_representation(instance) | {"members": members}


class GroupAPI(Stepped):
    """Kept groups of needs that you may see; a member outside your scope is named by its prefecture alone."""

    listing, verb, resource, serializer_class = GROUPS, "matching.view_group", "groups", GroupRow
    verbs = {"steps": "matching.make_group"}
    bodies = {"steps": StepBody(GROUP_STEPS, lambda name: {}, example={"step": "propose"})}

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        composer.take(step, row, by=self.person)

    def context(self, rows: Sequence[Group]) -> dict[str, Any]:
        ids = {member.firm_id for row in rows for member in row.members.all()}
        seen = Firm.objects.visible_to(self.request.user).filter(pk__in=ids)
        return {
            "names": composer.names_for(self.request.user, ids),  # type: ignore[arg-type]
            "seen": set(seen.values_list("pk", flat=True)),
        }
