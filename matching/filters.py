"""Query string → proposals and candidate lists. Each class is the filter of one list, of its export and of the API."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from matching.columns import DECISION_COLUMNS, INQUIRY_COLUMNS, LISTS_COLUMNS, QUEUE_COLUMNS
from matching.engine.order import FIRST
from matching.models import (
    ASKED,
    PROPOSAL_STEPS,
    WAITING,
    CandidateList,
    CandidateListEntry,
    Contact,
    Decision,
    Disclosure,
    DisclosureConsent,
    Feedback,
    Group,
    GroupMember,
    Inquiry,
    ListLink,
    Proposal,
)
from matching.stages import STAGES, at_stage
from registry.access import OFFICE_ROLES, Role
from registry.filters import CLUSTERS, EVERY_STATE, TOHOKU, projects_with_needs
from registry.forms.fields import WholeNumberField
from registry.listing import (
    ChoiceFilter,
    DateFilter,
    KeyFilter,
    ListFilter,
    NumberFilter,
    SortFilter,
    TextFilter,
    YesNoFilter,
    kept,
)
from registry.models import Firm, Need, Office, Prefecture, Sector, User, of_firm

ME, NOBODY = "me", "nobody"
RECEIVED, AWAY = "received", "away"


class NeedNumberField(WholeNumberField):
    """A need by its number as people say it, N-0012, or by the plain number. No choice of a thousand needs."""

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = re.sub(r"^N-?", "", unicodedata.normalize("NFKC", value[:40]).strip().upper())
        return super().to_python(value)


class NeedFilter(NumberFilter):
    field_class = NeedNumberField


def colleagues(user: Any) -> Any:
    """Who may be asked to look after a proposal: the people of the person's offices, for the bureau everybody's."""
    people = User.objects.filter(is_active=True, role__in=OFFICE_ROLES).order_by("name", "pk").only("name", "email")
    if user.role == Role.BUREAU:
        return people
    return people.filter(offices__in=user.scope.offices).distinct()


def of_a_need_in(proposals: Any, name: str, cluster: Sector) -> Any:
    needs = Need.objects.filter(pk=OuterRef("need_id"), project__sector__cluster=cluster)
    return proposals.filter(Exists(needs))  # a join would be read first, and all of it sorted


def of_a_firm_in(proposals: Any, name: str, prefecture: Prefecture) -> Any:
    return proposals.filter(Exists(Firm.objects.filter(pk=OuterRef("firm_id"), prefecture=prefecture)))


def of_an_office(proposals: Any, name: str, office: Office | str) -> Any:
    """Of needs that this office is in charge of, or (“null”) none."""
    chosen = office if isinstance(office, Office) else None
    return proposals.filter(Exists(Need.objects.filter(pk=OuterRef("need_id"), office=chosen)))


OFFICES = Office.objects.all()
IN_CHARGE = _("Office in charge of the need")


class QueueFilter(ListFilter):
    """Without a state it shows what waits for a decision; a page of the queue is a page of work."""

    q = TextFilter(label=_("Words in the firm or the need"))
    need = NeedFilter("need_id", label=_("Need (number)"))
    firm = NumberFilter("firm_id", label=_("Firm (ID)"), widget=forms.HiddenInput)
    project = KeyFilter("need__project", queryset=projects_with_needs, label=_("Anchor project"))
    cluster = KeyFilter("need__project__sector__cluster", queryset=CLUSTERS, label=_("Cluster"), method=of_a_need_in)
    prefecture = KeyFilter("firm__prefecture", queryset=TOHOKU, label=_("Prefecture of the firm"), method=of_a_firm_in)
    state = ChoiceFilter(
        choices=[*Proposal.State.choices, (EVERY_STATE, _("all"))],
        empty_label=_("waiting for a decision"),
        label=_("State"),
        method="pass_by",
    )
    verdict = ChoiceFilter(choices=Proposal.Verdict.choices, label=_("Criteria"))
    band = ChoiceFilter(choices=Proposal.Band.choices, label=_("Band"))
    stage = ChoiceFilter(choices=[(name, one.label) for name, one in STAGES.items()], label=_("Reached"), method="at")
    office = KeyFilter(queryset=OFFICES, label=IN_CHARGE, null_label=_("(none)"), method=of_an_office)
    proposed_from = DateFilter("proposed_at", "date__gte", label=_("Proposed, from"))
    proposed_to = DateFilter("proposed_at", "date__lte", label=_("Proposed, to"))
    kind = ChoiceFilter(choices=Proposal.Kind.choices, label=_("How it was found"))
    score = NumberFilter(label=_("Nearness, at least (0–100)"), method="at_least", max_value=100)
    top = NumberFilter("rank", "lte", label=_("Among the first (rank, at most)"), max_value=1000)
    listed = YesNoFilter(label=_("On a candidate list"), method="on_a_list")
    overdue = YesNoFilter(label=_("Overdue"), method="by_clock")
    dropped = YesNoFilter(label=_("Dropped out of the ranking"), method="pass_by")
    lies = ChoiceFilter(
        choices=[(RECEIVED, _("handed over to my office")), (AWAY, _("handed over to another office"))],
        empty_label=_("(all that I decide on)"),
        label=_("Handed over"),
        method="pass_by",
    )
    assignee = ChoiceFilter(choices=[], label=_("Assignee"), method="looked_after_by")
    sort = SortFilter(QUEUE_COLUMNS)

    class Meta:
        model = Proposal
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.request and self.request.user.is_authenticated
        self.people = self._people(self.request.user) if known else []
        self.filters["assignee"].extra["choices"] = [(ME, _("me")), (NOBODY, _("nobody")), *self.people]

    def _people(self, user: User) -> list[tuple[str, str]]:
        chosen = self.data.get("assignee")
        people = [(str(one.pk), str(one)) for one in kept.rows("colleagues", user, lambda: colleagues(user))]
        if chosen in {None, "", ME, NOBODY, *(key for key, _name in people)}:
            return people
        return [(str(one.pk), str(one)) for one in colleagues(user)]  # perhaps a new colleague

    def filter_queryset(self, queryset: Any) -> Any:
        """State and dropping out belong together: what dropped out waits for nobody, unless it is asked for."""
        proposals = super().filter_queryset(queryset)
        state, dropped = self.form.cleaned_data["state"], self.form.cleaned_data["dropped"]
        waiting = not state and not self.form.cleaned_data["stage"]
        if waiting:
            proposals = proposals.filter(state__in=WAITING)
            if not self.form.cleaned_data["band"]:
                proposals = proposals.filter(ASKED)
        elif state and state != EVERY_STATE:
            proposals = proposals.filter(state=state)
        if dropped or waiting:
            proposals = proposals.filter(dropped_at__isnull=dropped != "true")
        return self._by_office(proposals, self.form.cleaned_data["lies"], everything=bool(state))

    def _by_office(self, proposals: Any, lies: str, *, everything: bool) -> Any:
        """What waits at another office waits for nobody here, unless it is asked for."""
        user = self.request.user
        if lies == RECEIVED:
            return proposals.filter(office__in=user.scope.offices)
        if lies == AWAY:
            return proposals.filter(office__isnull=False).exclude(office__in=user.scope.offices)
        return proposals if everything else proposals.lying_with(user)

    def at(self, proposals: Any, name: str, stage: str) -> Any:
        return proposals.filter(at_stage(self.request.user, stage)) if stage else proposals

    def pass_by(self, proposals: Any, name: str, value: str) -> Any:
        return proposals

    def at_least(self, proposals: Any, name: str, value: int | None) -> Any:
        return proposals if value is None else proposals.filter(score__gte=(value - 0.5) / 100)

    def by_clock(self, proposals: Any, name: str, value: str) -> Any:
        late = ASKED & Q(due_on__lt=timezone.localdate(), state__in=WAITING, dropped_at=None)
        return {"true": proposals.filter(late), "false": proposals.exclude(late)}.get(value, proposals)

    def on_a_list(self, proposals: Any, name: str, value: str) -> Any:
        held = on_lists(self.request.user)
        return {"true": proposals.filter(held), "false": proposals.exclude(held)}.get(value, proposals)

    def looked_after_by(self, proposals: Any, name: str, value: str) -> Any:
        if not value:
            return proposals
        if value == NOBODY:
            return proposals.filter(assignee=None)
        return proposals.filter(assignee=self.request.user.pk if value == ME else value)


class FiguresFilter(ListFilter):
    """What the figures are about. Each parameter means what it means in the queue, where their numbers lead."""

    cluster = KeyFilter("need__project__sector__cluster", queryset=CLUSTERS, label=_("Cluster"), method=of_a_need_in)
    prefecture = KeyFilter("firm__prefecture", queryset=TOHOKU, label=_("Prefecture of the firm"), method=of_a_firm_in)
    office = KeyFilter(queryset=OFFICES, label=IN_CHARGE, null_label=_("(none)"), method=of_an_office)
    project = KeyFilter("need__project", queryset=projects_with_needs, label=_("Anchor project"))
    proposed_from = DateFilter("proposed_at", "date__gte", label=_("Proposed, from"))
    proposed_to = DateFilter("proposed_at", "date__lte", label=_("Proposed, to"))

    class Meta:
        model = Proposal
        fields: list[str] = []


class DecisionFilter(FiguresFilter):
    """Decisions by their own facts, and by those of the proposals that they were taken on."""

    step = ChoiceFilter(choices=[(name, one.label) for name, one in PROPOSAL_STEPS.items()], label=_("Step"))
    decided_from = DateFilter("at", "date__gte", label=_("Decided, from"))
    decided_to = DateFilter("at", "date__lte", label=_("Decided, to"))
    sort = SortFilter(DECISION_COLUMNS)

    class Meta:
        model = Decision
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        decisions, proposals, narrowed = queryset, Proposal.objects.order_by(), False
        for name, value in self.form.cleaned_data.items():
            if name not in FiguresFilter.base_filters:
                decisions = self.filters[name].filter(decisions, value)
            elif value:
                proposals, narrowed = self.filters[name].filter(proposals, value), True
        return decisions.filter(Exists(proposals.filter(pk=OuterRef("proposal_id")))) if narrowed else decisions


def on_lists(user: Any) -> Q:
    """Whether a proposal's firm stands on a list for its need that the person sees and that was not withdrawn."""
    lists = CandidateList.objects.visible_to(user).exclude(state=CandidateList.State.WITHDRAWN).order_by()
    entries = CandidateListEntry.objects.filter(of_firm(OuterRef("firm_id")), list__need=OuterRef("need_id"))
    return Q(need__in=lists.values("need")) & Q(Exists(entries.filter(list__in=lists)))


class ExposureFilter(ListFilter):
    """Proposals of a period, counted by firm or by prefecture; those with the most first places come first.

    A row has key, name, prefecture, first, proposals, shortlisted, listed, and `total`, the first places of all rows.
    """

    by = ChoiceFilter(
        choices=[("prefecture", _("prefecture"))], empty_label=_("firm"), label=_("Counted by"), method="pass_by"
    )
    proposed_from = DateFilter("proposed_at", "date__gte", label=_("Proposed, from"))
    proposed_to = DateFilter("proposed_at", "date__lte", label=_("Proposed, to"))
    cluster = KeyFilter("need__project__sector__cluster", queryset=CLUSTERS, label=_("Cluster"), method=of_a_need_in)

    class Meta:
        model = Proposal
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        proposals = super().filter_queryset(queryset).order_by()
        first = Q(rank__lte=FIRST)
        total = proposals.filter(first).count()
        if self.form.cleaned_data["by"] == "prefecture":
            names: Any = "firm__prefecture__name_en" if get_language() == "en" else "firm__prefecture__name"
            rows = proposals.values(key=F("firm__prefecture"), prefecture=Value(True))
        else:
            names = Subquery(Firm.objects.filter(pk=OuterRef("firm")).order_by().values("name"))
            rows = proposals.values(key=F("firm"), prefecture=Value(False))
        counted = rows.annotate(
            name=Min(names),  # one to each key; grouped by it too, an index could not be followed
            first=Count("need", filter=first),  # a column of the index, in which PostgreSQL has no id
            proposals=Count("need"),
            shortlisted=Count("need", filter=Q(state=Proposal.State.SHORTLISTED)),
            listed=Count("need", filter=on_lists(self.request.user)),
            total=Value(total),
        )
        return counted.order_by("-first", "-proposals", "key")

    def pass_by(self, proposals: Any, name: str, value: str) -> Any:
        return proposals


class CandidateListFilter(ListFilter):
    q = TextFilter(label=_("Number, recipient or need"))
    need = NeedFilter("need_id", label=_("Need (number)"))
    project = KeyFilter("need__project", queryset=projects_with_needs, label=_("Anchor project"))
    state = ChoiceFilter(choices=CandidateList.State.choices, label=_("State"))
    sort = SortFilter(LISTS_COLUMNS)

    class Meta:
        model = CandidateList
        fields: list[str] = []


class ListLinkFilter(ListFilter):
    list = NumberFilter("list_id", label=_("Candidate list"))

    class Meta:
        model = ListLink
        fields: Sequence[str] = ()


class InquiryFilter(ListFilter):
    q = TextFilter(label=_("Words in the firm or the need"))
    need = NeedFilter("need_id", label=_("Need (number)"))
    firm = NumberFilter("firm_id", label=_("Firm (ID)"), widget=forms.HiddenInput)
    state = ChoiceFilter(choices=Inquiry.State.choices, label=_("State"))
    origin = ChoiceFilter(choices=Inquiry.Origin.choices, label=_("Origin"))
    overdue = YesNoFilter(label=_("Overdue"), method="by_clock")
    sort = SortFilter(INQUIRY_COLUMNS)

    class Meta:
        model = Inquiry
        fields: list[str] = []

    def by_clock(self, inquiries: Any, name: str, value: str) -> Any:
        late = Q(state=Inquiry.State.SENT, answer_by__lt=timezone.localdate())
        return {"true": inquiries.filter(late), "false": inquiries.exclude(late)}.get(value, inquiries)


class ConcernFilter(ListFilter):
    """What a firm may ask of its inquiries: nothing of the need, which it may not see."""

    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    state = ChoiceFilter(choices=Inquiry.State.choices, label=_("State"))

    class Meta:
        model = Inquiry
        fields: list[str] = []


class FeedbackFilter(ListFilter):
    """What a firm may ask of what it was told: nothing of the need, which it may not see."""

    firm = NumberFilter("proposal__firm_id", label=_("Firm (ID)"))

    class Meta:
        model = Feedback
        fields: list[str] = []


class PartFilter(ListFilter):
    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    state = ChoiceFilter(choices=GroupMember.State.choices, label=_("State"))

    class Meta:
        model = GroupMember
        fields: list[str] = []


class ConsentFilter(ListFilter):
    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    ended = YesNoFilter(label=_("Ended"), method="whether_ended")

    class Meta:
        model = DisclosureConsent
        fields: list[str] = []

    def whether_ended(self, consents: Any, name: str, value: str) -> Any:
        return {"true": consents.exclude(end=None), "false": consents.filter(end=None)}.get(value, consents)


class DisclosureFilter(ListFilter):
    firm = NumberFilter("firm_id", label=_("Firm (ID)"))

    class Meta:
        model = Disclosure
        fields: list[str] = []


class ContactFilter(ListFilter):
    firm = NumberFilter("firm_id", label=_("Firm (ID)"))
    proposal = NumberFilter("proposal_id", label=_("Proposal"))

    class Meta:
        model = Contact
        fields: list[str] = []


class GroupFilter(ListFilter):
    need = NeedFilter("need_id", label=_("Need (number)"))
    state = ChoiceFilter(choices=Group.State.choices, label=_("State"))

    class Meta:
        model = Group
        fields: list[str] = []
