"""What firms let be passed on, to whom, about which need, until when; and who then read it. All of it append-only."""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows, need_rows
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models import Firm, Need, User
from registry.models.catalogue import listed

DISCLOSABLE = {
    "identity": _("name, corporate number and place"),
    "size": _("employees"),
    "capabilities": _("capabilities"),
    "equipment": _("machines and facilities"),
    "certificates": _("certificates and their validity"),
    "capacity": _("monthly capacity and lead time"),
    "criteria": _("how the firm stands to each criterion of the need"),
    "summary": _("English summary"),
    "contact": _("contact person, e-mail address and telephone"),
}
"""The fields that a firm may let be passed on; which columns of a list each covers stands in matching.list_columns."""
ALWAYS = "identity"
"""Without this nothing can be passed on: whoever consents at all consents to it."""


def labels_of(fields: Iterable[str]) -> list[str]:
    """The fields in words, in the order of the declaration."""
    chosen = set(fields)
    return [str(label) for field, label in DISCLOSABLE.items() if field in chosen]


class Channel(models.TextChoices):
    """How an answer or a consent reached us."""

    SITE = "site", _("by the firm on this site")
    PHONE = "phone", _("by telephone")
    MAIL = "mail", _("by mail or e-mail")
    VISIT = "visit", _("in a conversation")


class DisclosureConsentQuerySet(AppendOnlyQuerySet, Visible):  # type: ignore[override]  # each makes its own manager
    def rows(self, user: User) -> Q:
        """A firm sees its own; offices those of the firms and needs that they see."""
        if user.role == Role.FIRM:
            return Q(firm__in=user.firm_ids)
        if user.role in OFFICE_ROLES:
            return firm_rows(user, "firm__") & need_rows(user, "need__")
        return NOTHING

    def in_force(self, on: date) -> "DisclosureConsentQuerySet":
        """Neither revoked nor run out, of a published firm (a merged record: of the one that it leads to), for the
        organisation that the project still belongs to."""
        published = Q(firm__state=Firm.State.PUBLISHED)
        published |= Q(firm__state=Firm.State.MERGED, firm__duplicate_of__state=Firm.State.PUBLISHED)
        same_reader = Q(recipient=DisclosureConsent.Recipient.PARTNERS) | Q(
            organisation=F("need__project__organisation")
        )
        return self.filter(same_reader, published, end=None, until__gte=on)


class DisclosureConsent(AppendOnly):
    """One giving: these fields of the firm, about one need, to one recipient, until a day. It ends by a ConsentEnd.

    `group` is the group of firms with which it was asked for. One to the firms of a group holds towards `partners`,
    who were its other members then: a firm that joins later is not among them.
    """

    class Recipient(models.TextChoices):
        PROJECT = "project", _("organisation of the anchor project")
        PARTNERS = "partners", _("firms of a proposed group")

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="consents", verbose_name=_("firm"))
    need = models.ForeignKey(Need, models.PROTECT, related_name="consents", verbose_name=_("need"))
    recipient = models.CharField(_("recipient"), max_length=8, choices=Recipient, default=Recipient.PROJECT)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    group = models.ForeignKey(
        "matching.Group", models.PROTECT, null=True, blank=True, related_name="consents", verbose_name=_("group")
    )
    partners = models.JSONField(_("partners"), default=list, help_text=_("Ids of the firms that may be told."))
    told = models.CharField(_("recipient as the firm read it"), max_length=200)
    fields = models.JSONField(_("fields"), default=list)
    until = models.DateField(_("until"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("given by"))
    said_by = models.CharField(_("said by"), max_length=100, blank=True)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.SITE)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    objects = DisclosureConsentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("disclosure consent")
        verbose_name_plural = _("disclosure consents")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("need", "recipient", "firm"), name="consent_by_need"),)
        constraints = (NeverChanged(name="consent_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.firm} → {self.told}"

    @property
    def labels(self) -> list[str]:
        return labels_of(self.fields)

    @property
    def words(self) -> str:
        return listed(self.labels)

    @property
    def ended(self) -> "ConsentEnd | None":
        return getattr(self, "end", None)

    @property
    def is_past(self) -> bool:
        return self.until < timezone.localdate()


class ConsentEnd(AppendOnly):
    """A consent is over: revoked, or replaced by a newer one. One row per consent, so it ends once."""

    class Why(models.TextChoices):
        REVOKED = "revoked", _("revoked")
        REPLACED = "replaced", _("replaced by a newer consent")
        DECLINED = "declined", _("the firm is not interested any more")

    consent = models.OneToOneField(DisclosureConsent, models.PROTECT, related_name="end")
    why = models.CharField(_("why"), max_length=8, choices=Why)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.SITE)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("end of a consent")
        verbose_name_plural = _("ends of consents")
        constraints = (NeverChanged(name="consent_end_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.get_why_display()} · {self.consent_id}"
