"""Tasks: the only writer of `Task` and of its events.

An office sets a task for a firm (what would change the answer next time) or for itself. A step is one conditional
UPDATE plus one TaskEvent. A task that asks for a certificate is settled when an office confirms that certificate.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.engine.certificates import marks, provided
from matching.inquiries import knows_of, office_for
from matching.models import OFFICE_TASK_STEPS, TASK_STEPS, Feedback, Inquiry, Proposal, Task, TaskEvent
from registry import notices
from registry.access import can
from registry.models import Firm, FirmCertification, Need, Role, User
from registry.steps import StepRefused, move

DAYS = 90
"""A task for a firm is due so many days from now unless the office says otherwise."""
LATEST = timedelta(days=5 * 366)
AGAIN = timedelta(days=7)
"""An overdue task is recalled once a week."""
MOST_REMINDED = 500


@dataclass(frozen=True, slots=True)
class Target:
    """What a task hangs on: at most one of proposal, inquiry, firm and need is given; the rest follows."""

    proposal: Proposal | None = None
    inquiry: Inquiry | None = None
    firm: Firm | None = None
    need: Need | None = None

    @property
    def its_firm(self) -> Firm | None:
        pair = self.proposal or self.inquiry
        return pair.firm if pair else self.firm

    @property
    def its_need(self) -> Need | None:
        pair = self.proposal or self.inquiry
        return pair.need if pair else self.need

    def is_visible_to(self, user: User) -> bool:
        return all(
            type(row)._default_manager.visible_to(user).filter(pk=row.pk).exists()
            for row in (self.proposal, self.inquiry, self.firm, self.need)
            if row is not None
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done. `key` is the form's number: the same form twice is one task."""

    title: str
    due_on: date
    side: str = Task.Side.OFFICE
    note: str = ""
    certificate: str = ""
    assignee: User | None = None
    key: uuid.UUID | None = None


def title_for(certificate: str) -> str:
    """What a firm is to do about a missing certificate, in Japanese, as it reads it: EN 1090-2 EXC3 の取得"""
    with override("ja"):
        return _("Obtain %(certificate)s") % {"certificate": certificate} if certificate else ""


def set_task(wish: Wish, on: Target, *, by: User, feedback: Feedback | None = None) -> Task:
    """Make the task and tell whoever is to do it. With a feedback the firm is told by that.

    Raises StepRefused when the person may not, or when a firm would hear of a need that it must not know of.
    """
    if not (can(by, "matching.change_task") and on.is_visible_to(by)):
        raise StepRefused(_("What the task hangs on is outside your office's scope, or it does not exist."))
    firm, need = on.its_firm, on.its_need
    _check(wish, on, by)
    key = wish.key or uuid.uuid4()
    try:
        with transaction.atomic():
            made: Task = Task.objects.create(
                side=wish.side,
                title=wish.title.strip(),
                note=wish.note.strip(),
                due_on=wish.due_on,
                certificate=wish.certificate.strip(),
                firm=firm,
                need=need,
                proposal=on.proposal,
                inquiry=on.inquiry,
                feedback=feedback,
                office=office_for(need, by),
                assignee=wish.assignee,
                made_by=by,
                key=key,
            )
            _record(made, "open", made.state, by, due_on=made.due_on, assignee=made.assignee)
            if feedback is None:
                _tell_new(made, by)
    except IntegrityError:
        earlier: Task | None = Task.objects.filter(key=key, made_by=by).first()
        if earlier is None:  # the number of somebody else's form
            raise StepRefused(_("This is recorded already. Nothing was changed.")) from None
        return earlier  # the same form again, sent by a second click
    return made


def take(
    name: str, task: Task, *, by: User, note: str = "", due_on: date | None = None, assignee: User | None = None
) -> TaskEvent:
    """One step of an office on a task. Of two people at once one wins, the other is told."""
    if name not in OFFICE_TASK_STEPS or not (can(by, "matching.change_task") and _sees(by, task)):
        raise StepRefused(_("This task is not yours to change, or it does not exist."))
    if name == "drop" and not note.strip():
        raise StepRefused(_("Write into the note why the task is dropped."))
    changes: dict[str, Any] = {}
    if name == "change":
        due_on = due_on or task.due_on
        if (due_on, assignee) == (task.due_on, task.assignee):
            raise StepRefused(_("Nothing was changed: date and assignee are as before."))
        if due_on != task.due_on:
            _check_due(due_on)
        _check_assignee(assignee, task)
        changes = {"due_on": due_on, "assignee": assignee, "reminded_on": None}
    told = changes.get("assignee") is not None and assignee != task.assignee
    with transaction.atomic():
        source = move(task, TASK_STEPS[name], **changes)
        event = _record(task, name, source, by, note=note, due_on=changes.get("due_on"), assignee=assignee)
        if told:
            _tell_new(task, by)
    return event


def report(task: Task, *, by: User, note: str = "") -> TaskEvent:
    """The firm says that it has done what was asked; the office looks and closes the task."""
    if not (can(by, "matching.report_task") and _sees(by, task)):
        raise StepRefused(_("This task is not yours to change, or it does not exist."))
    with transaction.atomic():
        source = move(task, TASK_STEPS["report"])
        last = task.events.order_by("pk").last()
        if last is not None and last.step == "report":
            raise StepRefused(_("The office was told already. Nothing was changed."))
        event = _record(task, "report", source, by, note=note)
        words = {"firm": task.firm.name if task.firm else "", "task": task.title}
        notices.tell(_keepers(task), "task.reported", task.get_absolute_url(), **words)
    return event


def settle(row: Model) -> None:
    """Close the tasks of a saved firm whose certificate an office has confirmed, in the name of who confirmed it.

    One of `registry.changes.on_change`: called inside the transaction of the act.
    """
    if not isinstance(row, Firm):
        return
    tasks = list(Task.objects.open().filter(firm=row).exclude(certificate=""))
    held = confirmed_of(row.pk) if tasks else []
    for task in tasks:
        paper = settling(task, held)
        if paper is None or paper.confirmed_by is None:
            continue
        with suppress(StepRefused):  # somebody closed it at this moment
            source = move(task, TASK_STEPS["settle"])
            _record(task, "settle", source, paper.confirmed_by, note=paper.stated)


def confirmed_of(firm_id: int) -> list[FirmCertification]:
    """The firm's certificates that an office confirmed and that are valid today, the latest confirmed first."""
    rows = FirmCertification.objects.filter(firm=firm_id, confirmed_at__isnull=False)
    valid = rows.filter(Q(valid_until=None) | Q(valid_until__gte=timezone.localdate()))
    return list(valid.select_related("confirmed_by").order_by("-confirmed_at"))


def settling(task: Task, held: Iterable[FirmCertification]) -> FirmCertification | None:
    """Of these certificates the one that is what the task asks for, by what it certifies and not by its spelling."""
    wanted = marks(task.certificate)
    return next((paper for paper in held if wanted and wanted <= provided([paper.stated])), None)


def remind() -> int:
    """Tell those who have tasks whose day has come, one notice each; returns how many people.

    Safe to run twice at once: whoever moves a task's date of reminding tells.
    """
    today = timezone.localdate()
    quiet = Q(reminded_on=None) | Q(reminded_on__lte=today - AGAIN)
    due = Task.objects.due().filter(quiet).select_related("firm", "assignee", "made_by").order_by("due_on", "pk")
    with transaction.atomic():
        tasks: defaultdict[User, list[Task]] = defaultdict(list)
        for task in due[:MOST_REMINDED]:
            if Task.objects.open().filter(pk=task.pk, reminded_on=task.reminded_on).update(reminded_on=today):
                for person in _doers(task):
                    tasks[person].append(task)
        for person, own in tasks.items():
            url = _firm_url() if person.role == Role.FIRM else f"{reverse('matching:tasks')}?assignee=me"
            notices.tell([person], "task.due", url, count=len(own), task=own[0].title)
    return len(tasks)


def _check(wish: Wish, on: Target, by: User) -> None:
    firm, need = on.its_firm, on.its_need
    if not wish.title.strip():
        raise StepRefused(_("Say what is to be done."))
    _check_due(wish.due_on)
    if wish.side == Task.Side.FIRM:
        if firm is None:
            raise StepRefused(_("A task for a firm is set on its page or on one of its proposals."))
        if firm.pk in by.firm_ids:
            raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))
        if need is not None and not knows_of(firm.pk, need):
            raise StepRefused(_("The firm does not know of this need. Ask it first, or set the task for your office."))
    if wish.assignee is not None and not on.is_visible_to(wish.assignee):
        raise StepRefused(_unseen(wish.assignee))


def _check_due(day: date) -> None:
    today = timezone.localdate()
    if not today <= day <= today + LATEST:
        raise StepRefused(_("A task is due today or later, within five years."))


def _check_assignee(assignee: User | None, task: Task) -> None:
    if assignee is not None and not _sees(assignee, task):
        raise StepRefused(_unseen(assignee))


def _unseen(person: User) -> str:
    return _("%(person)s cannot see what this task hangs on. Choose somebody else.") % {"person": person}


def _sees(user: User, task: Task) -> bool:
    return bool(Task.objects.visible_to(user).filter(pk=task.pk).exists())


def _record(task: Task, step: str, source: str, by: User, *, note: str = "", **columns: Any) -> TaskEvent:
    return TaskEvent.objects.create(
        task=task, step=step, source=source, target=task.state, by=by, note=note.strip(), **columns
    )


def _keepers(task: Task) -> list[User]:
    """Who looks after the task in the office, as long as they see it."""
    return [person for person in [task.assignee or task.made_by] if person.is_active and _sees(person, task)]


def _doers(task: Task) -> list[User]:
    """Who is reminded: the people of the firm and the office's keeper, or the keeper alone."""
    firm = User.objects.speaking_for(task.firm_id) if task.side == Task.Side.FIRM and task.firm_id else []
    return [*firm, *_keepers(task)]


def _tell_new(task: Task, by: User) -> None:
    """The firm hears of its task, a colleague of one that was assigned to them."""
    if task.side == Task.Side.FIRM and task.firm is not None and task.events.count() == 1:
        people = User.objects.speaking_for(task.firm.pk)
        notices.tell(people, "task.set", _firm_url(), firm=task.firm.name, task=task.title)
    if task.assignee is not None and task.assignee != by:
        notices.tell([task.assignee], "task.assigned", task.get_absolute_url(), by=str(by), task=task.title)


def _firm_url() -> str:
    return f"{reverse('matching:concerns')}#tasks"
