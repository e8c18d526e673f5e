"""Query string → firms, projects, needs. Each class is the filter of one list, of its export and of the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.columns import DUPLICATE_COLUMNS, FIRM_COLUMNS, NEED_COLUMNS, PROJECT_COLUMNS, TOKEN_COLUMNS
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
    APIToken,
    Attendance,
    Capability,
    Certification,
    Consortium,
    ConsortiumMembership,
    DuplicatePair,
    ErasureRequest,
    Event,
    Firm,
    FirmCertification,
    FirmClaim,
    ImportBatch,
    ImportRow,
    Industry,
    Municipality,
    Need,
    Notice,
    Prefecture,
    Sector,
)
from registry.models.firm import year_ago

TOHOKU = Prefecture.objects.filter(
    Q(in_tohoku=True) | Exists(Municipality.objects.filter(prefecture=OuterRef("pk")).order_by())
)
"""The six prefectures, and the neighbours of which the catalogue has municipalities: firms and needs lie there too."""
MUNICIPALITIES = Municipality.objects.all()
CLUSTERS = Sector.objects.filter(parent=None)
FIELDS = Sector.objects.exclude(parent=None)
EVERY_STATE = "all"


def _buyable(**sectors: Any) -> Any:
    return Firm.capabilities.through.objects.filter(firm=OuterRef("pk"), **sectors)


class FirmFilter(ListFilter):
    q = TextFilter(label=_("Words"))
    prefecture = KeyFilter(queryset=TOHOKU, label=_("Prefecture"))
    municipality = KeyFilter(queryset=MUNICIPALITIES, label=_("Municipality"), null_label=_("(not stated)"))
    cluster = KeyFilter(queryset=CLUSTERS, label=_("Cluster that buys such work"), method="for_cluster")
    sector = KeyFilter(queryset=FIELDS, label=_("Sector that buys such work"), method="for_sector")
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
    consortium = KeyFilter(queryset=Consortium.objects.all(), label=_("Member of"), method="in_consortium")
    employees_min = NumberFilter("employees", "gte", label=_("Employees, at least"))
    employees_max = NumberFilter("employees", "lte", label=_("Employees, at most"))
    state = ChoiceFilter(
        choices=[(state.value, state.label) for state in Firm.State if state != Firm.State.MERGED], label=_("State")
    )
    unconfirmed = YesNoFilter(label=_("Not confirmed for a year"), method="not_confirmed")
    sample = YesNoFilter("is_sample", label=_("Fictional sample"))
    sort = SortFilter(FIRM_COLUMNS)

    class Meta:
        model = Firm
        fields: list[str] = []

    def of_industry(self, firms: Any, name: str, industry: Industry) -> Any:
        """The class itself and the finer ones below it: their codes begin with its own."""
        return firms.filter(industry__code__startswith=industry.pk) if industry else firms

    def not_confirmed(self, firms: Any, name: str, value: str) -> Any:
        if not value:
            return firms
        stale = Q(confirmed_on=None) | Q(confirmed_on__lt=year_ago())
        return firms.filter(stale if value == "true" else ~stale)

    def with_capability(self, firms: Any, name: str, capability: Capability) -> Any:
        links = Firm.capabilities.through.objects.filter(firm=OuterRef("pk"), capability=capability)
        return firms.filter(Exists(links)) if capability else firms

    def for_cluster(self, firms: Any, name: str, cluster: Sector) -> Any:
        """A firm has no sector of its own; its capabilities know which sectors usually buy them."""
        return firms.filter(Exists(_buyable(capability__sectors__cluster=cluster))) if cluster else firms

    def for_sector(self, firms: Any, name: str, sector: Sector) -> Any:
        return firms.filter(Exists(_buyable(capability__sectors=sector))) if sector else firms

    def in_consortium(self, firms: Any, name: str, consortium: Consortium) -> Any:
        members = ConsortiumMembership.objects.on(timezone.localdate()).filter(
            firm=OuterRef("pk"), consortium=consortium
        )
        return firms.filter(Exists(members)) if consortium else firms

    def with_certification(self, firms: Any, name: str, certification: Certification) -> Any:
        held = FirmCertification.objects.filter(firm=OuterRef("pk"), certification=certification)
        return firms.filter(Exists(held)) if certification else firms


class DuplicateFilter(ListFilter):
    """Without a state it shows what waits for a decision."""

    q = TextFilter(label=_("Words in one of the firms"))
    prefecture = KeyFilter(queryset=TOHOKU, label=_("Prefecture"), method="of_prefecture")
    score = NumberFilter("score", "gte", label=_("Likeness, at least (0–100)"))
    state = ChoiceFilter(
        choices=[(state.value, state.label) for state in DuplicatePair.State if state != DuplicatePair.State.OPEN],
        empty_label=DuplicatePair.State.OPEN.label,
        label=_("State"),
        method="elsewhere",
    )
    firm = NumberFilter(label=_("Firm (ID)"), widget=forms.HiddenInput, method="of_firm")
    sort = SortFilter(DUPLICATE_COLUMNS)

    class Meta:
        model = DuplicatePair
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        pairs, state = super().filter_queryset(queryset), self.form.cleaned_data["state"]
        return pairs.filter(state=state) if state else pairs.open()

    def elsewhere(self, pairs: Any, name: str, value: str) -> Any:
        return pairs

    def of_prefecture(self, pairs: Any, name: str, prefecture: Prefecture) -> Any:
        return pairs.filter(Q(first__prefecture=prefecture) | Q(second__prefecture=prefecture)) if prefecture else pairs

    def of_firm(self, pairs: Any, name: str, firm: int) -> Any:
        return pairs.of_firm(firm)


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
    sector = KeyFilter("project__sector", queryset=FIELDS, label=_("Sector"))
    prefecture = KeyFilter("project__municipality__prefecture", queryset=TOHOKU, label=_("Prefecture"))
    municipality = KeyFilter(
        "project__municipality", queryset=MUNICIPALITIES, label=_("Municipality"), null_label=_("(not stated)")
    )
    capability = KeyFilter(queryset=Capability.objects.all(), label=_("Capability"), method="asking_for")
    state = ChoiceFilter(choices=Need.State.choices, label=_("State"))
    visibility = ChoiceFilter(choices=Need.Visibility.choices, label=_("Visibility"))
    deadline_from = DateFilter("deadline", "gte", label=_("Answer by, from"))
    deadline_to = DateFilter("deadline", "lte", label=_("Answer by, to"))
    sample = YesNoFilter("is_sample", label=_("Fictional sample"))
    sort = SortFilter(NEED_COLUMNS)

    class Meta:
        model = Need
        fields: list[str] = []

    def asking_for(self, needs: Any, name: str, capability: Capability) -> Any:
        links = Need.capabilities.through.objects.filter(need=OuterRef("pk"), capability=capability)
        return needs.filter(Exists(links)) if capability else needs


class MapFilter(ListFilter):
    """What the map asks of both lists. Each parameter means there what it means in the list that has it."""

    layer = ChoiceFilter(
        choices=[("firms", _("firms")), ("needs", _("needs"))],
        empty_label=_("firms and needs"),
        label=_("Layer"),
        method="elsewhere",
    )
    cluster = KeyFilter(queryset=CLUSTERS, label=_("Cluster"), method="elsewhere")
    sector = KeyFilter(queryset=FIELDS, label=_("Sector"), method="elsewhere")
    capability = KeyFilter(queryset=Capability.objects.all(), label=_("Capability"), method="elsewhere")
    consortium = KeyFilter(queryset=Consortium.objects.all(), label=_("Firms that are members of"), method="elsewhere")
    state = ChoiceFilter(
        choices=[
            *[(state.value, state.label) for state in Need.State if state != Need.State.OPEN],
            (EVERY_STATE, _("all")),
        ],
        empty_label=Need.State.OPEN.label,
        label=_("State of the needs"),
        method="elsewhere",
    )
    sort = django_filters.ChoiceFilter(
        choices=[(sign + name, name) for name in ("name", "firms", "needs") for sign in ("", "-")],
        widget=forms.HiddenInput,
        method="elsewhere",
    )

    class Meta:
        model = Firm
        fields: list[str] = []

    def elsewhere(self, firms: Any, name: str, value: Any) -> Any:
        """registry.regions counts with the lists' own filters."""
        return firms


class NoFilter(ListFilter):
    """Of a list that is short enough to be read whole."""


class MembershipFilter(ListFilter):
    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    consortium = KeyFilter(queryset=Consortium.objects.all(), label=_("Consortium"))

    class Meta:
        model = ConsortiumMembership
        fields: list[str] = []


class EventFilter(ListFilter):
    held_from = DateFilter("held_on", "gte", label=_("Held, from"))
    held_to = DateFilter("held_on", "lte", label=_("Held, to"))

    class Meta:
        model = Event
        fields: list[str] = []


class AttendanceFilter(ListFilter):
    event = NumberFilter("event", label=_("ID of the event"))
    held_from = DateFilter("event__held_on", "gte", label=_("Held, from"))
    held_to = DateFilter("event__held_on", "lte", label=_("Held, to"))

    class Meta:
        model = Attendance
        fields: list[str] = []


class ImportFilter(ListFilter):
    state = ChoiceFilter(choices=ImportBatch.State.choices, label=_("State"))

    class Meta:
        model = ImportBatch
        fields: list[str] = []


class LineFilter(ListFilter):
    """Without `show` the lines that say something new or wrong."""

    show = ChoiceFilter(choices=ImportRow.State.choices, label=_("Result"), method="elsewhere")

    class Meta:
        model = ImportRow
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        state = self.form.cleaned_data["show"]
        return queryset.filter(state=state) if state else queryset.exclude(state=ImportRow.State.UNCHANGED)

    def elsewhere(self, lines: Any, name: str, value: str) -> Any:
        return lines


class ClaimFilter(ListFilter):
    state = ChoiceFilter(choices=FirmClaim.State.choices, label=_("State"))

    class Meta:
        model = FirmClaim
        fields: list[str] = []


class ErasureFilter(ListFilter):
    state = ChoiceFilter(choices=ErasureRequest.State.choices, label=_("State"))

    class Meta:
        model = ErasureRequest
        fields: list[str] = []


class NoticeFilter(ListFilter):
    show = ChoiceFilter(choices=[("unread", _("Unread"))], label=_("Views of the notices"), method="unread_only")

    class Meta:
        model = Notice
        fields: list[str] = []

    def unread_only(self, notices: Any, name: str, value: str) -> Any:
        return notices.unread() if value else notices


class TokenFilter(ListFilter):
    q = TextFilter(label=_("Owner, name or first characters"))
    live = YesNoFilter(label=_("In force"), method="whether_live")
    sort = SortFilter(TOKEN_COLUMNS)

    class Meta:
        model = APIToken
        fields: list[str] = []

    def whether_live(self, tokens: Any, name: str, value: str) -> Any:
        live = APIToken.objects.live()
        return {"true": tokens.filter(pk__in=live), "false": tokens.exclude(pk__in=live)}.get(value, tokens)
