"""The rule by which a no becomes work: a proposal that was turned down for a missing certificate comes back.

A matching run reopens a proposal when all of this is so: a task for the firm hangs on it that names a certificate; an
office confirmed that certificate, after the last word on the proposal; the run ranks the firm for the need, and finds
the certificate among what the firm states. So nothing comes back before the confirmation, whatever the firm states, and
nothing comes back twice: the renewal itself is the last word from then on. It is a decision like any other, in the name
of the person who confirmed.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from matching import review
from matching.engine.certificates import marks, provided
from matching.engine.criteria import Outcome
from matching.feedback import buyers_no
from matching.models import Decision, Proposal, Task
from matching.todo import confirmed_of, settling
from registry import notices
from registry.models import Criterion, FirmCertification, User
from registry.steps import StepRefused

ANSWERED_NO = (Proposal.State.REJECTED, Proposal.State.SHORTLISTED)
"""Turned down by an office, or proposed by it and turned down by the buyer."""


@dataclass(frozen=True, slots=True)
class Due:
    """A proposal that the run may reopen: why, and what was said of it when it was turned down."""

    proposal_id: int
    paper: FirmCertification
    before: dict[str, Any]


def due(need_id: int) -> list[Due]:
    """Read before the run writes. One query for most needs, since few have such tasks."""
    tasks = Task.objects.filter(need=need_id, side=Task.Side.FIRM, proposal__state__in=ANSWERED_NO)
    tasks = tasks.exclude(certificate="").exclude(state=Task.State.DROPPED).select_related("proposal").order_by("pk")
    found = {}
    for task in tasks:
        proposal, paper = task.proposal, settling(task, confirmed_of(task.firm_id or 0))
        if proposal is None or paper is None or paper.confirmed_at is None:
            continue
        last: Decision | None = proposal.decisions.exclude(source=F("target")).order_by("pk").last()
        answer = buyers_no(proposal)
        stands = proposal.state == Proposal.State.SHORTLISTED and answer is None
        if not stands and all(word.at < paper.confirmed_at for word in (last, answer) if word is not None):
            found[proposal.pk] = Due(proposal.pk, paper, (last and last.judged) or proposal.judged)
    return list(found.values())


def reopen(waiting: list[Due]) -> None:
    """Called when the run has written, in its transaction."""
    for one, proposal in _ranked(waiting):
        if _misses_still(proposal, one.paper) or one.paper.confirmed_by is None:
            continue
        with suppress(StepRefused):  # somebody decided at this moment
            done = review.renew(proposal, by=one.paper.confirmed_by, certificate=one.paper.stated, before=one.before)
            words = {"firm": proposal.firm.name, "need": proposal.need.title, "certificate": one.paper.stated}
            notices.tell(_keepers(proposal, done), "proposal.renew", proposal.get_absolute_url(), **words)


def _ranked(waiting: list[Due]) -> Iterator[tuple[Due, Proposal]]:
    if not waiting:
        return
    rows = Proposal.objects.filter(dropped_at=None).select_related("need", "firm", "assignee")
    proposals = rows.in_bulk([one.proposal_id for one in waiting])
    yield from ((one, proposals[one.proposal_id]) for one in waiting if one.proposal_id in proposals)


def _misses_still(proposal: Proposal, paper: FirmCertification) -> bool:
    """The run read the firm before it stated this certificate; the next one will know it."""
    has = provided([paper.stated])
    return any(
        check["kind"] == Criterion.Kind.CERTIFICATION
        and check["outcome"] == Outcome.FAIL
        and marks(check["asked"]) <= has
        for check in proposal.checks
    )


def _keepers(proposal: Proposal, done: Decision) -> list[User]:
    """The assignee, or whoever turned it down; as long as they see it, and unless they confirmed it themselves."""
    last = proposal.decisions.exclude(pk=done.pk).exclude(source=F("target")).select_related("by").last()
    people = [person for person in (proposal.assignee, last.by if last else None) if person is not None][:1]
    return [
        one for one in people if one != done.by and Proposal.objects.visible_to(one).filter(pk=proposal.pk).exists()
    ]
