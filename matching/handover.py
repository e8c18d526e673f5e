"""Handing a proposal over to another office: that office then sees it and decides, the sender goes on reading.

Proposals lie with whoever sees the need and the firm; a handed-over one has an `office`, which alone decides on it
until it sends it back. It is not handed on from there, so that never more than two offices are concerned.
"""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from matching.models import Decision, Proposal
from registry.access import Role
from registry.models import Need, Office, User
from registry.notices import tell
from registry.steps import StepRefused

HAND_OVER, HAND_BACK = "hand_over", "hand_back"
HANDING = (HAND_OVER, HAND_BACK)


def receivers(user: User) -> QuerySet[Office]:
    """Offices that a person may hand something to: any other with people in it."""
    offices = Office.objects.filter(members__is_active=True).only("name", "name_en").order_by("pk").distinct()
    return offices.exclude(pk__in=user.scope.offices)


def lies_elsewhere(proposal: Proposal, user: User) -> bool:
    """Whether another office has to decide on it; the bureau may always."""
    away = proposal.office_id is not None and proposal.office_id not in user.scope.offices
    return away and user.role != Role.BUREAU


def offered(name: str, proposal: Proposal) -> bool:
    """Whether the step is the one that fits where the proposal lies."""
    return name not in HANDING or (name == HAND_BACK) == (proposal.office_id is not None)


def check(name: str, proposal: Proposal, by: User, office: Office | None, note: str) -> None:
    """Raises StepRefused for what cannot be handed over, or not by this person, with what to do instead."""
    if lies_elsewhere(proposal, by):
        raise StepRefused(
            _("This proposal lies with %(office)s, which decides on it. Ask there, or wait until it is sent back.")
            % {"office": proposal.office}
        )
    if name == HAND_BACK and proposal.office_id is None:
        raise StepRefused(_("This proposal was not handed over, so it cannot be sent back."))
    if name == HAND_BACK and not note:
        raise StepRefused(_("Write into the note why you send it back."))
    if name != HAND_OVER:
        return
    if proposal.office_id is not None:
        raise StepRefused(_("This proposal was handed over already. Send it back first."))
    if office is None or not receivers(by).filter(pk=office.pk).exists():
        raise StepRefused(_("Choose the office that the proposal goes to."))
    if proposal.need.visibility == Need.Visibility.NDA:
        raise StepRefused(_("The need is under NDA: only the office in charge and the bureau may see it."))


def refuse_moved(proposal: Proposal, seen: int | None) -> None:
    """Raises StepRefused when the proposal was handed elsewhere since the person loaded it.

    Read after the UPDATE, which holds the row: the record of whoever was faster is there by then.
    """
    last = proposal.decisions.filter(step__in=HANDING).order_by("pk").last()
    if (last.office_id if last else None) != seen:
        raise StepRefused(_("Somebody has handed this proposal over meanwhile. Nothing was changed."))


def notify(handed: Iterable[Decision]) -> None:
    """Tell the people of the receiving office, or those who had sent what comes back. In the act's transaction."""
    for decision in handed:
        proposal = decision.proposal
        sender = proposal.decisions.filter(step=HAND_OVER).select_related("by").last()
        if decision.step == HAND_OVER and decision.office is not None:
            people = list(decision.office.members.filter(is_active=True))
        else:
            people = [sender.by] if sender else []
        words = {"firm": proposal.firm.name, "need": proposal.need.title, "by": str(decision.by)}
        tell(people, f"proposal.{decision.step}", proposal.get_absolute_url(), **words)
