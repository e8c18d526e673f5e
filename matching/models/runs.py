"""What the matcher did and has still to do. These rows are the truth; a Celery message is only a hint."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.engine.bands import Band
from registry.models import Firm, Need, User


class IndexBuildQuerySet(models.QuerySet["IndexBuild"]):
    def current(self) -> "IndexBuild | None":
        return self.order_by("-pk").first()


class IndexBuild(models.Model):
    """One published index. The row is the publication: the newest row is current, its folder is complete on disk."""

    folder = models.CharField(_("folder"), max_length=64, unique=True)
    fingerprint = models.CharField(_("register fingerprint"), max_length=64)
    text_version = models.PositiveIntegerField(_("text version"))
    checksum = models.CharField(_("checksum"), max_length=64)
    table_fingerprint = models.CharField(_("term table"), max_length=64, blank=True)
    settings_fingerprint = models.CharField(_("settings of the score"), max_length=64, blank=True)
    firms = models.PositiveIntegerField(_("firms"))
    terms = models.PositiveIntegerField(_("terms"))
    seconds = models.FloatField(_("seconds taken"), default=0)
    published_at = models.DateTimeField(pgettext_lazy("index", "published"), default=timezone.now, editable=False)

    objects = IndexBuildQuerySet.as_manager()

    class Meta:
        verbose_name = _("index build")
        verbose_name_plural = _("index builds")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.pk} · {self.folder}"


class NeedMatch(models.Model):
    """With what a need was last matched; what differs from the register today is matched again."""

    need = models.OneToOneField(Need, models.CASCADE, primary_key=True, related_name="match")
    build = models.ForeignKey(IndexBuild, models.SET_NULL, null=True, related_name="+")
    need_updated_at = models.DateTimeField(_("state of the need"), null=True)
    matched_at = models.DateTimeField(_("last matched"), null=True)
    least = models.FloatField(_("place of the last proposal"), default=0)
    band = models.CharField(_("band of the best proposal"), max_length=8, default="", blank=True)
    grasp = models.FloatField(_("greatest grasp of a firm"), default=0)
    serial = models.PositiveIntegerField(_("times matched"), default=0)

    class Meta:
        verbose_name = _("matching of a need")
        verbose_name_plural = _("matchings of needs")

    def __str__(self) -> str:
        return f"{self.need_id} · {self.serial}"


class MatchRun(models.Model):
    """One matching of many needs: its jobs tell how far it is. Only one runs at a time; a second request joins it."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    class Reason(models.TextChoices):
        PERSON = "person", _("asked for")
        INDEX = "index", _("the index was built anew")
        CHANGES = "changes", _("needs were changed")

    requested_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("asked by")
    )
    reason = models.CharField(_("reason"), max_length=7, choices=Reason, default=Reason.PERSON)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField(_("needs"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    unserved = models.PositiveIntegerField(_("needs without a firm"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("state",), condition=Q(state="running"), name="one_run_at_a_time"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("matching:run", args=[self.pk])

    def progress(self) -> tuple[int, int]:
        """(done, total): needs that are settled one way or another, and all of the run."""
        if self.state != self.State.RUNNING:
            return self.total, self.total
        counts = self.jobs.aggregate(total=models.Count("pk"), waiting=models.Count("pk", filter=Q(state="queued")))
        return counts["total"] - counts["waiting"], counts["total"]

    def without_a_firm(self) -> int:
        """Needs of the run for which no firm reaches the weakest band, so far or in the end."""
        if self.state != self.State.RUNNING:
            return self.unserved
        return self.jobs.filter(state=Job.State.DONE, need__match__band=Band.MISS).count()

    @property
    def seconds(self) -> float:
        """How long it took, or takes so far; never negative, whatever the clocks did."""
        return max(0.0, ((self.finished_at or timezone.now()) - self.started_at).total_seconds())


class Job(models.Model):
    """One piece of work for a worker. Done and its effect are written in the same transaction."""

    class Kind(models.TextChoices):
        INDEX = "index", _("build the index")
        NEED = "need", _("match a need")
        FIRM = "firm", _("match a changed firm")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        DONE = "done", _("done")
        PARKED = "parked", _("parked after three failures")
        CANCELLED = "cancelled", _("cancelled")

    WORKER_LOST = "worker lost"
    stays_with_its_firm = True  # when that is merged: both firms are matched again anyway

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    need = models.ForeignKey(Need, models.CASCADE, null=True, blank=True, related_name="jobs")
    firm = models.ForeignKey(Firm, models.CASCADE, null=True, blank=True, related_name="jobs")
    run = models.ForeignKey(MatchRun, models.CASCADE, null=True, blank=True, related_name="jobs")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    asked = models.PositiveIntegerField(_("times asked for"), default=1)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last error"), max_length=500, blank=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("next hint to a worker"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("last started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("due_at",), condition=Q(state="queued"), name="job_waiting"),
            models.Index(fields=("run", "state"), name="job_by_run"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("need",), condition=Q(state="queued", kind="need"), name="one_waiting_job_per_need"
            ),
            models.UniqueConstraint(
                fields=("firm",), condition=Q(state="queued", kind="firm"), name="one_waiting_job_per_firm"
            ),
            models.UniqueConstraint(
                fields=("kind",), condition=Q(state="queued", kind="index"), name="one_waiting_index_job"
            ),
            models.CheckConstraint(
                name="job_has_its_object",
                condition=Q(kind="need", need__isnull=False)
                | Q(kind="firm", firm__isnull=False)
                | Q(kind="index", need=None, firm=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.need_id or self.firm_id or ''}".strip()

    @property
    def trouble(self) -> str:
        """The last error as people read it."""
        if self.error == self.WORKER_LOST:
            return str(_("The worker ended each time while it did this. It is not tried again until the data change."))
        return self.error
