"""What somebody is to do by a day: the firm, so that it is chosen another time, or an office itself."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models.feedback import Feedback
from matching.models.inquiries import Inquiry
from matching.models.proposals import Proposal
from registry.access import NOTHING, Role, Visible, firm_rows, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.models import Firm, Need, Office, User
from registry.steps import Step
from registry.text import FoldedField, fold

TITLE_LIMIT, NOTE_LIMIT = 200, 1000


class TaskQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """A firm sees what it is to do itself; offices what hangs on proposals, firms and needs that they see.

        What hangs on nothing is the matter of its own office.
        """
        if user.role == Role.FIRM:
            return Q(side=Task.Side.FIRM, firm__in=user.firm_ids)
        if user.role == Role.BUREAU:
            return Q()
        if user.role != Role.COORDINATOR:
            return NOTHING
        proposals = Proposal.objects.visible_to(user).filter(pk=OuterRef("proposal_id"))
        needs = Need.objects.filter(need_rows(user), pk=OuterRef("need_id"))
        firms = Firm.objects.filter(firm_rows(user), pk=OuterRef("firm_id"))
        own = Q(office__in=user.scope.offices) | Q(made_by=user) | Q(assignee=user)
        free = (Q(firm=None) | Exists(firms)) & (Q(need=None) | Exists(needs))
        return Exists(proposals) | Q(proposal=None) & free & (own | Q(firm__isnull=False) | Q(need__isnull=False))

    def open(self) -> Self:
        return self.filter(state=Task.State.OPEN)

    def due(self, until: date | None = None) -> Self:
        """Open ones whose day has come; `until` a later day."""
        return self.open().filter(due_on__lte=until or timezone.localdate())

    def of(self, user: User) -> Self:
        """What the person is to do: assigned to them, or made by them and assigned to nobody."""
        if user.role == Role.FIRM:
            return self
        return self.filter(Q(assignee=user) | Q(assignee=None, made_by=user))

    def matching_text(self, text: str) -> Self:
        """Tasks whose words, firm or need hold every word, whatever the width or kana it is typed in."""
        tasks = self
        for word in fold(text).split():
            named = Q(search__holds=word) | Q(firm__search__holds=word) | Q(need__search__holds=word)
            tasks = tasks.filter(named)
        return tasks

    def for_list(self) -> Self:
        return self.select_related("firm__prefecture", "need", "assignee", "office", "made_by")


class Task(models.Model):
    """`firm` and `need` are those of the proposal or inquiry that it hangs on, if any.

    `certificate` names what settles the task by itself once an office confirms it for the firm; see matching.renewal.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "open")
        DONE = "done", pgettext_lazy("task", "done")
        DROPPED = "dropped", pgettext_lazy("task", "dropped")

    class Side(models.TextChoices):
        FIRM = "firm", _("the firm")
        OFFICE = "office", _("the office")

    side = models.CharField(_("who is to do it"), max_length=6, choices=Side, default=Side.OFFICE)
    title = models.CharField(_("what is to be done"), max_length=TITLE_LIMIT)
    note = models.TextField(_("note"), max_length=NOTE_LIMIT, blank=True)
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    certificate = models.CharField(_("certificate that settles it"), max_length=100, blank=True)
    firm = models.ForeignKey(
        Firm, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("firm"), db_index=False
    )
    need = models.ForeignKey(Need, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("need"))
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("proposal")
    )
    inquiry = models.ForeignKey(
        Inquiry, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("inquiry")
    )
    feedback = models.OneToOneField(
        Feedback, models.PROTECT, null=True, blank=True, related_name="task", verbose_name=_("feedback")
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("office")
    )
    assignee = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("assignee"), db_index=False
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True, editable=False)
    key = models.UUIDField(_("number of the form"), unique=True, default=uuid.uuid4, editable=False)
    search = FoldedField(sources=("title", "note"))

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("due_on", "pk")
        indexes = (
            models.Index(fields=("state", "due_on", "id"), name="task_by_clock"),
            models.Index(fields=("firm", "state"), name="task_by_firm"),
            models.Index(fields=("assignee", "state"), name="task_by_assignee"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(side="office") | Q(firm__isnull=False), name="a_task_for_a_firm_names_the_firm"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("matching:task", args=[self.pk])

    @property
    def is_overdue(self) -> bool:
        return self.state == self.State.OPEN and self.due_on < timezone.localdate()


_S = Task.State
TASK_STEPS = {
    "done": Step(_("Mark as done"), frozenset({_S.OPEN}), _S.DONE, style="primary"),
    "change": Step(_("Change date or assignee"), frozenset({_S.OPEN}), None),
    "drop": Step(_("Drop the task"), frozenset({_S.OPEN}), _S.DROPPED, style="danger"),
    "reopen": Step(_("Open it again"), frozenset({_S.DONE, _S.DROPPED}), _S.OPEN),
    "report": Step(_("The firm says that it is done"), frozenset({_S.OPEN}), None),
    "settle": Step(_("Settled by a confirmed certificate"), frozenset({_S.OPEN}), _S.DONE),
    "open": Step(_("Task set"), frozenset(), _S.OPEN),  # this one starts a task: no state offers it
}
OFFICE_TASK_STEPS = ("done", "change", "drop", "reopen")
"""What an office does on the task's page; the firm reports, the confirmation of a certificate settles."""


class TaskEvent(AppendOnly):
    """Append-only: one step of a task, who took it and when."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="events", verbose_name=_("task"))
    step = models.CharField(_("step"), max_length=6)
    source = models.CharField(_("from"), max_length=7, choices=Task.State)
    target = models.CharField(_("to"), max_length=7, choices=Task.State)
    note = models.CharField(_("note"), max_length=NOTE_LIMIT, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a task")
        verbose_name_plural = _("events of tasks")
        ordering = ("pk",)
        constraints = (NeverChanged(name="task_event_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.label} · {self.task_id}"

    @property
    def label(self) -> str:
        return str(TASK_STEPS[self.step].label)
