"""Row → cell: what the queue, the lists and the files show, declared once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Any, NotRequired, TypedDict

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from matching import adjacent, distance
from matching.checks import in_words
from matching.engine.bands import Band, shipped
from matching.engine.criteria import Outcome
from matching.labels import LABELS
from matching.models import Proposal
from registry.columns import equipment_line
from registry.models import Criterion, FirmCertification
from registry.tabular import Column


class CheckJSON(TypedDict):
    kind: str
    hard: bool
    asked: Any
    found: Any
    outcome: str
    effect: NotRequired[float]
    phase: NotRequired[str]
    by_year: NotRequired[int]
    confirmed: NotRequired[bool]


class DeltaJSON(TypedDict):
    kind: str
    name: str
    name_en: str
    outcome: str
    asked: bool
    found: list[str]


class EntryJSON(TypedDict):
    transition: str
    name: str
    name_en: str
    score: float
    has: list[str]
    asks: list[str]
    deltas: list[DeltaJSON]


def points(score: float) -> int:
    """A score as people read it: 0 nothing in common, 100 the same text."""
    return round(score * 100)


def of_ten(band: str) -> int | None:
    """How many of ten such firms could do it when the bands were measured; None for misses and unknown bands."""
    return None if band in {"", Band.MISS} else shipped().level(band).of_ten


def missed_kinds(proposal: Proposal) -> list[str]:
    """The kinds of musts that the firm misses or does not speak about, each once."""
    return list(dict.fromkeys(c["kind"] for c in proposal.checks if c["hard"] and c["outcome"] != Outcome.PASS))


def missed(proposal: Proposal) -> list[str]:
    return [str(Criterion.Kind(kind).label) for kind in missed_kinds(proposal)]


def shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def top_terms(proposal: Proposal, count: int = 5) -> list[str]:
    return [str(term) for term, *_rest in proposal.terms[:count]]


def _display(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, f"get_{name}_display")())


QUEUE_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("need", _("Need"), attrgetter("need.number"), code=attrgetter("need_id"), sort="need_id", type=int),
    Column("need_title", _("Title of the need"), attrgetter("need.title"), width=36),
    Column(
        "project",
        _("Anchor project"),
        attrgetter("need.project.label"),
        code=attrgetter("need.project_id"),
        width=28,
        type=int,
    ),
    Column(
        "firm",
        _("Firm"),
        attrgetter("firm.name"),
        code=attrgetter("firm_id"),
        width=28,
        sort="firm__sort_key",
        type=int,
    ),
    Column("corporate_number", _("Corporate number"), attrgetter("firm.corporate_number"), type=str | None),
    Column(
        "prefecture",
        _("Prefecture"),
        attrgetter("firm.prefecture.label"),
        code=attrgetter("firm.prefecture_id"),
        width=10,
    ),
    Column("state", _("State"), _display("state"), code=attrgetter("state"), width=12, sort="state"),
    Column("verdict", _("Criteria"), _display("verdict"), code=attrgetter("verdict")),
    Column("missed", _("Not met or unknown"), missed, code=attrgetter("checks"), width=24, type=list[CheckJSON]),
    Column("band", _("Band"), _display("band"), code=attrgetter("band"), width=14),
    Column(
        "fitted", _("Fitted when measured (of 10)"), lambda proposal: of_ten(proposal.band), width=10, type=int | None
    ),
    Column(
        "score",
        _("Nearness (0–100)"),
        lambda proposal: points(proposal.score),
        width=10,
        sort="score",
        type=int,
    ),
    Column("kind", _("How it was found"), _display("kind"), code=attrgetter("kind"), width=14),
    Column(
        "entry",
        _("Adjacent entry: from → to"),
        adjacent.name_of,
        code=lambda proposal: proposal.entry or None,
        width=32,
        type=EntryJSON | None,
    ),
    Column(
        "entry_lacks",
        _("Adjacent entry: missing (✗) or to be confirmed (?)"),
        adjacent.lacking,
        width=32,
        type=list[str],
    ),
    Column("rank", _("Rank"), attrgetter("rank"), width=8, type=int | None),
    Column("terms", _("Matching terms"), top_terms, width=28, type=list[str]),
    Column("origin", _("Origin"), _display("origin"), code=attrgetter("origin"), width=14),
    Column(
        "assignee",
        _("Assignee"),
        lambda proposal: str(proposal.assignee or ""),
        code=attrgetter("assignee_id"),
        width=20,
        type=int | None,
    ),
    Column(
        "office",
        _("Handed over to"),
        lambda proposal: proposal.office.label if proposal.office else "",
        code=attrgetter("office_id"),
        width=20,
        type=int | None,
    ),
    Column("due_on", _("Due on"), attrgetter("due_on"), width=12, sort="due_on", type=date),
    Column("overdue", _("Overdue"), attrgetter("is_overdue"), width=10, type=bool),
    Column("dropped_at", _("Dropped out of the ranking"), attrgetter("dropped_at"), type=datetime | None),
    Column("proposed_at", _("Proposed on"), attrgetter("proposed_at"), type=datetime),
]

DECISION_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("at", _("When"), attrgetter("at"), sort="at", type=datetime),
    Column("step", _("Step"), attrgetter("label"), code=attrgetter("step"), width=16, sort="step"),
    Column("reason", _("Reason"), attrgetter("reason_label"), code=attrgetter("reason"), width=24),
    Column("need", _("Need"), attrgetter("proposal.need.number"), code=attrgetter("proposal.need_id"), type=int),
    Column("need_title", _("Title of the need"), attrgetter("proposal.need.title"), width=36),
    Column(
        "firm", _("Firm"), attrgetter("proposal.firm.name"), code=attrgetter("proposal.firm_id"), width=28, type=int
    ),
    Column("prefecture", _("Prefecture"), attrgetter("proposal.firm.prefecture.label"), width=10),
    Column("by", _("By"), lambda decision: str(decision.by), code=attrgetter("by_id"), width=20, type=int),
    Column("note", _("Note"), attrgetter("note"), width=40),
]

LISTS_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("number", _("Number"), attrgetter("number"), width=14, sort="number"),
    Column("version", _("Version"), attrgetter("version"), width=8, type=int),
    Column("need", _("Need"), attrgetter("need.number"), code=attrgetter("need_id"), sort="need_id", type=int),
    Column("need_title", _("Title of the need"), attrgetter("need.title"), width=36),
    Column(
        "project",
        _("Anchor project"),
        attrgetter("need.project.label"),
        code=attrgetter("need.project_id"),
        width=28,
        type=int,
    ),
    Column("recipient", _("Recipient"), attrgetter("recipient"), width=28, sort="recipient"),
    Column("size", _("Firms"), attrgetter("size"), width=8, type=int),
    Column("state", _("State"), _display("state"), code=attrgetter("state"), sort="state"),
    Column("made_at", _("Made on"), attrgetter("made_at"), sort="made_at", type=datetime),
    Column("released_at", _("Released on"), attrgetter("released_at"), type=datetime | None),
]


@dataclass(frozen=True, slots=True)
class Seat:
    """A firm's place in a group that goes into a list as one; `share` says its part in the language of now."""

    group: str
    is_lead: bool
    share: Callable[[], list[str]]

    @property
    def role(self) -> str:
        return _now("lead firm") if self.is_lead else _now("member")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One firm on its way into a candidate list, with the fields it consented to."""

    position: int
    proposal: Proposal
    fields: frozenset[str] = frozenset()
    seat: Seat | None = None


def _firm(name: str) -> Callable[[Candidate], Any]:
    read = attrgetter(f"proposal.firm.{name}")
    return lambda candidate: read(candidate)


def _certificates(candidate: Candidate) -> list[str]:
    return [_certificate(held) for held in candidate.proposal.firm.firm_certifications.all()]


def _certificate(held: FirmCertification) -> str:
    until = f"(–{held.valid_until.isoformat()})" if held.valid_until else ""
    day = timezone.localdate(held.confirmed_at).isoformat() if held.confirmed_at else ""
    confirmed = f"{LABELS['certified']} {day}" if day else ""
    return " ".join(filter(None, (held.stated, until, confirmed)))


def _misses(candidate: Candidate) -> list[str]:
    proposal = candidate.proposal
    return [
        f"{line.label}: {line.asked} → {line.found or _now('not stated')}"
        for line in in_words(proposal.need, proposal.checks, proposal.firm.firm_certifications.all())
        if line.missed
    ]


def _contact(candidate: Candidate) -> list[str]:
    firm = candidate.proposal.firm
    return [part for part in (firm.contact_name, firm.contact_email, firm.contact_phone) if part]


_COLUMNS = [
    Column("position", _("No."), attrgetter("position"), width=6),
    Column("firm_id", _("Firm ID"), attrgetter("proposal.firm_id"), width=10),
    Column("corporate_number", _("Corporate number"), _firm("corporate_number")),
    Column("name", _("Name"), _firm("name"), width=28),
    Column("name_en", _("English name"), _firm("name_en"), width=28),
    Column("name_kana", _("Name in kana"), _firm("name_kana"), width=24),
    Column("place", _("Place"), _firm("place"), width=22),
    Column("distance", _("Distance"), lambda one: distance.in_words(one.proposal.need, one.proposal.firm), width=22),
    Column("employees", _("Employees"), _firm("employees"), width=12),
    Column(
        "capabilities",
        _("Capabilities"),
        lambda candidate: [capability.label for capability in candidate.proposal.firm.capabilities.all()],
        width=36,
    ),
    Column(
        "equipment",
        _("Machines and facilities"),
        lambda candidate: [equipment_line(machine) for machine in candidate.proposal.firm.equipment.all()],
        width=36,
    ),
    Column("certifications", _("Certificates (valid until)"), _certificates, width=30),
    Column("monthly_capacity", _("Monthly capacity (pieces)"), _firm("monthly_capacity"), width=14),
    Column("lead_time_days", _("Lead time (days)"), _firm("lead_time_days"), width=14),
    Column("verdict", _("Criteria"), lambda candidate: candidate.proposal.get_verdict_display(), width=20),
    Column("missed", _("Not met or unknown: asked → found"), _misses, width=40),
    Column(
        "entry", _("Adjacent entry: what is missing"), lambda candidate: adjacent.summary(candidate.proposal), width=40
    ),
    Column("group", _("Group"), lambda candidate: candidate.seat.group if candidate.seat else "", width=14),
    Column("group_role", _("Role in the group"), lambda candidate: candidate.seat.role if candidate.seat else ""),
    Column(
        "group_share",
        _("Part in the group"),
        lambda candidate: candidate.seat.share() if candidate.seat else [],
        width=30,
    ),
    Column("summary_en", _("English summary"), _firm("summary_en"), width=50),
    Column("english", _("English text"), _firm("english_note"), width=24),
    Column("contact", _("Contact"), _contact, width=30),
    Column("source", _("Source"), _firm("source"), width=24),
    Column("as_of", _("As of"), _firm("as_of"), width=12, type=date),
    Column(
        "sample", _("Remark"), lambda candidate: _now("Fictional sample") if candidate.proposal.firm.is_sample else ""
    ),
]
_FIELDS = {
    "identity": (
        "corporate_number",
        "name",
        "name_en",
        "name_kana",
        "place",
        "distance",
        "group",
        "group_role",
        "group_share",
        "english",
    ),
    "size": ("employees",),
    "capabilities": ("capabilities",),
    "equipment": ("equipment",),
    "certificates": ("certifications",),
    "capacity": ("monthly_capacity", "lead_time_days"),
    "criteria": ("verdict", "missed", "entry"),
    "summary": ("summary_en",),
    "contact": ("contact",),
}
FIELD_OF = {name: field for field, names in _FIELDS.items() for name in names}
"""The field of DISCLOSABLE that a column of a list belongs to; the others (number, source, remark) say nothing new."""


def _with_consent(column: Column) -> Column:
    field = FIELD_OF.get(column.name)

    def cell(candidate: Candidate) -> Any:
        return column.cell(candidate) if field is None or field in candidate.fields else str(LABELS["undisclosed"])

    return replace(column, cell=cell)


LIST_COLUMNS = [_with_consent(column) for column in _COLUMNS]
"""A candidate list's columns: each shows what its firm consented to, and says so where it did not."""

INQUIRY_COLUMNS = [
    Column("number", _("Inquiry"), attrgetter("number"), width=10, sort="pk"),
    Column(
        "firm",
        _("Firm"),
        attrgetter("firm.name"),
        code=attrgetter("firm_id"),
        width=28,
        sort="firm__sort_key",
        type=int,
    ),
    Column("need", _("Need"), attrgetter("need.number"), code=attrgetter("need_id"), sort="need_id", type=int),
    Column("need_title", _("Title of the need"), attrgetter("need.title"), width=36),
    Column("office", _("Office"), lambda inquiry: inquiry.office.label if inquiry.office else "", width=24),
    Column("origin", _("Origin"), _display("origin"), code=attrgetter("origin")),
    Column("state", _("State"), _display("state"), code=attrgetter("state"), width=24, sort="state"),
    Column("volume", _("Pieces a month offered"), attrgetter("volume"), width=12, type=int | None),
    Column("asked_at", _("Asked on"), attrgetter("asked_at"), sort="asked_at", type=datetime),
    Column("answer_by", _("Answer by"), attrgetter("answer_by"), sort="answer_by", type=date),
    Column("answered_at", _("Answered on"), attrgetter("answered_at"), sort="answered_at", type=datetime | None),
]

EXPOSURE_COLUMNS = [
    Column("key", _("Firm ID or prefecture code"), itemgetter("key"), width=12),
    Column("name", _("Name"), itemgetter("name"), width=28),
    Column("first", _("Among the first ten"), itemgetter("first"), width=12, type=int),
    Column("share", _("Share of the first ten (%)"), lambda row: share_of_first(row), width=14, type=float),
    Column("proposals", _("Proposals"), itemgetter("proposals"), width=12, type=int),
    Column("shortlisted", _("Shortlisted"), itemgetter("shortlisted"), width=12, type=int),
    Column("listed", _("On a list"), itemgetter("listed"), width=12, type=int),
]


def share_of_first(row: Mapping[str, Any]) -> float:
    """Percent, one decimal, of the first places of all rows."""
    return round(100 * row["first"] / row["total"], 1) if row["total"] else 0.0
