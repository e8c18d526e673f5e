"""Postal codes: as people type them, and the place that each stands for, from data that is shipped.

Tohoku and Niigata only; see registry/data/README.md. Read once a process: 20,000 short lines, 4 MB.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.intake.catalogue import DATA


@dataclass(frozen=True, slots=True)
class Place:
    """`town` is what follows the municipality, empty where the code stands for all of it."""

    municipality: str
    town: str


def clean(text: str) -> str:
    """Seven digits from 〒０１０－０９５１ or 010 0951, empty for nothing. Raises ValidationError for anything else."""
    digits = re.sub(r"[\s〒‐‑‒–—―−ー-]", "", unicodedata.normalize("NFKC", text[:40]))
    if digits and not re.fullmatch("[0-9]{7}", digits):
        raise ValidationError(
            _("“%(value)s” is no postal code: it has seven digits, for example 010-0951."),
            code="postal_code",
            params={"value": text[:40]},
        )
    return digits


def look_up(code: str) -> Place | None:
    return _places().get(code)


@cache
def _places() -> dict[str, Place]:
    with (DATA / "postal_codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Place(row["municipality"], row["town"]) for row in csv.DictReader(file)}
