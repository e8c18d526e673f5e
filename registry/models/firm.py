"""A supplier and what it says of itself."""

import secrets
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.access import Visible, firm_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.grams import GramIndex
from registry.models.accounts import User
from registry.models.catalogue import (
    Capability,
    Consortium,
    Industry,
    Municipality,
    Prefecture,
    place_name,
)
from registry.models.indexes import FallingIndex
from registry.models.partial import Partial
from registry.steps import Step
from registry.text import CompanyKeyField, FoldedField, holds, validate_corporate_number

models.CharField.register_lookup(Length)

TEXT_LIMIT = 4000
"""Characters of a free text field."""
CONFIRMED_FOR = timedelta(days=365)
"""How long a firm's word that its profile is right holds."""


class FirmQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """A record that was merged into another one is met there; see registry.duplicates.merge."""
        return firm_rows(user) & ~Q(state=Firm.State.MERGED)

    def survivor_of(self, pk: int) -> "FirmQuerySet":
        """The firm into which the record of this id was merged; a record is never merged into a merged one."""
        merged = Firm.objects.filter(pk=pk, state=Firm.State.MERGED)  # a number too large for an id finds nothing here
        return self.filter(pk__in=merged.values("duplicate_of"))

    def published(self) -> "FirmQuerySet":
        return self.filter(state=Firm.State.PUBLISHED)

    def matching_text(self, text: str) -> "FirmQuerySet":
        return self.filter(holds(text))

    def unconfirmed(self) -> "FirmQuerySet":
        """As `Firm.is_unconfirmed`."""
        return self.filter(Q(confirmed_on=None) | Q(confirmed_on__lt=year_ago()))

    def for_list(self) -> "FirmQuerySet":
        """With what a row of an export or API answer shows, in a bounded number of queries."""
        return self.for_page().prefetch_related(
            "firm_certifications__certification", "capabilities", "equipment", "consortium_memberships__consortium"
        )

    def for_page(self) -> "FirmQuerySet":
        """With what a row of the list's page shows."""
        return self.select_related("prefecture", "municipality", "industry").prefetch_related("firm_certifications")

    def for_profile(self) -> "FirmQuerySet":
        """With everything that a profile page shows or judges, in a bounded number of queries."""
        return self.for_list().prefetch_related("photos")


class Firm(Partial):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        ARCHIVED = "archived", _("archived")
        MERGED = "merged", _("merged into another record")

    class EnglishOrigin(models.TextChoices):
        """Who wrote `name_en` and `summary_en`. The product translates nothing; others may have by machine."""

        PERSON = "person", _("a person")
        MACHINE = "machine", _("a machine")
        UNKNOWN = "unknown", _("not known")

    corporate_number = models.CharField(  # noqa: DJ001  NULL: many have none, yet the others are unique
        _("corporate number"),
        max_length=13,
        null=True,
        blank=True,
        validators=[validate_corporate_number],
        help_text=_("13 digits. Sole proprietors have none."),
    )
    name = models.CharField(_("name"), max_length=200)
    name_kana = models.CharField(_("name in kana"), max_length=200, blank=True)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    prefecture = models.ForeignKey(Prefecture, models.PROTECT, related_name="firms", verbose_name=_("prefecture"))
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="firms", verbose_name=_("municipality")
    )
    postal_code = models.CharField(
        _("postal code"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^\d{7}\Z")],
        help_text=_("Seven digits."),
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    industry = models.ForeignKey(
        Industry, models.PROTECT, null=True, blank=True, related_name="firms", verbose_name=_("industry")
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    capital_jpy = models.PositiveBigIntegerField(
        _("capital (yen)"), null=True, blank=True, validators=[MaxValueValidator(10**15)]
    )
    founded = models.PositiveSmallIntegerField(
        _("founded (year)"), null=True, blank=True, validators=[MinValueValidator(1500), MaxValueValidator(2200)]
    )
    site = models.URLField(_("web site"), max_length=300, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=100, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=30, blank=True)
    capability_text = models.TextField(
        _("what the firm can do"), blank=True, max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)]
    )
    products = models.JSONField(_("products"), default=list, blank=True)
    summary_en = models.TextField(
        _("English summary"), blank=True, max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)]
    )
    english_origin = models.CharField(
        _("who wrote the English"), max_length=7, choices=EnglishOrigin, default=EnglishOrigin.UNKNOWN, editable=False
    )
    english_confirmed_on = models.DateField(_("English confirmed on"), null=True, blank=True, editable=False)
    english_confirmed_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("English confirmed by"),
    )
    capabilities = models.ManyToManyField(Capability, related_name="firms", verbose_name=_("capabilities"), blank=True)
    consortia = models.ManyToManyField(
        Consortium,
        through="registry.ConsortiumMembership",
        related_name="firms",
        verbose_name=_("consortia"),
        blank=True,
    )
    other_memberships = models.JSONField(_("other memberships"), default=list, blank=True)
    monthly_capacity = models.PositiveIntegerField(_("monthly capacity (pieces)"), null=True, blank=True)
    lead_time_days = models.PositiveIntegerField(_("lead time (days)"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="duplicates", verbose_name=_("duplicate of")
    )
    is_sample = models.BooleanField(_("fictional sample"), default=False)
    source = models.CharField(_("source"), max_length=200, blank=True)
    source_ref = models.CharField(_("reference in the source"), max_length=100, blank=True)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True, editable=False)
    asked_to_confirm_on = models.DateField(_("asked to confirm on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_index=True)
    sort_key = CompanyKeyField(sources=("name_kana", "name"), verbose_name=_("sort key"))
    name_key = CompanyKeyField(sources=("name",), verbose_name=_("name as it is looked up"))
    search = FoldedField(sources=("name", "name_kana", "name_en", "corporate_number", "capability_text", "products"))

    objects = FirmQuerySet.as_manager()

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        ordering = ("sort_key", "pk")
        indexes = (
            models.Index(fields=("sort_key", "id"), name="firm_by_kana"),
            models.Index(fields=("prefecture", "state", "sort_key"), name="firm_by_prefecture"),
            models.Index(  # all that the map and the home page count
                fields=("state", "prefecture", "municipality", "confirmed_on"), name="firm_by_place"
            ),
            models.Index(fields=("id", "prefecture"), name="firm_prefecture"),  # figures by place join nothing more
            models.Index(fields=("employees",), name="firm_by_employees"),
            FallingIndex(fields=("-employees", "id"), name="firm_by_most_employees"),
            GramIndex(fields=("search",), name="firm_grams"),
            models.Index(fields=("name_key",), name="firm_by_name"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("corporate_number",),
                condition=Q(duplicate_of=None),
                name="one_firm_per_corporate_number",
                violation_error_message=_("This corporate number is registered already. Claim that firm instead."),
            ),
            models.UniqueConstraint(
                fields=("source", "source_ref"), condition=~Q(source_ref=""), name="one_firm_per_source_reference"
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(duplicate_of__isnull=False), name="merged_firm_names_its_survivor"
            ),
            models.CheckConstraint(
                condition=Q(corporate_number=None) | Q(corporate_number__length=13),
                name="corporate_number_has_13_digits",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:firm", args=[self.pk])

    @property
    def place(self) -> str:
        return place_name(self.prefecture, self.municipality)

    @property
    def current_consortia(self) -> "list[Consortium]":
        """The consortia that the firm is a member of today. Prefetch `consortium_memberships__consortium`."""
        today = timezone.localdate()
        return [held.consortium for held in self.consortium_memberships.all() if held.on(today)]

    @property
    def postal_text(self) -> str:
        """〒010-0951, empty without a code."""
        return f"〒{self.postal_code[:3]}-{self.postal_code[3:]}" if self.postal_code else ""

    @property
    def today_id(self) -> int:
        """The id of the firm that this record stands for today: its own, or the one into which it was merged."""
        merged = self.duplicate_of_id if self.state == self.State.MERGED else None
        return merged or self.pk

    @property
    def english_state(self) -> str:
        """Empty without English; "unconfirmed" while it may be a machine's and no person has confirmed it."""
        if not (self.name_en or self.summary_en):
            return ""
        by_person = self.english_origin == self.EnglishOrigin.PERSON or self.english_confirmed_on is not None
        return "confirmed" if by_person else "unconfirmed"

    @property
    def english_note(self) -> str:
        """The same in words."""
        words = {
            "confirmed": _("written or confirmed by a person"),
            "unconfirmed": _("may be machine-made; not confirmed by a person"),
        }
        return str(words.get(self.english_state, ""))

    @property
    def is_unconfirmed(self) -> bool:
        """Nobody of the firm has said within a year that the profile is still right."""
        return self.confirmed_on is None or self.confirmed_on < year_ago()


def of_firm(firm: Any, prefix: str = "firm__") -> Q:
    """Rows of a firm (an id or an OuterRef of one) and of the records that were merged into it."""
    merged = {f"{prefix}duplicate_of": firm, f"{prefix}state": Firm.State.MERGED}
    return Q(**{f"{prefix}pk": firm}) | Q(**merged)


def year_ago() -> date:
    """The last day on which a confirmation does not hold any more is the day before this one, in Japan."""
    return timezone.localdate() - CONFIRMED_FOR


FIRM_STEPS = {
    "publish": Step(
        _("Publish"), frozenset({Firm.State.DRAFT, Firm.State.ARCHIVED}), Firm.State.PUBLISHED, style="primary"
    ),
    "archive": Step(
        _("Archive"), frozenset({Firm.State.DRAFT, Firm.State.PUBLISHED}), Firm.State.ARCHIVED, style="danger"
    ),
}


def upload_name(_row: models.Model, name: str) -> str:
    """Nobody guesses the name of a stored file, and none of the sender's words gets into it."""
    return f"{secrets.token_hex(16)}{PurePath(name).suffix}"


class FirmEvent(AppendOnly):
    """Append-only: what happened to a firm's row, who did it and when. Personal data is named, never quoted."""

    class Kind(models.TextChoices):
        REGISTER = "register", _("registered")
        CHANGE = "change", _("changed")
        PUBLISH = "publish", _("published")
        ARCHIVE = "archive", _("archived")
        CONFIRM = "confirm", _("confirmed as right")
        JOIN = "join", _("person added")
        LEAVE = "leave", _("person removed")
        ROLE = "role", _("role of a person changed")
        ASK_ERASURE = "ask_erasure", _("erasure of personal data asked for")
        ERASE = "erase", _("personal data erased")
        KEEP = "keep", _("erasure refused")
        MERGE = "merge", _("merged with another record")
        SPLIT = "split", _("merge undone")
        DIFFERENT = "different", _("found to be different from another record")
        REOPEN = "reopen", _("possible duplicate looked at again")
        ENGLISH = "english", _("English confirmed")

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="events", verbose_name=_("firm"))
    kind = models.CharField(_("event"), max_length=12, choices=Kind)
    changes = models.JSONField(_("changes"), default=list, help_text=_("[name, before, after] of each field."))
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a firm")
        verbose_name_plural = _("events of a firm")
        ordering = ("-pk",)
        constraints = (NeverChanged(name="firm_event_is_append_only"),)

    @property
    def label(self) -> str:
        return str(self.get_kind_display())
