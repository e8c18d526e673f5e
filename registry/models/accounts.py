"""People, the offices they work for and the firms and projects they speak for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows
from registry.models.catalogue import Prefecture, Sector, in_language
from registry.steps import Step


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def speaking_for(self, firm: int) -> "models.QuerySet[User]":
        """Who represents the firm of this id, or the one into which its record was merged."""
        merged = Q(firm_memberships__firm__duplicates=firm, firm_memberships__firm__duplicates__state="merged")
        return self.filter(Q(firm_memberships__firm=firm) | merged, is_active=True).distinct()

    def working_at(self, office: int | None) -> "models.QuerySet[User]":
        """The people of the office of this id."""
        return self.filter(offices=office, is_active=True) if office else self.none()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a coordinator's offices cover: prefecture codes and cluster codes (none: every cluster), and the offices."""

    offices: tuple[int, ...]
    prefectures: tuple[str, ...]
    clusters: tuple[str, ...]


class ByMail(models.TextChoices):
    """When a person's notices are mailed."""

    ONCE = "once", _("at once")
    DAILY = "daily", _("once a day, in the morning")
    NEVER = "never", _("not at all: only here")


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True, error_messages={"unique": _("This address is taken.")})
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.FIRM)
    is_active = models.BooleanField(_("active"), default=True)
    overseas = models.BooleanField(
        _("abroad"),
        default=False,
        help_text=_("Works outside Japan: gets nothing that is flagged for export control without a dated check."),
    )
    notices_by_mail = models.CharField(_("notices by e-mail"), max_length=6, choices=ByMail, default=ByMail.ONCE)
    columns = models.JSONField(
        _("columns"), default=dict, editable=False, help_text=_("Columns of lists that the person chose, by list.")
    )
    visited_at = models.DateTimeField(_("last at the first page"), null=True, editable=False)
    before_visit_at = models.DateTimeField(_("end of the visit before"), null=True, editable=False)
    date_joined = models.DateTimeField(_("registered on"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """The admin site is the administrator's workplace and nobody else's."""
        return self.role == Role.ADMIN

    def get_full_name(self) -> str:
        return str(self)

    @cached_property
    def scope(self) -> Scope:
        """Read once a request: a changed scope holds from the next request on."""
        rows = list(self.offices.values_list("pk", "prefectures", "clusters"))
        return Scope(
            offices=tuple(sorted({office for office, _, _ in rows})),
            prefectures=tuple(sorted({prefecture for _, prefecture, _ in rows if prefecture})),
            clusters=tuple(sorted({cluster for _, _, cluster in rows if cluster})),
        )

    @cached_property
    def firm_ids(self) -> list[int]:
        """The firms the person speaks for, with the records that were merged into them; read once a request."""
        own = self.firm_memberships.values_list("firm", "firm__duplicates", "firm__duplicates__state")
        return sorted({pk for firm, other, state in own for pk in (firm, other if state == "merged" else firm)})

    @cached_property
    def nda_need_ids(self) -> list[int]:
        """The needs for which an NDA with one of the person's firms is recorded, read once a request."""
        signed = self.firm_memberships.filter(firm__ndas__isnull=False, firm__ndas__ended_at=None)
        return list(signed.values_list("firm__ndas__need", flat=True))

    @cached_property
    def project_ids(self) -> list[int]:
        """The anchor projects the person speaks for, read once a request."""
        return list(self.project_memberships.values_list("project", flat=True))

    @property
    def reach(self) -> tuple[object, ...]:
        """All that decides which rows the person sees and what they may do there, to be compared."""
        return (
            self.role,
            self.overseas,
            self.scope,
            self.firm_ids,
            sorted(self.nda_need_ids),
            sorted(self.project_ids),
        )


class Office(models.Model):
    """A coordinating body and what it covers."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", _("bureau")
        PREFECTURE = "prefecture", _("prefecture")
        MUNICIPALITY = "municipality", _("municipality")
        CHAMBER = "chamber", _("chamber of commerce")
        PROMOTION = "promotion_body", _("industry promotion body")
        CONSORTIUM = "consortium", _("consortium")

    code = models.SlugField(_("code"), unique=True, max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    prefectures = models.ManyToManyField(Prefecture, related_name="offices", verbose_name=_("prefectures"), blank=True)
    clusters = models.ManyToManyField(
        Sector,
        related_name="offices",
        verbose_name=_("clusters"),
        blank=True,
        limit_choices_to={"parent": None},
        help_text=_("None means every cluster."),
    )
    members = models.ManyToManyField(User, related_name="offices", verbose_name=_("coordinators"), blank=True)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


class FirmMembership(models.Model):
    """A person who speaks for a firm. Members keep the profile; owners also say who speaks for the firm."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MEMBER = "member", _("member")

    user = models.ForeignKey(User, models.CASCADE, related_name="firm_memberships", verbose_name=_("user"))
    firm = models.ForeignKey("registry.Firm", models.CASCADE, related_name="memberships", verbose_name=_("firm"))
    role = models.CharField(_("role"), max_length=6, choices=Role, default=Role.OWNER)
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("firm membership")
        verbose_name_plural = _("firm memberships")
        constraints = (models.UniqueConstraint(fields=("user", "firm"), name="one_membership_per_user_and_firm"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.firm}"


class InvitationQuerySet(models.QuerySet[Any]):
    def open(self) -> "InvitationQuerySet":
        """Neither taken up nor expired."""
        return self.filter(accepted_at=None, expires_at__gt=timezone.now())


class FirmInvitation(models.Model):
    """An address that an owner asked to speak for the firm; the link in the mail works once, until it expires."""

    firm = models.ForeignKey("registry.Firm", models.CASCADE, related_name="invitations", verbose_name=_("firm"))
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=6, choices=FirmMembership.Role, default=FirmMembership.Role.MEMBER)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("invited by"))
    invited_at = models.DateTimeField(_("invited on"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires on"))
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("firm", "email"), condition=Q(accepted_at=None), name="one_waiting_invitation_per_address"
            ),
        )


class ErasureRequestQuerySet(Visible):
    def rows(self, user: User) -> Q:
        if user.role in OFFICE_ROLES | {Role.FIRM}:
            return firm_rows(user, "firm__")
        return NOTHING

    def waiting(self) -> "ErasureRequestQuerySet":
        return self.filter(state=ErasureRequest.State.PENDING)

    def for_list(self) -> "ErasureRequestQuerySet":
        return self.select_related("firm__prefecture", "firm__municipality", "made_by", "decided_by")


class ErasureRequest(models.Model):
    """A firm's wish that its personal data be erased; an office does it, or says why not."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        ERASED = "erased", _("erased")
        REFUSED = "refused", pgettext_lazy("erasure", "refused")

    firm = models.ForeignKey("registry.Firm", models.PROTECT, related_name="erasures", verbose_name=_("firm"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.PENDING)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("firm",), condition=Q(state="pending"), name="one_waiting_erasure_per_firm"
            ),
        )


class ProjectMembership(models.Model):
    """A person on the anchor side who speaks for a project."""

    user = models.ForeignKey(User, models.CASCADE, related_name="project_memberships", verbose_name=_("user"))
    project = models.ForeignKey(
        "registry.AnchorProject", models.CASCADE, related_name="memberships", verbose_name=_("anchor project")
    )
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("project membership")
        verbose_name_plural = _("project memberships")
        constraints = (models.UniqueConstraint(fields=("user", "project"), name="one_membership_per_user_and_project"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.project}"


class FirmClaimQuerySet(Visible):
    def rows(self, user: User) -> Q:
        if user.role == Role.FIRM:
            return Q(user=user)
        if user.role in OFFICE_ROLES:
            return firm_rows(user, "firm__")
        return NOTHING

    def waiting(self) -> "FirmClaimQuerySet":
        return self.filter(state=FirmClaim.State.PENDING)

    def for_list(self) -> "FirmClaimQuerySet":
        return self.select_related("firm__prefecture", "firm__municipality", "user", "decided_by")


class FirmClaim(models.Model):
    """A person's wish to speak for a row that an office imported; a coordinator decides within five working days."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for approval")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    user = models.ForeignKey(User, models.CASCADE, related_name="firm_claims", verbose_name=_("user"))
    firm = models.ForeignKey("registry.Firm", models.CASCADE, related_name="claims", verbose_name=_("firm"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    message = models.CharField(_("message to the office"), max_length=500, blank=True)
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    due_on = models.DateField(_("due on"), db_index=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = FirmClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("firm",), condition=Q(state="approved"), name="one_approved_claim_per_firm"
            ),
            models.UniqueConstraint(
                fields=("user", "firm"), condition=Q(state="pending"), name="one_waiting_claim_per_user_and_firm"
            ),
        )

    @property
    def why(self) -> str:
        """The reason of a refusal, in the reader's language: a person who refuses writes one, and only who was
        overtaken by another claim has none."""
        if self.state == self.State.REFUSED and not self.reason:
            return gettext("Another person's claim was approved.")
        return self.reason


CLAIM_STEPS = {
    "approve": Step(_("Approve"), frozenset({FirmClaim.State.PENDING}), FirmClaim.State.APPROVED, style="primary"),
    "refuse": Step(_("Refuse"), frozenset({FirmClaim.State.PENDING}), FirmClaim.State.REFUSED, reason=True),
}
ERASURE_STEPS = {
    "erase": Step(
        _("Erase the personal data"),
        frozenset({ErasureRequest.State.PENDING}),
        ErasureRequest.State.ERASED,
        style="danger",
    ),
    "keep": Step(
        pgettext_lazy("erasure", "Refuse"),
        frozenset({ErasureRequest.State.PENDING}),
        ErasureRequest.State.REFUSED,
        reason=True,
    ),
}
