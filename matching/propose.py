"""Proposing firms for needs: the only writer of what the matcher says on a proposal.

`rank` computes without any lock, `write` is one short transaction. Of two rankings of one need that were computed at
the same time the first one written wins and the other is computed again: `write` moves the need's NeedMatch from the
serial that was read before the register to the next, by one conditional UPDATE, and writes nothing when that hits no
row. Rankings made by jobs are kept apart by the job row already (matching.jobs); the serial holds for commands too.

State, assignee, due date and decisions of a proposal are never touched, but for the one rule of matching.renewal. A
proposal that left the ranking is marked dropped, never deleted; when it returns the mark goes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from matching import adjacent, reasons, renewal, words
from matching.checks import stored_all
from matching.documents import need_document, needs_as_documents, needs_for_matching
from matching.engine import match
from matching.engine.adjacent import Entry
from matching.engine.bands import FIRST, Band
from matching.engine.criteria import check
from matching.engine.documents import FirmDocument, NeedDocument
from matching.fresh import OpenNeeds, Snapshot, open_needs, snapshot
from matching.jobs import Overtaken
from matching.models import IndexBuild, NeedMatch, Proposal
from matching.ordering import NOT_RANKED, Placing, placings
from matching.review import WORKING_DAYS
from matching.store import open_build
from matching.words import analysis_of
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
    return rank_many([need_id], seen).get(need_id)


def rerun(need: Need, build: IndexBuild) -> list[match.Candidate]:
    """Rank with a build as it was published, and write nothing: the same ranks as then, as long as the need, what its
    criteria are checked against and the code are the same. Firms changed after the build come as the build has them.

    Raises IndexMissing when the build cannot be read, or was written by another version of the code.
    """
    loaded = open_build(build)
    document = need_document(needs_as_documents(Need.objects.all()).get(pk=need.pk))
    seen = Snapshot(build, loaded.index, loaded.index)
    return match.propose(seen.index, document, seen.firms, TOP, analysis_of(document))


def rank_many(need_ids: Sequence[int], seen: Snapshot) -> dict[int, Ranking]:
    """The best firms for each of these needs that is open, the same as one by one and quicker."""
    serials = _serials(need_ids)
    needs = list(needs_for_matching().filter(pk__in=need_ids))
    documents = [need_document(need) for need in needs]
    found = match.propose_many(seen.index, documents, seen.firms, TOP, words.of_needs(documents))
    return {
        need.pk: _ranking(need, serials[need.pk], document, candidates, seen)
        for need, document, candidates in zip(needs, documents, found, strict=True)
    }


def _ranking(
    need: Need, serial: int, document: NeedDocument, candidates: list[match.Candidate], seen: Snapshot
) -> Ranking:
    placed = placings(document, seen.firms([candidate.firm_id for candidate in candidates]), candidates)
    entries = adjacent.entries(seen, document, candidates)
    return Ranking(need.pk, need.updated_at, seen.build.pk, serial, candidates, placed, entries)


def _serials(need_ids: Sequence[int]) -> dict[int, int]:
    known = NeedMatch.objects.filter(need__in=need_ids).values_list("need", "serial")
    serials = dict(known)
    if missing := set(need_ids) - serials.keys():
        new = [NeedMatch(need_id=need_id) for need_id in sorted(missing)]
        NeedMatch.objects.bulk_create(new, ignore_conflicts=True)
        serials = dict(known.all())
    return serials


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
        renewed = renewal.due(ranking.need_id)
        _drop(ranking, now)
        Proposal.objects.bulk_create(
            _rows(ranking, now), update_conflicts=True, unique_fields=["need", "firm"], update_fields=_WRITTEN
        )
        renewal.reopen(renewed)


def best_band(candidates: Sequence[match.Candidate]) -> str:
    """The band of the firm whose text is nearest; a need without any candidate has misses only."""
    return str(min((candidate.band for candidate in candidates), key=list(Band).index, default=Band.MISS))


def _drop(ranking: Ranking, now: datetime) -> None:
    """Mark what left the ranking. A firm that a person added stays as long as it is published."""
    held = Proposal.objects.filter(need=ranking.need_id)
    list(held.select_for_update().order_by("pk").values_list("pk"))  # in the order in which reviewers lock them
    shown = held.filter(dropped_at=None).values_list("pk", "firm", "origin", "firm__state")
    ranked = set(ranking.firms)
    left = {pk: (origin, state) for pk, firm_id, origin, state in shown if firm_id not in ranked}
    by_people = {(origin, Firm.State.PUBLISHED) for origin in (Proposal.Origin.PERSON, Proposal.Origin.FIRM)}
    added = {pk for pk, kept in left.items() if kept in by_people}
    if added:
        held.filter(pk__in=added).update(rank=None)
    if dropped := left.keys() - added:
        held.filter(pk__in=dropped).update(rank=None, dropped_at=now)


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


def needs_met_by(firm_ids: Collection[int], seen: Snapshot) -> dict[int, list[int]]:
    """For each of these firms, the open needs whose ranking it enters, leaves or changes its place in, now that it
    changed, or whose field it could enter from a neighbouring one; only these are ranked again.

    One product of the firm's vector with those of all open needs; where the text is near enough, the firm's place is
    worked out as `rank` would and held against the last place of the need's ranking.
    """
    held = Proposal.objects.filter(firm__in=firm_ids, dropped_at=None, need__state=Need.State.OPEN)
    met: dict[int, set[int]] = {firm_id: set() for firm_id in firm_ids}
    for firm_id, need_id in held.values_list("firm", "need"):
        met[firm_id].add(need_id)
    facts = seen.firms(list(firm_ids))
    if facts:
        wanted = open_needs(seen)
        least = dict(NeedMatch.objects.values_list("need", "least"))
        places = np.array([least.get(need_id, 0.0) for need_id in wanted.states]) - 1e-5
        vectors = [seen.index.firm_vector(analysis) for analysis in words.of_firms(facts)]
        scores = wanted.matrix.scores(vectors, seen.index, seen.changed)
        for firm_id, of_needs in zip(sorted(facts), scores, strict=True):
            met[firm_id] |= adjacent.needs_entered_by(facts[firm_id], list(wanted.documents.values()), seen)
            met[firm_id] |= _entered(facts[firm_id], of_needs, wanted, places, seen)
    return {firm_id: sorted(needs) for firm_id, needs in met.items()}


def _entered(
    firm: FirmDocument, scores: NDArray[np.float32], wanted: OpenNeeds, places: NDArray[np.float64], seen: Snapshot
) -> set[int]:
    """Needs in whose ranking the firm has a place. No wish lifts a score by more than the whole bonus, so most needs
    are left out without a look at their criteria."""
    settings = seen.index.settings
    near = np.flatnonzero((scores > 0) & (scores * (1.0 + settings.wish_bonus) >= places))
    needs = list(wanted.states)
    found = set()
    for row in near.tolist():
        checks = [check(criterion, firm) for criterion in wanted.documents[needs[row]].criteria]
        if match.place(float(scores[row]), checks, settings) >= places[row]:
            found.add(needs[row])
    return found
