"""Imports: a file comes in, its columns are said, its lines are read, and it is taken over, put away or undone."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, TypedDict

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from registry import imports
from registry.api.bodies import FileBody, StepBody, fill, nobody
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.problems import Conflict, Invalid
from registry.api.resources import Resource, Stepped
from registry.api.rows import Row
from registry.filters import LineFilter
from registry.forms.fields import LinesField
from registry.forms.imports import ColumnsForm, HeaderForm, TakeOverForm, UploadForm
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS
from registry.intake.remarks import in_words
from registry.intake.sheets import FileRefused
from registry.models import ImportBatch, ImportRow
from registry.office_columns import IMPORT_COLUMNS
from registry.tabular import XLSX, Column
from registry.views.imports import IMPORTS, remarks_of, template_of

WORKBOOK: dict[Any, Any] = {(200, XLSX): OpenApiTypes.BINARY}
STEPS: dict[str, dict[str, forms.Field]] = {
    "look": {
        "kind": forms.ChoiceField(choices=[(name, kind.label) for name, kind in KINDS.items()], required=False),
        "sheet": forms.CharField(required=False, label=gettext_lazy("Sheet")),
        "header": forms.IntegerField(min_value=1, required=False, label=HeaderForm.base_fields["header"].label),
    },
    "read": {
        "columns": LinesField(required=False, label=gettext_lazy("the field of each column, empty to leave it out")),
        **{name: ColumnsForm.base_fields[name] for name in ("as_of", "publish")},
    },
    "take": TakeOverForm.base_fields,
    "cancel": {},
    "undo": {},
}


class HeadingJSON(TypedDict):
    heading: str
    samples: list[str]
    field: str


class FieldJSON(TypedDict):
    name: str
    label: str
    required: bool


class ChangeJSON(TypedDict):
    field: str
    column: str
    old: Any
    new: Any


class RemarkJSON(TypedDict):
    field: str
    column: str
    value: str
    message: str


# ---- what is said of an import ---------------------------------------------------------------------------------------
def _of_file(read: Callable[[ImportBatch], list[Any]], states: Collection[str]) -> Callable[[ImportBatch], list[Any]]:
    """Read the kept file in some states of its import; nothing of one that is gone, or that an earlier version kept."""

    def value(batch: ImportBatch) -> list[Any]:
        if not batch.digest or batch.state not in states:
            return []
        try:
            return read(batch)
        except FileRefused:
            return []

    return value


def _columns(batch: ImportBatch) -> list[HeadingJSON]:
    headings = imports.headings(batch)
    meant = [*batch.mapping, *[""] * len(headings)]
    return [
        {"heading": str(heading or ""), "samples": sample, "field": field}
        for heading, sample, field in zip(headings, imports.samples(batch, headings), meant, strict=False)
    ]


def _fields(batch: ImportBatch) -> list[FieldJSON]:
    return [
        {"name": field.name, "label": str(field.label), "required": field.required}
        for field in KINDS[batch.kind].fields
    ]


def _sheets(batch: ImportBatch) -> list[str]:
    return [sheet.name for sheet in imports.sheets_of(batch)]


def _done(batch: ImportBatch) -> int:
    if batch.state == ImportBatch.State.WRITING:
        return imports.progress(batch)
    ended = {ImportBatch.State.DONE, ImportBatch.State.UNDONE}
    return batch.total if batch.state in ended else batch.done


class ImportBatchRow(Row):
    columns = IMPORT_COLUMNS


class ImportDetail(Row):
    columns = [
        *IMPORT_COLUMNS,
        Column("done", "lines that are read or written so far", _done, type=int),
        Column("header", "line of the headings", attrgetter("header"), type=int),
        Column(
            "sheets",
            "sheets of the workbook, while its columns are to be said",
            _of_file(_sheets, imports.ASKED),
            type=list[str],
        ),
        Column(
            "unread",
            "sheets that are hidden, or too many, while its columns are to be said",
            _of_file(imports.unread_sheets, imports.ASKED),
            type=list[str],
        ),
        Column(
            "columns",
            "headings and first lines, while it is to be said what they are",
            _of_file(_columns, imports.ASKED),
            type=list[HeadingJSON],
        ),
        Column(
            "fields",
            "what a column may mean, while it is to be said",
            _of_file(_fields, imports.ASKED),
            type=list[FieldJSON],
        ),
        Column(
            "left_out",
            "headings of the columns that are not taken, before it is taken over",
            _of_file(imports.left_out, {ImportBatch.State.READY}),
            type=list[str],
        ),
    ]


class ImportAPI(Stepped):
    """Imports, where they stand and how many lines are new, changed, unchanged and refused; the lines are below.

    By steps: `look` for the headings in another sheet or line, or take it for another kind; `read` the lines by these
    columns; `take` the new and changed lines over; `cancel`; `undo` what was taken over. Reading and taking over go on
    in the background: `state` and `done` of the import tell how far; `done` moves without a new ETag.
    """

    listing, verb, resource, serializer_class = IMPORTS, "registry.import", "imports", ImportBatchRow
    whole = ImportDetail
    moving = {"done", "total"}
    answers = {"remarks": WORKBOOK}
    bodies = {
        "create": FileBody([UploadForm(user=nobody()).fields], example={"source": "秋田県 企業データベース"}),
        "steps": StepBody(STEPS, lambda name: STEPS[name], example={"step": "read", "columns": ["name", "prefecture"]}),
    }

    def create(self, request: Request) -> Response:
        """Upload an Excel or CSV file. Its kind, unless you say it, sheet, headings and columns are guessed."""
        (form,) = fill(self.sent(), [lambda data: UploadForm(data, request.FILES, user=self.person)])
        file, source, kind = (form.cleaned_data[name] for name in ("file", "source", "kind"))
        try:
            return self.made(imports.upload(file.name, file.read(), by=self.person, source=source, kind=kind))
        except FileRefused as refused:
            raise Invalid({"file": [str(refused)]}) from refused

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        user = self.person
        try:
            if step == "look":
                names = [sheet.name for sheet in imports.sheets_of(row)]
                (form,) = fill(sent, [lambda data: HeaderForm(row, names, user, data)])
                imports.look_at(row, user, **form.cleaned_data)
            elif step == "read":
                form = _confirmed(row, sent)
                wishes = {name: form.cleaned_data[name] for name in ("as_of", "publish") if name in form.fields}
                imports.confirm(row, user, form.mapping, **wishes)
            elif step == "take":
                (form,) = fill(sent, [TakeOverForm])
                imports.take_over(row, user, **form.cleaned_data)
            else:
                {"cancel": imports.cancel, "undo": imports.undo}[step](row, user)
        except FileRefused as refused:  # an earlier version kept it
            raise Conflict(str(refused)) from refused

    @action(detail=True, methods=["get"])
    def remarks(self, request: Request, pk: int) -> HttpResponse:
        """The file again as a workbook, with what is new, changed or wrong written in the cells; without what the
        register says of contact persons."""
        return remarks_of(self.get_object(), contacts=False)


def _confirmed(batch: ImportBatch, sent: dict[str, Any]) -> ColumnsForm:
    """The columns as their form has them, one field for each. Raises BadRequest or Invalid, by the column's number."""
    headings = imports.headings(batch)
    columns = sent.pop("columns", batch.mapping)
    if len(columns) > len(headings):
        raise Invalid({"columns": [_("The file has %(count)d columns.") % {"count": len(headings)}]})
    named = {f"c{place}": field for place, field in enumerate(columns)}
    try:
        (form,) = fill(sent | named, [lambda data: ColumnsForm(batch, headings, data)])
    except Invalid as wrong:
        raise Invalid({re.sub(r"^c(\d+)$", r"columns.\1", name): why for name, why in wrong.errors.items()}) from wrong
    confirmed: ColumnsForm = form
    return confirmed


# ---- what is said of a line ------------------------------------------------------------------------------------------
LINE_COLUMNS = [
    Column("line", "line of the file", attrgetter("number"), type=int),
    Column("state", "what becomes of it", attrgetter("state")),
    Column("about", "what a new line is about", lambda row: ""),
    Column("firm", "firm", attrgetter("firm_id"), type=int | None),
    Column("need", "need", attrgetter("need_id"), type=int | None),
    Column("event", "event", attrgetter("event_id"), type=int | None),
    Column("changes", "what changes, field by field", lambda row: [], type=list[ChangeJSON]),
    Column("remarks", "what is wrong, and what to do", lambda row: [], type=list[RemarkJSON]),
    Column("said", "changes and remarks in words", lambda row: [], type=list[str]),
]


class LineRow(Row):
    columns = LINE_COLUMNS

    def to_representation(self, instance: ImportRow) -> dict[str, Any]:
        kind, catalogues = self.context["kind"], self.context["catalogues"]

        def column(name: str) -> str:
            return str(kind.by_name[name].label) if name in kind.by_name else ""

        changes: list[ChangeJSON] = [
            {"field": name, "column": column(name), "old": None if kind.is_personal(name) else old, "new": new}
            for name, (old, new) in instance.changes.items()
        ]
        remarks: list[RemarkJSON] = [
            {"field": name, "column": column(name), "value": typed, "message": message}
            for name, typed, message in instance.remarks
        ]
        said = in_words(instance, kind, catalogues, contacts=False)
        words = {"about": kind.title(instance.values), "said": said}
        return super().to_representation(instance) | words | {"changes": changes, "remarks": remarks}


class LineAPI(Resource):
    """The lines of one import once all of them are read; without `show` those that say something new or wrong. What the
    register says of contact persons is not among it: a sheet of IDs would read them all."""

    verb, resource, serializer_class = "registry.import", "imports", LineRow
    filterset_class = LineFilter
    queryset = ImportRow.objects.none()

    @cached_property
    def batch(self) -> ImportBatch:
        found: ImportBatch | None = IMPORTS.rows(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_queryset(self) -> Any:
        return imports.lines(self.batch)

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        return {"kind": KINDS[self.batch.kind], "catalogues": Catalogues()}


class TemplateAPI(Gate):
    """Templates of the kinds of sheets."""

    verb, resource, action, schema = "registry.import", "imports", "template", Description()
    answers = {"template": WORKBOOK}

    def get(self, request: Request, kind: str) -> HttpResponse:
        """An empty workbook with instructions and choices."""
        return template_of(kind, request.user)  # type: ignore[arg-type]
