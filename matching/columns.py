"""Row → cell: what the queue, the lists and their files show, declared once; of a candidate list see list_columns."""

from collections.abc import Mapping
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Any, NotRequired, TypedDict

from django.utils.translation import gettext_lazy as _

from matching import adjacent
from matching.engine.bands import Band, shipped
from matching.engine.criteria import Outcome
from matching.models import Proposal
from registry.columns import display
from registry.models import Criterion
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
    Column("state", _("State"), display("state"), code=attrgetter("state"), width=12, sort="state"),
    Column("verdict", _("Criteria"), display("verdict"), code=attrgetter("verdict")),
    Column("missed", _("Not met or unknown"), missed, code=attrgetter("checks"), width=24, type=list[CheckJSON]),
    Column("band", _("Band"), display("band"), code=attrgetter("band"), width=14),
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
    Column("kind", _("How it was found"), display("kind"), code=attrgetter("kind"), width=14),
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
    Column("origin", _("Origin"), display("origin"), code=attrgetter("origin"), width=14),
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
    Column("state", _("State"), display("state"), code=attrgetter("state"), sort="state"),
    Column("made_at", _("Made on"), attrgetter("made_at"), sort="made_at", type=datetime),
    Column("released_at", _("Released on"), attrgetter("released_at"), type=datetime | None),
]

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
    Column("origin", _("Origin"), display("origin"), code=attrgetter("origin")),
    Column("state", _("State"), display("state"), code=attrgetter("state"), width=24, sort="state"),
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


RUN_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("started_at", _("Started"), attrgetter("started_at"), type=datetime),
    Column("finished_at", _("Finished"), attrgetter("finished_at"), type=datetime | None),
    Column("reason", _("Reason"), display("reason"), code=attrgetter("reason"), width=24),
    Column("requested_by", _("Asked by"), lambda run: str(run.requested_by or ""), width=20),
    Column("state", _("State"), display("state"), code=attrgetter("state")),
    Column("total", _("Needs"), lambda run: run.total if run.finished_at else None, width=10, type=int | None),
    Column("failed", _("Failed"), attrgetter("failed"), width=10, type=int),
    Column(
        "unserved",
        _("Needs without a firm"),
        lambda run: run.unserved if run.finished_at else None,
        width=10,
        type=int | None,
    ),
]
"""What a run came to is known once it has ended."""
