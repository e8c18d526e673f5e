"""Awkward files, as offices have them and as attackers make them, each made by code, with what it must give.

`TEXTS` and `BOOKS` are the directory; `python -m tests.registry.awkward OUTDIR` writes it out to be looked at.
"""

from tests.registry.awkward.books import BOOKS
from tests.registry.awkward.case import Case
from tests.registry.awkward.texts import TEXTS

CASES: list[Case] = [*TEXTS, *BOOKS]
