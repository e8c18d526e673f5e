"""What the engine matches: plain values, made of the register by matching.documents, of files by matching.corpus."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching.engine.criteria import Criterion

FIRM_FIELDS = (
    "name",
    "capability_text",
    "equipment",
    "products",
    "certifications",
    "capabilities",
    "industry",
    "memberships",
    "summary_en",
)
NEED_FIELDS = ("title", "text", "sector", "capabilities")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmDocument:
    """One firm: the texts that are matched and the facts that criteria are checked against. None is "not known"."""

    id: int
    name: str = ""
    capability_text: str = ""
    equipment: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    certifications: tuple[str, ...] = ()  # as the firm states them; the caller leaves out those that have run out
    confirmed_certifications: tuple[str, ...] = ()  # of these, those that an office has confirmed
    capabilities: tuple[str, ...] = ()  # catalogue names, Japanese and English
    industry: str = ""
    memberships: tuple[str, ...] = ()
    summary_en: str = ""
    prefecture: str = ""  # JIS X 0401, two digits
    latitude: float | None = None
    longitude: float | None = None
    employees: int | None = None
    monthly_capacity: int | None = None  # pieces a month
    lead_time_days: int | None = None

    def fields(self) -> Iterator[tuple[str, str]]:
        """(field, text) for each field of FIRM_FIELDS, in that order; list items stand on lines of their own."""
        return _fields(self, FIRM_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedDocument:
    """One need in the buyer's words, and what it asks for beyond words."""

    id: int
    title: str = ""
    text: str = ""
    sector: str = ""
    capabilities: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()

    def fields(self) -> Iterator[tuple[str, str]]:
        """(field, text) for each field of NEED_FIELDS, in that order; list items stand on lines of their own."""
        return _fields(self, NEED_FIELDS)


def _fields(document: FirmDocument | NeedDocument, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        value = getattr(document, name)
        yield name, value if isinstance(value, str) else "\n".join(value)
