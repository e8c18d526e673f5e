"""Imports: upload, columns, preview with what would change, taking over with progress, undoing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import imports
from registry.access import allow, can, signed_in
from registry.filters import ImportFilter, LineFilter
from registry.forms.imports import ColumnsForm, HeaderForm, TakeOverForm, UploadForm
from registry.intake import remarks, template
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS, kinds_for
from registry.intake.sheets import FileRefused
from registry.listing import Listing, page_of
from registry.models import ImportBatch, ImportRow, User
from registry.office_columns import IMPORT_COLUMNS
from registry.steps import StepRefused
from registry.tabular import XLSX, disposition

State = ImportBatch.State
IMPORTS = Listing(
    rows=lambda user: ImportBatch.objects.visible_to(user).for_list(),
    filters=ImportFilter,
    columns=IMPORT_COLUMNS,
    template="registry/imports.html",
    stem="imports",
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allow("registry.import")
def imports_page(request: HttpRequest) -> HttpResponse:
    """The own imports, and the form for a new one."""
    user = signed_in(request)
    form, status = UploadForm(request.POST or None, request.FILES or None, user=user), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, source, kind = (form.cleaned_data[name] for name in ("file", "source", "kind"))
            try:
                return redirect(imports.upload(file.name, file.read(), by=user, source=source, kind=kind))
            except (FileRefused, StepRefused) as refused:
                form.add_error("file", str(refused))
    page = page_of(IMPORTS.rows(user), request)
    for batch in page:
        batch.kind_label = KINDS[batch.kind].label
    context = {
        "form": form,
        "page_obj": page,
        "kinds": kinds_for(user),
        "shows_events": can(user, "registry.view_event"),
    }
    return render(request, "registry/imports.html", context, status=status)


@require_safe
@allow("registry.import")
def imports_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return IMPORTS.export(request, extension, title=_("Imports"))


@never_cache
@require_safe
@allow("registry.import")
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns, the preview or the result; htmx gets the part that changes while a worker is at it."""
    batch = get_object_or_404(_batches(request), pk=pk)
    answer = _page(request, batch)
    patch_vary_headers(answer, ("HX-Request", "HX-Target"))
    return answer


@require_POST
@allow("registry.import")
def import_header(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at another sheet or line for the headings."""
    batch = get_object_or_404(_batches(request), pk=pk)
    user = signed_in(request)
    try:
        form = HeaderForm(batch, [sheet.name for sheet in imports.sheets_of(batch)], user, request.POST)
        if not form.is_valid():
            return _page(request, batch, status=422, header_form=form)
        imports.look_at(batch, user, **{name: form.cleaned_data[name] for name in ("sheet", "header", "kind")})
    except FileRefused as refused:
        messages.error(request, str(refused))
        return redirect(batch)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, batch, status=409, header_form=form)
    return redirect(batch)


@require_POST
@allow("registry.import")
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(_batches(request), pk=pk)
    form = ColumnsForm(batch, imports.headings(batch), request.POST)
    if not form.is_valid():
        return _page(request, batch, status=422, columns_form=form)
    wishes = {name: form.cleaned_data[name] for name in ("as_of", "publish") if name in form.fields}
    try:
        imports.confirm(batch, signed_in(request), form.mapping, **wishes)
    except StepRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, batch, status=409, columns_form=form)
    return redirect(batch)


@require_POST
@allow("registry.import")
def import_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    batch = get_object_or_404(_batches(request), pk=pk)
    user = signed_in(request)
    try:
        if step == "take":
            form = TakeOverForm(request.POST)
            form.is_valid()
            imports.take_over(batch, user, skip_refused=form.cleaned_data.get("skip_refused", False))
        elif step == "undo":
            imports.undo(batch, user)
            messages.success(request, _("The import was undone."))
        else:
            imports.cancel(batch, user)
            messages.success(request, _("The import was put away; nothing of it was written."))
    except StepRefused as refused:
        messages.error(request, str(refused))
        batch.refresh_from_db()
        return _page(request, batch, status=409)
    return redirect(batch)


@never_cache
@require_safe
@allow("registry.import")
def import_remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """The file again as a workbook, with what is new, changed or wrong written in the cells."""
    return remarks_of(get_object_or_404(_batches(request), pk=pk))


def remarks_of(batch: ImportBatch, *, contacts: bool = True) -> HttpResponse:
    """Raises Http404 before the columns are known, and when the file was deleted after its time."""
    if not batch.digest or not batch.mapping:
        raise Http404
    return _workbook(remarks.workbook(batch, imports.sheet_of(batch), contacts=contacts), f"remarks-{batch.pk}")


@require_safe
@allow("registry.import")
def import_template(request: HttpRequest, kind: str) -> HttpResponseBase:
    """An empty workbook with instructions and choices."""
    return template_of(kind, signed_in(request))


def template_of(kind: str, user: User) -> HttpResponse:
    """Raises Http404 for a kind that the person may not bring in."""
    if not KINDS[kind].allowed_to(user):
        raise Http404
    return _workbook(template.workbook(KINDS[kind]), f"{kind}-template")


def _workbook(file: bytes, stem: str) -> HttpResponse:
    answer = HttpResponse(file, content_type=XLSX)
    answer["Content-Disposition"] = disposition(f"{stem}.xlsx")
    return answer


def _batches(request: HttpRequest) -> Any:
    return IMPORTS.rows(request.user)


def _page(request: HttpRequest, batch: ImportBatch, status: int = 200, **forms: Any) -> HttpResponse:
    context: dict[str, Any] = {"batch": batch, "kind": KINDS[batch.kind]}
    if batch.state == State.WRITING:
        batch.done = imports.progress(batch)
    if batch.digest and batch.state in imports.ASKED:
        try:
            context |= _columns(request, batch, forms)
        except FileRefused as refused:
            context["refused"] = str(refused)
    if batch.state in imports.READ:
        context |= _preview(request, batch)
    fragment = request.headers.get("HX-Target") == "import"
    template_name = "registry/_import.html" if fragment else "registry/import.html"
    return render(request, template_name, context | forms, status=status)


def _columns(request: HttpRequest, batch: ImportBatch, forms: dict[str, Any]) -> dict[str, Any]:
    sheets = imports.sheets_of(batch)
    form = forms.get("columns_form") or ColumnsForm(batch, imports.headings(batch))
    samples = imports.samples(batch, form.columns)
    return {
        "columns_form": form,
        "knows_nothing": not any(batch.mapping),
        "other_tables": imports.other_tables(batch, sheets),
        "unread": imports.unread_sheets(batch),
        "columns": [(form[name], sample) for name, sample in zip(form.columns, samples, strict=True)],
        "header_form": forms.get("header_form")
        or HeaderForm(batch, [sheet.name for sheet in sheets], signed_in(request)),
    }


def _preview(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    wanted = request.GET.get("show", "")
    shown = wanted if wanted in ImportRow.State else ""
    rows = LineFilter({"show": shown}, imports.lines(batch)).qs
    counts = [(state, state.label, batch.counts.get(str(state), 0)) for state in ImportRow.State]
    page = page_of(rows, request)
    kind, catalogues = KINDS[batch.kind], Catalogues()
    lines = [(row, kind.title(row.values), remarks.in_words(row, kind, catalogues)) for row in page]
    left_out = imports.left_out(batch) if batch.digest and batch.state == State.READY else []
    return {
        "counts": counts,
        "shown": shown,
        "page_obj": page,
        "lines": lines,
        "left_out": left_out,
        "take_form": TakeOverForm(),
    }
