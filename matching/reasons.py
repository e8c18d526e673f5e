"""Why the matcher proposed a firm, as it is stored on a proposal and as people read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matching.engine.score import Origin, TermScore
from matching.models import Proposal

MOST_TERMS = 20
"""Matching terms kept per proposal, the strongest."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A term of the firm, its part of the score, how the need came to it, and by which of its words."""

    term: str
    contribution: float
    origin: str = ""
    via: str = ""

    @property
    def is_linked(self) -> bool:
        return self.origin == Origin.LINKED

    @property
    def is_related(self) -> bool:
        return self.origin == Origin.RELATED


def stored(terms: Iterable[TermScore]) -> list[list[Any]]:
    """[term, contribution, origin, via] rows, for Proposal.terms."""
    strongest = list(terms)[:MOST_TERMS]
    return [[item.term, round(item.contribution, 6), str(item.origin), item.via] for item in strongest]


def reasons(proposal: Proposal) -> list[Reason]:
    """Best first. Proposals matched before origins were kept have pairs of term and contribution."""
    return [Reason(*row) for row in proposal.terms]


def reasons_of(terms: Iterable[TermScore]) -> list[Reason]:
    return [Reason(item.term, item.contribution, str(item.origin), item.via) for item in terms]


def words(found: Iterable[Reason]) -> set[str]:
    """What is marked in both texts: the firm's terms and the words of the need that led to them."""
    return {word for reason in found for word in (reason.term, *reason.via.split())}
