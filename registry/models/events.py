"""Seminars, exhibitions and meetings that offices hold, and which firms came."""

from typing import ClassVar

from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import NOTHING, Role, Visible
from registry.models.accounts import Office, User
from registry.models.firm import Firm


def event_rows(user: User, prefix: str = "") -> Q:
    """The bureau sees every event, a coordinator those of the own offices."""
    if user.role == Role.BUREAU:
        return Q()
    if user.role == Role.COORDINATOR:
        return Q(**{f"{prefix}office__in": user.scope.offices})
    return NOTHING


class EventQuerySet(Visible):
    def rows(self, user: User) -> Q:
        return event_rows(user)

    def counted(self) -> "EventQuerySet":
        """With how many firms and people came, and how many of the firms the register knows."""
        counted: EventQuerySet = self.annotate(
            firms=Count("attendances"),
            registered=Count("attendances", filter=Q(attendances__firm__isnull=False)),
            people=Sum("attendances__people", default=0),
        ).order_by("-held_on", "-pk")
        return counted


class Event(models.Model):
    name = models.CharField(pgettext_lazy("seminar", "event"), max_length=200)
    held_on = models.DateField(_("held on"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("office")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("seminar", "event")
        verbose_name_plural = pgettext_lazy("seminar", "events")
        ordering: ClassVar = ("-held_on", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("office", "held_on", "name"), name="one_event_per_office_day_and_name"),
            models.UniqueConstraint(
                fields=("held_on", "name"), condition=Q(office=None), name="one_event_without_office_per_day_and_name"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.held_on:%Y-%m-%d})"


class AttendanceQuerySet(Visible):
    def rows(self, user: User) -> Q:
        return event_rows(user, "event__")

    def for_list(self) -> "AttendanceQuerySet":
        return self.select_related("event", "firm__prefecture").order_by("event__held_on", "event_id", "pk")


class Attendance(models.Model):
    """A firm at an event. `name` is as the sheet has it: the firm may not be registered, or change its name."""

    event = models.ForeignKey(
        Event, models.CASCADE, related_name="attendances", verbose_name=pgettext_lazy("seminar", "event")
    )
    firm = models.ForeignKey(
        Firm, models.SET_NULL, null=True, blank=True, related_name="attendances", verbose_name=_("firm")
    )
    name = models.CharField(_("name"), max_length=200)
    corporate_number = models.CharField(_("corporate number"), max_length=13, blank=True)
    people = models.PositiveIntegerField(_("people"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering: ClassVar = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("event", "firm"), condition=Q(firm__isnull=False), name="one_attendance_per_event_and_firm"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} · {self.event}"
