"""Why, and why not: where any firm stands for a need, proposed or not, and what its score is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from matching.engine.bands import FIRST, Band, shipped
from matching.engine.criteria import Check, Outcome, check, verdict
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import PARTS, Analysis, Index, analyse
from matching.engine.match import Firms, effects, place, propose
from matching.engine.score import TermScore, score_all

DEEPEST = 2_000
"""Firms that are held against the criteria to find a rank; further down only the rank by text is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One firm for one need.

    text_rank  place among all firms of the index by score alone, 1 is best
    rank       place among all firms as `propose` orders them; None when that is below DEEPEST firms
    of         how many firms the index has
    parts      the score by PARTS; they add up to it
    failed     the first must that fails, else None
    effects    what each check does to the place, see match.effects
    served     whether anybody serves the need at all
    """

    firm_id: int
    score: float
    place: float
    text_rank: int
    rank: int | None
    of: int
    parts: Mapping[str, float]
    terms: tuple[TermScore, ...]
    checks: tuple[Check, ...]
    effects: tuple[float, ...]
    verdict: Outcome
    failed: Check | None
    grasp: float
    served: bool
    band: Band


def ask(
    index: Index, need: NeedDocument, firm: FirmDocument, firms: Firms, terms: tuple[Analysis, Analysis] | None = None
) -> Answer:
    """Ask about a firm that need not be among the candidates, nor in the index: it is weighed as it would be there.

    firms  documents by id, or a function that fetches those of some ids, as for match.propose
    terms  the stored terms of need and firm, when the caller has them
    """
    of_need, of_firm = terms or (analyse(need), analyse(firm))
    vector, row = index.need_vectors([of_need]), index.firm_vector(of_firm)
    score = float(score_all(row.tocsc(), vector)[0])
    checks = tuple(check(criterion, firm) for criterion in need.criteria)
    value = place(score, checks, index.settings)
    candidates = propose(index, need, firms, FIRST, of_need)
    bands = shipped()
    served = bands.serves(candidate.grasp for candidate in candidates)
    text_rank, rank = _ranks(index, need, firms, vector, (value, score, firm.id))
    return Answer(
        firm_id=firm.id,
        score=score,
        place=value,
        text_rank=text_rank,
        rank=rank,
        of=len(index.ids),
        parts=_parts(index, of_need, row),
        terms=index.explain_vector(of_need, vector, row),
        checks=checks,
        effects=effects(checks, index.settings),
        verdict=verdict(checks),
        failed=next((item for item in checks if item.criterion.hard and item.outcome is Outcome.FAIL), None),
        grasp=index.grasp(of_need).by(row.indices),
        served=served,
        band=bands.of(score, served=served),
    )


def _parts(index: Index, need: Analysis, row: csr_array) -> dict[str, float]:
    parts = index.need_parts(need)
    return {name: float((part @ row.T).sum()) for name, part in zip(PARTS, parts, strict=True)}


def _ranks(
    index: Index, need: NeedDocument, firms: Firms, vector: csr_array, own: tuple[float, float, int]
) -> tuple[int, int | None]:
    """(rank by score, rank by place or None)."""
    value, score, firm_id = own
    scores = score_all(index.matrix, vector).astype(np.float64)
    others = np.asarray(index.ids) != firm_id
    ahead = (scores > score) | ((scores == score) & (np.asarray(index.ids) < firm_id))
    text_rank = 1 + int((ahead & others).sum())
    possible = np.flatnonzero(others & (scores > 0) & (scores * (1 + index.settings.wish_bonus) >= value))
    if len(possible) > DEEPEST:
        return text_rank, None
    ids = np.asarray(index.ids)[possible].tolist()
    documents = firms if isinstance(firms, Mapping) else firms(ids)
    return text_rank, 1 + sum(
        _key(index, need, documents[other], other_score) < (-value, -score, firm_id)
        for other, other_score in zip(ids, scores[possible].tolist(), strict=True)
        if other in documents
    )


def _key(index: Index, need: NeedDocument, firm: FirmDocument, score: float) -> tuple[float, float, int]:
    checks: Sequence[Check] = [check(criterion, firm) for criterion in need.criteria]
    return -place(score, checks, index.settings), -score, firm.id
