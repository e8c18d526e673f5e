"""A group: firms that together could meet a need that is too much for one, as it was composed and kept."""

from django.db import models
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models.runs import IndexBuild
from registry.access import NOTHING, Role, Visible, need_rows
from registry.models import Firm, Need, User
from registry.steps import Step


class GroupQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see the groups of the needs they see; which members they see by name is `firm_rows`'s matter."""
        if user.role not in {Role.COORDINATOR, Role.BUREAU}:
            return NOTHING
        return need_rows(user, "need__")

    def next_number(self, need: Need) -> int:
        return int(self.filter(need=need).aggregate(last=Max("number"))["last"] or 0) + 1


class Group(models.Model):
    """What was asked and reached stays as it was when the group was kept, whatever becomes of need and firms."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PROPOSED = "proposed", pgettext_lazy("group", "proposed")
        DISSOLVED = "dissolved", _("dissolved")

    class Origin(models.TextChoices):
        NEED = "need", _("composed as the need asks")
        PERSON = "person", _("composed with settings of a person")

    need = models.ForeignKey(Need, models.CASCADE, related_name="groups", verbose_name=_("need"))
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    origin = models.CharField(_("origin"), max_length=6, choices=Origin, default=Origin.NEED)
    steps = models.JSONField(_("steps"), default=list, help_text=_("Codes of the capabilities that are covered."))
    uncovered = models.JSONField(_("uncovered steps"), default=list)
    volume_asked = models.PositiveIntegerField(_("volume per month asked for"), null=True, blank=True)
    volume = models.PositiveIntegerField(_("volume per month reached"), null=True, blank=True)
    volume_step = models.CharField(_("step that carries the volume"), max_length=60, blank=True)
    max_km = models.PositiveIntegerField(_("at most (km)"), null=True, blank=True)
    exact = models.BooleanField(_("every set of firms was looked at"), default=True)
    build = models.ForeignKey(IndexBuild, models.SET_NULL, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    computed_at = models.DateTimeField(_("computed"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(_("state changed"), null=True, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group of firms")
        verbose_name_plural = _("groups of firms")
        ordering = ("need", "number")
        constraints = (models.UniqueConstraint(fields=("need", "number"), name="one_group_per_need_and_number"),)

    def __str__(self) -> str:
        return f"{self.need.number}-G{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("matching:groups", args=[self.need_id]) + f"#group-{self.number}"

    @property
    def shortfall(self) -> int:
        """Pieces a month that the group falls short by."""
        return max(0, (self.volume_asked or 0) - (self.volume or 0))


class GroupMember(models.Model):
    """One firm's part. `shares`: [{"step", "amount", "part"}], amount in pieces a month or null, part of 1."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="group_memberships", verbose_name=_("firm"))
    position = models.PositiveSmallIntegerField(_("position"))
    is_lead = models.BooleanField(_("lead firm"), default=False)
    shares = models.JSONField(_("shares"), default=list)
    verdict = models.CharField(_("criteria"), max_length=7)
    distance_km = models.FloatField(_("distance to the site (km)"), null=True, blank=True)
    to_lead_km = models.FloatField(_("distance to the lead firm (km)"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of a group")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("group", "firm"), name="one_place_per_group_and_firm"),
            models.UniqueConstraint(fields=("group",), condition=Q(is_lead=True), name="one_lead_per_group"),
        )


_S = Group.State
GROUP_STEPS = {
    "propose": Step(_("Propose the group"), frozenset({_S.DRAFT}), _S.PROPOSED, style="primary"),
    "dissolve": Step(_("Dissolve the group"), frozenset({_S.DRAFT, _S.PROPOSED}), _S.DISSOLVED, style="danger"),
}
