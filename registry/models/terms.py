"""The term table: what else a word may be called. Loaded from data, looked after by the administrator."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.accounts import User


class TermEntry(models.Model):
    """One link from a term to a target; matching.engine.terms says what each kind means. Never deleted: switched off.

    What is deleted would come back with the next load of the catalogues.
    """

    class Kind(models.TextChoices):
        VARIANT = "variant", _("spelling variant")
        SYNONYM = "synonym", _("synonym")
        TRANSLATION = "translation", _("translation")
        PROCESS = "process", _("buyer's word → how it is made")
        NARROWER = "narrower", _("wider term → one of its kinds")

    term = models.CharField(_("term"), max_length=200)
    target = models.CharField(_("stands for"), max_length=200)
    kind = models.CharField(_("kind of link"), max_length=12, choices=Kind)
    weight = models.FloatField(
        _("weight"),
        default=1.0,
        validators=[MinValueValidator(0.01), MaxValueValidator(1)],
        help_text=_("above 0, at most 1"),
    )
    active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    updated_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("last changed by"),
    )
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("entry of the term table")
        verbose_name_plural = _("term table")
        ordering = ("term", "target")
        constraints = (models.UniqueConstraint(fields=("term", "target"), name="one_entry_per_term_and_target"),)

    def __str__(self) -> str:
        return f"{self.term} → {self.target}"
