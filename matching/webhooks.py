"""The events of matching that programs may be told of."""

from django.utils.translation import gettext_lazy as _

from matching.models import CandidateList, DisclosureConsent, Inquiry, Proposal
from registry.models import User
from registry.webhooks import Event


def _sees_proposal(user: User, pk: int) -> bool:
    return Proposal.objects.visible_to(user).filter(pk=pk).exists()


def _sees_inquiry(user: User, pk: int) -> bool:
    return Inquiry.objects.visible_to(user).filter(pk=pk).exists()


def _sees_list(user: User, pk: int) -> bool:
    return CandidateList.objects.visible_to(user).filter(pk=pk).exists()


def _sees_consent(user: User, pk: int) -> bool:
    return DisclosureConsent.objects.visible_to(user).filter(pk=pk).exists()


EVENTS = {
    "proposal.decided": Event(_("a proposal was decided on"), "proposal-detail", _sees_proposal),
    "inquiry.answered": Event(_("a firm answered an inquiry"), "inquiry-detail", _sees_inquiry),
    "list.released": Event(_("a candidate list was released"), "list-detail", _sees_list),
    "list.withdrawn": Event(_("a candidate list was withdrawn"), "list-detail", _sees_list, last=True),
    "consent.ended": Event(_("a firm ended its consent"), "need-detail", _sees_consent),
}
