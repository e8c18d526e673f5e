"""Adjacent entry: firms that could enter a need's field from a neighbouring one, and what they still lack.

A transition is data: where a firm works today (and what it must be able to do there), which work it leads to, and what
entering it usually takes. Nothing here touches the text score or the order by it: a firm that the texts already call a
strong or possible candidate is no entrant, and neither is one that speaks of the work itself.

Words are looked up as the index knows them: a phrase stands in a text when all of its terms do, so what a firm says it
does not do never counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.engine import certificates, criteria
from matching.engine.bands import Band, shipped
from matching.engine.criteria import Check, Criterion, Outcome, check, verdict
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index
from matching.engine.match import Candidate, Firms
from matching.engine.score import TermScore
from matching.engine.terms import Phrase, phrase

MOST = 10
"""Entrants of a need."""

LEAST = 0.35
"""The transition score from which a firm is named."""

_LOOKED_AT = 4 * MOST  # firms whose deltas are worked out, those of the weightiest transitions and nearest in words
_PLAIN = {Band.STRONG, Band.POSSIBLE}
_ABOUT = {"sector"}  # field of a need that says what it is about, not what is to be done
_MOST_FOUND = 3


class Kind(StrEnum):
    """What an entry takes, in the order in which it is told."""

    CERTIFICATION = "certification"
    MATERIAL = "material"
    EQUIPMENT = "equipment"
    PROCESS = "process"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that an entry takes. `words`: any of these phrases in a profile shows it; a certificate needs none."""

    code: str
    kind: Kind
    name: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From one field into another. Each of the four lists is met by any of its phrases, an empty one by anything.

    has      where the firm works today
    skills   what it must be able to do
    asks     the work that the need asks for; never empty
    about    what the need, or the sector of its project, is about
    weight   in (0, 1], how short the way is
    """

    code: str
    has: tuple[str, ...]
    asks: tuple[str, ...]
    skills: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    weight: float = 0.7


@dataclass(frozen=True, slots=True)
class Delta:
    """Something that the entry takes, held against one firm.

    asked    the need asks for it itself; otherwise it is usual in the field
    outcome  pass: the firm has it; fail: it is missing; unknown: the profile says nothing of the kind
    found    what the profile says instead, or where it says so
    code     of the requirement; empty for a certificate that only the need names
    """

    kind: Kind
    name: str
    outcome: Outcome
    asked: bool
    found: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One firm that could enter, and by which transition.

    transition_score  in (0, 1]: weight · (1 + share of the deltas that the firm has) / 2
    has, asks         the phrases of the transition that stand in the firm's profile and in the need
    score             cosine of the texts, as of any candidate; it says nothing of the entry
    rank, effects     none: entrants are ordered among themselves
    """

    firm_id: int
    transition: str
    transition_score: float
    has: tuple[str, ...]
    asks: tuple[str, ...]
    deltas: tuple[Delta, ...]
    score: float
    band: Band
    terms: tuple[TermScore, ...]
    checks: tuple[Check, ...]
    verdict: Outcome
    effects: tuple[float, ...] = ()
    rank: None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a transition is refused; `row` counts from 0 in the transitions as given."""

    row: int
    reason: str


def problems(transitions: Sequence[Transition]) -> Iterator[Problem]:
    """What is wrong with the transitions: a side without a word, a weight out of range, or a way that leads back."""
    seen: dict[tuple[frozenset[Phrase], ...], int] = {}
    for row, one in enumerate(transitions):
        sides = [_phrases(words) for words in (one.has, one.skills, one.asks, one.about)]
        if not sides[0] or not sides[2]:
            side = "the firm's field" if not sides[0] else "what the need asks for"
            yield Problem(row, f"{side} has no word that is matched; it is empty or holds only stop words")
            continue
        if not 0 < one.weight <= 1:
            yield Problem(row, f"the weight {one.weight} is not above 0 and at most 1")
        if both := sides[0] & sides[2]:
            yield Problem(row, f'"{" ".join(min(both))}" is where it starts and where it leads: a circle')
        earlier = seen.setdefault(tuple(sides), row)
        if earlier != row:
            yield Problem(row, f'it says the same as "{transitions[earlier].code}"')
        for other in range(row):
            if _leads(transitions[other], one) and _leads(one, transitions[other]):
                yield Problem(row, f'it leads back to where "{transitions[other].code}" starts: a circle')


def _leads(one: Transition, other: Transition) -> bool:
    return bool(_phrases(one.asks) & _phrases(other.has))


def _phrases(words: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(filter(None, map(phrase, words)))


def leads_to(transition: Transition, need: Analysis, words: Set[str]) -> bool:
    """Whether a need asks for what the transition leads to. words: as `words_of`."""
    about = words | {term for name in _ABOUT for term in need.fields.get(name, ())}
    return _any(transition.asks, words) and (not transition.about or _any(transition.about, about))


def starts_at(transition: Transition, words: Set[str]) -> bool:
    """Whether a firm that says these words stands where the transition starts."""
    there = _any(transition.has, words) and (not transition.skills or _any(transition.skills, words))
    arrived = _any(transition.asks, words) and (not transition.about or _any(transition.about, words))
    return there and not arrived


def words_of(need: Analysis) -> Set[str]:
    """What a need says itself, beside its sector. The term table is left out: over its links one thing leads to all."""
    return {term for name, terms in need.fields.items() if name not in _ABOUT for term in terms}


def _by_weight(said: Set[str]) -> Callable[[Transition], tuple[float, int, str]]:
    """The weightiest first, of equals the one that more of the need's words ask for."""
    return lambda one: (-one.weight, -len(_standing(one.asks, said)), one.code)


def _any(words: Iterable[str], known: Set[str]) -> bool:
    return any(terms and known >= set(terms) for terms in map(phrase, words))


def _standing(words: Iterable[str], known: Set[str]) -> tuple[str, ...]:
    return tuple(word for word in words if _any([word], known))


class Entrants:
    """The transitions made ready for one index: which firms stand where each of them starts.

    requirements  everything that an entry may take, in any field: what a need names of it is asked for
    """

    def __init__(self, index: Index, transitions: Sequence[Transition], requirements: Sequence[Requirement]) -> None:
        self.index = index
        self.transitions = transitions
        self._named = [one for one in requirements if one.kind in {Kind.MATERIAL, Kind.EQUIPMENT}]
        self._rows: dict[str, NDArray[np.int64]] = {}

    def find(
        self, need: NeedDocument, terms: Analysis, candidates: Sequence[Candidate], firms: Firms, most: int = MOST
    ) -> list[Entry]:
        """The entrants of a need by transition score, ties by text score, then by lower firm id.

        candidates  the need's own ranking: its strong and possible firms are no entrants
        firms       documents by id, or a function that fetches those of some ids
        """
        said = words_of(terms)
        leading = sorted((one for one in self.transitions if leads_to(one, terms, said)), key=_by_weight(said))
        best = self._starting(leading)
        if not best:
            return []
        vector = self.index.need_vectors([terms])
        served = shipped().serves(candidate.grasp for candidate in candidates)
        near = self._nearness(vector, sorted(best), candidates, served=served)
        order = sorted(near, key=lambda firm_id: (-best[firm_id].weight, -near[firm_id], firm_id))[:_LOOKED_AT]
        documents = firms if isinstance(firms, Mapping) else firms(order)
        found = [
            self._entry(
                best[firm_id], need, said, documents[firm_id], near[firm_id], shipped().of(near[firm_id], served=served)
            )
            for firm_id in order
            if firm_id in documents
        ]
        found = [entry for entry in found if entry.transition_score >= LEAST]
        found.sort(key=lambda entry: (-entry.transition_score, -entry.score, entry.firm_id))
        return [self._explained(entry, need, terms, vector, documents) for entry in found[:most]]

    def of(self, need: NeedDocument, terms: Analysis, firm: FirmDocument, score: float, band: Band) -> Entry | None:
        """How any one firm could enter, whatever its place among others; None when no transition leads there.

        score, band  of the texts, as Entry has them
        """
        said = words_of(terms)
        profile = self._profile(firm)
        ways = [one for one in self.transitions if leads_to(one, terms, said) and starts_at(one, profile.words)]
        if not ways:
            return None
        return self._entry(min(ways, key=_by_weight(said)), need, said, firm, score, band)

    def _starting(self, transitions: Iterable[Transition]) -> dict[int, Transition]:
        """firm id → the first of these transitions that starts where it stands."""
        best: dict[int, Transition] = {}
        for one in transitions:
            for firm_id in self.index.ids[self._at_start(one)].tolist():
                best.setdefault(firm_id, one)
        return best

    def _at_start(self, one: Transition) -> NDArray[np.int64]:
        if one.code not in self._rows:
            there, arrived = self._saying(one.has), self._saying(one.asks)
            if one.skills:
                there = np.intersect1d(there, self._saying(one.skills), assume_unique=True)
            if one.about:
                arrived = np.intersect1d(arrived, self._saying(one.about), assume_unique=True)
            self._rows[one.code] = np.setdiff1d(there, arrived, assume_unique=True)
        return self._rows[one.code]

    def _saying(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Rows of the firms that say any of these phrases, ascending."""
        found = [np.empty(0, np.int64)]
        for terms in filter(None, map(phrase, words)):
            columns = [self.index.vocabulary.get(term) for term in set(terms)]
            if None not in columns:
                rows = [self._postings(column) for column in columns if column is not None]
                common = rows[0]
                for more in rows[1:]:
                    common = np.intersect1d(common, more, assume_unique=True)
                found.append(common.astype(np.int64))
        return np.unique(np.concatenate(found))

    def _postings(self, column: int) -> NDArray[np.int32]:
        matrix = self.index.matrix
        return np.asarray(matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]])

    def _nearness(
        self, vector: csr_array, ids: Sequence[int], candidates: Sequence[Candidate], *, served: bool
    ) -> dict[int, float]:
        """Text scores of those firms that the texts alone do not already put forward."""
        plain = {candidate.firm_id for candidate in candidates if candidate.band in _PLAIN}
        rows = np.searchsorted(self.index.ids, ids)
        scores = np.asarray((self.index.by_firm[rows] @ vector.T).todense(), dtype=np.float64).ravel().tolist()
        return {
            firm_id: score
            for firm_id, score in zip(ids, scores, strict=True)
            if firm_id not in plain and shipped().of(score, served=served) not in _PLAIN
        }

    def _entry(
        self, one: Transition, need: NeedDocument, said: Set[str], firm: FirmDocument, near: float, band: Band
    ) -> Entry:
        deltas = tuple(self._deltas(one, need, said, firm))
        share = sum(delta.outcome is Outcome.PASS for delta in deltas) / len(deltas) if deltas else 1.0
        profile = self._profile(firm)
        return Entry(
            firm_id=firm.id,
            transition=one.code,
            transition_score=one.weight * (1 + share) / 2,
            has=_standing((*one.has, *one.skills), profile.words),
            asks=_standing(one.asks, said),
            deltas=deltas,
            score=near,
            band=band,
            terms=(),
            checks=(),
            verdict=Outcome.PASS,
        )

    def _profile(self, firm: FirmDocument) -> "_Profile":
        """A firm that is not in the index says nothing."""
        try:
            columns = self.index.terms_of(firm.id).tolist()
        except KeyError:
            columns = []
        return _Profile(firm, frozenset(self.index.terms[column] for column in columns))

    def _deltas(self, one: Transition, need: NeedDocument, said: Set[str], firm: FirmDocument) -> Iterator[Delta]:
        """What the need asks for first, then what is usual, each by kind."""
        profile = self._profile(firm)
        named = [requirement for requirement in self._named if _any(requirement.words, said)]
        materials = {requirement.code for requirement in named if requirement.kind is Kind.MATERIAL}
        wanted = {
            requirement.code: requirement
            for requirement in (*one.requirements, *named)
            if not materials or requirement.kind is not Kind.MATERIAL or requirement.code in materials
        }
        deltas = list(_certificates(need, wanted.values(), firm))
        for requirement in wanted.values():
            if requirement.kind is not Kind.CERTIFICATION:
                deltas.append(self._delta(requirement, profile, asked=requirement in named))
        order = list(Kind)
        yield from sorted(deltas, key=lambda delta: (not delta.asked, order.index(delta.kind)))

    def _delta(self, requirement: Requirement, profile: "_Profile", *, asked: bool) -> Delta:
        found = profile.lines(requirement.words)
        outcome = Outcome.PASS
        if not found:
            silent = not profile.speaks_of(requirement.kind)
            if requirement.kind is Kind.MATERIAL:
                found = tuple(
                    one.name for one in self._named if one.kind is Kind.MATERIAL and _any(one.words, profile.words)
                )[:_MOST_FOUND]
                silent = not found
            outcome = Outcome.UNKNOWN if silent else Outcome.FAIL
        return Delta(requirement.kind, requirement.name, outcome, asked, found, requirement.code)

    def _explained(
        self, entry: Entry, need: NeedDocument, terms: Analysis, vector: csr_array, firms: Mapping[int, FirmDocument]
    ) -> Entry:
        """With reasons and checks, which only those that are kept need."""
        checks = tuple(check(criterion, firms[entry.firm_id]) for criterion in need.criteria)
        match = self.index.explain(terms, vector, [(entry.firm_id, entry.score)])[0]
        return replace(entry, terms=match.terms, checks=checks, verdict=verdict(checks))


@dataclass(frozen=True)
class _Profile:
    """What one firm says. words: the terms of all its fields, as the index has them."""

    firm: FirmDocument
    words: frozenset[str]

    def lines(self, words: Iterable[str]) -> tuple[str, ...]:
        """Where the profile says any of the phrases: its machine or product, or just the phrase."""
        standing = [word for word in words if _any([word], self.words)]
        return tuple(dict.fromkeys(map(self._line, standing)))[:_MOST_FOUND]

    def _line(self, word: str) -> str:
        terms = frozenset(phrase(word))
        return next((line for line, said in self._items if terms <= said), word)

    @cached_property
    def _items(self) -> list[tuple[str, frozenset[str]]]:
        return [(line, frozenset(phrase(line))) for line in (*self.firm.equipment, *self.firm.products)]

    def speaks_of(self, kind: Kind) -> bool:
        """Whether the profile has the part in which something of this kind would stand."""
        if kind is Kind.EQUIPMENT:
            return bool(self.firm.equipment)
        return bool(self.firm.capability_text or self.firm.products or self.firm.summary_en)


def _certificates(need: NeedDocument, wanted: Iterable[Requirement], firm: FirmDocument) -> Iterator[Delta]:
    """Certificates that the need asks for, must or wish, then those that are usual; each once."""
    codes = {certificates.marks(one.name): one.code for one in wanted if one.kind is Kind.CERTIFICATION}
    stated = [one.certification for one in need.criteria if one.kind is criteria.Kind.CERTIFICATION]
    seen: set[frozenset[str]] = set()
    usual = [one.name for one in wanted if one.kind is Kind.CERTIFICATION]
    for asked, name in [*((True, name) for name in stated), *((False, name) for name in usual)]:
        marks = certificates.marks(name)
        if marks not in seen:
            seen.add(marks)
            made = check(Criterion(kind=criteria.Kind.CERTIFICATION, certification=name), firm)
            found = tuple(firm.certifications[:_MOST_FOUND])
            yield Delta(Kind.CERTIFICATION, name, made.outcome, asked, found, codes.get(marks, ""))
