"""Row → cell of a candidate list: what is said of a firm, as far as it consented."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from matching import adjacent, distance
from matching.checks import in_words
from matching.labels import LABELS
from matching.models import Proposal
from registry.columns import equipment_line
from registry.models import FirmCertification
from registry.tabular import Column


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
