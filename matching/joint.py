"""Groups on their way into a candidate list: only those of which every member is in, accepted and consenting."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from matching.checks import checked
from matching.documents import firms_for_matching
from matching.group_words import labels_of, works
from matching.list_columns import Seat
from matching.models import Group, Proposal
from matching.standing import Place, Standing, standings
from registry.models import Need
from registry.steps import StepRefused


def ready(need: Need) -> list[Standing]:
    """The groups of a need that may go into a list today, by number."""
    accepted = need.groups.filter(state=Group.State.ACCEPTED).select_related("need").order_by("number")
    return [found for found in standings(accepted).values() if found.is_ready]


def seats(need: Need, chosen: Collection[int]) -> dict[int, Seat]:
    """By firm, the lead firm of each chosen group first. StepRefused when a group is not ready or a firm sits twice."""
    groups = {found.group.pk: found for found in ready(need)} if chosen else {}
    if set(chosen) - groups.keys():
        raise StepRefused(_("A chosen group is not complete any more. Look at it, then choose again."))
    taken: dict[int, Seat] = {}
    for found in (groups[pk] for pk in sorted(chosen)):
        for place in found.places:
            if place.member.firm_id in taken:
                raise StepRefused(
                    _("%(firm)s is in two of the chosen groups. Choose one of them.") % {"firm": place.member.firm}
                )
            taken[place.member.firm_id] = _seat(place, found)
    return taken


def proposals_of(need: Need, firms: Sequence[int], known: Collection[Proposal]) -> list[Proposal]:
    """One proposal for each firm, in their order: a member that was never proposed is held against the need now."""
    by_firm = {proposal.firm_id: proposal for proposal in known}
    for firm in firms_for_matching().filter(pk__in=[pk for pk in firms if pk not in by_firm]):
        verdict, checks = checked(need, firm)
        by_firm[firm.pk] = Proposal(need=need, firm=firm, verdict=verdict, checks=checks)
    return [by_firm[pk] for pk in firms if pk in by_firm]


def _seat(place: Place, found: Standing) -> Seat:
    return Seat(str(found.group), place.member.is_lead, lambda: works(place, found, labels_of(found.group)))
