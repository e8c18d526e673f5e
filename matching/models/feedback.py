"""What an office lets a firm know when it was not chosen, in words that help it and name nobody."""

from dataclasses import dataclass

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.models.proposals import Proposal
from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows, need_rows
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models import User


@dataclass(frozen=True, slots=True)
class Advice:
    """A reason as a firm reads it, and what would change the answer."""

    label: str | Promise
    text: str | Promise
    change: str | Promise


ADVICE = {
    "capability": Advice(
        _("the work itself"),
        _("This time work was asked for that your profile does not show."),
        _("If you do this work, describe it in the profile: processes, materials, sizes, examples."),
    ),
    "certification": Advice(
        _("a certificate"),
        _("This time a certificate was needed that is not in your profile."),
        _("Add the certificate once you hold it; the office can tell you about courses and support programmes."),
    ),
    "capacity": Advice(
        _("the quantity"),
        _("This time a larger quantity was needed than your profile states."),
        _("State the present monthly capacity, or offer a part: with other firms you may cover the whole."),
    ),
    "equipment": Advice(
        _("the equipment"),
        _("This time equipment was needed that your profile does not list."),
        _("List your machines with their sizes; ask the office about investment support."),
    ),
    "material": Advice(
        _("experience with the material"),
        _("This time experience with a certain material was needed."),
        _("Name the materials that you have worked, also in trials."),
    ),
    "record": Advice(
        _("earlier deliveries"),
        _("This time earlier deliveries of the same kind were needed."),
        _("Add examples of deliveries to the profile; prototypes and other industries count as well."),
    ),
    "lead_time": Advice(
        _("the dates"),
        _("This time shorter dates were needed."),
        _("Check the usual lead time in the profile; say so if smaller lots are quicker."),
    ),
    "distance": Advice(
        _("the distance"),
        _("This time a place nearer to the site was needed."),
        _("Needs nearer to you are on your page; together with a firm near the site distance may not matter."),
    ),
    "size": Advice(
        _("the size of the firm"),
        _("This time a firm of another size was looked for."),
        _("Together with other firms you may meet it; ask the office about groups."),
    ),
    "price": Advice(
        _("the price"),
        _("This time the price was decisive."),
        _("The office can arrange advice on costs and production."),
    ),
    "general": Advice(
        _("the whole picture"),
        _("This time other points were decisive."),
        _("The office explains it to you when you call."),
    ),
}


class FeedbackQuerySet(AppendOnlyQuerySet, Visible):  # type: ignore[override]  # each makes its own manager
    def rows(self, user: User) -> models.Q:
        """A firm reads its own; offices those of the proposals they see."""
        if user.role == Role.FIRM:
            return models.Q(proposal__firm__in=user.firm_ids)
        if user.role in OFFICE_ROLES:
            return firm_rows(user, "proposal__firm__") & need_rows(user, "proposal__need__")
        return NOTHING


class Feedback(AppendOnly):
    """Append-only: an office let the firm of a proposal know why it was not chosen."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="feedback", verbose_name=_("proposal"))
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.CharField(
        _("reason"), max_length=14, choices=[(code, advice.label) for code, advice in ADVICE.items()]
    )
    detail = models.CharField(_("which one"), max_length=100, blank=True)
    note = models.CharField(_("words of the office"), max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    objects = FeedbackQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("feedback to a firm")
        verbose_name_plural = _("feedback to firms")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("proposal", "number"), name="one_feedback_per_proposal_and_number"),
            NeverChanged(name="feedback_is_append_only"),
        )

    def __str__(self) -> str:
        return f"{self.code} · {self.proposal_id}"

    @property
    def advice(self) -> Advice:
        return ADVICE[self.code]
