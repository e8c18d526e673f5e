"""Adjacent entry: transitions of the register made ready for the engine, what it finds as it is stored and as people
read it."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from matching import transitions
from matching.engine import adjacent
from matching.engine.adjacent import Entrants, Entry
from matching.engine.criteria import Outcome
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index
from matching.engine.match import Candidate
from matching.fresh import Snapshot
from matching.models import Proposal
from matching.words import analysis_of
from registry.models import EntryRequirement, Programme, Referral, Transition
from registry.models.catalogue import in_language, listed

SIGNS: dict[str, str] = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.UNKNOWN: "?"}
OUTCOMES = {Outcome.PASS: _("has it"), Outcome.FAIL: _("missing"), Outcome.UNKNOWN: _("to be confirmed")}


# ---- who could enter -------------------------------------------------------------------------------------------------
_last: Entrants | None = None
_making = threading.Lock()


def entrants(index: Index) -> Entrants:
    """Kept by this process for the index used last: changed transitions make the index stale, and so come with a new
    one."""
    global _last
    with _making:
        if _last is None or _last.index is not index:
            _last = Entrants(index, transitions.in_use(), transitions.requirements())
        return _last


def entries(seen: Snapshot, need: NeedDocument, candidates: Sequence[Candidate]) -> list[Entry]:
    """The firms that could enter a need's field, whose own ranking is `candidates`."""
    return entrants(seen.index).find(need, analysis_of(need), candidates, seen.firms)


def needs_entered_by(firm: FirmDocument, needs: Sequence[NeedDocument], seen: Snapshot) -> set[int]:
    """Needs that a firm, as it stands now, could enter: a transition leads from what it says to what they ask."""
    said = {term for terms in analysis_of(firm).fields.values() for term in terms}
    open_ways = [one for one in entrants(seen.index).transitions if adjacent.starts_at(one, said)]
    if not open_ways:
        return set()
    return {
        need.id
        for need in needs
        if any(
            adjacent.leads_to(one, terms, adjacent.words_of(terms))
            for one in open_ways
            for terms in [analysis_of(need)]
        )
    }


# ---- stored and read -------------------------------------------------------------------------------------------------
def stored(found: Sequence[Entry]) -> dict[int, dict[str, Any]]:
    """firm id → what Proposal.entry holds: the transition with its names of today, and the deltas."""
    if not found:
        return {}
    names = Transition.objects.in_bulk([entry.transition for entry in found])
    codes = {delta.code for entry in found for delta in entry.deltas}
    english = dict(EntryRequirement.objects.filter(pk__in=codes).values_list("pk", "name_en"))
    return {
        entry.firm_id: {
            "transition": entry.transition,
            "name": names[entry.transition].name if entry.transition in names else entry.transition,
            "name_en": names[entry.transition].name_en if entry.transition in names else "",
            "score": round(entry.transition_score, 6),
            "has": list(entry.has),
            "asks": list(entry.asks),
            "deltas": [
                {
                    "kind": str(delta.kind),
                    "name": delta.name,
                    "name_en": english.get(delta.code, ""),
                    "outcome": str(delta.outcome),
                    "asked": delta.asked,
                    "found": list(delta.found),
                }
                for delta in entry.deltas
            ],
        }
        for entry in found
    }


@dataclass(frozen=True, slots=True)
class Line:
    """One delta as people read it. `found` is empty when the profile says nothing of it."""

    kind: str
    name: str
    asked: bool
    found: str
    outcome: str

    @property
    def label(self) -> str:
        return str(OUTCOMES[Outcome(self.outcome)])

    @property
    def brief(self) -> str:
        return f"{SIGNS[Outcome(self.outcome)]} {self.name}"


@dataclass(frozen=True, slots=True)
class Way:
    """A stored entry as people read it."""

    name: str
    points: int
    has: str
    asks: str
    lines: tuple[Line, ...]

    @property
    def had(self) -> int:
        return sum(line.outcome == Outcome.PASS for line in self.lines)

    @property
    def lacking(self) -> list[str]:
        """What is missing or has to be confirmed, with its sign."""
        return [line.brief for line in self.lines if line.outcome != Outcome.PASS]


def way(held: Mapping[str, Any]) -> Way | None:
    """What Proposal.entry says in the reader's language; None when it says nothing."""
    if not held:
        return None
    return Way(
        name=in_language(held["name"], held["name_en"]),
        points=round(held["score"] * 100),
        has=listed(held["has"]),
        asks=listed(held["asks"]),
        lines=tuple(
            Line(
                kind=str(EntryRequirement.Kind(item["kind"]).label),
                name=in_language(item["name"], item["name_en"]),
                asked=item["asked"],
                found=listed(item["found"]),
                outcome=item["outcome"],
            )
            for item in held["deltas"]
        ),
    )


def referrals(proposals: Iterable[Proposal]) -> dict[int, list[Programme]]:
    """Programmes that help on the ways of these proposals, by proposal id; only what the register says."""
    ways = {row.pk: row.entry["transition"] for row in proposals if row.entry}
    helping: dict[str, list[Programme]] = {}
    rows = Referral.objects.filter(active=True, transition__in=set(ways.values())).select_related("programme")
    for row in rows.order_by("programme") if ways else ():
        helping.setdefault(row.transition_id, []).append(row.programme)
    return {pk: helping[code] for pk, code in ways.items() if code in helping}


def lacking(proposal: Proposal) -> list[str]:
    found = way(proposal.entry)
    return found.lacking if found else []


def name_of(proposal: Proposal) -> str:
    found = way(proposal.entry)
    return found.name if found else ""


def summary(proposal: Proposal) -> str:
    """The way and what is missing on it, in one line."""
    found = way(proposal.entry)
    if found is None:
        return ""
    missing = listed(found.lacking) or _now("nothing missing")
    return f"{found.name}: {missing}"
