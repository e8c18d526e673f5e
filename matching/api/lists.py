"""Candidate lists: what there is, and what stands in one as its reader may read it."""

from datetime import datetime
from typing import Any, TypedDict

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import answers, joint, release
from matching.answers import Reader
from matching.api.files import answers as of_files
from matching.api.files import handed_out, language_of
from matching.columns import LISTS_COLUMNS
from matching.contents import LANGUAGES, for_recipient, original
from matching.forms.lists import AnswerForm, RecipientForm
from matching.group_words import in_one_line
from matching.ledger import note_access
from matching.list_columns import LIST_COLUMNS
from matching.list_files import CONTENT_TYPES
from matching.models import LIST_STEPS, CandidateList, Group, ListAccess
from matching.views.lists import LISTS, STEPS
from matching.views.reader import written
from registry.access import Role
from registry.api.bodies import Body, StepBody, fill, require
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.fields import IdField, KeyField, KeysField
from registry.models import Need, User
from registry.tabular import Column


class AnswerJSON(TypedDict):
    verdict: str
    code: str
    detail: str
    value: int | None
    note: str
    at: datetime


class EntryJSON(TypedDict):
    id: int
    firm: int
    fields: list[str]
    row: dict[str, Any]
    answers: list[AnswerJSON]


class ContentsJSON(TypedDict):
    language: str
    heading: list[list[Any]]
    columns: list[list[str]]
    results: list[EntryJSON]


class CandidateListRow(Row):
    columns = LISTS_COLUMNS


class CandidateListDetail(Row):
    columns = [
        *LISTS_COLUMNS,
        Column("answered", "how often each entry was answered", lambda made: _answered(made), type=dict[str, int]),
    ]


class NewListForm(forms.Form):
    """`latest` is the newest list that its maker knew of; without it whatever list there is."""

    need = KeyField(Need.objects.none(), label=_("Need"))
    recipient = RecipientForm.base_fields["recipient"]
    groups = KeysField(Group.objects.none(), required=False, label=RecipientForm.base_fields["groups"].label)
    latest = forms.IntegerField(min_value=0, max_value=32_767, required=False, label=_("newest list"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.fields["need"].queryset = Need.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["groups"].queryset = Group.objects.visible_to(user)  # type: ignore[attr-defined]

    def clean_groups(self) -> list[int]:
        return [group.pk for group in self.cleaned_data["groups"]]


class EntryForm(forms.Form):
    entry = IdField()


class CandidateListAPI(Stepped):
    """Candidate lists that you may see; what stands in one is below `entries/`."""

    listing, verb, resource, serializer_class = LISTS, "matching.view_list", "lists", CandidateListRow
    whole = CandidateListDetail
    verbs = {"create": "matching.make_list", "steps": "matching.make_list", "answer": "matching.answer_list"}
    answers = {"entries": {200: ContentsJSON}, "file": of_files(CONTENT_TYPES)}
    questions = {name: {"language": LANGUAGES} for name in ("entries", "file")}
    bodies = {
        "create": Body([NewListForm], example={"need": 1, "recipient": "Holm A/S"}),
        "steps": StepBody(LIST_STEPS, lambda name: {}, example={"step": "release"}),
        "answer": Body(
            [EntryForm, AnswerForm], example={"entry": 1, "verdict": "reject", "code": "OTHER", "note": "too late"}
        ),
    }

    def create(self, request: Request) -> Response:
        """Freeze the shortlisted firms that consent into a list. Nobody outside sees it before its release."""
        (form,) = fill(self.sent(), [lambda data: NewListForm(self.person, data)])
        return self.made(release.make_list(by=self.person, **form.cleaned_data))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        STEPS[step](row, self.person)

    @action(detail=True, methods=["post"], url_path="answers")
    def answer(self, request: Request, pk: int) -> Response:
        """Answer for one firm of a released list."""
        made, sent = self.unchanged(), self.sent()
        require(sent, EntryForm.base_fields)
        visible = made.entries.filter(firm__in=for_recipient(made).fields)
        entry = get_object_or_404(visible, pk=sent.pop("entry"))
        seen = made.answered.get(str(entry.pk), 0)
        (form,) = fill(sent, [lambda data: AnswerForm(entry.pk, seen, data)], seen=seen)
        return self.after(lambda: answers.answer(entry, Reader(by=self.person), seen, form.said))

    def file(self, request: Request, pk: int, extension: str) -> HttpResponse:
        """The list as a file, the same as on its page. Every download is written down, as is what the anchor side read
        in it."""
        made, reader = self.get_object(), Reader(by=self.person)
        return handed_out(request, lambda language: written(made, extension, reader, language))

    def entries(self, request: Request, pk: int) -> Response:
        """The firms of a list: for offices as it was frozen, for the anchor side what firms consent to today.

        In Japanese, English or, unless `language` says otherwise, both side by side. That the anchor side reads it, and
        which fields of which firm, is written down.
        """
        made: CandidateList = self.get_object()
        language = language_of(request)
        if request.user.role == Role.ANCHOR:  # type: ignore[union-attr]
            contents = for_recipient(made, language)
            note_access(made, ListAccess.Act.API, Reader(by=request.user), contents)  # type: ignore[arg-type]
        else:
            contents = original(made, language)
        given = answers.answered(made)
        said: ContentsJSON = {
            "language": language,
            "heading": [list(fact) for fact in contents.heading],
            "columns": [[column.name, str(column.heading)] for column in contents.columns],
            "results": [
                {
                    "id": entry.pk,
                    "firm": entry.firm_id,
                    "fields": contents.fields[entry.firm_id],
                    "row": contents.rows[contents.place_of(entry)],
                    "answers": [_answer(one) for one in given.get(entry.pk, [])],
                }
                for entry in made.entries.filter(firm__in=contents.fields)
            ],
        }
        return Response(said)


def _answered(made: Any) -> dict[str, int]:
    """Read once for the row, so that what an answer follows is what its ETag spoke of."""
    if not hasattr(made, "answered"):
        made.answered = {str(entry): len(given) for entry, given in answers.answered(made).items()}
    found: dict[str, int] = made.answered
    return found


def _answer(one: Any) -> AnswerJSON:
    return {
        "verdict": one.verdict,
        "code": one.code,
        "detail": one.detail,
        "value": one.value,
        "note": one.note,
        "at": one.at,
    }


class ProspectJSON(TypedDict):
    firm: int
    proposal: int | None
    row: dict[str, Any]


class WithoutConsentJSON(TypedDict):
    firm: int
    proposal: int | None


class ReadyGroupJSON(TypedDict):
    id: int
    words: str


class PreviewJSON(TypedDict):
    latest: int
    recipient: str
    columns: list[list[str]]
    results: list[ProspectJSON]
    without_consent: list[WithoutConsentJSON]
    unpublished: list[str]
    groups: list[ReadyGroupJSON]


class PreviewAPI(Gate):
    """What a list of a need would hold."""

    verb, resource, action, schema = "matching.make_list", "lists", "preview", Description()
    answers = {"preview": {200: PreviewJSON}}

    def get(self, request: Request, pk: int) -> Response:
        """What `POST lists/` would freeze now, who is left out and why, and the groups that may go in as one."""
        user: Any = request.user
        need = get_object_or_404(Need.objects.visible_to(user).for_list(), pk=pk)
        found = release.candidates(need, user)
        said: PreviewJSON = {
            "latest": release.latest_version(need),
            "recipient": need.project.organisation,
            "columns": [[column.name, str(column.heading)] for column in LIST_COLUMNS],
            "results": [
                {
                    "firm": one.proposal.firm_id,
                    "proposal": one.proposal.pk,
                    "row": {column.name: column.json(one) for column in LIST_COLUMNS},
                }
                for one in found.consenting
            ],
            "without_consent": [{"firm": one.firm_id, "proposal": one.pk} for one in found.others],
            "unpublished": release.unpublished(need, user),
            "groups": [{"id": one.group.pk, "words": in_one_line(one)} for one in joint.ready(need)],
        }
        return Response(said)
