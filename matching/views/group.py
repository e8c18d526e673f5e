"""One kept group as a working page: what it covers, its members and their shares, who could join, what was done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import group_files
from matching import groups as composer
from matching import parts as verbs
from matching.contents import LANGUAGES
from matching.desk import Candidate, Desk
from matching.dossier import Busy
from matching.engine.parts import Shares
from matching.forms.groups import ChangeForm, ProposeForm, RefuseForm, SearchForm, SeenForm, ShareForm
from matching.group_words import Deed, Names, bars, deed, labels_of, with_told, works
from matching.list_files import CONTENT_TYPES
from matching.models import GROUP_STEPS, PART_STEPS, Group, GroupMember
from matching.standing import Place, Standing, standing
from matching.store import IndexMissing
from matching.views.reader import LANGUAGE_NAMES, busy, in_language
from registry.access import allow, signed_in
from registry.models import Need, User
from registry.steps import Step, StepRefused, open_steps
from registry.tabular import disposition

ACTS = ("add", "swap", "remove", "lead", "share")
"""Changes of the members, by name; see `change`."""
MOST_EVENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    place: Place
    name: str
    url: str
    work: list[str]
    too_far: bool
    share: ShareForm | None
    swaps: list[Candidate]
    steps: Mapping[str, Step]
    refuse: RefuseForm | None


@never_cache
@require_safe
@allow("matching.view_group")
def group(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@require_POST
@allow("matching.make_group")
def group_change(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One change of the members. `seen` says from which version; who was slower reads what became of it."""
    shown, by = _visible(request, pk), signed_in(request)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The form could not be read. Nothing was changed."))
        return _page(request, shown, status=422)
    seen, member, key = form.cleaned_data["seen"], form.cleaned_data["member"] or 0, form.cleaned_data["key"]
    share = share_form(shown, member, request.POST) if act == "share" else None
    if share and not share.is_valid():
        return _page(request, shown, share=(member, share), status=422)
    try:
        change(act, shown, member=member, key=key, shares=share.shares if share else {}, seen=seen, by=by)
    except StepRefused as refused:
        messages.error(request, str(refused))
        now = _visible(request, pk)
        if share:
            share.renew(now.version)
        return _page(request, now, share=(member, share) if share else None, status=409)
    messages.success(request, _("The group was changed."))
    return redirect(shown)


def change(act: str, shown: Group, *, member: int, key: str, shares: Shares, seen: int, by: User) -> None:
    """One of ACTS, by its verb. Raises StepRefused, also while there is no index to look firms up in."""
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: verbs.add(shown, key, seen=seen, by=by),
        "swap": lambda: verbs.swap(shown, member, key, seen=seen, by=by),
        "remove": lambda: verbs.remove(shown, member, seen=seen, by=by),
        "lead": lambda: verbs.lead(shown, member, seen=seen, by=by),
        "share": lambda: verbs.share(shown, member, shares, seen=seen, by=by),
    }
    try:
        acts[act]()
    except IndexMissing as missing:
        raise StepRefused(composer.preparing()) from missing


@require_POST
@allow("matching.make_group")
def group_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    moved = _visible(request, pk)
    form = ProposeForm(request.POST, hidden=_is_hidden(moved)) if step == "propose" else None
    if form and not form.is_valid():
        return _page(request, moved, propose=form, status=422)
    try:
        verbs.take(step, moved, by=signed_in(request), **(form.cleaned_data if form else {}))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _visible(request, pk), propose=form, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": GROUP_STEPS[step].label})
    return redirect(moved)


@require_POST
@allow("matching.make_group")
def part_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """An office decides about the part of a firm in its scope."""
    rows = GroupMember.objects.visible_to(request.user).select_related("group__need__project", "firm__prefecture")
    member = get_object_or_404(rows, pk=pk)
    form = RefuseForm(request.POST) if step == "refuse" else SeenForm(request.POST)
    bound = (pk, form) if isinstance(form, RefuseForm) else None
    if not form.is_valid():
        return _page(request, _visible(request, member.group_id), refuse=bound, status=422)
    try:
        verbs.decide(step, member, by=signed_in(request), **form.cleaned_data)
    except StepRefused as refused:
        messages.error(request, str(refused))
        now = _visible(request, member.group_id)
        form.renew(now.version)
        return _page(request, now, refuse=bound, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": PART_STEPS[step].label})
    return redirect(member.group)


@never_cache
@require_safe
@allow("matching.view_group")
def group_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The group as its recipient would read it today: who has not consented is a firm of its prefecture."""
    shown = _visible(request, pk)
    found = standing(shown)
    context = {
        "group": shown,
        "standing": found,
        "lines": group_files.lines(found),
        "bars": bars(found, labels_of(shown), {}),
        "extensions": group_files.EXTENSIONS,
        "languages": LANGUAGE_NAMES,
    }
    return render(request, "matching/group_sheet.html", context)


@never_cache
@require_safe
@allow("matching.view_group")
@in_language
def group_file(request: HttpRequest, pk: int, extension: str, language: str) -> HttpResponse:
    """The same as a file to be handed on."""
    shown = _visible(request, pk)
    try:
        return written(shown, extension, language)
    except Busy:
        return busy(request)


def written(shown: Group, extension: str, language: str) -> HttpResponse:
    """Raises Busy while other files are being set."""
    answer = HttpResponse(group_files.write(shown, extension, language), content_type=CONTENT_TYPES[extension])
    suffix = "" if language == LANGUAGES[0] else f"-{language}"
    answer["Content-Disposition"] = disposition(f"{shown}{suffix}.{extension}")
    return answer


def record(shown: Group, found: Standing, labels: Mapping[str, str], user: User) -> tuple[Names, list[Deed]]:
    """All firms that are or were in the group as the person reads them, and what was done to it, newest first."""
    events = shown.events.select_related("by").order_by("-pk")[:MOST_EVENTS]
    concerned = {place.member.firm_id for place in found.places}
    concerned |= {firm for event in events for firm in (event.firm_id, event.other_id) if firm}
    names = with_told(composer.names_for(user, concerned), found)
    return names, [deed(event, labels, names) for event in events]


# ---- inside ---------------------------------------------------------------------------------------------------------
def _visible(request: HttpRequest, pk: int) -> Group:
    rows = Group.objects.visible_to(request.user).select_related("need__project__municipality", "made_by")
    shown: Group = get_object_or_404(rows.prefetch_related("need__criteria__place"), pk=pk)
    return shown


def _is_hidden(shown: Group) -> bool:
    return bool(shown.need.visibility != Need.Visibility.PUBLIC)


def share_form(shown: Group, member_id: int, data: Any) -> ShareForm:
    member = get_object_or_404(shown.members, pk=member_id)
    return ShareForm(member, labels_of(shown), shown.volume_step, shown.version, data)


def _page(
    request: HttpRequest,
    shown: Group,
    *,
    share: tuple[int, ShareForm] | None = None,
    refuse: tuple[int, RefuseForm] | None = None,
    propose: ProposeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, found, labels = signed_in(request), standing(shown), labels_of(shown)
    may_change = verbs.may_change(shown, user) and shown.is_alive
    search = SearchForm(request.GET)
    query = search.cleaned_data["q"] if search.is_valid() else ""
    desk = Desk(user, shown, found, labels, query) if may_change else None
    names, deeds = record(shown, found, labels, user)
    deciding = set(GroupMember.objects.visible_to(user).filter(group=shown).values_list("pk", flat=True))
    steps = open_steps(GROUP_STEPS, shown.state) if may_change else {}
    context = {
        "group": shown,
        "standing": found,
        "bars": bars(found, labels, names),
        "uncovered": [labels.get(code, code) for code in found.uncovered],
        "lines": [
            _line(place, found, labels, names, desk, deciding, share=share, refuse=refuse) for place in found.places
        ],
        "events": deeds,
        "may_change": may_change,
        "desk": desk,
        "query": query,
        "steps": steps,
        "propose": (propose or ProposeForm(hidden=_is_hidden(shown))) if "propose" in steps else None,
    }
    return render(request, "matching/group.html", context, status=status)


def _line(
    place: Place,
    found: Standing,
    labels: Mapping[str, str],
    names: Names,
    desk: Desk | None,
    deciding: set[int],
    *,
    share: tuple[int, ShareForm] | None,
    refuse: tuple[int, RefuseForm] | None,
) -> Line:
    member, group_ = place.member, found.group
    name, url = names[member.firm_id]
    steps = open_steps(PART_STEPS, member.state) if member.pk in deciding else {}
    steps = steps if group_.state in {Group.State.PROPOSED, Group.State.ACCEPTED} else {}
    able = desk.able(member.firm_id) if desk else {}
    form = ShareForm(member, able, group_.volume_step, group_.version) if able else None
    fresh = RefuseForm(auto_id=f"id_refuse_{member.pk}_%s", initial={"seen": group_.version})
    return Line(
        place=place,
        name=name,
        url=url,
        work=works(place, found, labels),
        too_far=group_.max_km is not None and (member.distance_km or 0) > group_.max_km,
        share=share[1] if share and share[0] == member.pk else form,
        swaps=desk.swaps(member.firm_id) if desk else [],
        steps=steps,
        refuse=(refuse[1] if refuse and refuse[0] == member.pk else fresh) if "refuse" in steps else None,
    )
