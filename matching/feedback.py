"""Letting a firm know why it was not chosen: the office decides whether, the words are the softened ones.

Neither the buyer's name nor what it wrote goes to the firm by itself: its coded reason is only suggested to the office.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from matching import todo
from matching.engine.criteria import Outcome
from matching.inquiries import knows_of
from matching.models import Answer, Decision, Feedback, Proposal
from registry import notices
from registry.access import can
from registry.models import Criterion, User, of_firm
from registry.steps import StepRefused

OF_DECISIONS = {
    "capability": "capability",
    "certification": "certification",
    "capacity": "capacity",
    "distance": "distance",
    "lead_time": "lead_time",
    "size": "size",
}
OF_BUYERS = {
    Answer.Code.CAPABILITY: "capability",
    Answer.Code.CERT_MISSING: "certification",
    Answer.Code.CAPACITY: "capacity",
    Answer.Code.EQUIPMENT: "equipment",
    Answer.Code.MATERIAL: "material",
    Answer.Code.RECORD: "record",
    Answer.Code.LEAD_TIME: "lead_time",
    Answer.Code.DISTANCE: "distance",
    Answer.Code.PRICE: "price",
}
"""Coordinators' and buyers' reasons as firms may read them; what is missing here becomes “general”."""
GENERAL = "general"


def buyers_no(proposal: Proposal) -> Answer | None:
    """The buyer's latest word on the firm for this need, when it is a no."""
    found = (
        Answer.objects.filter(of_firm(proposal.firm_id, "entry__firm__"), entry__list__need=proposal.need_id)
        .order_by("pk")
        .last()
    )
    return found if found and found.verdict == Answer.Verdict.REJECT else None


def may_be_told(proposal: Proposal) -> bool:
    """Whether there is a no to speak of, and the firm knows what it is about."""
    if not knows_of(proposal.firm_id, proposal.need):
        return False
    return proposal.state == Proposal.State.REJECTED or buyers_no(proposal) is not None


def suggestion(proposal: Proposal) -> tuple[str, str]:
    """The reason and its detail that the office is offered: the buyer's, else the coordinator's own."""
    if answer := buyers_no(proposal):
        return OF_BUYERS.get(Answer.Code(answer.code), GENERAL) if answer.code else GENERAL, answer.detail
    last = proposal.decisions.filter(step="reject").last()
    code = OF_DECISIONS.get(last.reason, GENERAL) if last else GENERAL
    return code, next(_missing_certificates(proposal), "") if code == "certification" else ""


def _missing_certificates(proposal: Proposal) -> Iterator[str]:
    for check in proposal.checks:
        if check["kind"] == Criterion.Kind.CERTIFICATION and check["hard"] and check["outcome"] != Outcome.PASS:
            yield str(check["asked"])


@dataclass(frozen=True, slots=True)
class Words:
    """What a firm is told; `task` is what it is asked to do about it, None for nothing."""

    code: str
    detail: str = ""
    note: str = ""
    task: todo.Wish | None = None


def release(proposal: Proposal, seen: int, words: Words, *, by: User) -> Feedback:
    """Tell the firm, and set it the task in the same act; `seen` is how many times the author saw that it was told.

    Raises StepRefused. Of two people at once one tells the firm and the other is told so.
    """
    if not (can(by, "matching.feedback") and Proposal.objects.visible_to(by).filter(pk=proposal.pk).exists()):
        raise StepRefused(_("This proposal is outside your office's scope, or it does not exist."))
    if proposal.firm_id in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))
    if not may_be_told(proposal):
        raise StepRefused(_("There is nothing to tell: nobody has said no, or the firm does not know of the need."))
    try:
        with transaction.atomic():
            if proposal.feedback.count() != seen:
                raise StepRefused(_overtaken())
            told: Feedback = Feedback.objects.create(
                proposal=proposal, number=seen + 1, code=words.code, detail=words.detail, note=words.note, by=by
            )
            if words.task is not None:
                todo.set_task(words.task, todo.Target(proposal=proposal), by=by, feedback=told)
            people = User.objects.speaking_for(proposal.firm_id)
            url = f"{reverse('matching:concerns')}#feedback-{told.pk}"
            notices.tell(people, "feedback.released", url, firm=proposal.firm.name)
    except IntegrityError:
        raise StepRefused(_overtaken()) from None
    return told


def release_many(decisions: Iterable[Decision], *, by: User) -> tuple[int, int]:
    """Tell the firms that were just turned down, in the softened words of each decision's reason.

    Returns how many were told and how many were not, since they must not know of the need.
    """
    told = silent = 0
    for decision in decisions:
        proposal = decision.proposal
        try:
            release(proposal, proposal.feedback.count(), Words(OF_DECISIONS.get(decision.reason, GENERAL)), by=by)
        except StepRefused:
            silent += 1
        else:
            told += 1
    return told, silent


def _overtaken() -> str:
    return _("Somebody told the firm already. Reload the page to see what; nothing was sent.")
