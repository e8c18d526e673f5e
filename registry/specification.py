"""What a need asks for in figures, as people read it: quantities by phase, sizes, tolerance, place of delivery."""

from django.utils.translation import gettext as _

from registry.models import Need, NeedPhase
from registry.models.catalogue import listed, place_name
from registry.models.need import plain_number


def certificate_asked(certificate: str, year: int | str | None, *, confirmed: bool = False) -> str:
    """A certificate with the year by which it is wished, and whether an office must have confirmed it."""
    words = str(_("%(what)s by %(year)s") % {"what": certificate, "year": year}) if year else certificate
    return str(_("%(what)s, confirmed by an office") % {"what": words}) if confirmed else words


def phase_line(phase: NeedPhase) -> str:
    """A phase with its pieces and its month: volume production: 60 a year from 2029-01."""
    month = f"{phase.since:%Y-%m}" if phase.since else ""
    return phase_words(NeedPhase.Kind(phase.kind), f"{phase.lot:,}", NeedPhase.Per(phase.per), month)


def phase_words(kind: NeedPhase.Kind, pieces: str, per: NeedPhase.Per, month: str) -> str:
    words = {"phase": kind.label, "pieces": pieces, "per": per.label, "month": month}
    if not month:
        return _("%(phase)s: %(pieces)s %(per)s") % words
    if per == NeedPhase.Per.ONCE:
        return _("%(phase)s: %(pieces)s %(per)s, %(month)s") % words
    return _("%(phase)s: %(pieces)s %(per)s from %(month)s") % words


def delivery(need: Need) -> str:
    """Where the goods go, empty when the need leaves it at its project's place."""
    town = need.delivery_municipality
    places = [
        need.delivery_place.label if need.delivery_place else "",
        place_name(town.prefecture, town) if town else "",
    ]
    return listed(filter(None, places))


def dimensions(need: Need) -> str:
    """The largest dimensions with their letters: ⌀ 120 · L 80 mm."""
    sides = {"⌀": need.diameter, "L": need.length, "W": need.width, "H": need.height}
    stated = [f"{letter} {plain_number(side)}" for letter, side in sides.items() if side is not None]
    return f"{' · '.join(stated)} mm" if stated else ""


def tolerance(need: Need) -> str:
    return f"±{plain_number(need.tolerance)} {need.get_tolerance_unit_display()}" if need.tolerance is not None else ""


def roughness(need: Need) -> str:
    return f"Ra {plain_number(need.roughness)} μm" if need.roughness is not None else ""


def specification(need: Need) -> list[tuple[str, str]]:
    """Label and value of what the need states, for its page."""
    stated = [
        (_("Material and grade"), need.material),
        (_("Tolerance"), tolerance(need)),
        (_("Surface roughness"), roughness(need)),
        (_("Largest dimensions"), dimensions(need)),
        (_("Place of delivery"), delivery(need)),
    ]
    return [(label, value) for label, value in stated if value]
