"""What a score is worth: bands measured on judged needs, and the line below which a need counts as not served.

The numbers are data (data/bands.json), written by `evaluate_matching --bands --write-bands` and shown with the
precision that was measured on needs that the lines were not drawn on. A score is never shown as a percentage.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

SHIPPED = Path(__file__).parent / "data" / "bands.json"
FIRST = 10
"""Firms, from the best, whose grasp says whether anybody serves a need."""


class Band(StrEnum):
    STRONG = "strong"
    POSSIBLE = "possible"
    WEAK = "weak"
    MISS = "miss"  # below the weakest band, or for a need that nobody serves: a near miss, nothing to decide on


@dataclass(frozen=True, slots=True)
class Level:
    """From which score on a firm is in a band, and what was measured there.

    precision  share of judged pairs of this band whose firm can do it (grade 2 or 3), on needs held out
    pairs      how many pairs that is measured on
    """

    band: Band
    least: float
    precision: float
    pairs: int

    @property
    def of_ten(self) -> int:
        return round(10 * self.precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """levels  from strong to weak; the last one, MISS, has what was measured below them
    grasp      the least grasp that one of the FIRST firms must have, or the need counts as not served
    silenced   share of needs with suppliers, held out, that this answers "nobody" to
    named      share of made-up needs without suppliers, held out, for which it names firms all the same
    served, unserved   how many needs these two shares are measured on
    command    what wrote these numbers
    """

    levels: tuple[Level, ...]
    grasp: float
    silenced: float
    named: float
    served: int
    unserved: int
    command: str = ""

    def of(self, score: float, *, served: bool = True) -> Band:
        """The band of a score, for a need that is served."""
        if not served:
            return Band.MISS
        return next(level.band for level in self.levels if score >= level.least)

    def serves(self, grasps: Iterable[float]) -> bool:
        """Whether somebody serves the need, from the grasps of its candidates, best candidate first."""
        return any(grasp >= self.grasp for _, grasp in zip(range(FIRST), grasps, strict=False))

    def level(self, band: str) -> Level:
        return next(level for level in self.levels if level.band == band)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Raises KeyError or TypeError for what is not bands."""
        levels = tuple(Level(**row | {"band": Band(row["band"])}) for row in values["levels"])
        return cls(**{**values, "levels": levels})


@cache
def shipped() -> Bands:
    return Bands.from_json(json.loads(SHIPPED.read_text(encoding="utf-8")))
