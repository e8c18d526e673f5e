"""The list of tasks: its columns and its filter, for the page, the files and the API."""

from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.filters import ME, NOBODY, NeedFilter, colleagues
from matching.models import Task
from registry.filters import EVERY_STATE
from registry.listing import (
    ChoiceFilter,
    DateFilter,
    ListFilter,
    NumberFilter,
    SortFilter,
    TextFilter,
    YesNoFilter,
    kept,
)
from registry.tabular import Column

TASK_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("title", _("What is to be done"), attrgetter("title"), width=40, sort="title"),
    Column("side", _("Who is to do it"), lambda task: task.get_side_display(), code=attrgetter("side"), width=12),
    Column(
        "firm",
        _("Firm"),
        lambda task: task.firm.name if task.firm else "",
        code=attrgetter("firm_id"),
        width=28,
        type=int | None,
    ),
    Column(
        "need",
        _("Need"),
        lambda task: task.need.number if task.need else "",
        code=attrgetter("need_id"),
        type=int | None,
    ),
    Column("proposal", _("Proposal (ID)"), attrgetter("proposal_id"), width=10, type=int | None),
    Column("certificate", _("Certificate that settles it"), attrgetter("certificate"), width=24),
    Column("due_on", _("Due on"), attrgetter("due_on"), width=12, sort="due_on", type=date),
    Column("overdue", _("Overdue"), attrgetter("is_overdue"), width=10, type=bool),
    Column("state", _("State"), lambda task: task.get_state_display(), code=attrgetter("state"), sort="state"),
    Column(
        "assignee",
        _("Assignee"),
        lambda task: str(task.assignee or ""),
        code=attrgetter("assignee_id"),
        width=20,
        type=int | None,
    ),
    Column(
        "office",
        _("Office"),
        lambda task: task.office.label if task.office else "",
        code=attrgetter("office_id"),
        width=24,
        type=int | None,
    ),
    Column("made_by", _("Made by"), lambda task: str(task.made_by), code=attrgetter("made_by_id"), width=20, type=int),
    Column("made_at", _("Made on"), attrgetter("made_at"), sort="made_at", type=datetime),
    Column("note", _("Note"), attrgetter("note"), width=40),
]

_FIRMS = ("id", "title", "firm", "certificate", "due_on", "overdue", "state", "office", "note")
OWN_TASK_COLUMNS = [column for column in TASK_COLUMNS if column.name in _FIRMS]
"""What a firm reads of its tasks: not about which need, nor who looks after them."""


class OwnTaskFilter(ListFilter):
    """What a firm may ask of its tasks: nothing of the need, which it may not see."""

    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    state = ChoiceFilter(choices=Task.State.choices, label=_("State"))

    class Meta:
        model = Task
        fields: list[str] = []


class TaskFilter(ListFilter):
    """Without a state it shows what is open."""

    q = TextFilter(label=_("Words in the task, the firm or the need"))
    state = ChoiceFilter(
        choices=[*Task.State.choices, (EVERY_STATE, _("all"))], empty_label=_("(open)"), label=_("State"), method="skip"
    )
    side = ChoiceFilter(choices=Task.Side.choices, label=_("Who is to do it"))
    assignee = ChoiceFilter(choices=[], label=_("Assignee"), method="looked_after_by")
    overdue = YesNoFilter(label=_("Overdue"), method="by_clock")
    due_to = DateFilter("due_on", "lte", label=_("Due by"))
    need = NeedFilter("need_id", label=_("Need (number)"))
    firm = NumberFilter("firm_id", label=_("Firm (ID)"), widget=forms.HiddenInput)
    sort = SortFilter(TASK_COLUMNS)

    class Meta:
        model = Task
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.request and self.request.user.is_authenticated
        people = kept.rows("colleagues", self.request.user, lambda: colleagues(self.request.user)) if known else []
        self.filters["assignee"].extra["choices"] = [
            (ME, _("me")),
            (NOBODY, _("nobody")),
            *((str(one.pk), str(one)) for one in people),
        ]

    def filter_queryset(self, queryset: Any) -> Any:
        tasks, state = super().filter_queryset(queryset), self.form.cleaned_data["state"]
        return tasks if state == EVERY_STATE else tasks.filter(state=state or Task.State.OPEN)

    def skip(self, tasks: Any, name: str, value: str) -> Any:
        return tasks

    def by_clock(self, tasks: Any, name: str, value: str) -> Any:
        late = Q(state=Task.State.OPEN, due_on__lt=timezone.localdate())
        return {"true": tasks.filter(late), "false": tasks.exclude(late)}.get(value, tasks)

    def looked_after_by(self, tasks: Any, name: str, value: str) -> Any:
        """Mine is also what I set and nobody else looks after."""
        if not value:
            return tasks
        if value == ME:
            return tasks.of(self.request.user)
        return tasks.filter(assignee=None if value == NOBODY else value)
