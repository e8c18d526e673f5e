"""What a need asks for beyond its text: criteria, and quantities by phase."""

from collections.abc import Iterable
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.models.catalogue import Certification, Place, Prefecture
from registry.models.need import Need


class Criterion(models.Model):
    """One thing a need asks for: a must (hard) or a wish (soft). Which columns count follows from the kind."""

    class Kind(models.TextChoices):
        CERTIFICATION = "certification", _("certification")
        PREFECTURE = "prefecture", _("prefecture")
        DISTANCE = "distance", _("distance")
        EMPLOYEES = "employees", _("size (employees)")
        VOLUME = "volume", _("volume per month")
        LEAD_TIME = "lead_time", _("lead time")

    need = models.ForeignKey(Need, models.CASCADE, related_name="criteria", verbose_name=_("need"))
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    hard = models.BooleanField(_("must"), default=True)
    certification = models.ForeignKey(
        Certification, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("certification")
    )
    stated = models.CharField(_("as stated"), max_length=200, blank=True)
    prefectures = models.ManyToManyField(Prefecture, related_name="+", verbose_name=_("prefectures"), blank=True)
    place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("measured from")
    )
    number = models.PositiveIntegerField(
        _("value"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000_000_000)],
        help_text=_("At least (employees, pieces a month) or at most (km, days)."),
    )
    by_year = models.PositiveSmallIntegerField(
        _("by the year"), null=True, blank=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    confirmed = models.BooleanField(
        _("only when confirmed"),
        default=False,
        help_text=_("A certificate counts once an office has confirmed it; until then the criterion is open."),
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("-hard", "pk")
        constraints = (
            models.CheckConstraint(
                name="criterion_has_its_value",
                condition=Q(kind__in=["employees", "volume", "lead_time", "distance"], number__isnull=False)
                | Q(kind="certification") & ~Q(stated="")
                | Q(kind="prefecture"),
            ),
        )


class NeedPhase(models.Model):
    """How many pieces a need takes from a month on, from the first prototype to volume production."""

    class Kind(models.TextChoices):
        PROTOTYPE = "prototype", pgettext_lazy("phase", "prototype")
        QUALIFICATION = "qualification", pgettext_lazy("phase", "qualification")
        VOLUME = "volume", pgettext_lazy("phase", "volume production")

    class Per(models.TextChoices):
        ONCE = "once", pgettext_lazy("lot", "once")
        MONTH = "month", pgettext_lazy("lot", "a month")
        YEAR = "year", pgettext_lazy("lot", "a year")

    need = models.ForeignKey(Need, models.CASCADE, related_name="phases", verbose_name=_("need"))
    kind = models.CharField(_("phase"), max_length=13, choices=Kind)
    lot = models.PositiveIntegerField(_("pieces"), validators=[MinValueValidator(1), MaxValueValidator(1_000_000_000)])
    per = models.CharField(_("how often"), max_length=5, choices=Per, default=Per.MONTH)
    since = models.DateField(_("from the month"), null=True, blank=True)

    class Meta:
        verbose_name = _("phase of a need")
        verbose_name_plural = _("phases of a need")
        ordering: ClassVar = ("since", "pk")
        constraints = (models.CheckConstraint(name="phase_has_pieces", condition=Q(lot__gte=1)),)

    @property
    def monthly(self) -> int:
        """Pieces a month, rounded up; a single lot counts as one month's work."""
        return -(-self.lot // 12) if self.per == self.Per.YEAR else self.lot


def deciding_phase(phases: Iterable[NeedPhase]) -> NeedPhase | None:
    """The phase whose volume a firm must reach: the furthest one, of several alike the largest."""
    order = list(NeedPhase.Kind)
    return max(phases, key=lambda phase: (order.index(NeedPhase.Kind(phase.kind)), phase.monthly), default=None)
