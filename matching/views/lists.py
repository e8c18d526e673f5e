"""Candidate lists: overview, preview and making, the list itself, its files, release and withdrawal."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from matching import answers, joint, ledger, links, release
from matching.answers import Reader
from matching.columns import LISTS_COLUMNS
from matching.contents import LANGUAGES, original
from matching.filters import CandidateListFilter
from matching.forms.lists import LinkForm, RecipientForm
from matching.group_words import in_one_line
from matching.list_columns import LIST_COLUMNS
from matching.models import LIST_STEPS, CandidateList, ListLink
from matching.views.reader import file_of, in_language, page_of, read_page
from registry.access import Role, allow, can, signed_in
from registry.listing import Listing
from registry.models import Need
from registry.steps import StepRefused, open_steps
from registry.tabular import Column, rows

LISTS = Listing(
    rows=lambda user: CandidateList.objects.visible_to(user).for_list(),
    filters=CandidateListFilter,
    columns=LISTS_COLUMNS,
    template="matching/lists.html",
    stem="lists",
)
ACCESSES_SHOWN = 100
STEPS = {"release": release.release, "withdraw": release.withdraw}


@never_cache
@require_safe
@allow("matching.view_list")
def lists(request: HttpRequest) -> HttpResponse:
    return LISTS.page(request, may_make=can(request.user, "matching.make_list"))


@never_cache
@require_safe
@allow("matching.view_list")
def lists_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return LISTS.export(request, extension, title=_("Candidate lists"))


@allow("matching.make_list")
def list_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview is what the list would freeze; POST freezes it."""
    user = signed_in(request)
    need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
    newest = str(release.latest_version(need))
    groups = [(found.group.pk, in_one_line(found)) for found in joint.ready(need)]
    initial = {"recipient": need.project.organisation, "latest": newest}
    form = RecipientForm(request.POST or None, groups=groups, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = release.make_list(need, by=user, **form.cleaned_data)
            except StepRefused as refused:
                form.data = renewed = request.POST.copy()
                renewed["latest"] = str(release.latest_version(need))
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(
                    request,
                    _("List %(number)s was made. Nobody outside sees it before you release it.")
                    % {"number": made.number},
                )
                return redirect(made)
    found = release.candidates(need, user)
    context: dict[str, Any] = {
        "need": need,
        "form": form,
        "columns": LIST_COLUMNS,
        "rows": _paired(LIST_COLUMNS, found.consenting),
        "groups": groups,
        "without_consent": found.others,
        "left_out": release.unpublished(need, user),
    }
    return render(request, "matching/list_new.html", context, status=status)


@never_cache
@require_safe
@allow("matching.view_list")
@in_language
def candidate_list(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    user = signed_in(request)
    made = CandidateList.objects.visible_to(user).for_list().filter(pk=pk).first()
    if made is None:
        withdrawn = get_object_or_404(CandidateList.objects.withdrawn_from(user).select_related("need"), pk=pk)
        return render(request, "matching/list_withdrawn.html", {"list": withdrawn}, status=404)
    if user.role == Role.ANCHOR:
        return read_page(request, made, language)
    return _page(request, made, language=language)


@never_cache
@require_GET  # a HEAD would stand in the record as a download
@allow("matching.view_list")
@in_language
def list_file(request: HttpRequest, pk: int, extension: str, language: str) -> HttpResponseBase:
    seen = CandidateList.objects.visible_to(request.user).select_related("need__project", "office")
    made = get_object_or_404(seen, pk=pk)
    return file_of(request, made, extension, Reader(by=signed_in(request)), language)


@require_POST
@allow("matching.make_list")
def list_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    made = get_object_or_404(CandidateList.objects.visible_to(request.user).for_list(), pk=pk)
    try:
        STEPS[step](made, signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, made, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": LIST_STEPS[step].label})
    return redirect(made)


@require_POST
@allow("matching.make_list")
def link_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a reader without an account the way to this list."""
    made = get_object_or_404(CandidateList.objects.visible_to(request.user).for_list(), pk=pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, made, status=422, link_form=form)
    try:
        link = links.send(made, by=signed_in(request), address=address_in(request), **form.cleaned_data)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, made, status=409, link_form=form)
    messages.success(request, _("The link was sent to %(email)s.") % {"email": link.email})
    return redirect(f"{made.get_absolute_url()}#links")


def address_in(request: HttpRequest) -> Callable[[str], str]:
    """The address of a link by its secret, on the site that was asked."""
    return lambda secret: request.build_absolute_uri(reverse("matching:shared", args=[secret]))


@require_POST
@allow("matching.make_list")
def link_end(request: HttpRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(ListLink.objects.visible_to(request.user).select_related("list"), pk=pk)
    links.end(link)
    messages.success(request, _("The link to %(email)s leads nowhere now.") % {"email": link.email})
    return redirect(f"{link.list.get_absolute_url()}#links")


def _paired(columns: Sequence[Column], objects: Iterable[Any]) -> list[list[tuple[Column, object]]]:
    """Each value beside its column, whose heading names it on a phone."""
    return [list(zip(columns, values, strict=True)) for values in rows(columns, objects)]


def _page(
    request: HttpRequest,
    made: CandidateList,
    status: int = 200,
    link_form: LinkForm | None = None,
    language: str = LANGUAGES[0],
) -> HttpResponse:
    contents = original(made, language)
    may_make = can(request.user, "matching.make_list")
    released = made.state == CandidateList.State.RELEASED
    context = page_of(made, contents) | {
        "columns": contents.columns,
        "rows": _paired(contents.columns, contents.rows),
        "readings": ledger.readings(made) if may_make else [],
        "ended": ledger.ended(made) if may_make else [],
        "steps": open_steps(LIST_STEPS, made.state) if may_make else {},
        "may_make": may_make,
        "answers": answers.newest(made),
        "links": made.links.select_related("made_by"),
        "link_form": (link_form or LinkForm()) if may_make and released else None,
        "accesses": made.accesses.select_related("by", "link")[:ACCESSES_SHOWN],
        "now": timezone.now(),
    }
    return render(request, "matching/list.html", context, status=status)
