"""Proposing firms for needs: the only writer of what the matcher says on a proposal.

`rank` computes without any lock, `write` is one short transaction. Of two rankings of one need that were computed at
the same time the first one written wins and the other is computed again: `write` moves the need's NeedMatch from the
serial that was read before the register to the next, by one conditional UPDATE, and writes nothing when that hits no
row. Rankings made by jobs are kept apart by the job row already (matching.jobs); the serial holds for commands too.

State, assignee, due date and decisions of a proposal are never touched. A proposal that left the ranking is marked
dropped, never deleted; when it returns the mark goes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from matching import adjacent, reasons
from matching.checks import stored_all
from matching.documents import firm_document, firms_for_matching, need_document, needs_for_matching
from matching.engine import match
from matching.engine.adjacent import Entry
from matching.engine.bands import FIRST, Band
from matching.engine.criteria import check
from matching.fresh import Snapshot, analysis_of, snapshot
from matching.jobs import Overtaken
from matching.models import NeedMatch, Proposal
from matching.ordering import NOT_RANKED, Placing, placings
from matching.review import WORKING_DAYS
from registry.models import Firm, Need
from registry.text import add_working_days

TOP = 50
"""Proposals of a need."""

_TRIES = 5
_WRITTEN = (
    *("score", "band", "rank", "verdict", "terms", "checks", "kind", "entry", "build", "matched_at", "dropped_at"),
    *("base_rank", "place", "features", "order_model", "factor", "capped"),
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was computed for a need, and which states of need, index and proposals it was computed from.

    candidates  as texts and criteria order them; placings: the rank that each firm gets in the end
    """

    need_id: int
    need_updated_at: datetime
    build_id: int
    serial: int
    candidates: list[match.Candidate]
    placings: Mapping[int, Placing]
    entries: list[Entry] = field(default_factory=list)

    @property
    def firms(self) -> list[int]:
        """Every firm that is proposed, by id: ranked, or as an entrant from a neighbouring field."""
        return sorted({*(item.firm_id for item in self.candidates), *(entry.firm_id for entry in self.entries)})


def propose(need: Need) -> int:
    """Match one need now, in this process; returns how many firms are proposed. A need that is not open keeps its own.

    Raises IndexMissing when there is no index yet.
    """
    for _ in range(_TRIES):
        ranking = rank(need.pk, snapshot())
        if ranking is None:
            return 0
        try:
            write(ranking)
        except Overtaken:
            continue
        return len(ranking.candidates)
    raise Overtaken(f"{need.number} was matched {_TRIES} times by others meanwhile; their result stands.")


def rank(need_id: int, seen: Snapshot) -> Ranking | None:
    """The best firms for a need; None when it is not open."""
    serial = _serial(need_id)
    need = needs_for_matching().filter(pk=need_id).first()
    if need is None:
        return None
    document = need_document(need)
    candidates = match.propose(seen.index, document, seen.firms, TOP, analysis_of(document))
    placed = placings(document, seen.firms([candidate.firm_id for candidate in candidates]), candidates)
    entries = adjacent.entries(seen, document, candidates)
    return Ranking(need.pk, need.updated_at, seen.build.pk, serial, candidates, placed, entries)


def _serial(need_id: int) -> int:
    known = NeedMatch.objects.filter(need=need_id).values_list("serial", flat=True)
    if not known:
        NeedMatch.objects.bulk_create([NeedMatch(need_id=need_id)], ignore_conflicts=True)
        known = known.all()
    return known[0]


def write(ranking: Ranking, claim: Callable[[], None] | None = None) -> None:
    """Make the ranking the need's proposals, in one transaction with `claim`.

    Raises Overtaken, and writes nothing, when the need was matched by somebody else since, or when `claim` does.
    """
    now = timezone.now()
    with transaction.atomic():
        if claim:
            claim()
        moved = NeedMatch.objects.filter(need=ranking.need_id, serial=ranking.serial).update(
            serial=F("serial") + 1,
            build=ranking.build_id,
            need_updated_at=ranking.need_updated_at,
            matched_at=now,
            band=best_band(ranking.candidates),
            grasp=max((candidate.grasp for candidate in ranking.candidates[:FIRST]), default=0),
            least=ranking.candidates[-1].place if len(ranking.candidates) == TOP else 0,
        )
        if not moved:
            raise Overtaken(ranking.need_id)
        held = Proposal.objects.filter(need=ranking.need_id)
        list(held.select_for_update().order_by("pk").values_list("pk"))  # in the order in which reviewers lock them
        _drop(held, ranking, now)
        Proposal.objects.bulk_create(
            _rows(ranking, now), update_conflicts=True, unique_fields=["need", "firm"], update_fields=_WRITTEN
        )


def best_band(candidates: Sequence[match.Candidate]) -> str:
    """The band of the firm whose text is nearest; a need without any candidate has misses only."""
    return str(min((candidate.band for candidate in candidates), key=list(Band).index, default=Band.MISS))


def _drop(held: Any, ranking: Ranking, now: datetime) -> None:
    """Mark what left the ranking. A firm that a person added stays as long as it is published."""
    left = held.filter(dropped_at=None).exclude(firm__in=ranking.firms)
    Proposal.objects.filter(pk__in=list(left.values_list("pk", flat=True))).update(rank=None)
    left = left.exclude(origin=Proposal.Origin.PERSON, firm__state=Firm.State.PUBLISHED)
    Proposal.objects.filter(pk__in=list(left.values_list("pk", flat=True))).update(dropped_at=now)


def _rows(ranking: Ranking, now: datetime) -> list[Proposal]:
    due_on = add_working_days(timezone.localdate(), WORKING_DAYS)
    ways = adjacent.stored(ranking.entries)
    found: dict[int, Entry | match.Candidate] = {entry.firm_id: entry for entry in ranking.entries}
    found |= {candidate.firm_id: candidate for candidate in ranking.candidates}  # who is ranked keeps the rank
    return [
        Proposal(
            need_id=ranking.need_id,
            firm_id=firm_id,
            score=found[firm_id].score,
            band=str(found[firm_id].band),
            **asdict(ranking.placings.get(firm_id, NOT_RANKED)),
            verdict=str(found[firm_id].verdict),
            terms=reasons.stored(found[firm_id].terms),
            checks=stored_all(found[firm_id].checks, found[firm_id].effects),
            kind=Proposal.Kind.ADJACENT if firm_id in ways else Proposal.Kind.PLAIN,
            entry=ways.get(firm_id, {}),
            build_id=ranking.build_id,
            matched_at=now,
            dropped_at=None,
            due_on=due_on,
        )
        for firm_id in ranking.firms
    ]


def needs_met_by(firm_id: int, seen: Snapshot) -> list[int]:
    """Open needs whose ranking a changed firm enters, leaves or changes its place in, or whose field it could enter
    from a neighbouring one; only these are ranked again.

    One product of the firm's vector with those of all open needs; where the text is near enough, the firm's place is
    worked out as `rank` would and held against the last place of the need's ranking.
    """
    held = Proposal.objects.filter(firm=firm_id, dropped_at=None, need__state=Need.State.OPEN)
    met = set(held.values_list("need", flat=True))
    firm = firms_for_matching().filter(pk=firm_id).first()
    documents = [need_document(need) for need in needs_for_matching()] if firm else []
    if firm is None or not documents:
        return sorted(met)
    facts = firm_document(firm)
    met |= adjacent.needs_entered_by(facts, documents, seen)
    vectors = seen.index.need_vectors(analysis_of(document) for document in documents)
    scores = np.asarray((vectors @ seen.index.firm_vector(analysis_of(facts)).T).todense(), dtype=np.float64).ravel()
    least = dict(NeedMatch.objects.values_list("need", "least"))
    for document, score in zip(documents, scores.tolist(), strict=True):
        if score > 0:
            checks = [check(criterion, facts) for criterion in document.criteria]
            if match.place(score, checks, seen.index.settings) >= least.get(document.id, 0) - 1e-5:
                met.add(document.id)
    return sorted(met)
