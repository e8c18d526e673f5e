"""A group: firms that together could meet a need that is too much for one; a part is what one of them does in it."""

from django.db import models
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models.consents import Channel
from matching.models.runs import IndexBuild
from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.models import Firm, Need, User
from registry.steps import Step


class GroupQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see the groups of the needs they see; which members they see by name is `firm_rows`'s matter."""
        if user.role not in OFFICE_ROLES:
            return NOTHING
        return need_rows(user, "need__")

    def next_number(self, need: Need) -> int:
        return int(self.filter(need=need).aggregate(last=Max("number"))["last"] or 0) + 1


class Group(models.Model):
    """What was asked, and with `volume`, `steps` and `uncovered` what was reached when the group was kept, stay as they
    were. What it reaches today is never stored: matching.standing works it out of its members.

    `version` counts the changes to its members; `message` and `recipient` are what its firms read of a hidden need.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PROPOSED = "proposed", pgettext_lazy("group", "proposed")
        ACCEPTED = "accepted", pgettext_lazy("group", "accepted by the offices")
        DISSOLVED = "dissolved", _("dissolved")

    class Origin(models.TextChoices):
        NEED = "need", _("composed as the need asks")
        PERSON = "person", _("composed with settings of a person")

    need = models.ForeignKey(Need, models.CASCADE, related_name="groups", verbose_name=_("need"))
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    message = models.TextField(_("message to the firms"), max_length=2000, blank=True)
    recipient = models.CharField(_("recipient as the firms read it"), max_length=200, blank=True)
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
        return reverse("matching:group", args=[self.pk])

    @property
    def chain(self) -> list[str]:
        """Codes of the steps that the group has to do."""
        return [*self.steps, *self.uncovered]

    @property
    def is_alive(self) -> bool:
        return self.state != self.State.DISSOLVED


class GroupMemberQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see the parts that they decide about, of firms in their scope; a firm its own once it is accepted."""
        if user.role in OFFICE_ROLES:
            return firm_rows(user, "firm__") & need_rows(user, "group__need__")
        if user.role != Role.FIRM:
            return NOTHING
        return Q(
            firm__in=user.firm_ids,
            state__in=[GroupMember.State.ACCEPTED, GroupMember.State.DECLINED],
            group__state__in=[Group.State.PROPOSED, Group.State.ACCEPTED],
        )


class GroupMember(models.Model):
    """One firm's part. `shares`: [{"step", "amount"}], amount in pieces a month or null where they are not counted."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("part", "waits for the office")
        ACCEPTED = "accepted", pgettext_lazy("part", "accepted by the office")
        REFUSED = "refused", pgettext_lazy("part", "refused by the office")
        DECLINED = "declined", pgettext_lazy("part", "the firm does not take part")

    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="group_memberships", verbose_name=_("firm"))
    position = models.PositiveSmallIntegerField(_("position"))
    is_lead = models.BooleanField(_("lead firm"), default=False)
    shares = models.JSONField(_("shares"), default=list)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    verdict = models.CharField(_("criteria"), max_length=7)
    distance_km = models.FloatField(_("distance to the site (km)"), null=True, blank=True)
    to_lead_km = models.FloatField(_("distance to the lead firm (km)"), null=True, blank=True)

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of a group")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("group", "firm"), name="one_place_per_group_and_firm"),
            models.UniqueConstraint(fields=("group",), condition=Q(is_lead=True), name="one_lead_per_group"),
        )

    def __str__(self) -> str:
        return f"{self.firm_id} · {self.group_id}"

    def get_absolute_url(self) -> str:
        return reverse("matching:part", args=[self.pk])

    @property
    def amounts(self) -> dict[str, float | None]:
        """Step code → pieces a month."""
        return {share["step"]: share["amount"] for share in self.shares}


class GroupEvent(AppendOnly):
    """One act on a group: who, when, on which firm's part, and in `detail` its shares after it, as in GroupMember."""

    class Act(models.TextChoices):
        KEEP = "keep", _("group kept")
        PROPOSE = "propose", _("group proposed to the offices")
        DISSOLVE = "dissolve", _("group dissolved")
        ADD = "add", _("firm added")
        SWAP = "swap", _("firm swapped in for another")
        REMOVE = "remove", _("firm taken out")
        LEAD = "lead", _("lead firm chosen")
        SHARE = "share", _("share changed")
        ACCEPT = "accept", _("part accepted by the office")
        REFUSE = "refuse", _("part refused by the office")
        JOIN = "join", _("firm consents and takes part")
        DECLINE = "decline", _("firm does not take part")
        LEFT = "left", _("firm is no longer available")

    group = models.ForeignKey(Group, models.PROTECT, related_name="events")
    act = models.CharField(_("act"), max_length=8, choices=Act)
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("firm"))
    other = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="+")
    detail = models.JSONField(_("shares"), default=list)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.SITE)
    said_by = models.CharField(_("said by"), max_length=100, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a group")
        verbose_name_plural = _("events of a group")
        ordering = ("pk",)
        constraints = (NeverChanged(name="group_event_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.group_id}"


_S, _P = Group.State, GroupMember.State
GROUP_STEPS = {
    "propose": Step(_("Propose the group"), frozenset({_S.DRAFT}), _S.PROPOSED, style="primary"),
    "dissolve": Step(
        _("Dissolve the group"), frozenset({_S.DRAFT, _S.PROPOSED, _S.ACCEPTED}), _S.DISSOLVED, style="danger"
    ),
}
GROUP_TURNS = {
    "complete": Step(_("All parts are accepted"), frozenset({_S.PROPOSED}), _S.ACCEPTED),
    "reopen": Step(_("A part is open again"), frozenset({_S.ACCEPTED}), _S.PROPOSED),
}
"""What becomes of a group when its parts are decided or changed: nobody takes these steps by hand."""

PART_STEPS = {
    "accept": Step(_("Accept this part"), frozenset({_P.WAITING, _P.REFUSED}), _P.ACCEPTED, style="primary"),
    "refuse": Step(
        _("Refuse this part"), frozenset({_P.WAITING, _P.ACCEPTED}), _P.REFUSED, reason=True, style="danger"
    ),
}
ANSWER_STEPS = {
    "join": Step(_("We take part"), frozenset({_P.ACCEPTED, _P.DECLINED}), _P.ACCEPTED, style="primary"),
    "decline": Step(_("We do not take part"), frozenset({_P.ACCEPTED}), _P.DECLINED),
}
