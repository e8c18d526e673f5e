"""A proposal is one (need, firm) pair, with its states and the steps between them."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models.learning import OrderModel
from matching.models.runs import IndexBuild
from registry.access import NOTHING, OFFICE_ROLES, Role, Visible, firm_rows, need_rows
from registry.models import Firm, Need, Office, User
from registry.models.partial import Partial
from registry.steps import Step
from registry.text import fold

if TYPE_CHECKING:
    from registry.access import Person

IN_LISTS = (
    *(
        "need",
        "firm",
        "assignee",
        "state",
        "origin",
        "score",
        "band",
        "rank",
        "verdict",
        "terms",
        "checks",
        "kind",
        "entry",
    ),
    *("proposed_at", "dropped_at", "due_on"),
    *("need__title", "need__project", "need__project__name", "need__project__name_en"),
    *("firm__name", "firm__is_sample", "firm__corporate_number"),
    *("firm__prefecture", "firm__prefecture__name", "firm__prefecture__name_en"),
    *("assignee__name", "assignee__email"),
    *("office__name", "office__name_en"),
)


_HANDED_TO = ExpressionWrapper(OuterRef("office_id"), output_field=models.BigIntegerField())


class ProposalQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """Offices see a proposal when they see both its need and its firm, or when it was handed over to them."""
        if user.role not in OFFICE_ROLES:
            return NOTHING
        if user.role == Role.BUREAU:
            return Q()
        handed = Q(handed_to__in=user.scope.offices)
        firms = Firm.objects.annotate(handed_to=_HANDED_TO).filter(firm_rows(user) | handed, pk=OuterRef("firm_id"))
        # Joins would be read first, and the queue sorted afterwards; an OR around EXISTS reads all firms of a scope.
        return Q(self._needs_of(user), Exists(firms))

    def _needs_of(self, user: User) -> Exists:
        handed = Q(handed_to__in=user.scope.offices)
        shown = need_rows(user) | handed & ~Q(visibility=Need.Visibility.NDA)
        return Exists(Need.objects.annotate(handed_to=_HANDED_TO).filter(shown, pk=OuterRef("need_id")))

    def read_whole_by(self, user: "Person") -> Self:
        """The rows of `visible_to`, for who counts or adds up all of them.

        Here the firms of a scope are read once, as a list. For fifty thousand proposals that is four times as quick as
        asking firm by firm; for one of them, or the first page, it is slower.
        """
        if not (isinstance(user, User) and user.role == Role.COORDINATOR and user.is_active):
            return self.visible_to(user)
        firms = Firm.objects.filter(firm_rows(user)).order_by().values("pk")
        return self.filter(self._needs_of(user), Q(firm__in=firms) | Q(office__in=user.scope.offices))

    def lying_with(self, user: User) -> "ProposalQuerySet":
        """Without those that were handed over to an office of others, which decides on them."""
        if user.role == Role.BUREAU:
            return self
        return self.filter(Q(office=None) | Q(office__in=user.scope.offices))

    def waiting(self) -> "ProposalQuerySet":
        """Proposals on which somebody has to decide."""
        return self.filter(ASKED, state__in=WAITING, dropped_at=None)

    def overdue(self) -> "ProposalQuerySet":
        return self.waiting().filter(due_on__lt=timezone.localdate())

    def matching_text(self, text: str) -> "ProposalQuerySet":
        """Proposals whose firm or need holds every word, whatever the width or kana it is typed in."""
        proposals = self
        for word in fold(text).split():
            firms = Firm.objects.filter(pk=OuterRef("firm_id"), search__holds=word)
            needs = Need.objects.filter(pk=OuterRef("need_id"), search__holds=word)
            proposals = proposals.filter(Exists(needs) | Exists(firms))
        return proposals

    def for_list(self) -> "ProposalQuerySet":
        """With what a row of the queue shows, and without the long texts of firms and needs."""
        return self.for_page().select_related("firm__prefecture")

    def for_page(self) -> "ProposalQuerySet":
        """As `for_list`, but for the prefectures, whose names a page looks up once for all its rows."""
        return self.select_related("need__project", "firm", "assignee", "office").only(*IN_LISTS)


class Proposal(Partial):
    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        HELD = "held", _("on hold")
        SHORTLISTED = "shortlisted", _("shortlisted")
        REJECTED = "rejected", _("rejected")

    class Origin(models.TextChoices):
        MATCHER = "matcher", _("matcher")
        PERSON = "person", _("added by hand")
        FIRM = "firm", _("offered by the firm")

    class Verdict(models.TextChoices):
        """What the hard criteria say; unknown is not pass."""

        PASS = "pass", _("meets every must")
        UNKNOWN = "unknown", _("to be confirmed")
        FAIL = "fail", _("misses a must")

    class Band(models.TextChoices):
        """What the score is worth; see matching.engine.bands. Empty: matched before bands were drawn, or by nobody."""

        STRONG = "strong", _("strong candidate")
        POSSIBLE = "possible", _("possible candidate")
        WEAK = "weak", _("weak candidate")
        MISS = "miss", _("near miss")

    class Kind(models.TextChoices):
        """How the matcher came to the firm; what the texts alone call strong or possible is always plain."""

        PLAIN = "plain", _("by its profile")
        ADJACENT = "adjacent", _("adjacent entry")

    need = models.ForeignKey(Need, models.CASCADE, related_name="proposals", verbose_name=_("need"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="proposals", verbose_name=_("firm"))
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.PROPOSED)
    origin = models.CharField(_("origin"), max_length=7, choices=Origin, default=Origin.MATCHER)
    score = models.FloatField(_("score"), default=0)
    band = models.CharField(_("band"), max_length=8, choices=Band, default="", blank=True)
    rank = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    base_rank = models.PositiveIntegerField(
        _("rank before learning and cap"), null=True, blank=True, help_text=_("What texts and criteria alone give.")
    )
    place = models.FloatField(_("place"), default=0)
    features = models.JSONField(_("facts that learning looks at"), default=dict)
    order_model = models.ForeignKey(
        OrderModel, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("learnt order")
    )
    factor = models.FloatField(_("factor of the learnt order"), default=1)
    capped = models.BooleanField(_("moved down by the exposure cap"), default=False)
    verdict = models.CharField(_("criteria"), max_length=7, choices=Verdict, default=Verdict.UNKNOWN)
    terms = models.JSONField(
        _("matching terms"), default=list, help_text=_("[term, contribution, origin, via], best first.")
    )
    checks = models.JSONField(_("criteria check"), default=list)
    kind = models.CharField(pgettext_lazy("proposal", "kind"), max_length=8, choices=Kind, default=Kind.PLAIN)
    entry = models.JSONField(
        _("adjacent entry"),
        default=dict,
        blank=True,
        help_text=_("The transition and what is missing; see adjacent.py."),
    )
    build = models.ForeignKey(IndexBuild, models.SET_NULL, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="assigned_proposals", verbose_name=_("assignee")
    )
    office = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="handed_proposals",
        db_index=False,  # SQLite would take it for “none or mine”, and sort everything
        verbose_name=_("handed over to"),
        help_text=_("That office alone decides; empty: whoever sees the need and the firm."),
    )
    proposed_at = models.DateTimeField(_("proposed on"), default=timezone.now, editable=False)
    matched_at = models.DateTimeField(_("last matched"), default=timezone.now, editable=False)
    dropped_at = models.DateTimeField(_("dropped out of the ranking"), null=True, blank=True)
    due_on = models.DateField(_("due on"))

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("due_on", "-score", "pk")
        constraints = (models.UniqueConstraint(fields=("need", "firm"), name="one_proposal_per_need_and_firm"),)
        indexes = (  # the first two hold all that a page of the queue is chosen and sorted by
            models.Index(
                fields=(
                    "due_on",
                    "-score",
                    "id",
                    "state",
                    "dropped_at",
                    "band",
                    "origin",
                    "kind",
                    "firm",
                    "need",
                    "office",
                ),
                name="proposal_by_due",
            ),
            models.Index(
                fields=("-score", "id", "state", "dropped_at", "band", "origin", "kind", "firm", "need", "office"),
                name="proposal_by_score",
            ),
            models.Index(fields=("assignee", "state"), name="proposal_by_assignee"),
            models.Index(fields=("need", "rank"), name="proposal_by_need"),
            models.Index(fields=("proposed_at",), name="proposal_by_day"),
            models.Index(  # all that the figures and the exposure count
                fields=(
                    "firm",
                    "need",
                    "rank",
                    "state",
                    "proposed_at",
                    "dropped_at",
                    "due_on",
                    "band",
                    "origin",
                    "kind",
                    "office",
                ),
                name="proposal_by_firm",
            ),
        )

    def __str__(self) -> str:
        return f"{self.need} × {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("matching:proposal", args=[self.pk])

    @property
    def is_overdue(self) -> bool:
        return self.is_late(timezone.localdate())

    def is_late(self, today: date) -> bool:
        return self.due_on < today and self.state in WAITING and self.dropped_at is None and self.is_asked

    @property
    def judged(self) -> dict[str, Any]:
        """What the matcher says of it at this moment, to be kept with a decision."""
        return {name: getattr(self, name) for name in JUDGED}

    @property
    def seen_features(self) -> dict[str, float] | None:
        """Facts and place, to be learnt from; None when the matcher never ranked the firm for the need."""
        return {**self.features, "place": self.place} if self.features else None

    @property
    def is_asked(self) -> bool:
        """As ASKED."""
        known = self.kind == self.Kind.ADJACENT or self.origin != self.Origin.MATCHER or self.state == self.State.HELD
        return self.band != self.Band.MISS or known


JUDGED = ("score", "band", "rank", "verdict", "checks")
WAITING = (Proposal.State.PROPOSED, Proposal.State.HELD)
ASKED = (
    ~Q(band=Proposal.Band.MISS)
    | Q(kind=Proposal.Kind.ADJACENT)
    | ~Q(origin=Proposal.Origin.MATCHER)
    | Q(state=Proposal.State.HELD)
)
"""Nobody is asked to decide on what the matcher itself calls a miss and nothing else speaks for; what a person added or
holds stays."""
SHORTLIST_REASONS = {
    "fit": _("fits the need"),
    "fit_in_part": _("fits part of the need"),
    "known_record": _("has delivered before"),
    "strategic": _("regional priority"),
}
REJECT_REASONS = {
    "capability": _("does not do this work"),
    "certification": _("lacks a certification"),
    "capacity": _("too little capacity"),
    "distance": _("too far away"),
    "lead_time": _("lead time too long"),
    "size": _("too small or too large"),
    "not_interested": _("the firm is not interested"),
    "duplicate": _("duplicate record"),
    "other": _("other (see the note)"),
}
_S = Proposal.State
PROPOSAL_STEPS = {
    "shortlist": Step(
        _("Shortlist"),
        frozenset({_S.PROPOSED, _S.HELD}),
        _S.SHORTLISTED,
        reason=True,
        reasons=SHORTLIST_REASONS,
        style="primary",
    ),
    "reject": Step(
        _("Reject"),
        frozenset({_S.PROPOSED, _S.HELD, _S.SHORTLISTED}),
        _S.REJECTED,
        reason=True,
        reasons=REJECT_REASONS,
        style="danger",
    ),
    "hold": Step(_("Hold"), frozenset({_S.PROPOSED, _S.SHORTLISTED}), _S.HELD),
    "reopen": Step(_("Reopen"), frozenset({_S.HELD, _S.SHORTLISTED, _S.REJECTED}), _S.PROPOSED),
    "assign": Step(_("Assign"), frozenset(_S), None),
    "note": Step(_("Add a note"), frozenset(_S), None),
    "hand_over": Step(_("Hand over to another office"), frozenset({_S.PROPOSED, _S.HELD}), None),
    "hand_back": Step(_("Send back"), frozenset({_S.PROPOSED, _S.HELD}), None),
    "add": Step(_("Add by hand"), frozenset(), _S.PROPOSED),  # these start a proposal anew: no state offers them
    "offer": Step(_("Offer of the firm"), frozenset(), _S.PROPOSED),
    "renew": Step(_("Reopened by a confirmed certificate"), frozenset(), _S.PROPOSED),  # by rule; see renewal.py
}
BULK_STEPS = ("shortlist", "reject", "hold", "reopen", "assign", "hand_over")
"""Steps that may be taken on many proposals at once."""
