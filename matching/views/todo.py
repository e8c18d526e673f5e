"""Tasks: the office's list, one task with its record, setting one, and the firm's word that it is done."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from matching import todo
from matching.forms.tasks import ReportForm, TaskForm, TaskStepForm, task_step_forms
from matching.models import TASK_STEPS, Inquiry, Proposal, Task
from matching.task_list import TASK_COLUMNS, TaskFilter
from registry.access import allow, signed_in
from registry.forms.fields import key_in
from registry.listing import Listing
from registry.models import Firm, Need, User
from registry.models.catalogue import sentences
from registry.steps import StepRefused

TASKS = Listing(
    rows=lambda user: Task.objects.visible_to(user).for_list(),
    filters=TaskFilter,
    columns=TASK_COLUMNS,
    template="matching/tasks.html",
    stem="tasks",
)
_TARGETS: dict[str, Any] = {"proposal": Proposal, "inquiry": Inquiry, "firm": Firm, "need": Need}


@require_safe
@allow("matching.view_task")
def tasks(request: HttpRequest) -> HttpResponse:
    return TASKS.page(request)


@require_safe
@allow("matching.view_task")
def tasks_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return TASKS.export(request, extension, title=_("Tasks"))


@require_safe
@allow("matching.view_task")
def task(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(signed_in(request), pk))


@allow("matching.change_task")
def task_new(request: HttpRequest) -> HttpResponse:
    """A task on what `?proposal=`, `?inquiry=`, `?firm=` or `?need=` names, or one that hangs on nothing."""
    user, target = signed_in(request), _target(request)
    form, status = TaskForm(user, request.POST or None, with_firm=target.its_firm is not None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = todo.set_task(form.wish, target, by=user)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("The task was set."))
                return redirect(made)
    return render(request, "matching/task_new.html", {"form": form, "target": target}, status=status)


@require_POST
@allow("matching.change_task")
def task_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    user = signed_in(request)
    moved = _visible(user, pk)
    form = TaskStepForm(step, moved, user, request.POST)
    if not form.is_valid():
        return _page(request, moved, bound=form, status=422)
    try:
        todo.take(step, moved, by=user, **form.cleaned_data)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, _visible(user, pk), bound=form, status=409)
    messages.success(request, _("“%(step)s” is done.") % {"step": TASK_STEPS[step].label})
    return redirect(moved)


@require_POST
@allow("matching.report_task")
def task_report(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    done, form = (
        get_object_or_404(Task.objects.visible_to(user).select_related("firm"), pk=pk),
        ReportForm(request.POST),
    )
    if not form.is_valid():
        messages.error(request, sentences(error for errors in form.errors.values() for error in errors))
        return redirect("matching:concerns")
    try:
        todo.report(done, by=user, note=form.cleaned_data["note"])
    except StepRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The office was told. It closes the task when it has looked at it."))
    return redirect("matching:concerns")


def _visible(user: User, pk: int) -> Task:
    found: Task = get_object_or_404(
        Task.objects.visible_to(user).for_list().select_related("proposal__need", "proposal__firm", "inquiry"), pk=pk
    )
    return found


def _page(request: HttpRequest, shown: Task, *, bound: TaskStepForm | None = None, status: int = 200) -> HttpResponse:
    user = signed_in(request)
    context = {
        "task": shown,
        "events": shown.events.select_related("by", "assignee").order_by("-pk"),
        "forms": task_step_forms(shown, user, bound),
        "sees_firm": shown.firm_id and Firm.objects.visible_to(user).filter(pk=shown.firm_id).exists(),
        "sees_need": shown.need_id and Need.objects.visible_to(user).filter(pk=shown.need_id).exists(),
    }
    return render(request, "matching/task.html", context, status=status)


def _target(request: HttpRequest) -> todo.Target:
    """What the address names; 404 for what the person does not see."""
    for name, model in _TARGETS.items():
        if key := request.GET.get(name, ""):
            return todo.Target(**{name: get_object_or_404(_rows(model, request), pk=key_in(key))})
    return todo.Target()


def _rows(model: Any, request: HttpRequest) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.visible_to(request.user)
    return rows.select_related("need", "firm") if model in {Proposal, Inquiry} else rows
