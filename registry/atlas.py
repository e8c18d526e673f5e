"""The map of the six prefectures: where things lie on it, how large they are drawn and which of them get a name.

The outlines are `config/static/img/tohoku.svg`; `point` is the projection that they were drawn with.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sqrt

from registry.models import Municipality, Place

WIDTH, HEIGHT = 496, 990
_WEST, _NORTH, _SCALE = 138.95, 41.65, 200.0
_NARROWER = cos(radians(39.2))
"""Degrees of longitude against degrees of latitude in the middle of Tohoku; good to 3 % over the whole map."""

LEAST, MOST = 3.5, 24.0
"""Radius of the smallest and the largest circle, in units of the map."""
NAMED = 14
"""So many circles get their name written beside them; all have it as a tooltip, in the table and for screen readers."""
_LINE, _LETTER = 18.0, 17.0
"""Height of a name and width of a full-width letter, as large as they are on a phone."""
PLACES = ("port", "promotion_zone", "test_site")
"""The kinds of places that stand on the map."""


def point(latitude: float, longitude: float) -> tuple[float, float]:
    """Degrees → units of the map from its north-western corner: x to the east, y to the south."""
    return round((longitude - _WEST) * _NARROWER * _SCALE, 1), round((_NORTH - latitude) * _SCALE, 1)


@dataclass(frozen=True, slots=True)
class Name:
    """A name written on the map; `anchor` is SVG's text-anchor."""

    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A municipality with its numbers, each with the address of its list. Nothing counted: a pin.

    `short` is what is written on the map, `label` what a tooltip and a screen reader say.
    """

    label: str
    x: float
    y: float
    short: str = ""
    firms: int = 0
    needs: int = 0
    firms_url: str = ""
    needs_url: str = ""
    radius: float = 0
    name: Name | None = None

    @property
    def diamond(self) -> str:
        """The mark of the needs, at the upper right of the circle: points of a polygon."""
        size = 5 + min(self.needs, 20) / 4
        x, y = self.x + self.radius * 0.7 + size * 0.6, self.y - self.radius * 0.7 - size * 0.6
        return f"{x:g},{y - size:g} {x + size:g},{y:g} {x:g},{y + size:g} {x - size:g},{y:g}"


@dataclass(frozen=True, slots=True)
class Landmark:
    label: str
    kind: str
    x: float
    y: float
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Map:
    spots: Sequence[Spot]
    landmarks: Sequence[Landmark] = ()
    width: int = WIDTH
    height: int = HEIGHT


def draw(spots: Iterable[Spot], places: Iterable[Place] = ()) -> Map:
    """Sizes and names: areas grow with the firms, ports are named first, then the largest circles that find room.

    What lies outside the six prefectures is left to the table.
    """
    spots = sorted(
        (spot for spot in spots if _lies_on_it(spot)), key=lambda spot: (-spot.firms, -spot.needs, spot.label)
    )
    most = max((spot.firms for spot in spots), default=0)
    sized = [replace(spot, radius=_radius(spot.firms, most)) for spot in spots]
    taken: list[_Box] = []
    landmarks = [_landmark(place, taken) for place in places]
    taken += [_core(spot) for spot in sized if spot.radius]
    named = [_named(spot, taken) if index < NAMED else spot for index, spot in enumerate(sized)]
    return Map(named, landmarks)


def on_map(latitude: float, longitude: float) -> tuple[float, float] | None:
    """The point in units of the map; None for what lies outside it."""
    x, y = point(latitude, longitude)
    return (x, y) if 0 <= x <= WIDTH and 0 <= y <= HEIGHT else None


def locate(municipality: Municipality | None) -> Map | None:
    """A small map with one pin, where the municipality lies on it."""
    spot = on_map(municipality.latitude, municipality.longitude) if municipality else None
    return Map([Spot(municipality.label, *spot)]) if municipality and spot else None


def _lies_on_it(spot: Spot) -> bool:
    return 0 <= spot.x <= WIDTH and 0 <= spot.y <= HEIGHT


def _radius(count: int, most: int) -> float:
    return round(LEAST + (MOST - LEAST) * sqrt(count / most), 1) if count else 0


_Box = tuple[float, float, float, float]


def _landmark(place: Place, taken: list[_Box]) -> Landmark:
    x, y = point(place.latitude, place.longitude)
    name = _write(place.label, x, y, 8, taken) if place.kind == "port" else None
    return Landmark(place.label, place.kind, x, y, name)


def _named(spot: Spot, taken: list[_Box]) -> Spot:
    return replace(spot, name=_write(spot.short, spot.x, spot.y, spot.radius + 3, taken))


def _write(text: str, x: float, y: float, gap: float, taken: list[_Box]) -> Name | None:
    """The name to the right, to the left, below or above its point, wherever it is whole and covers no other name."""
    for name, box in _ways(text, x, y, gap):
        inside = box[0] >= 0 and box[2] <= WIDTH
        if inside and not any(_meet(box, other) for other in taken):
            taken.append(box)
            return name
    return None


def _ways(text: str, x: float, y: float, gap: float) -> Iterator[tuple[Name, _Box]]:
    wide = sum(_LETTER if ord(letter) > 0x2E80 else _LETTER * 0.58 for letter in text)
    middle = y + _LINE / 3
    for name, left in (
        (Name(x + gap, middle, "start", text), x + gap),
        (Name(x - gap, middle, "end", text), x - gap - wide),
        (Name(x, y + gap + _LINE * 0.8, "middle", text), x - wide / 2),
        (Name(x, y - gap - 3, "middle", text), x - wide / 2),
    ):
        yield name, (left, name.y - _LINE * 0.8, left + wide, name.y + _LINE * 0.2)


def _core(spot: Spot) -> _Box:
    """What of a circle no name may cover, so that it is not taken for the name of that circle."""
    half = spot.radius * 0.7
    return spot.x - half, spot.y - half, spot.x + half, spot.y + half


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
