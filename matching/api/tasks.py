"""Tasks as offices set and move them on what they see, and as firms read theirs and say that they are done."""

from datetime import date, datetime
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from matching import todo
from matching.forms.tasks import ReportForm, TaskForm, TaskStepForm
from matching.models import OFFICE_TASK_STEPS, Inquiry, Proposal, Task
from matching.task_list import OWN_TASK_COLUMNS, TASK_COLUMNS, OwnTaskFilter
from matching.views.todo import TASKS
from registry.api.bodies import Body, StepBody, fill, nobody
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.forms.fields import KeyField
from registry.listing import Listing
from registry.models import Firm, Need, User
from registry.tabular import Column


class TaskRow(Row):
    columns = TASK_COLUMNS


class TaskEventJSON(TypedDict):
    step: str
    at: datetime
    by: str
    note: str
    due_on: date | None
    assignee: str


def _events(task: Task) -> list[TaskEventJSON]:
    return [
        {
            "step": one.step,
            "at": one.at,
            "by": str(one.by),
            "note": one.note,
            "due_on": one.due_on,
            "assignee": str(one.assignee or ""),
        }
        for one in task.events.select_related("by", "assignee").order_by("-pk")
    ]


class TaskDetail(Row):
    columns = [*TASK_COLUMNS, Column("events", "what happened, newest first", _events, type=list[TaskEventJSON])]


class OnForm(forms.Form):
    """What a task hangs on: one of these, or nothing."""

    proposal = KeyField(Proposal.objects.none(), required=False, label=gettext_lazy("Proposal"))
    inquiry = KeyField(Inquiry.objects.none(), required=False, label=gettext_lazy("Inquiry"))
    firm = KeyField(Firm.objects.none(), required=False, label=gettext_lazy("Firm"))
    need = KeyField(Need.objects.none(), required=False, label=gettext_lazy("Need"))

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        seen: dict[str, Any] = {
            "proposal": Proposal.objects.visible_to(user).select_related("need", "firm"),
            "inquiry": Inquiry.objects.visible_to(user).select_related("need", "firm"),
            "firm": Firm.objects.visible_to(user),
            "need": Need.objects.visible_to(user),
        }
        for name, rows in seen.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if sum(row is not None for row in said.values()) > 1:
            raise forms.ValidationError(_("A task hangs on one thing at most."))
        return said

    @property
    def target(self) -> todo.Target:
        return todo.Target(**self.cleaned_data)


class NewTaskForm(TaskForm):
    """Without a number of the form: a program repeats a request by its Idempotency-Key."""

    key = None  # type: ignore[assignment]
    side = forms.ChoiceField(
        label=gettext_lazy("Who is to do it?"), choices=Task.Side.choices, initial=Task.Side.OFFICE
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, data, with_firm=True)


class TaskAPI(Stepped):
    """Tasks that you may see; without `state` the open ones."""

    listing, verb, resource, serializer_class = TASKS, "matching.view_task", "tasks", TaskRow
    whole = TaskDetail
    verbs = dict.fromkeys(("create", "steps"), "matching.change_task")
    bodies = {
        "create": Body(
            [OnForm, NewTaskForm],
            example={"firm": 1, "side": "firm", "title": "ISO 9001の取得", "due_on": "2027-03-31"},
        ),
        "steps": StepBody(
            OFFICE_TASK_STEPS, lambda name: TaskStepForm(name, Task(), nobody()).fields, example={"step": "done"}
        ),
    }

    def create(self, request: Request) -> Response:
        """Set a task for a firm or for an office."""
        makes = [lambda data: OnForm(self.person, data), lambda data: NewTaskForm(self.person, data)]
        on, form = fill(self.sent(), makes)
        return self.made(todo.set_task(form.wish, on.target, by=self.person))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        (form,) = fill(sent, [lambda data: TaskStepForm(step, row, self.person, data)])
        todo.take(step, row, by=self.person, **form.cleaned_data)


OWN_TASKS = Listing(
    rows=lambda user: Task.objects.visible_to(user).for_list(),
    filters=OwnTaskFilter,
    columns=OWN_TASK_COLUMNS,
    template="",
    stem="own-tasks",
)


class OwnTaskRow(Row):
    columns = OWN_TASK_COLUMNS


class OwnTaskAPI(Stepped):
    """What offices asked your firm to do, also what is closed."""

    listing, verb, resource, serializer_class = OWN_TASKS, "matching.report_task", "tasks", OwnTaskRow
    bodies = {"steps": StepBody(["report"], lambda name: ReportForm.base_fields, example={"step": "report"})}

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """`report` tells the office that it is done; the office looks and closes the task."""
        (form,) = fill(sent, [ReportForm])
        todo.report(row, by=self.person, note=form.cleaned_data["note"])
