"""Candidate lists: what there is, and what stands in one as its reader may read it."""

from datetime import datetime
from typing import Any, TypedDict

from rest_framework.request import Request
from rest_framework.response import Response

from matching import answers, release
from matching.answers import Reader
from matching.columns import LISTS_COLUMNS
from matching.models import CandidateList, ListAccess
from matching.views.lists import LISTS
from registry.access import Role
from registry.api.resources import Resource
from registry.api.rows import Row


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
    heading: list[list[Any]]
    columns: list[list[str]]
    results: list[EntryJSON]


class CandidateListRow(Row):
    columns = LISTS_COLUMNS


class CandidateListAPI(Resource):
    """Candidate lists that you may see; what stands in one is below `entries/`."""

    listing, verb, resource, serializer_class = LISTS, "matching.view_list", "lists", CandidateListRow
    answers = {"entries": {200: ContentsJSON}}

    def entries(self, request: Request, pk: int) -> Response:
        """The firms of a list: for offices as it was frozen, for the anchor side what firms consent to today.

        That the anchor side reads it, and which fields of which firm, is written down.
        """
        made: CandidateList = self.get_object()
        if request.user.role == Role.ANCHOR:  # type: ignore[union-attr]
            contents = release.for_recipient(made)
            release.note_access(made, ListAccess.Act.API, Reader(by=request.user), contents)  # type: ignore[arg-type]
        else:
            contents = release.original(made)
        given = answers.answered(made)
        said: ContentsJSON = {
            "heading": [list(fact) for fact in contents.heading],
            "columns": [[column.name, str(column.heading)] for column in release.columns_of(made)],
            "results": [
                {
                    "id": entry.pk,
                    "firm": entry.firm_id,
                    "fields": contents.fields[entry.firm_id],
                    "row": contents.row_of(entry),
                    "answers": [_answer(one) for one in given.get(entry.pk, [])],
                }
                for entry in made.entries.filter(firm__in=contents.fields)
            ],
        }
        return Response(said)


def _answer(one: Any) -> AnswerJSON:
    return {
        "verdict": one.verdict,
        "code": one.code,
        "detail": one.detail,
        "value": one.value,
        "note": one.note,
        "at": one.at,
    }
