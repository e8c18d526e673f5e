"""What a person is told: one row per person and event, kept as a kind and its parameters, never as finished text."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.access import Visible
from registry.models.accounts import User


class NoticeQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Everybody sees their own notices and nobody else's."""
        return Q(person=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)

    def to_mail(self, now: datetime) -> "NoticeQuerySet":
        """What a mail is due for. Who has read a notice already needs no mail about it."""
        return self.filter(mail_due_at__lte=now, mailed_at=None, read_at=None, person__is_active=True)


class Notice(models.Model):
    """`mail_due_at` is when the person wants a mail; it moves on with each attempt and is empty when none is wanted."""

    person = models.ForeignKey(User, models.CASCADE, related_name="notices", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict)
    url = models.CharField(_("page"), max_length=300)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False, db_index=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail_due_at = models.DateTimeField(_("mail due"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts to mail"), default=0)

    objects: Any = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("person", "-id"), name="notice_by_person"),
            models.Index(fields=("person",), condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=("mail_due_at",), condition=Q(mailed_at=None), name="notice_to_mail"),
        )

    def __str__(self) -> str:
        return f"{self.kind} · {self.person_id}"

    def get_absolute_url(self) -> str:
        return reverse("registry:notice", args=[self.pk])
