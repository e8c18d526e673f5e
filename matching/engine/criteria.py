"""What a need asks of a firm beyond words. Never part of the text score; unknown never passes."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, assert_never

from matching.engine import certificates

Value = str | int | float | list[str] | None  # plain JSON; the pages put it into words


class Kind(StrEnum):
    CERTIFICATION = "certification"
    PREFECTURE = "prefecture"
    DISTANCE = "distance"
    EMPLOYEES = "employees"
    VOLUME = "volume"
    LEAD_TIME = "lead_time"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One thing asked for. `hard` is a must, otherwise a wish. Each kind reads its own values:

    certification  certification, as the buyer spells it
    prefecture     prefectures, two-digit codes: any of them
    distance       at most `number` kilometres from latitude, longitude
    employees      at least `number` people
    volume         at least `number` pieces a month, in the `phase` where the need has several
    lead_time      at most `number` days

    by_year        the year by which a certificate is wished; told, not reckoned with
    confirmed      a certificate that is stated, and that nobody confirmed, leaves the criterion unknown
    """

    kind: Kind
    hard: bool = True
    certification: str = ""
    prefectures: tuple[str, ...] = ()
    number: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    phase: str = ""
    by_year: int | None = None
    confirmed: bool = False

    def __post_init__(self) -> None:
        missing = {
            Kind.CERTIFICATION: not self.certification.strip(),
            Kind.PREFECTURE: not self.prefectures,
            Kind.DISTANCE: self.number is None or self.latitude is None or self.longitude is None,
        }.get(self.kind, self.number is None)
        if missing:
            raise ValueError(f"a criterion of kind {self.kind} lacks its value")


class Facts(Protocol):
    """What criteria look at in a firm; documents.FirmDocument is one. None or empty is "the firm does not say"."""

    @property
    def certifications(self) -> tuple[str, ...]: ...
    @property
    def confirmed_certifications(self) -> tuple[str, ...]: ...
    @property
    def prefecture(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def employees(self) -> int | None: ...
    @property
    def monthly_capacity(self) -> int | None: ...
    @property
    def lead_time_days(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion held against one firm: what was asked, what was found (None: the firm does not say)."""

    criterion: Criterion
    outcome: Outcome
    asked: Value
    found: Value


def check(criterion: Criterion, firm: Facts) -> Check:
    """Hold one criterion against one firm.

    asked and found by kind: certification text, [certificates stated]; prefecture [codes], code; distance km, km
    (one decimal); employees, volume and lead_time number, number.
    """
    if criterion.kind is Kind.CERTIFICATION:
        return _certification(criterion, firm)
    if criterion.kind is Kind.PREFECTURE:
        asked = list(criterion.prefectures)
        return Check(
            criterion, _outcome(firm.prefecture in asked if firm.prefecture else None), asked, firm.prefecture or None
        )
    limit = criterion.number if criterion.number is not None else math.nan
    found = _measured(criterion, firm)
    at_most = criterion.kind in {Kind.DISTANCE, Kind.LEAD_TIME}
    passes = None if found is None else (found <= limit if at_most else found >= limit)
    return Check(criterion, _outcome(passes), limit, found)


def verdict(checks: Iterable[Check]) -> Outcome:
    """The musts together: one failure fails, one unknown keeps from passing. Wishes do not count."""
    outcomes = {item.outcome for item in checks if item.criterion.hard}
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.UNKNOWN if Outcome.UNKNOWN in outcomes else Outcome.PASS


def kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance between two places in degrees (haversine; mean earth radius 6371.0088 km, IUGG)."""
    north, other_north = math.radians(latitude), math.radians(other_latitude)
    across = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    half = math.sin((other_north - north) / 2) ** 2 + math.cos(north) * math.cos(other_north) * across
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, half)))


def _certification(criterion: Criterion, firm: Facts) -> Check:
    """Unknown when the firm states no certificate at all, only the scheme of the scope that is asked for, or one that
    nobody confirmed where it has to be."""
    stated = list(firm.certifications)
    wanted = certificates.marks(criterion.certification)
    held = certificates.provided(firm.certifications)
    if wanted and wanted <= held:
        open_ = criterion.confirmed and not wanted <= certificates.provided(firm.confirmed_certifications)
        passes: bool | None = None if open_ else True
    elif not stated or (
        wanted and {certificates.scheme(mark) for mark in wanted - held} <= certificates.unscoped(stated)
    ):
        passes = None
    else:
        passes = False
    return Check(criterion, _outcome(passes), criterion.certification, stated or None)


def _measured(criterion: Criterion, firm: Facts) -> int | float | None:
    match criterion.kind:
        case Kind.EMPLOYEES:
            return firm.employees
        case Kind.VOLUME:
            return firm.monthly_capacity
        case Kind.LEAD_TIME:
            return firm.lead_time_days
        case Kind.DISTANCE:
            places = (criterion.latitude, criterion.longitude, firm.latitude, firm.longitude)
            if None in places:
                return None
            return round(kilometres(*(place for place in places if place is not None)), 1)
        case Kind.CERTIFICATION | Kind.PREFECTURE:
            raise ValueError(f"{criterion.kind} is not measured")
        case _:
            assert_never(criterion.kind)


def _outcome(passes: bool | None) -> Outcome:
    if passes is None:
        return Outcome.UNKNOWN
    return Outcome.PASS if passes else Outcome.FAIL
