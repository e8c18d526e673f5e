"""Which consortia a firm is a member of, and from when to when."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from registry.access import Visible, firm_rows
from registry.models.accounts import User
from registry.models.catalogue import Consortium
from registry.models.firm import Firm


class ConsortiumMembershipQuerySet(Visible):
    def rows(self, user: User) -> Q:
        return firm_rows(user, "firm__")

    def on(self, day: date) -> "ConsortiumMembershipQuerySet":
        """Those that held on a day. Who has no first day has always been a member, as far as anybody said."""
        return self.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day))


class ConsortiumMembership(models.Model):
    """A firm in a consortium; without days nobody said since when and until when."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="consortium_memberships", verbose_name=_("firm"))
    consortium = models.ForeignKey(Consortium, models.CASCADE, related_name="memberships", verbose_name=_("consortium"))
    since = models.DateField(_("member since"), null=True, blank=True)
    until = models.DateField(_("member until"), null=True, blank=True)

    objects = ConsortiumMembershipQuerySet.as_manager()

    class Meta:
        db_table = "registry_firm_consortia"  # which it was before it had days
        verbose_name = _("membership of a consortium")
        verbose_name_plural = _("memberships of consortia")
        ordering: ClassVar = ("pk",)
        unique_together = (("firm", "consortium"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(since__lte=F("until")), name="a_membership_begins_first"
            ),
        )

    def __str__(self) -> str:
        return f"{self.firm} · {self.consortium}"

    def on(self, day: date) -> bool:
        """As the queryset's `on`."""
        return (self.since is None or self.since <= day) and (self.until is None or self.until >= day)
