"""Where programs are told that something happened, and what became of each telling."""

import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import Visible
from registry.models.accounts import User


def new_salt() -> str:
    return secrets.token_hex(16)


class WebhookQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Everybody sees their own and nobody else's."""
        return Q(owner=user)


class Webhook(models.Model):
    """The secret that signs is made from `salt` and the site's own key, so that no database holds it."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="webhooks", verbose_name=_("owner"))
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(_("events"), default=list)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    old_salt = models.CharField(max_length=32, blank=True, editable=False)
    old_until = models.DateTimeField(null=True, blank=True, editable=False)
    active = models.BooleanField(_("active"), default=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)

    objects: Any = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("owner", "url"), name="one_webhook_per_owner_and_address"),)

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One telling. `due_at` is when it is tried next, empty once it is settled; the row is the truth."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("webhook", "waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook", "delivered")
        FAILED = "failed", pgettext_lazy("webhook", "given up")
        DROPPED = "dropped", pgettext_lazy("webhook", "not sent: no longer yours to see")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(_("event"), max_length=40)
    row = models.PositiveBigIntegerField(_("object"), default=0)
    message = models.CharField(_("message"), max_length=40, unique=True)
    payload = models.JSONField(_("payload"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="waiting"), name="delivery_by_due"),
            models.Index(fields=("webhook", "-id"), name="delivery_by_webhook"),
        )
