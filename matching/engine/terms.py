"""The term table: what else a word of a need may be called on the shop floor.

Entries link two terms, each a word or a short phrase. A need's vector takes in what its words are linked to, directly
or over one word between, so a firm is found that says the same in other words. Firms are never rewritten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from matching.engine import text

Phrase = tuple[str, ...]

_STEPS = 2  # 減圧 → 真空 → vacuum
_LEAST = 0.15  # a link that is weaker says nothing


class Link(StrEnum):
    """How two terms hang together. The first three hold in both directions, `process` only from buyer to maker."""

    VARIANT = "variant"  # another spelling: ウェハ, ウェーハ
    SYNONYM = "synonym"  # another word: アルマイト, 陽極酸化
    TRANSLATION = "translation"  # アルマイト, anodizing
    PROCESS = "process"  # a buyer's word → how it is made or done: 箱体の削り出し → 5軸加工
    NARROWER = "narrower"  # a wider term → one of its kinds: 表面処理 → アルマイト; half as strong the other way


_BOTH_WAYS = {Link.VARIANT: 1.0, Link.SYNONYM: 1.0, Link.TRANSLATION: 1.0, Link.NARROWER: 0.5, Link.PROCESS: 0.0}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table. weight, in (0, 1], is how far the target stands for the term."""

    term: str
    target: str
    kind: Link
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused; `row` counts from 0 in the entries as given."""

    row: int
    reason: str


class TermsRefused(Exception):
    """Some entries are wrong; `problems` says which and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"entry {problem.row + 1}: {problem.reason}" for problem in self.problems[:10]))


@dataclass(frozen=True, slots=True)
class Linked:
    """What a word of a need leads to: the need's own phrase, the phrase it stands for, and how far."""

    source: Phrase
    target: Phrase
    weight: float


class TermTable:
    """Entries made ready for use: what each phrase leads to.

    neighbours  phrase → the phrases that it is linked to directly, and how far it stands for them
    """

    def __init__(self, neighbours: Mapping[Phrase, Mapping[Phrase, float]]) -> None:
        self._neighbours = neighbours
        self._longest = max(map(len, neighbours), default=0)
        self._reached: dict[Phrase, Mapping[Phrase, float]] = {}

    @classmethod
    def build(cls, entries: Sequence[Entry]) -> Self:
        """Raises TermsRefused for entries that `problems` objects to."""
        if wrong := list(problems(entries)):
            raise TermsRefused(wrong)
        neighbours: dict[Phrase, dict[Phrase, float]] = {}
        for entry in entries:
            term, target = phrase(entry.term), phrase(entry.target)
            back = entry.weight * _BOTH_WAYS[entry.kind]
            for start, end, weight in ((term, target, entry.weight), (target, term, back)):
                if weight and start != end:
                    known = neighbours.setdefault(start, {})
                    known[end] = max(known.get(end, 0.0), weight)
        return cls(neighbours)

    def to_json(self) -> list[list[Any]]:
        """[phrase, linked phrase, weight] rows, the same for the same entries in any order."""
        return sorted(
            [list(start), list(end), weight] for start, ends in self._neighbours.items() for end, weight in ends.items()
        )

    @classmethod
    def from_json(cls, rows: Iterable[Sequence[Any]]) -> Self:
        neighbours: dict[Phrase, dict[Phrase, float]] = {}
        for start, end, weight in rows:
            neighbours.setdefault(tuple(start), {})[tuple(end)] = float(weight)
        return cls(neighbours)

    def links(self, tokens: Sequence[str]) -> Iterator[Linked]:
        """What the phrases of a token sequence lead to, each pair of source and target once."""
        for source in dict.fromkeys(self._found(tokens)):
            for target, weight in self._reach(source).items():
                yield Linked(source, target, weight)

    def _found(self, tokens: Sequence[str]) -> Iterator[Phrase]:
        for start in range(len(tokens)):
            for length in range(1, min(self._longest, len(tokens) - start) + 1):
                candidate = tuple(tokens[start : start + length])
                if candidate in self._neighbours:
                    yield candidate

    def _reach(self, source: Phrase) -> Mapping[Phrase, float]:
        """Targets within _STEPS links and the greatest product of weights on the way; worked out once."""
        if source in self._reached:
            return self._reached[source]
        best: dict[Phrase, float] = {source: 1.0}
        edge = {source: 1.0}
        for _ in range(_STEPS):
            further: dict[Phrase, float] = {}
            for place, so_far in edge.items():
                for target, weight in self._neighbours.get(place, {}).items():
                    value = so_far * weight
                    if value >= _LEAST and value > best.get(target, 0.0):
                        best[target] = further[target] = value
            edge = further
        del best[source]
        self._reached[source] = best
        return best


@lru_cache(maxsize=20_000)
def phrase(term: str) -> Phrase:
    """The terms of a phrase as the index knows them."""
    return tuple(text.tokens(term))


def problems(entries: Sequence[Entry]) -> Iterator[Problem]:
    """What is wrong with the entries: no word in them, no effect, weight out of range, twice, or in a circle."""
    seen: dict[tuple[Phrase, Phrase], int] = {}
    narrower: dict[Phrase, set[Phrase]] = {}
    for row, entry in enumerate(entries):
        term, target = phrase(entry.term), phrase(entry.target)
        if not term or not target:
            empty = entry.term if not term else entry.target
            yield Problem(row, f'"{empty}" has no word that is matched; it is empty or holds only stop words')
            continue
        if not 0 < entry.weight <= 1:
            yield Problem(row, f"the weight {entry.weight} is not above 0 and at most 1")
        if term == target and entry.kind is not Link.VARIANT:
            yield Problem(row, f'"{entry.term}" and "{entry.target}" are the same word already')
            continue
        earlier = seen.setdefault((term, target), row)
        if earlier != row:
            yield Problem(row, f'"{entry.term}" → "{entry.target}" stands in entry {earlier + 1} already')
        elif entry.kind is Link.NARROWER:
            if _leads_to(narrower, target, term):
                yield Problem(row, f'"{entry.target}" is wider than "{entry.term}" by other entries: a circle')
            else:
                narrower.setdefault(term, set()).add(target)


def _leads_to(narrower: Mapping[Phrase, set[Phrase]], start: Phrase, end: Phrase) -> bool:
    reached, edge = {start}, {start}
    while edge:
        edge = {further for place in edge for further in narrower.get(place, ())} - reached
        reached |= edge
    return end in reached
