"""What the reader of a list says to each firm, the links for readers without an account, and who read what."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.consents import labels_of
from matching.models.lists import CandidateList, CandidateListEntry
from registry.access import NOTHING, OFFICE_ROLES, Role, Visible
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models import Firm, User
from registry.models.catalogue import listed


class ListLinkQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see the links to the lists that they see."""
        return Q(list__in=CandidateList.objects.visible_to(user)) if user.role in OFFICE_ROLES else NOTHING


class ListLink(models.Model):
    """The way to one list for a reader without an account. Address and codes are kept as digests only."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        JAPANESE = "ja", "日本語"

    list = models.ForeignKey(CandidateList, models.CASCADE, related_name="links", verbose_name=_("candidate list"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    email = models.EmailField(_("e-mail address of the reader"))
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    overseas = models.BooleanField(_("abroad"), default=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("ended on"), null=True, blank=True)
    code = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    codes_sent = models.PositiveSmallIntegerField(default=0, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = ListLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a candidate list")
        verbose_name_plural = _("links to candidate lists")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.list} → {self.email}"

    def is_open(self, now: datetime) -> bool:
        """Whether the link leads anywhere: neither run out nor ended, and its list is released."""
        return self.revoked_at is None and now < self.expires_at and self.list.state == CandidateList.State.RELEASED


class ListAccess(AppendOnly):
    """Append-only: one look at a list or one file of it, by whom and when; for a link also its codes."""

    class Act(models.TextChoices):
        PAGE = "page", _("read the list")
        XLSX = "xlsx", _("downloaded XLSX")
        CSV = "csv", _("downloaded CSV")
        API = "api", _("read the list through the API")
        PDF = "pdf", _("downloaded PDF")
        CODE_SENT = "code", _("asked for a code")
        CODE_WRONG = "wrong", _("typed a wrong code")
        ENTERED = "entered", _("opened the link with a code")

    list = models.ForeignKey(CandidateList, models.PROTECT, related_name="accesses")
    act = models.CharField(_("act"), max_length=7, choices=Act)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    link = models.ForeignKey(ListLink, models.PROTECT, null=True, blank=True, related_name="accesses")
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("access to a candidate list")
        verbose_name_plural = _("accesses to candidate lists")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("list", "-id"), name="access_by_list"),)
        constraints = (NeverChanged(name="list_access_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.get_act_display()} · {self.list}"

    @property
    def reader(self) -> str:
        return str(self.by) if self.by else self.link.email if self.link else ""


class DisclosureQuerySet(AppendOnlyQuerySet, Visible):  # type: ignore[override]  # each makes its own manager
    def rows(self, user: User) -> Q:
        """A firm sees what was shown of it, offices what was shown by the lists that they see."""
        if user.role == Role.FIRM:
            return Q(firm__in=user.firm_ids)
        return Q(access__list__in=CandidateList.objects.visible_to(user)) if user.role in OFFICE_ROLES else NOTHING


class Disclosure(AppendOnly):
    """Append-only ledger: at this look at a list or file, these fields of a firm were shown outside the offices."""

    access = models.ForeignKey(ListAccess, models.PROTECT, related_name="disclosures")
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="disclosures", verbose_name=_("firm"))
    fields = models.JSONField(_("fields"), default=list)

    objects = DisclosureQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("firm", "-id"), name="disclosure_by_firm"),)
        constraints = (NeverChanged(name="disclosure_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.access} · {self.firm_id}"

    @property
    def words(self) -> str:
        return listed(labels_of(self.fields))


class Answer(AppendOnly):
    """Append-only: what the buyer says to one firm of a list. The newest one holds, the earlier ones stay."""

    class Verdict(models.TextChoices):
        SHORTLIST = "shortlist", _("goes on the shortlist")
        MORE = "more", _("more information wanted")
        REJECT = "reject", _("not chosen")
        CONTRACT = "contract", _("contract concluded")

    class Code(models.TextChoices):
        CAPABILITY = "CAPABILITY", _("does not do this work")
        CERT_MISSING = "CERT_MISSING", _("a certificate is missing")
        CAPACITY = "CAPACITY", _("too little capacity")
        EQUIPMENT = "EQUIPMENT", _("equipment is missing")
        MATERIAL = "MATERIAL", _("no experience with the material")
        RECORD = "RECORD", _("no record of such deliveries")
        LEAD_TIME = "LEAD_TIME", _("lead time too long")
        DISTANCE = "DISTANCE", _("too far away")
        PRICE = "PRICE", _("price")
        EXPORT_CONTROL = "EXPORT_CONTROL", _("export control or security")
        OTHER = "OTHER", _("other (see the note)")

    entry = models.ForeignKey(CandidateListEntry, models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField(_("number"))
    verdict = models.CharField(_("answer"), max_length=9, choices=Verdict)
    code = models.CharField(_("reason"), max_length=14, choices=Code, blank=True)
    detail = models.CharField(_("which one"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    value = models.PositiveBigIntegerField(_("contract value (yen)"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    link = models.ForeignKey(ListLink, models.PROTECT, null=True, blank=True, related_name="answers")
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("answer to a candidate")
        verbose_name_plural = _("answers to candidates")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("entry", "number"), name="one_answer_per_entry_and_number"),
            models.CheckConstraint(
                condition=Q(by=None, link__isnull=False) | Q(by__isnull=False, link=None),
                name="answer_by_an_account_or_by_a_link",
            ),
            NeverChanged(name="answer_is_append_only"),
        )

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.entry}"

    @property
    def coded(self) -> str:
        """The reason as systems write it, for example CERT_MISSING:EN 1090-2 EXC3."""
        return f"{self.code}:{self.detail}" if self.code and self.detail else self.code

    @property
    def author(self) -> str:
        return str(self.by) if self.by else self.link.email if self.link else ""
