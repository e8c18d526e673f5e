"""Who buys: anchor projects, and what became of each."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from registry.access import Visible, buying_project_rows
from registry.append_only import AppendOnly, NeverChanged
from registry.models.accounts import User
from registry.models.catalogue import Bilingual, Municipality, Sector, in_language, place_name
from registry.models.partial import Partial
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


class ProjectEvent(AppendOnly):
    """Append-only: what somebody changed in a project's facts, field by field. States have a record of their own."""

    project = models.ForeignKey(AnchorProject, models.PROTECT, related_name="events", verbose_name=_("anchor project"))
    changes = models.JSONField(_("changes"), default=list, help_text=_("[name, before, after] of each field."))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event of a project")
        verbose_name_plural = _("events of a project")
        ordering = ("-pk",)
        constraints = (NeverChanged(name="project_event_is_append_only"),)

    @property
    def label(self) -> str:
        return gettext("changed")
