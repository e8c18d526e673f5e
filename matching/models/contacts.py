"""Calls, visits and meetings: what an office did for a proposal or a firm, and for how long. Never shown outside."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.proposals import Proposal
from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models import Firm, User

SUMMARY_LIMIT = 2000
MOST_MINUTES = 24 * 60


class ContactQuerySet(Visible, AppendOnlyQuerySet):  # type: ignore[override]  # as_manager of both
    def rows(self, user: User) -> Q:
        """Offices read what was logged on firms of their scope and on proposals that they see."""
        if user.role not in OFFICE_ROLES:
            return NOTHING
        if user.role == Role.BUREAU:
            return Q()
        seen = Proposal.objects.visible_to(user).filter(pk=OuterRef("proposal_id"))
        return Q(Exists(seen)) | Q(proposal=None) & firm_rows(user, "firm__")

    def standing(self) -> "ContactQuerySet":
        """Without entries that a later one corrects."""
        return self.filter(correction=None)

    def for_list(self) -> "ContactQuerySet":
        return self.select_related("by", "proposal__need").order_by("-day", "-pk")


class Contact(AppendOnly):
    """Append-only: one contact with a firm. What was wrong is corrected by a new entry that names the old one."""

    class Kind(models.TextChoices):
        CALL = "call", _("telephone call")
        VISIT = "visit", _("visit")
        MEETING = "meeting", _("meeting")
        MAIL = "mail", _("mail")

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="contacts", verbose_name=_("firm"))
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("proposal")
    )
    day = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    whom = models.CharField(
        _("with whom"), max_length=100, help_text=_("A department or an office is enough; write no more of a person.")
    )
    summary = models.TextField(_("summary"), max_length=SUMMARY_LIMIT)
    minutes = models.PositiveSmallIntegerField(
        _("minutes spent"), validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="correction", verbose_name=_("corrects")
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    objects = ContactQuerySet.as_manager()  # type: ignore[misc, assignment]  # narrower than the base says

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("-day", "-pk")
        indexes = (
            models.Index(fields=("proposal", "-day", "-id"), name="contact_by_proposal"),
            models.Index(fields=("firm", "-day", "-id"), name="contact_by_firm"),
        )
        constraints = (NeverChanged(name="contact_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.firm}"
