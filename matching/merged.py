"""What a merge of two firms means for proposals. The register moves the rows; here is what only matching can judge."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.models import (
    CandidateListEntry,
    Decision,
    DisclosureConsent,
    Group,
    GroupMember,
    InquiryEvent,
    Proposal,
)
from registry.duplicates.journal import Joining
from registry.models import Firm, Merge
from registry.steps import StepRefused

_STANDING = (Group.State.PROPOSED, Group.State.ACCEPTED)
_PROPOSAL = Proposal._meta.label_lower


def join(joining: Joining) -> None:
    """Where both records were proposed for a need, the survivor's proposal stays; it takes over what was decided on the
    other one unless somebody decided on it too. The other one leaves the queue and keeps its decisions."""
    _keep_groups(joining)
    survivor, journal = joining.survivor, joining.journal
    left = Proposal.objects.filter(firm=joining.loser).order_by("pk")
    kept = {one.need_id: one for one in Proposal.objects.filter(firm=survivor, need__in=left.values("need"))}
    for proposal in left:
        _take_over(proposal, kept[proposal.need_id], joining)
        if proposal.dropped_at is None:
            journal.set(proposal, rank=None, dropped_at=timezone.now())


def _keep_groups(joining: Joining) -> None:
    """Consents in a group name its members one by one and cannot be written anew: who stands in one has to stay."""
    moved = {key for label, key, *_rest in joining.journal.lines if label == GroupMember._meta.label_lower}
    parts = GroupMember.objects.filter(Q(pk__in=moved) | Q(firm=joining.loser))
    if held := parts.filter(group__state__in=_STANDING).select_related("group__need").first():
        raise StepRefused(
            _("“%(firm)s” is a member of the group %(group)s. Let that record stay, or dissolve the group first.")
            % {"firm": joining.loser.name, "group": held.group}
        )


def _take_over(proposal: Proposal, kept: Proposal, joining: Joining) -> None:
    told = proposal.decisions.filter(target=proposal.state).exclude(source=proposal.state).last()
    if told is None or kept.state != Proposal.State.PROPOSED or kept.decisions.exists():
        return
    source = kept.state
    joining.journal.set(kept, state=proposal.state)
    facts = {"reason": told.reason, "note": _note(joining.loser), "by": joining.by}  # nothing to learn from twice
    Decision.objects.create(proposal=kept, step=told.step, source=source, target=kept.state, **facts)


def _note(loser: Firm) -> str:
    with override("ja"):  # as everything that offices keep
        return _("Taken over from the merged record “%(firm)s”") % {"firm": loser.name}


def split(done: Merge) -> None:
    """Refuse the undoing of a merge when somebody worked with what it moved; else note what falls back."""
    touched = {key for label, key, *_rest in done.journal if label == _PROPOSAL}
    since = {"at__gt": done.at}
    if (
        Decision.objects.filter(proposal__in=touched, **since).exists()
        or InquiryEvent.objects.filter(inquiry__firm=done.survivor, **since).exists()
        or DisclosureConsent.objects.filter(firm=done.survivor, **since).exists()
        or CandidateListEntry.objects.filter(firm=done.survivor, list__made_at__gt=done.at).exists()
    ):
        raise StepRefused(
            _("Since the merge the firm was decided on, asked or listed. Correct the firms by hand instead.")
        )
    for label, key, column, before, _after in done.journal:
        if (label, column) == (_PROPOSAL, "state"):
            source = Proposal.objects.values_list("state", flat=True).get(pk=key)
            by = done.pair.decided_by or done.by  # who undoes it has taken the pair already
            Decision.objects.create(proposal_id=key, step="reopen", source=source, target=before, by=by)
