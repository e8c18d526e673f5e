"""What may happen to a need, and who may make it happen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history
from registry.access import Role, can
from registry.changes import changed
from registry.models import NEED_STEPS, REVIEW_QUESTIONS, AnchorProject, Need, NeedEvent, NeedPhase, Office, User
from registry.steps import Step, StepRefused, hold, move, open_steps
from registry.webhooks import Happening, announce

REASON_LIMIT = 500
SECOND_CLICK = timedelta(minutes=1)
"""An author who sends the same need twice within this time meant it once."""
STEP_VERBS = {
    "submit": "registry.change_need",
    "open": "registry.review_need",
    "return": "registry.review_need",
    "fill": "registry.change_need",
    "close": "registry.change_need",
    "reopen": "registry.review_need",
}
_EDITABLE = {
    Role.ANCHOR: {Need.State.DRAFT},
    Role.COORDINATOR: {Need.State.DRAFT, Need.State.REVIEW, Need.State.OPEN},
    Role.BUREAU: {Need.State.DRAFT, Need.State.REVIEW, Need.State.OPEN},
}
"""What firms and offices rely on is not rewritten under them: the anchor side edits drafts, offices until the end."""


def steps_for(user: User, need: Need) -> dict[str, Step]:
    """The steps that the person may take on a need that they may change, in the table's order."""
    return {name: step for name, step in open_steps(NEED_STEPS, need.state).items() if can(user, STEP_VERBS[name])}


def is_editable(user: User, need: Need) -> bool:
    return need.state in _EDITABLE.get(Role(user.role), ())


def office_for(project: AnchorProject, author: User) -> Office | None:
    """The office in charge of a new need: the author's own, else the prefecture in which the project lies."""
    own = Office.objects.filter(pk__in=author.scope.offices).first() if author.role == Role.COORDINATOR else None
    if own or project.municipality is None:
        return own
    covering = Office.objects.filter(prefectures=project.municipality.prefecture, kind=Office.Kind.PREFECTURE)
    return covering.order_by("pk").first()


@transaction.atomic
def save_need(forms: Sequence[Any], need: Need, *, by: User) -> Need:
    """Save the valid forms of a need (a VersionedForm) and of its rows as one change, with its line in the history.

    The same new need again within a minute is a second click: the author gets the first one back.
    """
    if need._state.adding:
        if written := _just_written(need, by):
            return written
        need.created_by = by
        if by.role != Role.ANCHOR:  # an anchor's draft is nobody else's business until it is submitted
            need.office = need.office or office_for(need.project, by)
    else:
        hold(need, forms[0].seen)
    before = {} if need._state.adding else history.snapshot(need)
    for form in forms:
        form.save()
    if before:
        history.record_changes(need, before, by)
        announce("need.changed", Happening(need.pk))
    changed(need)
    return need


@transaction.atomic
def change_lots(need: Need, lots: Mapping[int, int], seen: datetime | None, *, by: User) -> Need:
    """Other quantities for phases (by their id), as one recorded change of the need as it was saved at `seen`.

    Raises StepRefused when the person may not edit the need in its state, or somebody saved it meanwhile.
    """
    if not is_editable(by, need):
        raise StepRefused(_("In this state the need cannot be edited; the office in charge can return it to you."))
    hold(need, seen)
    before = history.snapshot(need)
    for phase in need.phases.filter(pk__in=lots):
        NeedPhase.objects.filter(pk=phase.pk).update(lot=lots[phase.pk])
    history.record_changes(need, before, by)
    need.refresh_from_db()
    changed(need)
    announce("need.changed", Happening(need.pk))
    return need


def _just_written(need: Need, by: User) -> Need | None:
    """Under a lock on the author's row, so that of two equal forms at once the second waits for the first."""
    author = User.objects.select_for_update().get(pk=by.pk)
    since = timezone.now() - SECOND_CLICK
    same = Need.objects.filter(created_by=author, created_at__gte=since, project=need.project)
    return same.filter(title=need.title, text=need.text).first()


@transaction.atomic
def take(name: str, need: Need, *, by: User, reason: str = "", review: Sequence[str] = ()) -> NeedEvent:
    """Move the need one step and record it, `review` with the step that opens it.

    Of two people at once one wins, the other is told.
    """
    reason = reason.strip()
    step = NEED_STEPS[name]
    if not can(by, STEP_VERBS[name]):
        raise StepRefused(_("Your role may not do this."))
    if step.reason and not reason:
        raise StepRefused(_("Please give a reason."))
    if len(reason) > REASON_LIMIT:
        raise StepRefused(_("The reason is longer than %(limit)d characters.") % {"limit": REASON_LIMIT})
    changes: dict[str, Any] = {"updated_at": timezone.now()}
    if name == "submit" and need.office is None:
        changes["office"] = office_for(need.project, by)
    source = move(need, step, **changes)
    ticked = [question for question in REVIEW_QUESTIONS if name == "open" and question in review]
    event = NeedEvent.objects.create(
        need=need, step=name, source=source, target=need.state, reason=reason, review=ticked, by=by
    )
    changed(need)
    announce("need.opened" if need.state == Need.State.OPEN else "need.changed", Happening(need.pk))
    return event
