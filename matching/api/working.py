"""What the working page of a group says beside the group itself: who could come in, and what was done."""

from datetime import datetime
from typing import TypedDict

from matching.desk import Candidate
from matching.forms.groups import SearchForm
from matching.group_words import Deed
from registry.forms.fields import WholeNumberField


class CandidateForm(SearchForm):
    member = WholeNumberField(required=False, min_value=1)


class CandidateJSON(TypedDict):
    key: str
    firm: int | None
    name: str
    steps: str
    capacity: str
    distance_km: float | None
    verdict: str
    why_not: str
    can_join: bool


class CandidatesJSON(TypedDict):
    offered: list[CandidateJSON]
    too_far: list[CandidateJSON]
    found: list[CandidateJSON]


class DeedJSON(TypedDict):
    act: str
    at: datetime
    by: str
    firm: str
    other: str
    work: list[str]
    reason: str


class DeedsJSON(TypedDict):
    results: list[DeedJSON]


def deed_json(one: Deed) -> DeedJSON:
    event = one.event
    return {
        "act": event.act,
        "at": event.at,
        "by": str(event.by or ""),
        "firm": one.firm,
        "other": one.other,
        "work": one.work,
        "reason": one.reason,
    }


def candidate_json(one: Candidate) -> CandidateJSON:
    """`firm` is its id where the reader may see the firm, `why_not` what speaks against it."""
    return {
        "key": one.key,
        "firm": int(one.key) if one.url else None,
        "name": one.name,
        "steps": one.steps,
        "capacity": one.capacity,
        "distance_km": one.distance,
        "verdict": one.verdict,
        "why_not": one.why,
        "can_join": one.can_join,
    }
