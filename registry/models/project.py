"""Who buys: anchor projects, their needs, and what a need asks for."""

from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.access import Visible, buying_project_rows, changeable_need_rows, need_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.grams import GramIndex
from registry.models.accounts import Office, User
from registry.models.catalogue import (
    Bilingual,
    Capability,
    Certification,
    Municipality,
    Place,
    Prefecture,
    Sector,
    in_language,
    place_name,
)
from registry.models.firm import TEXT_LIMIT
from registry.models.partial import Partial
from registry.steps import Step
from registry.text import FoldedField, holds


class AnchorProjectQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Anchor projects are public facts: everybody who is signed in sees them."""
        return Q()

    def buying_for(self, user: User) -> "AnchorProjectQuerySet":
        """Projects that the person may write needs for."""
        return self.filter(buying_project_rows(user))

    def for_list(self) -> "AnchorProjectQuerySet":
        return self.select_related("sector__cluster", "municipality__prefecture")

    def matching_text(self, text: str) -> "AnchorProjectQuerySet":
        return self.filter(holds(text))


class AnchorProject(Partial, Bilingual):
    class Kind(models.TextChoices):
        FAB = "fab", _("semiconductor fab")
        EQUIPMENT_MAKER = "equipment_maker", _("equipment maker")
        MATERIALS = "materials", _("materials maker")
        NEWSPACE = "newspace", _("NewSpace venture")
        AUTOMOTIVE = "automotive", _("car maker")
        TEST_SITE = "test_site", _("test site")
        WIND_DEVELOPER = "wind_developer", _("wind farm developer")
        WIND_T1 = "wind_t1", _("wind tier 1")
        RESEARCH = "research", _("research facility")
        TRAINING = "training", _("training facility")
        RELATED = "related_investment", _("related investment")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("project", "active")
        FROZEN = "frozen", _("frozen")
        WITHDRAWN = "withdrawn", pgettext_lazy("project", "withdrawn")
        RETENDER = "retender", _("to be re-tendered")

    code = models.SlugField(_("code"), unique=True, max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="projects", verbose_name=_("sector"))
    organisation = models.CharField(_("organisation"), max_length=200)
    organisation_en = models.CharField(_("organisation in English"), max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("municipality")
    )
    place_text = models.CharField(_("place"), max_length=200, blank=True)
    phase = models.CharField(_("phase"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ACTIVE)
    investment_jpy = models.PositiveBigIntegerField(_("investment (yen)"), null=True, blank=True)
    investment_note = models.CharField(_("note on the investment"), max_length=300, blank=True)
    facts = models.JSONField(_("facts"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_sample = models.BooleanField(_("fictional sample"), default=False)
    source = models.CharField(_("source"), max_length=300, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)
    search = FoldedField(sources=("name", "name_en", "organisation", "organisation_en", "place_text"))

    objects = AnchorProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("anchor project")
        verbose_name_plural = _("anchor projects")
        ordering = ("is_sample", "sector__position", "code")

    def get_absolute_url(self) -> str:
        return reverse("registry:project", args=[self.pk])

    @property
    def organisation_label(self) -> str:
        return in_language(self.organisation, self.organisation_en)

    @property
    def place(self) -> str:
        """The municipality, or the place as the source puts it."""
        return place_name(self.municipality.prefecture, self.municipality) if self.municipality else self.place_text

    @property
    def fact_lines(self) -> list[tuple[str, str]]:
        """Label and value with its unit, as the source states them."""
        return [
            (in_language(fact["label"], fact.get("label_en", "")), f"{_grouped(fact['value'])} {fact['unit']}".strip())
            for fact in self.facts
        ]


def _grouped(value: str | int | float) -> str:
    return value if isinstance(value, str) else f"{value:,}"


class ProjectStateChange(AppendOnly):
    """Append-only: when a project became active, frozen, withdrawn or re-tendered, why, and who says so."""

    project = models.ForeignKey(AnchorProject, models.CASCADE, related_name="state_changes")
    state = models.CharField(_("state"), max_length=9, choices=AnchorProject.State)
    since = models.DateField(_("since"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ("since", "pk")
        constraints = (NeverChanged(name="project_state_change_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.project} · {self.get_state_display()}"


class NeedQuerySet(Visible):
    def rows(self, user: User) -> Q:
        return need_rows(user)

    def changeable_by(self, user: User) -> "NeedQuerySet":
        """Of the needs that the person sees, those they may edit and move."""
        return self.visible_to(user).filter(changeable_need_rows(user))

    def open(self) -> "NeedQuerySet":
        return self.filter(state=Need.State.OPEN)

    def matching_text(self, text: str) -> "NeedQuerySet":
        return self.filter(holds(text))

    def for_list(self) -> "NeedQuerySet":
        return self.select_related(
            "project__sector__cluster", "project__municipality__prefecture", "office"
        ).prefetch_related("capabilities", "criteria__certification", "criteria__place", "criteria__prefectures")


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

    project = models.ForeignKey(AnchorProject, models.PROTECT, related_name="needs", verbose_name=_("anchor project"))
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("office in charge")
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what is needed"), max_length=TEXT_LIMIT, validators=[MaxLengthValidator(TEXT_LIMIT)])
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.JAPANESE)
    capabilities = models.ManyToManyField(Capability, related_name="needs", verbose_name=_("capabilities"), blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    quantity_unit = models.CharField(_("unit of quantity"), max_length=20, blank=True)
    deadline = models.DateField(_("answer by"), null=True, blank=True)
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
    search = FoldedField(sources=("title", "text"))

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


class NeedEvent(AppendOnly):
    """Append-only: one step of a need, who took it and why."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="events")
    step = models.CharField(_("step"), max_length=12)
    source = models.CharField(_("from"), max_length=6, choices=Need.State)
    target = models.CharField(_("to"), max_length=6, choices=Need.State)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    review = models.JSONField(_("reviewed"), default=list, blank=True, help_text=_("Questions that were ticked."))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a need")
        verbose_name_plural = _("events of a need")
        ordering = ("pk",)
        constraints = (NeverChanged(name="need_event_is_append_only"),)

    @property
    def label(self) -> str:
        return str(NEED_STEPS[self.step].label)

    @property
    def reviewed(self) -> list[str]:
        """The questions that the reviewer ticked, in words."""
        return [str(REVIEW_QUESTIONS[name]) for name in self.review if name in REVIEW_QUESTIONS]


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
