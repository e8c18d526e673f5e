"""Groups of firms for a need: those that are kept, those that can be composed now, keeping one, moving it a step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import groups as composer
from matching.engine.groups import Group as Proposed
from matching.engine.groups import LeftOut, Share, Why
from matching.forms import GroupForm
from matching.models import GROUP_STEPS, Group
from matching.store import IndexMissing
from registry.access import allow, can, signed_in
from registry.models import Capability, Need, User
from registry.steps import Step, StepRefused, open_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One member as the page shows it; no address: the firm is outside the reader's scope."""

    name: str
    url: str
    work: list[str]
    verdict: str
    distance: float | None
    to_lead: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A group as the page shows it, composed (with a key to keep it by) or kept (with its row and its next steps)."""

    lines: list[Line]
    uncovered: list[str]
    asked: int | None
    volume: int | None
    shortfall: int
    key: str = ""
    row: Group | None = None
    steps: Mapping[str, Step] | None = None


@never_cache
@require_safe
@allow("matching.view_group")
def groups(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk), request.GET)


@require_POST
@allow("matching.make_group")
def group_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep one of the composed groups: they are composed once more from the same settings and the key says which."""
    need, user = _visible(request, pk), signed_in(request)
    form = GroupForm(need.capabilities.all(), composer.asked_by(need), request.POST)
    if not form.is_valid() or not _ready(need):
        return _page(request, need, request.POST, status=422)
    try:
        kept = composer.keep(composer.compose(need, form.asking), request.POST.get("key", "")[:40], by=user)
    except (StepRefused, IndexMissing) as refused:
        messages.error(request, _preparing() if isinstance(refused, IndexMissing) else str(refused))
        return _page(request, need, request.POST, status=409)
    messages.success(request, _("Group %(group)s is kept as a draft.") % {"group": kept})
    return redirect(kept)


@require_POST
@allow("matching.make_group")
def group_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    moved = get_object_or_404(Group.objects.visible_to(request.user).select_related("need"), pk=pk)
    try:
        composer.take(step, moved, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _visible(request, moved.need_id), {}, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": GROUP_STEPS[step].label})
    return redirect(moved)


def _visible(request: HttpRequest, pk: int) -> Need:
    needs = Need.objects.visible_to(request.user).for_list()
    need: Need = get_object_or_404(needs, pk=pk)
    return need


def _ready(need: Need) -> bool:
    return need.state == Need.State.OPEN and bool(need.capabilities.all())


def _preparing() -> str:
    return _("The index is being prepared. Look again in a few minutes.")


def _page(request: HttpRequest, need: Need, data: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    user, asked = signed_in(request), composer.asked_by(need)
    settings = data if GroupForm.base_fields.keys() & data.keys() else None
    form = GroupForm(need.capabilities.all(), asked, settings)
    composed, missing = None, ""
    if _ready(need) and (settings is None or form.is_valid()):
        try:
            composed = composer.compose(need, asked if settings is None else form.asking)
        except IndexMissing:
            missing = _preparing()
    elif settings is not None and not form.is_valid():
        status = max(status, 422)
    context: dict[str, Any] = {
        "need": need,
        "form": form,
        "missing": missing,
        "kept": _kept(need, user),
        "composed": composed,
        "may_make": can(user, "matching.make_group"),
        "may_change": Need.objects.changeable_by(user).filter(pk=need.pk).exists(),
    } | (_composed(composed, user) if composed else {})
    return render(request, "matching/groups.html", context, status=status)


def _composed(composed: composer.Composed, user: User) -> dict[str, Any]:
    found, labels = composed.composition, {step.pk: step.label for step in composed.steps}
    ids = {member.supplier.id for group in found.groups for member in group.members}
    names = composer.names_for(user, ids | {item.supplier.id for item in found.left_out})
    return {
        "offered": [_offered(composed, group, names, labels) for group in found.groups],
        "left_out": [(*names[item.supplier.id], _why(item)) for item in found.left_out if item.supplier.id in names],
        "nobody": [labels[code] for code in found.nobody],
        "volume_step": labels.get(composed.asking.volume_step, ""),
    }


def _offered(
    composed: composer.Composed, group: Proposed, names: Mapping[int, tuple[str, str]], labels: Mapping[str, str]
) -> Shown:
    lines = [
        Line(
            name=names.get(member.supplier.id, ("", ""))[0],
            url=names.get(member.supplier.id, ("", ""))[1],
            work=[_work(labels, share) for share in member.shares],
            verdict=str(member.supplier.verdict),
            distance=member.supplier.distance,
            to_lead=member.to_lead,
        )
        for member in group.members
    ]
    return Shown(
        lines=lines,
        uncovered=[labels[code] for code in group.uncovered],
        asked=composed.asking.volume,
        volume=None if group.volume is None else int(group.volume),
        shortfall=int(group.shortfall),
        key=composed.key(group),
    )


def _kept(need: Need, user: User) -> list[Shown]:
    rows = list(need.groups.select_related("made_by", "need").prefetch_related("members").order_by("number"))
    names = composer.names_for(user, (member.firm_id for row in rows for member in row.members.all()))
    labels = _labels(rows)
    return [
        Shown(
            lines=[
                Line(
                    name=names[member.firm_id][0],
                    url=names[member.firm_id][1],
                    work=[_work(labels, Share(**share)) for share in member.shares],
                    verdict=member.verdict,
                    distance=member.distance_km,
                    to_lead=member.to_lead_km,
                )
                for member in row.members.all()
            ],
            uncovered=[labels.get(code, code) for code in row.uncovered],
            asked=row.volume_asked,
            volume=row.volume,
            shortfall=row.shortfall,
            row=row,
            steps=open_steps(GROUP_STEPS, row.state) if composer.may_take(row, user) else {},
        )
        for row in rows
    ]


def _labels(rows: Iterable[Group]) -> dict[str, str]:
    codes = {code for row in rows for code in (*row.steps, *row.uncovered)}
    return {step.pk: step.label for step in Capability.objects.filter(pk__in=codes)}


def _work(labels: Mapping[str, str], share: Share) -> str:
    label = labels.get(share.step, share.step)
    if share.amount is None:
        return label
    facts = {"step": label, "amount": _number(share.amount), "part": round(share.part * 100)}
    return _("%(step)s: %(amount)s a month (%(part)d %%)") % facts


def _why(item: LeftOut) -> str:
    if item.why is Why.TOO_FAR:
        return _("too far away: %(distance)s km") % {"distance": _number(round(item.supplier.distance or 0))}
    if item.why is Why.PLACE_UNKNOWN:
        return _("its place is not known")
    return _("its monthly capacity is not known")


def _number(value: float) -> str:
    return number_format(value, decimal_pos=0 if value == int(value) else 1, force_grouping=True)
