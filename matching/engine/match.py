"""The one path from a need to its ordered candidates, used by the worker and by evaluate_matching alike.

The text score says how near the words are, the checks say what the firm meets; neither changes the other. Only the
order looks at both: a candidate's place is its score times what its checks leave of it (`place`), because a firm
that does the work but lacks a certificate is worth less to the buyer than one that has it, and more than one that
does other work.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.sparse import csr_array

from matching.engine.bands import Band, shipped
from matching.engine.criteria import Check, Kind, Outcome, check, verdict
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index, analyse
from matching.engine.score import TermScore
from matching.engine.settings import Settings

Firms = Mapping[int, FirmDocument] | Callable[[Sequence[int]], Mapping[int, FirmDocument]]

# A firm that holds a certificate or is large says so: an empty field is no better than a miss. Capacity and lead
# time are often left out by firms that could do it.
_SILENCE_IS_A_MISS = {Kind.CERTIFICATION, Kind.EMPLOYEES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One firm for one need: where it stands, why, and what it meets.

    rank     1 is best
    score    cosine of the texts, in (0, 1]
    place    what the order is made of: score times the factors of the checks; not a probability
    effects  what each check does to the place, see `effects`
    verdict  the musts together: fail is a near miss and stays visible
    grasp    share of the need's own words that the firm speaks to; see grasp.Grasp
    band     what the score is worth, by judged needs; all are MISS when nobody serves the need
    """

    rank: int
    firm_id: int
    score: float
    place: float
    terms: tuple[TermScore, ...]
    checks: tuple[Check, ...]
    effects: tuple[float, ...]
    verdict: Outcome
    grasp: float
    band: Band


def propose(
    index: Index, need: NeedDocument, firms: Firms, k: int, analysis: Analysis | None = None
) -> list[Candidate]:
    """The k best candidates for a need, best first; ties in place by score, then by lower firm id.

    firms     documents by id, or a function that fetches those of some ids; a firm that it does not return (deleted
              or withdrawn since the index was built) is left out
    analysis  the need's stored terms, when the caller has them

    Raises ValueError if k < 1.
    """
    return next(iter(propose_many(index, [need], firms, k, [analysis or analyse(need)])))


def propose_many(
    index: Index, needs: Sequence[NeedDocument], firms: Firms, k: int, analyses: Iterable[Analysis] | None = None
) -> Iterator[list[Candidate]]:
    """propose for each need in turn, with the same results, quicker for many needs."""
    terms = list(analyses) if analyses is not None else [analyse(need) for need in needs]
    vectors = index.need_vectors(terms)
    depth = 2 * k
    for row, (need, nearest) in enumerate(zip(needs, index.nearest(vectors, depth), strict=True)):
        wanted = _Wanted(need, terms[row], vectors[[row]])
        yield _candidates(index, wanted, firms, k, nearest, depth)


def effects(checks: Sequence[Check], settings: Settings) -> tuple[float, ...]:
    """What each check does to the place: a must is a factor (1 when it is met), a wish the share that it adds."""
    wishes = sum(not item.criterion.hard for item in checks)
    found = []
    for item in checks:
        if not item.criterion.hard:
            found.append(settings.wish_bonus / wishes if item.outcome is Outcome.PASS else 0.0)
        elif item.outcome is Outcome.PASS:
            found.append(1.0)
        else:
            silent = item.outcome is Outcome.FAIL or item.criterion.kind in _SILENCE_IS_A_MISS
            found.append(settings.fail_factor if silent else settings.unknown_factor)
    return tuple(found)


def place(score: float, checks: Sequence[Check], settings: Settings) -> float:
    """The score times the factor of each must, times one plus what the wishes that are met add."""
    found = list(zip(checks, effects(checks, settings), strict=True))
    musts = math.prod(effect for item, effect in found if item.criterion.hard)
    return score * musts * (1 + sum(effect for item, effect in found if not item.criterion.hard))


@dataclass(frozen=True, slots=True)
class _Wanted:
    need: NeedDocument
    terms: Analysis
    vector: csr_array


def _candidates(
    index: Index, wanted: _Wanted, firms: Firms, k: int, nearest: list[tuple[int, float]], depth: int
) -> list[Candidate]:
    """Look deeper until no firm further down could still come among the k best; who was looked at stays placed."""
    placed: list[_Placed] = []
    looked = 0
    while True:
        placed = sorted([*placed, *_placed(index, wanted.need, nearest[looked:], firms)], key=_order)
        looked = len(nearest)
        complete = len(nearest) < depth
        if not complete and len(placed) >= k:
            best_below = nearest[-1][1] * (1 + index.settings.wish_bonus)
            complete = placed[k - 1][0] > best_below
        if complete:
            break
        depth *= 4
        nearest = next(iter(index.nearest(wanted.vector, depth)))
    chosen = placed[:k]
    explained = index.explain(wanted.terms, wanted.vector, [(firm_id, score) for _, score, firm_id, _ in chosen])
    grasp = index.grasp(wanted.terms)
    grasps = [grasp.by(index.terms_of(firm_id)) for _, _, firm_id, _ in chosen]
    bands = shipped()
    served = bands.serves(grasps)
    return [
        Candidate(
            rank=rank,
            firm_id=firm_id,
            score=score,
            place=value,
            terms=match.terms,
            checks=checks,
            effects=effects(checks, index.settings),
            verdict=verdict(checks),
            grasp=held,
            band=bands.of(score, served=served),
        )
        for rank, ((value, score, firm_id, checks), match, held) in enumerate(
            zip(chosen, explained, grasps, strict=True), 1
        )
    ]


_Placed = tuple[float, float, int, tuple[Check, ...]]
"""(place, score, firm id, checks)"""


def _order(item: _Placed) -> tuple[float, float, int]:
    return -item[0], -item[1], item[2]


def _placed(index: Index, need: NeedDocument, nearest: Sequence[tuple[int, float]], firms: Firms) -> Iterator[_Placed]:
    ids = [firm_id for firm_id, _ in nearest]
    documents = firms if isinstance(firms, Mapping) else firms(ids)
    for firm_id, score in nearest:
        firm = documents.get(firm_id)
        if firm is not None:
            checks = tuple(check(criterion, firm) for criterion in need.criteria)
            yield place(score, checks, index.settings), score, firm_id, checks
