"""A need: what an anchor project looks for, its states, and what was done with it."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import Visible, changeable_need_rows, in_charge_rows, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.grams import GramIndex
from registry.models.accounts import Office, User
from registry.models.catalogue import Capability, Municipality, Place
from registry.models.firm import TEXT_LIMIT
from registry.models.partial import Partial
from registry.models.project import AnchorProject
from registry.steps import Step
from registry.text import FoldedField, holds


class NeedQuerySet(Visible):
    def rows(self, user: User) -> Q:
        return need_rows(user)

    def changeable_by(self, user: User) -> "NeedQuerySet":
        """Of the needs that the person sees, those they may edit and move."""
        return self.visible_to(user).filter(changeable_need_rows(user))

    def in_charge_of(self, user: User) -> "NeedQuerySet":
        """Needs whose drawings and changes the person sees: its own anchor side, the office in charge, the bureau."""
        return self.filter(in_charge_rows(user))

    def open(self) -> "NeedQuerySet":
        return self.filter(state=Need.State.OPEN)

    def matching_text(self, text: str) -> "NeedQuerySet":
        return self.filter(holds(text))

    def for_list(self) -> "NeedQuerySet":
        """With what a row of an export or API answer shows, in a bounded number of queries."""
        return self.select_related(
            "project__sector__cluster",
            "project__municipality__prefecture",
            "office",
            "delivery_place",
            "delivery_municipality__prefecture",
        ).prefetch_related(
            "capabilities", "phases", "criteria__certification", "criteria__place", "criteria__prefectures"
        )

    def for_page(self) -> "NeedQuerySet":
        """With what a row of the list's page shows, and without the long texts."""
        related = self.select_related("project__sector__cluster", "project__municipality__prefecture")
        return related.defer("text", "search", "project__search")


def plain_number(value: Decimal) -> str:
    """Without the zeros at the end: 0.0100 is 0.01."""
    return f"{value.normalize():f}"


def _millimetres(label: Any) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        label, max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class Need(Partial):
    """What an anchor project looks for."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("in review")
        OPEN = "open", _("open")
        FILLED = "filled", _("filled")
        CLOSED = "closed", _("closed")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("public to registered firms")
        COORDINATORS = "coordinators", _("coordinators only")
        NDA = "nda", _("under NDA: office in charge and bureau only")

    class Language(models.TextChoices):
        JAPANESE = "ja", pgettext_lazy("language", "Japanese")
        ENGLISH = "en", pgettext_lazy("language", "English")

    class Length(models.TextChoices):
        MM = "mm", "mm"
        UM = "um", "μm"

    class Export(models.TextChoices):
        """該非判定: whether the goods or drawings are on the lists of the Foreign Exchange and Foreign Trade Act."""

        SUBJECT = "subject", _("subject to export control")
        FREE = "free", _("not subject to export control")

    project = models.ForeignKey(AnchorProject, models.PROTECT, related_name="needs", verbose_name=_("anchor project"))
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("office in charge")
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what is needed"), max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)])
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.JAPANESE)
    capabilities = models.ManyToManyField(Capability, related_name="needs", verbose_name=_("capabilities"), blank=True)
    material = models.CharField(_("material and grade"), max_length=200, blank=True)
    tolerance = models.DecimalField(
        _("tolerance (±)"), max_digits=8, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    tolerance_unit = models.CharField(_("unit of the tolerance"), max_length=2, choices=Length, default=Length.MM)
    roughness = models.DecimalField(
        _("surface roughness (Ra, μm)"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    diameter = _millimetres(_("largest diameter (mm)"))
    length = _millimetres(_("largest length (mm)"))
    width = _millimetres(_("largest width (mm)"))
    height = _millimetres(_("largest height (mm)"))
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    quantity_unit = models.CharField(_("unit of quantity"), max_length=20, blank=True)
    delivery_place = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("delivered to (port, site)")
    )
    delivery_municipality = models.ForeignKey(
        Municipality,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("delivered to (municipality)"),
    )
    first_delivery = models.DateField(_("first delivery by"), null=True, blank=True)
    deadline = models.DateField(_("answer by"), null=True, blank=True)
    nda_first = models.BooleanField(_("NDA first"), default=False)
    export_control = models.CharField(_("export control"), max_length=7, choices=Export, blank=True)
    export_checked_on = models.DateField(_("classified on"), null=True, blank=True)
    export_checked_by = models.CharField(_("classified by"), max_length=100, blank=True)
    visibility = models.CharField(_("visibility"), max_length=12, choices=Visibility, default=Visibility.COORDINATORS)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DRAFT, db_index=True)
    is_sample = models.BooleanField(_("fictional sample"), default=False)
    source = models.CharField(_("source"), max_length=200, blank=True)
    source_ref = models.CharField(_("reference in the source"), max_length=100, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    search = FoldedField(sources=("title", "text", "material"))

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ("-pk",)
        indexes = (GramIndex(fields=("search",), name="need_grams"),)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "source_ref"), condition=~Q(source_ref=""), name="one_need_per_source_reference"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("registry:need", args=[self.pk])

    @property
    def number(self) -> str:
        """What people call the need on the telephone."""
        return f"N-{self.pk:04d}"

    @property
    def delivered_to(self) -> Place | Municipality | None:
        """Where distances are measured from: the place of delivery, without one the project's municipality."""
        return self.delivery_place or self.delivery_municipality or self.project.municipality

    @property
    def specification(self) -> tuple[str, ...]:
        """Material, tolerance, roughness and size as a drawing says them, in no language; only what is stated."""
        unit = self.get_tolerance_unit_display()
        across = f"⌀{plain_number(self.diameter)}" if self.diameter is not None else ""
        sides = [across, *(plain_number(side) for side in (self.length, self.width, self.height) if side is not None)]
        size = " × ".join(filter(None, sides))
        stated = (
            self.material,
            f"±{plain_number(self.tolerance)} {unit}" if self.tolerance is not None else "",
            f"Ra {plain_number(self.roughness)}" if self.roughness is not None else "",
            f"{size} mm" if size else "",
        )
        return tuple(filter(None, stated))

    @property
    def is_flagged(self) -> bool:
        """Whether drawings and lists of it go abroad only after a dated check."""
        return self.export_control == self.Export.SUBJECT

    @property
    def is_past(self) -> bool:
        """Still open, though the day for an answer is over in Japan."""
        return self.state == self.State.OPEN and self.deadline is not None and self.deadline < timezone.localdate()


_S = Need.State
NEED_STEPS = {
    "submit": Step(_("Submit for review"), frozenset({_S.DRAFT}), _S.REVIEW, style="primary"),
    "open": Step(_("Open"), frozenset({_S.REVIEW}), _S.OPEN, style="primary"),
    "return": Step(_("Return to the author"), frozenset({_S.REVIEW}), _S.DRAFT, reason=True),
    "fill": Step(_("Mark as filled"), frozenset({_S.OPEN}), _S.FILLED),
    "close": Step(
        pgettext_lazy("need", "Close"), frozenset({_S.OPEN, _S.FILLED}), _S.CLOSED, reason=True, style="danger"
    ),
    "reopen": Step(_("Reopen"), frozenset({_S.FILLED, _S.CLOSED}), _S.OPEN, reason=True),
}


REVIEW_QUESTIONS = {
    "clear": _("A firm that reads it knows what is to be made or done."),
    "quantified": _("Quantity, dates and tolerances are stated."),
    "real": _("Every must is really one: no firm is kept out for nothing."),
}
"""What a reviewer answers by a tick before a need opens; kept with that step."""


OTHER_EVENTS = {
    "change": _("Changed"),
    "drawing": _("Drawing added"),
    "removal": _("Drawing removed"),
}
"""What happens to a need beside its steps."""


class NeedEvent(AppendOnly):
    """Append-only: a step of a need or a change of its fields, who did it and why."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="events")
    step = models.CharField(_("step"), max_length=12)
    source = models.CharField(_("from"), max_length=6, choices=Need.State)
    target = models.CharField(_("to"), max_length=6, choices=Need.State)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    review = models.JSONField(_("reviewed"), default=list, blank=True, help_text=_("Questions that were ticked."))
    changes = models.JSONField(
        _("changes"), default=list, blank=True, help_text=_("[name, before, after] of each field.")
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a need")
        verbose_name_plural = _("events of a need")
        ordering = ("pk",)
        constraints = (NeverChanged(name="need_event_is_append_only"),)

    @property
    def label(self) -> str:
        return str(NEED_STEPS[self.step].label if self.step in NEED_STEPS else OTHER_EVENTS[self.step])

    @property
    def reviewed(self) -> list[str]:
        """The questions that the reviewer ticked, in words."""
        return [str(REVIEW_QUESTIONS[name]) for name in self.review if name in REVIEW_QUESTIONS]
