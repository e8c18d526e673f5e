"""What is typed about tasks: setting one, and the steps that an office takes on it."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching.filters import colleagues
from matching.models import OFFICE_TASK_STEPS, TASK_STEPS, Task
from matching.models.todo import NOTE_LIMIT, TITLE_LIMIT
from matching.todo import Wish
from registry.forms.fields import DayField, LongText, validate_storable
from registry.models import User
from registry.steps import open_steps


def _note(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=NOTE_LIMIT,
        validators=[validate_storable],
        widget=LongText(attrs={"rows": 3}),
        **options,
    )


class TaskForm(forms.Form):
    """A new task. `key` makes one task of the same form sent twice."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    side = forms.ChoiceField(label=_("Who is to do it?"), choices=Task.Side.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("What is to be done"), max_length=TITLE_LIMIT, validators=[validate_storable])
    due_on = DayField(label=_("Due on"))
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=_("Who looks after it in the office"),
        empty_label=_("(I do)"),
    )
    certificate = forms.CharField(
        label=_("Certificate that settles it"),
        required=False,
        max_length=100,
        validators=[validate_storable],
        help_text=_(
            "When an office confirms it for the firm, the task is done and the proposal it hangs on comes back."
        ),
    )
    note = _note(_("Note"))

    def __init__(self, user: User, data: Any = None, *, with_firm: bool) -> None:
        super().__init__(data, initial={"key": uuid.uuid4(), "side": Task.Side.OFFICE, "due_on": timezone.localdate()})
        self.fields["assignee"].queryset = colleagues(user)  # type: ignore[attr-defined]
        if with_firm:
            self.fields["side"].help_text = gettext(
                "The firm reads what is to be done, the day and the note. Do not name the buyer or other firms."
            )
        else:
            del self.fields["side"], self.fields["certificate"]

    @property
    def wish(self) -> Wish:
        return Wish(**{"side": Task.Side.OFFICE} | self.cleaned_data)


class TaskStepForm(forms.Form):
    due_on = DayField(label=_("Due on"))
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, label=_("Assignee"), empty_label=_("(nobody)")
    )
    note = _note(_("Note"))

    def __init__(self, step: str, task: Task, user: User, data: Any = None) -> None:
        initial = {"due_on": task.due_on, "assignee": task.assignee_id}
        super().__init__(data, auto_id=f"id_{step}_%s", initial=initial)
        self.name, self.step = step, TASK_STEPS[step]
        if step == "change":
            self.fields["assignee"].queryset = colleagues(user)  # type: ignore[attr-defined]
        else:
            del self.fields["due_on"], self.fields["assignee"]
        self.fields["note"].required = step == "drop"


def task_step_forms(task: Task, user: User, bound: TaskStepForm | None = None) -> list[TaskStepForm]:
    """A form for each step that the task's state allows; the one that was refused keeps its input."""
    names = [name for name in open_steps(TASK_STEPS, task.state) if name in OFFICE_TASK_STEPS]
    return [bound if bound and bound.name == name else TaskStepForm(name, task, user) for name in names]


class ReportForm(forms.Form):
    note = _note(_("Message to the office"))
