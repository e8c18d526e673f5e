"""A decision is one append-only act on a proposal."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.proposals import PROPOSAL_STEPS, Proposal
from registry.access import Role, Visible
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models import Office, User


class DecisionQuerySet(Visible, AppendOnlyQuerySet):  # type: ignore[override]  # each has an as_manager of its own
    def rows(self, user: User) -> Q:
        """Whoever sees a proposal sees what was decided on it."""
        if user.role == Role.BUREAU:
            return Q()
        return Q(Exists(Proposal.objects.visible_to(user).filter(pk=OuterRef("proposal_id"))))

    def for_list(self) -> Self:
        return self.select_related("proposal__need", "proposal__firm__prefecture", "by").order_by("-pk")


class Decision(AppendOnly):
    """Append-only: one step on a proposal, who took it, when, with what reason.

    `features` are the proposal's facts and place when it was taken: what is learnt from it later is what a person saw.
    """

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="decisions", verbose_name=_("proposal"))
    step = models.CharField(_("step"), max_length=12)
    source = models.CharField(_("from"), max_length=11, choices=Proposal.State)
    target = models.CharField(_("to"), max_length=11, choices=Proposal.State)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    features = models.JSONField(_("facts at that time"), null=True, blank=True, editable=False)
    judged = models.JSONField(
        _("what the matcher said"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("score, band, rank, verdict, checks; of a renewal also “before”, as the last decision saw them."),
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handed over to")
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="decisions", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    request = models.UUIDField(_("one act on many rows"), null=True, blank=True, editable=False)

    objects: ClassVar[Any] = DecisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("by", "at"), name="decision_by_person"),
            models.Index(fields=("at",), name="decision_by_time"),
        )
        constraints = (NeverChanged(name="decision_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.label} · {self.proposal}"

    @property
    def label(self) -> str:
        return str(PROPOSAL_STEPS[self.step].label)

    @property
    def reason_label(self) -> str:
        return str(PROPOSAL_STEPS[self.step].reasons.get(self.reason, self.reason))
