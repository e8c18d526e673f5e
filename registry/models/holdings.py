"""What a firm holds: certificates, machines and photos."""

import hashlib
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.models.accounts import User
from registry.models.catalogue import Certification
from registry.models.firm import Firm, upload_name


class FirmCertification(models.Model):
    """A certificate as the firm states it, tied to the catalogue where the spelling is known."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="firm_certifications", verbose_name=_("firm"))
    certification = models.ForeignKey(
        Certification, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("certification")
    )
    stated = models.CharField(_("as stated"), max_length=200)
    number = models.CharField(_("certificate number"), max_length=100, blank=True)
    issuer = models.CharField(_("issued by"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    scan = models.FileField(_("scan"), upload_to=upload_name, max_length=100, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by an office on"), null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("confirmed by")
    )

    FACTS = ("stated", "number", "issuer", "valid_from", "valid_until", "scan")
    """What an office confirms: when one of these changes, the confirmation ends."""

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("firm", "stated"), name="one_certificate_per_firm_and_statement"),
        )

    def __str__(self) -> str:
        return self.stated

    @property
    def mark(self) -> str:
        """What a page shows of it, in short: another mark is another content."""
        facts = "\n".join(str(getattr(self, name) or "") for name in self.FACTS)
        return hashlib.sha256(facts.encode()).hexdigest()[:32]

    def unconfirmed(self) -> list[str]:
        """Take the confirmation away in memory, since the content changes; returns the fields to be saved."""
        self.confirmed_at = self.confirmed_by = None
        return ["confirmed_at", "confirmed_by"]


class Equipment(models.Model):
    class Unit(models.TextChoices):
        MM = "mm", "mm"
        M = "m", "m"
        UM = "um", "μm"
        T = "t", "t"
        KG = "kg", "kg"
        KN = "kn", "kN"
        KW = "kw", "kW"
        M2 = "m2", "m²"
        M3 = "m3", "m³"

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="equipment", verbose_name=_("firm"))
    name = models.CharField(_("machine or facility"), max_length=200)
    maker = models.CharField(_("maker"), max_length=100, blank=True)
    model = models.CharField(_("model"), max_length=100, blank=True)
    count = models.PositiveIntegerField(pgettext_lazy("machines", "number"), null=True, blank=True)
    size = models.DecimalField(
        _("size or capacity"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("The largest that it takes or lifts."),
    )
    unit = models.CharField(_("unit"), max_length=2, choices=Unit, blank=True)
    note = models.CharField(_("size, range, accuracy"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering: ClassVar = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(size=None, unit="") | Q(size__isnull=False) & ~Q(unit=""), name="a_size_has_its_unit"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def size_text(self) -> str:
        """The size with its unit, empty when there is none."""
        return "" if self.size is None else f"{self.size.normalize():f} {self.get_unit_display()}"


class FirmPhoto(models.Model):
    """A picture of works or products, made anew from what was sent: no place, no camera, no hidden payload."""

    firm = models.ForeignKey(Firm, models.CASCADE, related_name="photos", verbose_name=_("firm"))
    image = models.FileField(_("photo"), upload_to=upload_name, max_length=100)
    alt = models.CharField(_("what it shows"), max_length=200)
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering: ClassVar = ("pk",)

    def __str__(self) -> str:
        return self.alt
