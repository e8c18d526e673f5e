"""Groups of firms that were kept for a need."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import groups as composer
from matching.api.composed import SETTINGS, ChosenForm, asking, require_ready
from matching.api.files import answers as of_files
from matching.api.files import handed_out
from matching.api.working import CandidateForm, CandidatesJSON, DeedsJSON, candidate_json, deed_json
from matching.contents import LANGUAGES
from matching.desk import Desk
from matching.filters import GroupFilter
from matching.forms.groups import ProposeForm, RefuseForm, SeenForm, ShareForm
from matching.group_files import EXTENSIONS
from matching.group_words import Names, labels_of, with_told
from matching.models import GROUP_STEPS, PART_STEPS, Group, GroupMember
from matching.parts import decide, require_change, take
from matching.standing import Place, Standing, standing, standings
from matching.views.group import ACTS, change, record, share_form, written
from matching.views.groups import keep
from registry.api.bodies import Body, StepBody, fill, question, require
from registry.api.problems import Conflict
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.fields import IdField
from registry.listing import Listing
from registry.models import Capability, Need
from registry.tabular import Column

_ID = IdField()
_PART: dict[str, dict[str, forms.Field]] = {
    "accept": {"member": _ID},
    "refuse": {"member": _ID, "reason": RefuseForm.base_fields["reason"]},
}
_WORK = {
    "amount": ShareForm.base_fields["amount"],
    "steps": forms.ModelMultipleChoiceField(
        Capability.objects.all(), required=False, label=ShareForm.base_fields["steps"].label
    ),
}
_KEY = forms.CharField(max_length=40, label=_("Key of a candidate"))
_MEMBERS: dict[str, dict[str, forms.Field]] = {
    "add": {"key": _KEY},
    "swap": {"member": _ID, "key": _KEY},
    "remove": {"member": _ID},
    "lead": {"member": _ID},
    "share": {"member": _ID} | _WORK,
}


class ShareJSON(TypedDict):
    step: str
    amount: float | None


class MemberJSON(TypedDict):
    id: int
    firm: int | None
    name: str
    is_lead: bool
    state: str
    out: str
    consents: bool
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
    Column("steps", "capabilities that are covered today", lambda row: [], type=list[str]),
    Column("uncovered", "capabilities that are not", lambda row: [], type=list[str]),
    Column("volume_asked", "pieces a month asked for", attrgetter("volume_asked"), type=int | None),
    Column("volume", "pieces a month reached today", lambda row: None, type=int | None),
    Column("shortfall", "pieces a month that it falls short by", lambda row: 0, type=int),
    Column("volume_step", "capability at which pieces are counted", attrgetter("volume_step")),
    Column("max_km", "kilometres to the site at most", attrgetter("max_km"), type=float | None),
    Column("all_consent", "every firm of the group consents", lambda row: False, type=bool),
    Column("message", "message to the firms", attrgetter("message")),
    Column("recipient", "recipient as the firms read it", attrgetter("recipient")),
    Column("computed_at", "composed on", attrgetter("computed_at"), type=datetime),
    Column("members", "members, the lead first", lambda row: [], type=list[MemberJSON]),
]
GROUPS = Listing(
    rows=lambda user: Group.objects.visible_to(user).select_related("need"),
    filters=GroupFilter,
    columns=GROUP_COLUMNS,
    template="",
    stem="groups",
)


class GroupRow(Row):
    columns = GROUP_COLUMNS

    def to_representation(self, instance: Group) -> dict[str, Any]:
        found: Standing = self.context["standings"][instance.pk]
        names = with_told(self.context["names"], found)
        today = {
            "steps": [item.step for item in found.covers if item.firms],
            "uncovered": found.uncovered,
            "volume": found.volume,
            "shortfall": found.shortfall,
            "all_consent": found.all_consent,
            "members": [_member(place, names) for place in found.places],
        }
        return super().to_representation(instance) | today


def _member(place: Place, names: Names) -> MemberJSON:
    """`firm` is its id where the reader may see the firm, `out` a code of standing.OUT when it does not count."""
    member = place.member
    name, url = names[member.firm_id]
    return {
        "id": member.pk,
        "firm": member.firm_id if url else None,
        "name": name,
        "is_lead": member.is_lead,
        "state": member.state,
        "out": place.out,
        "consents": place.consents,
        "shares": shares_json(member),
        "verdict": member.verdict,
        "distance_km": member.distance_km,
        "to_lead_km": member.to_lead_km,
    }


def shares_json(member: GroupMember) -> list[ShareJSON]:
    return [{"step": step, "amount": amount} for step, amount in member.amounts.items()]


class GroupAPI(Stepped):
    """Kept groups of needs that you may see; a member outside your scope is named once it consented."""

    listing, verb, resource, serializer_class = GROUPS, "matching.view_group", "groups", GroupRow
    verbs = dict.fromkeys(("create", "steps", "parts", "members", "candidates"), "matching.make_group")
    answers = {"candidates": {200: CandidatesJSON}, "history": {200: DeedsJSON}, "file": of_files(EXTENSIONS)}
    not_always = ("candidates",)
    questions = {"candidates": {"q": (), "member": ()}, "file": {"language": LANGUAGES}}
    bodies = {
        "create": Body([ChosenForm, SETTINGS], example={"need": 1, "key": "0123456789abcdef0123", "volume": 12}),
        "steps": StepBody(
            GROUP_STEPS,
            lambda name: ProposeForm.base_fields if name == "propose" else {},
            example={"step": "propose", "message": "架台です。"},
        ),
        "parts": StepBody(PART_STEPS, lambda name: _PART[name], example={"step": "accept", "member": 1}),
        "members": StepBody(ACTS, lambda name: _MEMBERS[name], example={"step": "share", "member": 1, "amount": 6}),
    }

    def create(self, request: Request) -> Response:
        """Keep a group of `needs/7/compositions/`, asked for the same, as a draft; `key` says which."""
        sent = self.sent()
        chosen = {name: sent.pop(name) for name in ChosenForm.base_fields if name in sent}
        (form,) = fill(chosen, [lambda data: ChosenForm(self.person, data)])
        need, key = form.cleaned_data["need"], form.cleaned_data["key"]
        require_ready(need)
        return self.made(keep(need, asking(need, sent), key, by=self.person))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        hidden = row.need.visibility != Need.Visibility.PUBLIC
        forms = [lambda data: ProposeForm(data, hidden=hidden)] if step == "propose" else []
        said = {name: value for form in fill(sent, forms) for name, value in form.cleaned_data.items()}
        take(step, row, by=self.person, **said)

    @action(detail=True, methods=["post"])
    def parts(self, request: Request, pk: int) -> Response:
        """Accept or refuse the part of a member, for the office of the firm's prefecture; `member` is its `id`."""
        group, sent = self.unchanged(), self.sent()
        require(sent, _PART[sent["step"]])
        rows = GroupMember.objects.visible_to(self.person).filter(group=group)
        rows = rows.select_related("group__need__project", "firm__prefecture")
        member = get_object_or_404(rows, pk=sent.pop("member"))
        (form,) = fill(sent, [RefuseForm if sent["step"] == "refuse" else SeenForm], seen=group.version)
        return self.after(lambda: decide(sent["step"], member, by=self.person, **form.cleaned_data))

    @action(detail=True, methods=["post"])
    def members(self, request: Request, pk: int) -> Response:
        """Change the members: `add` or `swap` in one of `candidates/` by its key, `remove`, `lead`, `share`. Parts open
        again."""
        group, sent = self.unchanged(), self.sent()
        require(sent, _MEMBERS[sent["step"]])
        step, member, key, seen = sent["step"], sent.pop("member", 0), sent.pop("key", ""), group.version
        makes = [lambda data: share_form(group, member, data)] if step == "share" else []
        shares = {code: amount for form in fill(sent, makes, seen=seen) for code, amount in form.shares.items()}
        said: dict[str, Any] = {"member": member, "key": key, "shares": shares, "seen": seen}
        return self.after(lambda: change(step, group, by=self.person, **said))

    def file(self, request: Request, pk: int, extension: str) -> HttpResponse:
        """The group as its recipient would read it today, to be handed on."""
        group = self.get_object()
        return handed_out(request, lambda language: written(group, extension, language))

    @action(detail=True, methods=["get"])
    def candidates(self, request: Request, pk: int) -> Response:
        """Who could come in, for those who may change the group: best beside its members or, with `member`, in the
        place of that one; who lies too far; what the register finds for `q`. A firm outside your scope is not named."""
        group = self.get_object()
        require_change(group, self.person)
        asked = question(CandidateForm, request.query_params)
        desk = Desk(self.person, group, standing(group), labels_of(group), asked["q"])
        if desk.missing:
            raise Conflict(desk.missing)
        offered = desk.offered
        if asked["member"]:
            offered = desk.swaps(get_object_or_404(group.members, pk=asked["member"]).firm_id)
        said: CandidatesJSON = {
            "offered": [candidate_json(one) for one in offered],
            "too_far": [candidate_json(one) for one in desk.outside],
            "found": [candidate_json(one) for one in desk.results],
        }
        return Response(said)

    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: int) -> Response:
        """What was done to the group, newest first; firms by name where the group names them to you."""
        group = self.get_object()
        _names, deeds = record(group, standing(group), labels_of(group), self.person)
        said: DeedsJSON = {"results": [deed_json(one) for one in deeds]}
        return Response(said)

    def context(self, rows: Sequence[Group]) -> dict[str, Any]:
        found = standings(rows)
        ids = {place.member.firm_id for standing in found.values() for place in standing.places}
        return {"standings": found, "names": composer.names_for(self.request.user, ids)}  # type: ignore[arg-type]
