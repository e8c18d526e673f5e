"""Groups of firms for a need: those that are kept, those that can be composed now, keeping one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import groups as composer
from matching.engine.groups import Group as Proposed
from matching.forms.groups import GroupForm
from matching.group_words import Names, labels_of, why_in_words, with_told, work, works
from matching.models import Group
from matching.standing import Standing, standings
from matching.store import IndexMissing
from registry.access import allow, can, signed_in
from registry.models import Need, User
from registry.steps import StepRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One member as the page shows it; no address: the firm is outside the reader's scope."""

    name: str
    url: str
    work: list[str]
    verdict: str
    distance: float | None
    to_lead: float | None
    out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A group as the page shows it, composed (with a key to keep it by) or kept (with its row)."""

    lines: list[Line]
    uncovered: list[str]
    asked: int | None
    volume: int | None
    shortfall: int
    key: str = ""
    row: Group | None = None


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
    if not form.is_valid() or not ready(need):
        return _page(request, need, request.POST, status=422)
    try:
        kept = keep(need, form.asking, request.POST.get("key", "")[:40], by=user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, need, request.POST, status=409)
    messages.success(request, _("Group %(group)s is kept as a draft.") % {"group": kept})
    return redirect(kept)


def keep(need: Need, asking: composer.Asking, key: str, *, by: User) -> Group:
    """Compose once more and keep the group of this key. Raises StepRefused, also while there is no index."""
    try:
        return composer.keep(composer.compose(need, asking), key, by=by)
    except IndexMissing as missing:
        raise StepRefused(composer.preparing()) from missing


def _visible(request: HttpRequest, pk: int) -> Need:
    needs = Need.objects.visible_to(request.user).for_list()
    need: Need = get_object_or_404(needs, pk=pk)
    return need


def ready(need: Need) -> bool:
    return need.state == Need.State.OPEN and bool(need.capabilities.all())


def _page(request: HttpRequest, need: Need, data: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    user, asked = signed_in(request), composer.asked_by(need)
    settings = data if GroupForm.base_fields.keys() & data.keys() else None
    form = GroupForm(need.capabilities.all(), asked, settings)
    composed, missing = None, ""
    if ready(need) and (settings is None or form.is_valid()):
        try:
            composed = composer.compose(need, asked if settings is None else form.asking)
        except IndexMissing:
            missing = composer.preparing()
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
    } | (offers(composed, user) if composed else {})
    return render(request, "matching/groups.html", context, status=status)


def offers(composed: composer.Composed, user: User) -> dict[str, Any]:
    found, labels = composed.composition, {step.pk: step.label for step in composed.steps}
    ids = {member.supplier.id for group in found.groups for member in group.members}
    names = composer.names_for(user, ids | {item.supplier.id for item in found.left_out})
    return {
        "offered": [_offered(composed, group, names, labels) for group in found.groups],
        "left_out": [
            (*names[item.supplier.id], why_in_words(composed.asking.max_km, item.supplier, item.why))
            for item in found.left_out
            if item.supplier.id in names
        ],
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
            work=[work(labels[share.step], share.amount, share.part) for share in member.shares],
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
    """The kept groups as they stand today."""
    rows = list(need.groups.select_related("made_by", "need").order_by("number"))
    found, labels = standings(rows), labels_of(*rows)
    ids = {place.member.firm_id for row in rows for place in found[row.pk].places}
    names = composer.names_for(user, ids)
    return [_today(found[row.pk], with_told(names, found[row.pk]), labels) for row in rows]


def _today(found: Standing, names: Names, labels: Mapping[str, str]) -> Shown:
    return Shown(
        lines=[
            Line(
                name=names[place.member.firm_id][0],
                url=names[place.member.firm_id][1],
                work=works(place, found, labels),
                verdict=place.member.verdict,
                distance=place.member.distance_km,
                to_lead=place.member.to_lead_km,
                out=place.why,
            )
            for place in found.places
        ],
        uncovered=[labels.get(code, code) for code in found.uncovered],
        asked=found.group.volume_asked,
        volume=found.volume,
        shortfall=found.shortfall,
        row=found.group,
    )
