"""The part of one firm in a kept group: as the firm may read it, and its answer."""

from collections.abc import Mapping, Sequence
from copy import copy
from operator import attrgetter
from typing import Any, TypedDict

from django import forms

from matching import parts
from matching.api.groups import ShareJSON, shares_json
from matching.api.hidden import BesideNeed, needs_seen
from matching.filters import PartFilter
from matching.forms.groups import DeclineForm, JoinForm
from matching.group_words import labels_of
from matching.models import ANSWER_STEPS, GroupMember
from matching.standing import Place, Standing, standings
from matching.views.parts import other
from registry.access import Role
from registry.api.bodies import StepBody, fill
from registry.api.resources import Stepped
from registry.listing import Listing
from registry.tabular import Column

_FORMS: dict[str, type[JoinForm | DeclineForm]] = {"join": JoinForm, "decline": DeclineForm}


class OtherJSON(TypedDict):
    name: str
    place: str
    is_lead: bool
    work: list[str]


PART_COLUMNS = [
    Column("id", "ID", attrgetter("pk"), type=int),
    Column("firm", "firm", attrgetter("firm_id"), type=int),
    Column("group", "group", lambda member: str(member.group)),
    Column("version", "version of the group that the answer is for", attrgetter("group.version"), type=int),
    Column("need", "the need, where you may read it", attrgetter("group.need_id"), type=int | None),
    Column("state", "state", attrgetter("state")),
    Column("is_lead", "leads the group", attrgetter("is_lead"), type=bool),
    Column("shares", "what the firm does", lambda member: shares_json(member), type=list[ShareJSON]),
    Column("message", "message to the firms", attrgetter("group.message")),
    Column("recipient", "recipient as the firms read it", lambda member: parts.recipient_of(member.group)),
    Column("out", "why it does not count any more, a code", lambda member: ""),
    Column("consents", "takes part and consents", lambda member: False, type=bool),
    Column("all_consent", "every firm of the group consents", lambda member: False, type=bool),
    Column("others", "the other firms; unnamed until every firm consents", lambda member: [], type=list[OtherJSON]),
]
PARTS = Listing(
    rows=lambda user: (
        GroupMember.objects.visible_to(user)
        .select_related("group__need__project", "group__need__office", "group__made_by", "firm__prefecture")
        .order_by("-pk")
    ),
    filters=PartFilter,
    columns=PART_COLUMNS,
    template="",
    stem="parts",
)


class PartRow(BesideNeed):
    columns = PART_COLUMNS

    def to_representation(self, instance: GroupMember) -> dict[str, Any]:
        found: Standing = self.context["standings"][instance.group_id]
        mine = next(place for place in found.places if place.member.pk == instance.pk)
        others = [place for place in found.inside if place is not mine]
        return super().to_representation(instance) | {
            "out": mine.out,
            "consents": mine.consents,
            "all_consent": found.all_consent,
            "others": [_other(place, found, self.context["labels"]) for place in others],
        }


def _other(place: Place, found: Standing, labels: dict[str, str]) -> OtherJSON:
    """As the page says it, but for the contact person."""
    read = other(place, found, labels)
    return {
        "name": read["name"],
        "place": read.get("place", ""),
        "is_lead": read.get("lead", False),
        "work": read.get("work", []),
    }


def _fields(step: str) -> Mapping[str, forms.Field]:
    """`channel` and `said_by` are an office's to say, so not everybody has to send them."""
    fields = {name: copy(field) for name, field in _FORMS[step].base_fields.items()}
    for name in ("channel", "said_by"):
        fields[name].required = False
    return fields


class PartAPI(Stepped):
    """Parts of your firm in groups, once its office has accepted them; for offices those of firms in their scope."""

    listing, verb, resource, serializer_class = PARTS, "matching.join_group", "groups", PartRow
    bodies = {
        "steps": StepBody(
            ANSWER_STEPS, _fields, example={"step": "join", "fields": ["identity", "capacity"], "until": "2027-03-31"}
        )
    }

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """The firm takes part and consents, or it does not; an office writes down what the firm told it."""
        version, office = row.group.version, self.person.role != Role.FIRM
        (form,) = fill(sent, [lambda data: _FORMS[step](data, version=version, office=office)], seen=version)
        parts.answer(step, row, by=self.person, **form.said)

    def context(self, rows: Sequence[GroupMember]) -> dict[str, Any]:
        groups = {row.group for row in rows}
        seen = needs_seen(self.person, (group.need_id for group in groups))
        return {"standings": standings(groups), "labels": labels_of(*groups)} | seen
