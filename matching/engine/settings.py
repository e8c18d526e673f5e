"""Every number that shapes a score, in one place; an index keeps the settings that it was built with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


def _firm_weights() -> dict[str, float]:
    return {
        "name": 0.7,
        "capability_text": 1.0,
        "equipment": 1.0,
        "products": 1.2,
        "certifications": 0.3,
        "capabilities": 1.2,
        "industry": 0.8,
        "memberships": 0.2,
        "summary_en": 0.7,
    }


def _need_weights() -> dict[str, float]:
    return {"title": 1.5, "text": 1.0, "sector": 0.5, "capabilities": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How texts become vectors and how criteria move the order.

    firm_weights, need_weights   what a word counts for in each field
    length_share                 0: long fields count in full; 1: every field counts as if it had the mean length
    saturation                   pseudo frequency at which a repeated word has half of its greatest weight
    pivot                        share of the mean firm's norm added to every norm, so that a profile of three words
                                 does not win on one of them (0: plain cosine)
    table_share                  how far a term that the table links to a word of the need counts as that word itself
    related_dimensions           latent dimensions of the register (latent semantic analysis)
    related_share                length, against the need, of what goes with its words in the register (0: off)
    feedback_firms               firms of a first look that a need learns from
    feedback_floor               score, against the first firm's, from which a firm of the first look counts
    feedback_share               length, against the need, of what it learns (0: off)
    kept_terms                   related terms that a need keeps, the strongest, from either source
    fail_factor, unknown_factor  what a hard criterion that fails, or is not known, leaves of the place in the order
    wish_bonus                   what all wishes met add to the place in the order
    """

    firm_weights: Mapping[str, float] = field(default_factory=_firm_weights)
    need_weights: Mapping[str, float] = field(default_factory=_need_weights)
    length_share: float = 0.5
    saturation: float = 1.2
    pivot: float = 0.5
    table_share: float = 0.5
    related_dimensions: int = 60
    related_share: float = 0.3
    feedback_firms: int = 3
    feedback_floor: float = 0.5
    feedback_share: float = 0.5
    kept_terms: int = 50
    fail_factor: float = 0.6
    unknown_factor: float = 0.8
    wish_bonus: float = 0.03

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Raises TypeError for a name that is not a setting."""
        return cls(**values)
