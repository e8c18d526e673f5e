"""Tokens by which programs act for a person, and the answers that a repeated request is given again."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import Visible, can
from registry.models.accounts import User


class APITokenQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Everybody sees their own; who watches over the API sees them all, to revoke them."""
        return Q() if can(user, "api.oversee") else Q(owner=user)

    def live(self) -> "APITokenQuerySet":
        """Neither revoked nor expired, and the owner may sign in."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), owner__is_active=True)

    def for_list(self) -> "APITokenQuerySet":
        return self.select_related("owner", "revoked_by")

    def matching_text(self, text: str) -> "APITokenQuerySet":
        tokens = self
        for word in text.split():
            owned = Q(owner__email__icontains=word) | Q(owner__name__icontains=word)
            tokens = tokens.filter(owned | Q(name__icontains=word) | Q(prefix__icontains=word))
        return tokens


class APIToken(models.Model):
    """What is kept of a token: its digest to find it by and its first characters to recognise it; never the secret."""

    class Access(models.TextChoices):
        READ = "read", pgettext_lazy("token", "read")
        WRITE = "write", pgettext_lazy("token", "read and write")

    owner = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("owner"))
    name = models.CharField(pgettext_lazy("token", "name"), max_length=60)
    prefix = models.CharField(_("begins with"), max_length=16)
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    access = models.CharField(_("access"), max_length=5, choices=Access, default=Access.READ)
    resources = models.JSONField(_("resources"), default=list, blank=True, help_text=_("None means all of them."))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires on"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects: Any = APITokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "name"), condition=Q(revoked_at=None), name="one_live_token_per_owner_and_name"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def allows(self, resource: str, *, write: bool) -> bool:
        """Whether the token reaches so far; what its owner may do there is asked besides."""
        within = not (self.resources and resource) or resource in self.resources
        return within and (not write or self.access == self.Access.WRITE)


class KeptAnswer(models.Model):
    """The answer to a request that carried an Idempotency-Key; written in the transaction of its effect."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=100)
    request = models.CharField(_("digest of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    headers = models.JSONField(_("headers"), default=dict)
    body = models.TextField(_("answer"), default="")  # to the letter: jsonb would order it anew
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False, db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("person", "key"), name="one_answer_per_person_and_key"),)
