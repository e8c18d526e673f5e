"""Query string → firms, projects, needs. Each class is the filter of one list, of its export and of the API."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from registry.columns import FIRM_COLUMNS, NEED_COLUMNS, PROJECT_COLUMNS
from registry.listing import (
    ChoiceFilter,
    DateFilter,
    KeyFilter,
    ListFilter,
    NumberFilter,
    SortFilter,
    TextFilter,
    YesNoFilter,
)
from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    Firm,
    FirmCertification,
    Industry,
    Municipality,
    Need,
    Prefecture,
    Sector,
)

TOHOKU = Prefecture.objects.filter(in_tohoku=True)
CLUSTERS = Sector.objects.filter(parent=None)


class FirmFilter(ListFilter):
    q = TextFilter(label=_("Words"))
    prefecture = KeyFilter(queryset=TOHOKU, label=_("Prefecture"))
    municipality = KeyFilter(queryset=Municipality.objects.filter(prefecture__in_tohoku=True), label=_("Municipality"))
    industry = KeyFilter(queryset=Industry.objects.exclude(code__length=1), label=_("Industry"), method="of_industry")
    capability = KeyFilter(
        "capabilities", queryset=Capability.objects.all(), label=_("Capability"), method="with_capability"
    )
    certification = KeyFilter(
        "firm_certifications__certification",
        queryset=Certification.objects.all(),
        label=_("Certification"),
        method="with_certification",
    )
    employees_min = NumberFilter("employees", "gte", label=_("Employees, at least"))
    employees_max = NumberFilter("employees", "lte", label=_("Employees, at most"))
    state = ChoiceFilter(choices=Firm.State.choices, label=_("State"))
    sample = YesNoFilter("is_sample", label=_("Fictional sample"))
    sort = SortFilter(FIRM_COLUMNS)

    class Meta:
        model = Firm
        fields: list[str] = []

    def of_industry(self, firms: Any, name: str, industry: Industry) -> Any:
        """The class itself and the finer ones below it: their codes begin with its own."""
        return firms.filter(industry__code__startswith=industry.pk) if industry else firms

    def with_capability(self, firms: Any, name: str, capability: Capability) -> Any:
        links = Firm.capabilities.through.objects.filter(firm=OuterRef("pk"), capability=capability)
        return firms.filter(Exists(links)) if capability else firms

    def with_certification(self, firms: Any, name: str, certification: Certification) -> Any:
        held = FirmCertification.objects.filter(firm=OuterRef("pk"), certification=certification)
        return firms.filter(Exists(held)) if certification else firms


class ProjectFilter(ListFilter):
    q = TextFilter(label=_("Words"))
    cluster = KeyFilter("sector__cluster", queryset=CLUSTERS, label=_("Cluster"))
    kind = ChoiceFilter(choices=AnchorProject.Kind.choices, label=_("Kind"))
    state = ChoiceFilter(choices=AnchorProject.State.choices, label=_("State"))
    prefecture = KeyFilter("municipality__prefecture", queryset=TOHOKU, label=_("Prefecture"))
    sample = YesNoFilter("is_sample", label=_("Fictional sample"))
    sort = SortFilter(PROJECT_COLUMNS)

    class Meta:
        model = AnchorProject
        fields: list[str] = []


def projects_with_needs(request: Any) -> Any:
    """Only projects of which the reader sees a need: the list of choices must not tell of hidden ones."""
    if request is None:
        return AnchorProject.objects.none()
    needs = Need.objects.visible_to(request.user)
    return AnchorProject.objects.filter(Exists(needs.filter(project=OuterRef("pk")))).only("name", "name_en")


class NeedFilter(ListFilter):
    q = TextFilter(label=_("Words"))
    project = KeyFilter(queryset=projects_with_needs, label=_("Anchor project"))
    cluster = KeyFilter("project__sector__cluster", queryset=CLUSTERS, label=_("Cluster"))
    prefecture = KeyFilter("project__municipality__prefecture", queryset=TOHOKU, label=_("Prefecture"))
    state = ChoiceFilter(choices=Need.State.choices, label=_("State"))
    visibility = ChoiceFilter(choices=Need.Visibility.choices, label=_("Visibility"))
    deadline_from = DateFilter("deadline", "gte", label=_("Answer by, from"))
    deadline_to = DateFilter("deadline", "lte", label=_("Answer by, to"))
    sample = YesNoFilter("is_sample", label=_("Fictional sample"))
    sort = SortFilter(NEED_COLUMNS)

    class Meta:
        model = Need
        fields: list[str] = []
