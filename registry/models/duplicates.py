"""Two records that may be one firm, what a person made of them, and what a merge moved."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import NOTHING, OFFICE_ROLES, Visible, firm_rows
from registry.models.accounts import User
from registry.models.firm import Firm
from registry.steps import Step
from registry.text import fold

REASONS = {
    "number": _("same corporate number"),
    "name": _("same name but for its spelling"),
    "name_order": _("same name in another order"),
    "name_near": _("name differs by a slip"),
    "kana_alone": _("reads the same, written differently"),
    "kana": _("same reading"),
    "town": _("same municipality"),
    "address": _("same address"),
    "phone": _("same telephone"),
    "site": _("same web site"),
    "kana_differs": _("another reading"),
    "town_differs": _("another municipality"),
    "prefecture_differs": _("another prefecture"),
    "address_differs": _("another address"),
    "form_differs": _("another legal form"),
    "form_place_differs": _("the legal form stands on the other side of the name"),
    "branch_differs": _("a branch or works is named"),
    "phone_differs": _("another telephone"),
    "site_differs": _("another web site"),
}
"""What speaks for one firm, and (…_differs) against it; the codes of registry.duplicates.likeness."""


class DuplicatePairQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see a pair when they see both firms."""
        if user.role not in OFFICE_ROLES:
            return NOTHING
        return firm_rows(user, "first__") & firm_rows(user, "second__")

    def open(self) -> "DuplicatePairQuerySet":
        """Pairs that wait for a decision; a firm that was merged into a third one waits no more."""
        gone = Q(first__state=Firm.State.MERGED) | Q(second__state=Firm.State.MERGED)
        return self.filter(~gone, state=DuplicatePair.State.OPEN)

    def of_firm(self, firm: int) -> "DuplicatePairQuerySet":
        return self.filter(Q(first=firm) | Q(second=firm))

    def matching_text(self, text: str) -> "DuplicatePairQuerySet":
        pairs = self
        for word in fold(text).split():
            pairs = pairs.filter(Q(first__search__contains=word) | Q(second__search__contains=word))
        return pairs

    def for_list(self) -> "DuplicatePairQuerySet":
        return self.select_related(
            "first__prefecture", "first__municipality", "second__prefecture", "second__municipality", "decided_by"
        )

    def for_decision(self) -> "DuplicatePairQuerySet":
        """With all that both records say, in a bounded number of queries."""
        records = Firm.objects.for_profile()
        both = (Prefetch("first", records), Prefetch("second", records))
        return self.select_related(None).select_related("decided_by").prefetch_related(*both)


class DuplicatePair(models.Model):
    """Two firms that look like one; the lower id first, so that a pair exists once."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("pair", "to be looked at")
        MERGED = "merged", pgettext_lazy("pair", "merged")
        DIFFERENT = "different", pgettext_lazy("pair", "different firms")

    first = models.ForeignKey(Firm, models.CASCADE, related_name="+", verbose_name=_("firm"))
    second = models.ForeignKey(Firm, models.CASCADE, related_name="+", verbose_name=_("other firm"))
    score = models.PositiveSmallIntegerField(_("likeness (0–100)"))
    reasons = models.JSONField(_("what speaks for and against it"), default=list)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(_("found on"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering: ClassVar = ("-score", "pk")
        indexes = (
            models.Index(fields=("state", "-score", "id"), name="duplicates_by_score"),
            models.Index(fields=("second", "state"), name="duplicates_by_second"),
        )
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="one_row_per_pair_of_firms"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="lower_firm_first"),
        )

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

    def get_absolute_url(self) -> str:
        return reverse("registry:duplicate", args=[self.pk])

    @property
    def reason_labels(self) -> list[str]:
        return [str(REASONS[code]) for code in self.reasons if code in REASONS]


_S = DuplicatePair.State
PAIR_STEPS = {
    "merge": Step(_("Merge"), frozenset({_S.OPEN}), _S.MERGED, style="primary"),
    "different": Step(_("These are different firms"), frozenset({_S.OPEN}), _S.DIFFERENT),
    "reopen": Step(_("Look at it again"), frozenset({_S.DIFFERENT}), _S.OPEN),
    "split": Step(_("Undo the merge"), frozenset({_S.MERGED}), _S.OPEN, style="danger"),
}


class Merge(models.Model):
    """One merge. `journal` is what it changed, so that it can be undone: [table, key, column, before, after] each."""

    pair = models.ForeignKey(DuplicatePair, models.PROTECT, related_name="merges", verbose_name=_("pair"))
    survivor = models.ForeignKey(Firm, models.PROTECT, related_name="merges", verbose_name=_("firm that stays"))
    loser = models.ForeignKey(Firm, models.PROTECT, related_name="+", verbose_name=_("firm that goes"))
    journal = models.JSONField(_("what was changed"), default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge of two firms")
        verbose_name_plural = _("merges of two firms")
        ordering: ClassVar = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("loser",), condition=Q(undone_at=None), name="a_firm_is_merged_once"),
        )

    def __str__(self) -> str:
        return f"{self.loser} → {self.survivor}"


class DuplicateSearch(models.Model):
    """One search through the register: up to which change it looked, and what it found."""

    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    seen_until = models.DateTimeField(_("newest change seen"), null=True)
    firms = models.PositiveIntegerField(_("firms"))
    found = models.PositiveIntegerField(_("new pairs"))

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")
        ordering: ClassVar = ("-pk",)
