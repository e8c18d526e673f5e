"""Candidate lists: numbered, frozen selections of shortlisted firms for one recipient."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.access import NOTHING, Role, Visible, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.models import Firm, Need, Office, User, goes_abroad_to
from registry.steps import Step
from registry.text import fold


def _meant_for(user: User) -> Q:
    """Lists for the projects of a person of the anchor side; to a reader abroad only those that may go there."""
    own = Q(need__project__in=user.project_ids)
    return own & goes_abroad_to(user.email) if user.overseas else own


class CandidateListQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """The bureau sees every list, an office its own, the anchor side what was released to it."""
        if user.role == Role.BUREAU:
            return Q()
        if user.role == Role.COORDINATOR:
            return Q(office__in=user.scope.offices) & need_rows(user, "need__")
        if user.role == Role.ANCHOR:
            return Q(state=CandidateList.State.RELEASED) & _meant_for(user)
        return NOTHING

    def withdrawn_from(self, user: User) -> Self:
        """Lists that were released to this person of the anchor side and are withdrawn: that much may be told."""
        gone = Q(state=CandidateList.State.WITHDRAWN, released_at__isnull=False)
        return self.filter(gone & _meant_for(user)) if user.role == Role.ANCHOR else self.none()

    def for_list(self) -> Self:
        return (
            self.select_related("need__project", "office", "made_by")
            .annotate(size=models.Count("entries"))
            .order_by("-pk")
        )

    def matching_text(self, text: str) -> "CandidateListQuerySet":
        """Lists whose number, recipient or need holds every word."""
        lists = self
        for word in text.split():
            lists = lists.filter(
                Q(number__icontains=word) | Q(recipient__icontains=word) | Q(need__search__holds=fold(word))
            )
        return lists


class CandidateList(models.Model):
    """Frozen when it is made: what heading and entries say never changes, whatever becomes of the firms."""

    class State(models.TextChoices):
        MADE = "made", _("made, not released")
        RELEASED = "released", _("released")
        WITHDRAWN = "withdrawn", _("withdrawn")

    number = models.CharField(_("number"), max_length=16, unique=True)
    need = models.ForeignKey(Need, models.PROTECT, related_name="lists", verbose_name=_("need"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    recipient = models.CharField(_("recipient"), max_length=200)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="lists")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.MADE)
    released_at = models.DateTimeField(_("released on"), null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    heading = models.JSONField(_("frozen heading"), default=dict)

    objects = CandidateListQuerySet.as_manager()

    class Meta:
        verbose_name = _("candidate list")
        verbose_name_plural = _("candidate lists")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("need", "version"), name="one_list_per_need_and_version"),)
        indexes = (models.Index(fields=("office", "state"), name="list_by_office"),)

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("matching:list", args=[self.pk])

    def may_go_abroad_to(self, email: str) -> bool:
        """Whether a reader outside Japan may get it: no export control of the need, or a check that says so."""
        return CandidateList.objects.filter(goes_abroad_to(email), pk=self.pk).exists()


_S = CandidateList.State
LIST_STEPS = {
    "release": Step(_("Release"), frozenset({_S.MADE}), _S.RELEASED, style="primary"),
    "withdraw": Step(_("Withdraw"), frozenset({_S.MADE, _S.RELEASED}), _S.WITHDRAWN, style="danger"),
}


class CandidateListEntry(AppendOnly):
    """One firm of a list: its columns as they were when the list was made, by column name."""

    fields = models.JSONField(_("fields consented to"), default=list)
    list = models.ForeignKey(CandidateList, models.CASCADE, related_name="entries")
    position = models.PositiveSmallIntegerField(_("position"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="+")
    row = models.JSONField(_("frozen row"))
    texts = models.JSONField(
        _("frozen texts"), default=dict, help_text=_("Row and details by language; empty in the oldest lists.")
    )

    class Meta:
        verbose_name = _("entry of a candidate list")
        verbose_name_plural = _("entries of a candidate list")
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("list", "firm"), name="one_entry_per_list_and_firm"),
            models.UniqueConstraint(fields=("list", "position"), name="one_entry_per_list_and_position"),
            NeverChanged(name="list_entry_is_append_only"),
        )
