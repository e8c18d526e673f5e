"""A file on its way into the register: the batch, its rows as understood, and the headings that its office uses."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import NOTHING, Role, Visible
from registry.models.accounts import Office, User
from registry.models.events import Event
from registry.models.firm import Firm


class ImportBatchQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """The bureau sees every import, a coordinator those of the own offices, the anchor side each their own."""
        if user.role == Role.BUREAU:
            return Q()
        if user.role == Role.COORDINATOR:
            return Q(office__in=user.scope.offices) | Q(by=user)
        if user.role == Role.ANCHOR:
            return Q(by=user)
        return NOTHING

    def for_list(self) -> "ImportBatchQuerySet":
        """Without their cells, which may be megabytes; a page that shows some reads them then."""
        return self.defer("file").select_related("by", "office")


class ImportBatch(models.Model):
    """`kind` is one of `registry.intake.kinds`. `file` holds the cells as `registry.intake.sheets` keeps them.

    `mapping` names the field of each column, "" where a column is left out.
    """

    class State(models.TextChoices):
        COLUMNS = "columns", _("columns to be confirmed")
        READING = "reading", _("being read")
        READY = "ready", _("ready to be taken over")
        WRITING = "writing", _("being taken over")
        DONE = "done", _("taken over")
        UNDONE = "undone", _("undone")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.COLUMNS)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="imports")
    by = models.ForeignKey(User, models.PROTECT, related_name="imports", verbose_name=_("by"))
    kind = models.CharField(_("kind of sheet"), max_length=20, default="firms")
    filename = models.CharField(_("file"), max_length=200)
    file = models.BinaryField(_("content"))
    digest = models.CharField(max_length=64)
    language = models.CharField(_("language of the remarks"), max_length=2, default="ja")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header = models.PositiveIntegerField(_("row of the headings"), default=1)
    mapping = models.JSONField(_("columns"), default=list)
    source = models.CharField(_("source"), max_length=200)
    as_of = models.DateField(_("as of"), default=timezone.localdate)
    publish = models.BooleanField(_("publish new firms at once"), default=True)
    skip_refused = models.BooleanField(_("leave refused rows out"), default=False)
    counts = models.JSONField(_("counts"), default=dict)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    total = models.PositiveIntegerField(_("rows in all"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(_("uploaded on"), default=timezone.now, editable=False)
    written_at = models.DateTimeField(_("taken over on"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ("-pk",)
        indexes = (models.Index(fields=("state", "claimed_until"), name="import_by_state"),)

    def __str__(self) -> str:
        return f"{self.filename} ({timezone.localtime(self.made_at):%Y-%m-%d})"

    def get_absolute_url(self) -> str:
        return reverse("registry:import", args=[self.pk])

    @property
    def is_working(self) -> bool:
        return self.state in {self.State.READING, self.State.WRITING}


class ImportRow(models.Model):
    """One line of the file. `changes`: field → [old, new]; `remarks`: [field, value, what is wrong and what to do].

    `firm`, `need` or `event` is what the line is about, `seen_at` its version when the line was compared. `target` is
    the primary key of the row that the line means or made: that firm itself, or one of its machines, certificates, …
    `kept` is what the old values cannot say of what was replaced.
    """

    class State(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", pgettext_lazy("line of an import", "refused")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("line"))
    state = models.CharField(_("state"), max_length=9, choices=State)
    firm = models.ForeignKey(Firm, models.SET_NULL, null=True, blank=True, related_name="import_rows")
    need = models.ForeignKey("registry.Need", models.SET_NULL, null=True, blank=True, related_name="import_rows")
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="import_rows")
    target = models.BigIntegerField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    values: Any = models.JSONField(_("values"), default=dict)
    changes = models.JSONField(_("changes"), default=dict)
    kept: Any = models.JSONField(default=dict, editable=False)
    remarks = models.JSONField(_("remarks"), default=list)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of an import")
        ordering: ClassVar = ("number",)
        constraints = (models.UniqueConstraint(fields=("batch", "number"), name="one_row_per_line_of_an_import"),)
        indexes = (models.Index(fields=("batch", "state", "number"), name="import_row_by_state"),)

    def __str__(self) -> str:
        return f"{self.batch} {self.number}"


class OfficeHeading(models.Model):
    """What an office calls a column of a kind of sheet: remembered from its last import."""

    office = models.ForeignKey(Office, models.CASCADE, related_name="headings")
    kind = models.CharField(max_length=20, default="firms")
    heading = models.CharField(max_length=200)
    field = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("heading of an office")
        verbose_name_plural = _("headings of offices")
        constraints = (
            models.UniqueConstraint(
                fields=("office", "kind", "heading"), name="one_meaning_per_office_kind_and_heading"
            ),
        )

    def __str__(self) -> str:
        return f"{self.heading} → {self.field}"
