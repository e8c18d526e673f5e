"""Deciding on proposals: the only writer of a proposal's state and of decisions.

A step is one conditional UPDATE plus one Decision in the same transaction. It starts from the state the person saw (the
proposal in memory), so of two people at once one wins and the other is told who decided what and when.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching import handover
from matching.checks import checked
from matching.models import PROPOSAL_STEPS, Decision, Proposal
from registry.access import can
from registry.models import Firm, Need, Office, User
from registry.steps import Step, StepRefused, move
from registry.text import add_working_days
from registry.webhooks import Happening, announce

WORKING_DAYS = 5
"""An office decides within so many working days."""

NOTE_LIMIT = 1000


@dataclass(slots=True)
class Result:
    """What came of one step on many proposals."""

    taken: list[Decision] = field(default_factory=list)
    refused: list[tuple[Proposal, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Act:
    """What a person does, on one proposal or on many."""

    name: str
    by: User
    reason: str
    note: str
    assignee: User | None
    office: Office | None
    request: uuid.UUID | None


def take(
    name: str,
    proposal: Proposal,
    *,
    by: User,
    reason: str = "",
    note: str = "",
    assignee: User | None = None,
    office: Office | None = None,
    request: uuid.UUID | None = None,
) -> Decision:
    """Move the proposal one step and record it. Of two coordinators at once one wins, the other is told who decided.

    Raises StepRefused, and changes nothing, when the step is not possible for this person, state or reason.
    """
    if not _visible([proposal], by):
        raise StepRefused(_("This proposal is outside your office's scope, or it does not exist."))
    act = _Act(name, by, reason, note.strip(), assignee, office, request)
    with transaction.atomic():
        decision = _take(act, proposal)
        if name in handover.HANDING:
            handover.notify([decision])
        _announce([decision])
    return decision


def take_many(
    name: str,
    proposals: Iterable[Proposal],
    *,
    by: User,
    reason: str = "",
    note: str = "",
    assignee: User | None = None,
    office: Office | None = None,
) -> Result:
    """The same step with the same reason on many proposals: what is refused stays as it is, the rest is done.

    All decisions carry one request id. They are taken in the order of their ids, so that two people with overlapping
    selections wait for each other and never deadlock.
    """
    proposals = sorted(proposals, key=lambda proposal: proposal.pk)
    visible = _visible(proposals, by)
    result, act = Result(), _Act(name, by, reason, note.strip(), assignee, office, uuid.uuid4())
    with transaction.atomic():
        for proposal in proposals:
            if proposal.pk not in visible:
                continue  # what a person may not see is not even refused: that would tell that it exists
            try:
                result.taken.append(_take(act, proposal))
            except StepRefused as refusal:
                result.refused.append((proposal, str(refusal)))
        if name in handover.HANDING:
            handover.notify(result.taken)
        _announce(result.taken)
    return result


def add_by_hand(need: Need, firm: Firm, by: User, reason: str) -> Proposal:
    """Put a firm that the matcher did not propose into the queue, with the reason for it."""
    reason = reason.strip()
    if not _may_add(need, firm, by):
        raise StepRefused(_("This firm or need is outside your office's scope, or it does not exist."))
    if not reason:
        raise StepRefused(_("Say why this firm fits the need."))
    _refuse_long(reason)
    _refuse_own(firm, by)
    if need.state != Need.State.OPEN:
        raise StepRefused(_("The need is not open. Open it before adding firms."))
    if firm.state != Firm.State.PUBLISHED:
        raise StepRefused(_("The firm's profile is not published. Publish it before proposing the firm."))
    verdict, checks = checked(need, firm)
    try:
        with transaction.atomic():
            proposal: Proposal = Proposal.objects.create(
                need=need,
                firm=firm,
                origin=Proposal.Origin.PERSON,
                verdict=verdict,
                checks=checks,
                due_on=add_working_days(timezone.localdate(), WORKING_DAYS),
            )
            Decision.objects.create(
                proposal=proposal, step="add", source=proposal.state, target=proposal.state, note=reason, by=by
            )
    except IntegrityError:
        raise StepRefused(
            _("“%(firm)s” is proposed for this need already. Look for it in the queue, among the dropped ones too.")
            % {"firm": firm}
        ) from None
    return proposal


def add_by_firm(need: Need, firm: Firm, by: User, note: str = "") -> Proposal:
    """Have an office look at a firm that offered itself. Called inside the transaction of the offer.

    What was decided before stays decided; what the matcher had put aside comes back into the queue.
    """
    verdict, checks = checked(need, firm)
    start = {
        "origin": Proposal.Origin.FIRM,
        "verdict": verdict,
        "checks": checks,
        "due_on": add_working_days(timezone.localdate(), WORKING_DAYS),
    }
    proposal: Proposal
    proposal, new = Proposal.objects.get_or_create(need=need, firm=firm, defaults=start)
    if not new and proposal.origin == Proposal.Origin.MATCHER:
        Proposal.objects.filter(pk=proposal.pk).update(origin=Proposal.Origin.FIRM, dropped_at=None)
    state = proposal.state
    Decision.objects.create(proposal=proposal, step="offer", source=state, target=state, note=note, by=by)
    return proposal


def renew(proposal: Proposal, *, by: User, certificate: str, before: dict[str, Any]) -> Decision:
    """Reopen by rule, in the name of whoever confirmed what was missing. `before` is what the last decision saw.

    Called inside the transaction of a matching run. Raises StepRefused when somebody moved the proposal meanwhile.
    """
    source = move(proposal, PROPOSAL_STEPS["reopen"], due_on=add_working_days(timezone.localdate(), WORKING_DAYS))
    return Decision.objects.create(
        proposal=proposal,
        step="renew",
        source=source,
        target=proposal.state,
        note=certificate,
        judged=proposal.judged | {"before": before},
        by=by,
    )


def _take(act: _Act, proposal: Proposal) -> Decision:
    name, step, lay_with = act.name, PROPOSAL_STEPS[act.name], proposal.office_id
    _refuse_own(proposal.firm_id, act.by)
    _check_reason(name, step, act.reason, act.note)
    handover.check(name, proposal, act.by, act.office, act.note)
    changes: dict[str, Any] = {}
    if name == "assign":
        _check_assignee(proposal, act.assignee)
        changes["assignee"] = act.assignee
    if name in handover.HANDING:
        changes |= {
            "office": act.office if name == handover.HAND_OVER else None,
            "assignee": None,
            "due_on": add_working_days(timezone.localdate(), WORKING_DAYS),
        }
    with transaction.atomic():
        try:
            source = move(proposal, step, **changes)
        except StepRefused as refusal:
            raise StepRefused(_told(proposal) or str(refusal)) from None
        handover.refuse_moved(proposal, lay_with)
        _refuse_repeat(name, proposal, act.by, act.note, act.assignee)
        return Decision.objects.create(
            proposal=proposal,
            step=name,
            source=source,
            target=proposal.state,
            reason=act.reason,
            note=act.note,
            assignee=act.assignee if name == "assign" else None,
            office=changes.get("office"),
            features=proposal.seen_features if step.reason else None,
            judged=proposal.judged if step.target else None,
            by=act.by,
            request=act.request,
        )


def _announce(decisions: Iterable[Decision]) -> None:
    """Tell programs of the decisions that moved a proposal."""
    moved = (one for one in decisions if one.source != one.target)
    announce(
        "proposal.decided",
        *(
            Happening(
                one.proposal_id,
                facts={
                    "step": one.step,
                    "need": one.proposal.need_id,
                    "firm": one.proposal.firm_id,
                    "decision": one.pk,
                },
            )
            for one in moved
        ),
    )


def _visible(proposals: list[Proposal], by: User) -> set[int]:
    """Which of the proposals the person sees and may decide on; the database is asked, not the caller."""
    if not can(by, "matching.decide"):
        return set()
    wanted = Proposal.objects.visible_to(by).filter(pk__in=[proposal.pk for proposal in proposals])
    return set(wanted.values_list("pk", flat=True))


def _may_add(need: Need, firm: Firm, by: User) -> bool:
    return (
        can(by, "matching.decide")
        and Need.objects.visible_to(by).filter(pk=need.pk).exists()
        and Firm.objects.visible_to(by).filter(pk=firm.pk).exists()
    )


def _refuse_own(firm: Firm | int, by: User) -> None:
    if (firm.pk if isinstance(firm, Firm) else firm) in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))


def _refuse_long(note: str) -> None:
    if len(note) > NOTE_LIMIT:
        raise StepRefused(
            _("The note has %(count)d characters; %(limit)d are possible. Shorten it.")
            % {"count": len(note), "limit": NOTE_LIMIT}
        )


def _check_reason(name: str, step: Step, reason: str, note: str) -> None:
    _refuse_long(note)
    if step.reason and not reason:
        raise StepRefused(_("“%(step)s” needs a reason. Choose one.") % {"step": step.label})
    if reason and reason not in step.reasons:
        raise StepRefused(
            _("“%(reason)s” is not a reason for “%(step)s”. Choose one of the list.")
            % {"reason": reason[:40], "step": step.label}
        )
    if reason == "other" and not note:
        raise StepRefused(_("Write the other reason into the note."))
    if name == "note" and not note:
        raise StepRefused(_("The note is empty. Write something into it."))


def _check_assignee(proposal: Proposal, assignee: User | None) -> None:
    if assignee is not None and not _visible([proposal], assignee):
        raise StepRefused(
            _("%(person)s cannot see this proposal. Choose somebody whose office covers the firm and the need.")
            % {"person": assignee}
        )


def _refuse_repeat(name: str, proposal: Proposal, by: User, note: str, assignee: User | None) -> None:
    """A second click on a step that keeps the state is no second act.

    Read after the UPDATE, which holds the row: of two clicks at once the later one sees the earlier one's record.
    """
    if name not in {"assign", "note"}:
        return
    last = proposal.decisions.filter(step=name).order_by("-pk").first()
    if last is None:
        repeated = name == "assign" and assignee is None
    elif name == "assign":
        repeated = last.assignee_id == (assignee.pk if assignee else None)
    else:
        repeated = (last.by_id, last.note) == (by.pk, note)
    if repeated:
        raise StepRefused(_("This is recorded already. Nothing was changed."))


def last_moves(proposals: Iterable[int]) -> dict[int, str]:
    """Who brought each proposal into its present state, and why, in one line; by the proposal's id."""
    moves = Decision.objects.filter(proposal__in=proposals).exclude(source=F("target")).select_related("by")
    return {move.proposal_id: in_one_line(move) for move in moves.order_by("pk")}


def latest(proposals: Iterable[int]) -> dict[int, Decision]:
    """What was done last on each proposal, by its id."""
    newest = Decision.objects.filter(proposal__in=proposals).order_by().values("proposal").annotate(last=Max("pk"))
    rows = Decision.objects.filter(pk__in=newest.values("last")).select_related("by")
    rows = rows.only("proposal", "step", "reason", "note", "at", "by__name", "by__email")
    return {decision.proposal_id: decision for decision in rows}


def in_one_line(decision: Decision) -> str:
    """工藤 健: Reject (too far away)"""
    if decision.step == "renew":
        return _("Reopened: %(certificate)s is confirmed") % {"certificate": decision.note}
    reason = f" ({decision.reason_label})" if decision.reason else ""
    return f"{decision.by}: {decision.label}{reason}"


def _told(proposal: Proposal) -> str:
    """Who brought the proposal into its present state, when and how; empty when nobody did."""
    proposal.refresh_from_db(fields=["state"])
    last = proposal.decisions.select_related("by").filter(target=proposal.state).exclude(source=proposal.state).last()
    if last is None:
        return ""
    facts = {
        "who": last.by,
        "step": last.label,
        "reason": f" ({last.reason_label})" if last.reason else "",
        "when": date_format(timezone.localtime(last.at), "DATETIME_FORMAT"),
        "state": proposal.get_state_display(),
    }
    return (
        _(
            "%(who)s has already taken “%(step)s”%(reason)s on %(when)s; the state is now “%(state)s”. "
            "Nothing was changed."
        )
        % facts
    )
