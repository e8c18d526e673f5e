"""Ways from one field of business into another, and what each takes: data, looked after on the admin site."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.accounts import User
from registry.models.catalogue import Bilingual, Programme

MOST_PHRASES = 60
"""In one list of a transition or requirement."""


def validate_phrases(value: object) -> None:
    """A list of short texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) and 0 < len(item) <= 100 for item in value):
        raise ValidationError(_("A list of phrases of at most 100 characters each is needed."))
    if len(value) > MOST_PHRASES:
        raise ValidationError(_("At most %(count)d phrases.") % {"count": MOST_PHRASES})


class PhrasesField(models.JSONField):
    """Phrases of which any one will do."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("validators", [validate_phrases])
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


class EntryRequirement(Bilingual):
    """A certificate, material, machine, process or record that entering a field takes; several transitions share it."""

    class Kind(models.TextChoices):
        CERTIFICATION = "certification", _("certification")
        MATERIAL = "material", _("material")
        EQUIPMENT = "equipment", _("equipment")
        PROCESS = "process", _("process")
        RECORD = "record", _("track record")

    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    words = PhrasesField(
        _("shown by"),
        blank=True,
        help_text=_("One phrase on each line; any of them in a profile shows it. A certificate goes by its name."),
    )
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("entry requirement")
        verbose_name_plural = _("entry requirements")
        ordering = ("kind", "code")


class Transition(Bilingual):
    """From one field into another; matching.engine.adjacent says how it is used. Never deleted: switched off."""

    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    has = PhrasesField(
        _("where the firm works today"), help_text=_("One phrase on each line; any of them in its profile.")
    )
    skills = PhrasesField(
        _("what it can do there"), blank=True, help_text=_("One phrase on each line; empty: anything.")
    )
    asks = PhrasesField(
        _("what the need asks for"),
        help_text=_("One phrase on each line; any of them in the need or its capabilities."),
    )
    about = PhrasesField(
        _("what the need is about"),
        blank=True,
        help_text=_("One phrase on each line, looked for in the need and the sector of its project; empty: anything."),
    )
    requirements = models.ManyToManyField(
        EntryRequirement, related_name="transitions", verbose_name=_("what the entry takes"), blank=True
    )
    weight = models.FloatField(
        _("weight"),
        default=0.7,
        validators=[MinValueValidator(0.01), MaxValueValidator(1)],
        help_text=_("above 0, at most 1: how short the way is"),
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
        verbose_name = _("transition between fields")
        verbose_name_plural = _("transitions between fields")
        ordering = ("code",)


class Referral(models.Model):
    """A programme that helps firms on their way from one field into another: where an office would send them."""

    transition = models.ForeignKey(
        Transition, models.CASCADE, related_name="referrals", verbose_name=_("transition between fields")
    )
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="referrals", verbose_name=_("programme"))
    active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ("transition", "programme")
        constraints = (
            models.UniqueConstraint(fields=("transition", "programme"), name="one_referral_per_way_and_programme"),
        )

    def __str__(self) -> str:
        return f"{self.transition} → {self.programme}"
