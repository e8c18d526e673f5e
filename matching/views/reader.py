"""A released list as its reader meets it, firm by firm with an answer: signed in, or by a link with a code."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from matching import answers, links
from matching.answers import Reader
from matching.contents import LANGUAGES, Contents, for_recipient, original
from matching.dossier import Busy, Marks, facts, unsure
from matching.forms.lists import AnswerForm, CodeForm
from matching.ledger import note_access
from matching.list_files import CONTENT_TYPES, file_name, write_file
from matching.models import Answer, CandidateList, CandidateListEntry, ListAccess, ListLink
from registry.access import Role, allow, signed_in
from registry.atlas import Landmark, Map, Spot
from registry.steps import StepRefused
from registry.tabular import disposition

LET_IN = 8 * 60 * 60
"""Seconds that a browser stays let in after the code."""
LANGUAGE_NAMES = {"both": "日本語 / English", "ja": "日本語", "en": "English"}
Answering = Callable[..., HttpResponseBase]


def in_language(view: Answering) -> Answering:
    """Hand the view the language of `?language=`: ja, en or both. Anything else is answered 400."""

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = request.GET.get("language", LANGUAGES[0])
        if language not in LANGUAGES:
            said = _("“%(value)s” is no language of a list. Choose %(known)s.")
            problems = {"language": [said % {"value": language[:40], "known": ", ".join(LANGUAGES)}]}
            return render(request, "registry/bad_query.html", {"problems": problems}, status=400)
        return view(request, *args, language=language, **kwargs)

    return read


@dataclass(frozen=True, slots=True)
class Card:
    """One firm of a list as its reader meets it, with what was answered and the form for the next answer.

    facts     dossier.Fact, its source as the letter of `sources`
    held_by   the letter of who stated the certificates
    sources   letter and what it stands for: who said it, where and when
    """

    entry: CandidateListEntry
    row: dict[str, Any]
    details: dict[str, Any]
    facts: list[dict[str, Any]]
    held_by: str
    sources: list[tuple[str, str]]
    unsure: str
    map: Map | None
    answers: list[Answer]
    form: AnswerForm


def cards(made: CandidateList, contents: Contents, bound: tuple[int, AnswerForm] | None = None) -> list[Card]:
    """The firms that the reader is shown. `bound` is the entry and the form that was refused; it keeps its input."""
    given, found = answers.answered(made), []
    for entry in made.entries.filter(firm__in=contents.fields):
        form = AnswerForm(entry.pk, len(given.get(entry.pk, [])))
        if bound and bound[0] == entry.pk:
            form = bound[1]
        place, marks = contents.place_of(entry), Marks()
        row, details = contents.rows[place], contents.details[place]
        card = Card(
            entry=entry,
            row=row,
            details=details,
            facts=[marks.short(fact) for fact in facts(contents, place)],
            held_by=marks.of(details["sources"].get("certifications", {}).get("line", "")),
            sources=marks.told,
            unsure=unsure(contents, place),
            map=_map(row, details),
            answers=given.get(entry.pk, []),
            form=form,
        )
        found.append(card)
    return found


def _map(row: dict[str, Any], details: dict[str, Any]) -> Map | None:
    """The firm's pin and the place of the need on a small map."""
    spot = details["map"]
    if spot is None:
        return None
    site = [Landmark(spot["place"], "port", *spot["site"])] if spot["site"] else []
    return Map([Spot(str(row["place"]), *spot["firm"])], site)


def page_of(made: CandidateList, contents: Contents, **more: Any) -> dict[str, Any]:
    """What every page of a list is drawn from."""
    shown = {"list": made, "facts": contents.heading, "labels": contents.labels, "left_out": contents.left_out}
    choice = {"language": contents.language, "languages": LANGUAGE_NAMES, "today": timezone.localdate().isoformat()}
    return shown | choice | {"extensions": ("pdf", "xlsx", "csv")} | more


def file_of(request: HttpRequest, made: CandidateList, extension: str, reader: Reader, language: str) -> HttpResponse:
    try:
        return written(made, extension, reader, language)
    except Busy:
        return busy(request)


def written(made: CandidateList, extension: str, reader: Reader, language: str) -> HttpResponse:
    """The file, once its download stands in the record of accesses. An office keeps the list as it was made.

    Raises Busy while other dossiers are being set.
    """
    outside = reader.link is not None or (reader.by is not None and reader.by.role == Role.ANCHOR)
    contents = (for_recipient if outside else original)(made, language)
    file = write_file(made, extension, contents)
    note_access(made, ListAccess.Act(extension), reader, contents if outside else None)
    answer = HttpResponse(file, content_type=CONTENT_TYPES[extension])
    answer["Content-Disposition"] = disposition(file_name(made, extension, language))
    return answer


def busy(request: HttpRequest) -> HttpResponse:
    """Other dossiers are being set: the reader is asked to come back in a minute."""
    answer = render(request, "matching/dossier_busy.html", status=503)
    answer["Retry-After"] = "60"
    return answer


def _answer(request: HttpRequest, made: CandidateList, entry_id: int, reader: Reader) -> tuple[AnswerForm | None, int]:
    """Record what was sent: no form and 302, or the refused form and its status."""
    entry = get_object_or_404(made.entries.filter(firm__in=for_recipient(made).fields), pk=entry_id)
    form = AnswerForm(entry.pk, 0, request.POST)
    if not form.is_valid():
        return form, 422
    try:
        given = answers.answer(entry, reader, form.cleaned_data["seen"], form.said)
    except StepRefused as refused:
        data = request.POST.copy()
        data[form.add_prefix("seen")] = str(entry.answers.count())
        form = AnswerForm(entry.pk, 0, data)
        form.add_error(None, str(refused))
        return form, 409
    words = {"firm": entry.row.get("name", ""), "answer": given.get_verdict_display()}
    messages.success(request, _("%(firm)s: “%(answer)s” is recorded. You can still change it.") % words)
    return None, 302


# ---- signed in -------------------------------------------------------------------------------------------------------
@require_POST
@allow("matching.answer_list")
@in_language
def list_answer(request: HttpRequest, pk: int, entry: int, language: str) -> HttpResponse:
    user = signed_in(request)
    made = get_object_or_404(CandidateList.objects.visible_to(user).for_list(), pk=pk)
    form, status = _answer(request, made, entry, Reader(by=user))
    if form is None:
        return redirect(_back_to(made.get_absolute_url(), entry, language))
    return _read_page(request, made, for_recipient(made, language), bound=(entry, form), status=status)


def _back_to(page: str, entry: int, language: str) -> str:
    chosen = "" if language == LANGUAGES[0] else f"?language={language}"
    return f"{page}{chosen}#firm-{entry}"


def read_page(request: HttpRequest, made: CandidateList, language: str) -> HttpResponse:
    """The list for the anchor side: what its firms consent to today."""
    return _read_page(request, made, for_recipient(made, language))


def _read_page(
    request: HttpRequest,
    made: CandidateList,
    contents: Contents,
    bound: tuple[int, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Also what shows a refused answer shows the list, and is a reading of it."""
    note_access(made, ListAccess.Act.PAGE, Reader(by=signed_in(request)), contents)
    context = page_of(made, contents, cards=cards(made, contents, bound))
    return render(request, "matching/list.html", context, status=status)


# ---- by a link -------------------------------------------------------------------------------------------------------
def shared(*, let_in: bool) -> Callable[[Answering], Answering]:
    """Find the link of the address, in its language; with `let_in` only for a browser that has typed the code.

    Unknown, run out, ended and withdrawn look the same.
    """

    def decorate(view: Answering) -> Answering:
        @never_cache
        @login_not_required
        @wraps(view)
        def found(request: HttpRequest, secret: str, **kwargs: Any) -> HttpResponseBase:
            link = links.find(secret)
            if link is None:
                return _private(render(request, "matching/link_gone.html", status=404))
            _speak(request, link)
            if let_in and not _is_let_in(request, link):
                return redirect("matching:shared", secret)
            return _private(view(request, link, secret, **kwargs))

        found.by_secret = True  # type: ignore[attr-defined]
        return found

    return decorate


@require_safe
@shared(let_in=False)
@in_language
def shared_list(request: HttpRequest, link: ListLink, secret: str, language: str) -> HttpResponse:
    if not _is_let_in(request, link):
        return _door(request, link, secret)
    return _shared_page(request, link, secret, for_recipient(link.list, language))


@require_POST
@shared(let_in=False)
def shared_code(request: HttpRequest, link: ListLink, secret: str) -> HttpResponse:
    try:
        links.send_code(link)
    except StepRefused as refused:
        messages.error(request, str(refused))
    except OSError:
        messages.error(request, _("The mail could not be sent. Try again in a few minutes, or tell the office."))
    else:
        messages.success(request, _("A code is on its way to your mailbox. It is valid for ten minutes."))
    return redirect("matching:shared", secret)


@require_POST
@shared(let_in=False)
def shared_enter(request: HttpRequest, link: ListLink, secret: str) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            links.enter(link, form.cleaned_data["code"])
        except StepRefused as refused:
            form.add_error("code", str(refused))
        else:
            request.session.cycle_key()
            request.session[_key(link)] = int(time.time())
            return redirect("matching:shared", secret)
    return _door(request, link, secret, form, status=422)


@require_GET
@shared(let_in=True)
@in_language
def shared_file(request: HttpRequest, link: ListLink, _secret: str, extension: str, language: str) -> HttpResponse:
    return file_of(request, link.list, extension, Reader(link=link), language)


@require_POST
@shared(let_in=True)
@in_language
def shared_answer(request: HttpRequest, link: ListLink, secret: str, entry: int, language: str) -> HttpResponse:
    form, status = _answer(request, link.list, entry, Reader(link=link))
    if form is None:
        return redirect(_back_to(request.path.rpartition("answers/")[0], entry, language))
    contents = for_recipient(link.list, language)
    return _shared_page(request, link, secret, contents, bound=(entry, form), status=status)


def _shared_page(
    request: HttpRequest,
    link: ListLink,
    secret: str,
    contents: Contents,
    bound: tuple[int, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    note_access(link.list, ListAccess.Act.PAGE, Reader(link=link), contents)
    shown = cards(link.list, contents, bound)
    context = page_of(link.list, contents, link=link, secret=secret, cards=shown)
    return render(request, "matching/shared.html", context, status=status)


def _door(
    request: HttpRequest, link: ListLink, secret: str, form: CodeForm | None = None, status: int = 200
) -> HttpResponse:
    name, _at, domain = link.email.partition("@")
    context = {
        "form": form or CodeForm(),
        "secret": secret,
        "mailbox": f"{name[:1]}…@{domain}",
        "sent": bool(link.code),
    }
    return render(request, "matching/shared_code.html", context, status=status)


def _key(link: ListLink) -> str:
    return f"list-link-{link.pk}"


def _is_let_in(request: HttpRequest, link: ListLink) -> bool:
    since = request.session.get(_key(link))
    return isinstance(since, int) and 0 <= time.time() - since < LET_IN


def _speak(request: HttpRequest, link: ListLink) -> None:
    """The reader's language, unless the reader chose another one here."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(link.language)
        request.LANGUAGE_CODE = link.language


def _private(answer: HttpResponseBase) -> HttpResponseBase:
    """No search engine keeps the page; other sites are never told an address of ours (SECURE_REFERRER_POLICY)."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "no-store, private"
    return answer
