"""How far a firm is from where a need is: told beside every candidate, whether or not the need asks for a distance."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from matching.engine.criteria import kilometres
from registry.models import Criterion, Firm, Need


@dataclass(frozen=True, slots=True)
class Site:
    label: str
    latitude: float
    longitude: float


def site_of(need: Need) -> Site | None:
    """The place (a port, a test site) that the narrowest criterion of distance measures from, a must before a wish;
    without one the place of delivery, or the municipality of the project."""
    asked = [item for item in need.criteria.all() if item.kind == Criterion.Kind.DISTANCE]
    asked.sort(key=lambda item: (not item.hard, item.number or 0))
    place = asked[0].place if asked else None
    here = place or need.delivered_to
    return Site(here.label, here.latitude, here.longitude) if here else None


def km(site: Site | None, firm: Firm) -> float | None:
    """Great-circle kilometres from the firm's municipality, one decimal; None when either place is not known."""
    home = firm.municipality
    if site is None or home is None:
        return None
    return round(kilometres(site.latitude, site.longitude, home.latitude, home.longitude), 1)


def in_words(need: Need, firm: Firm) -> str:
    site = site_of(need)
    away = km(site, firm)
    if site is None or away is None:
        return ""
    return away_from(site, away)


def away_from(site: Site, away: float) -> str:
    """Below ten kilometres with a decimal."""
    number = number_format(round(away)) if away >= 10 else number_format(away, decimal_pos=1)  # the formatter cuts off
    return _("%(km)s km from %(place)s") % {"km": number, "place": site.label}
