"""Story 4, all 架空: a need for 12 sets a month that no firm makes alone, and the firms of two prefectures."""

from matching import store
from matching.groups import compose, keep
from matching.models import Group
from registry.models import Firm, Need, User
from tests.factories import (
    CapabilityFactory,
    CriterionFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    PlaceFactory,
)

TEXT = "洋上風力タワー内部架台の製缶、溶接。"
PEOPLE = [
    ("能代臨海製缶", "05202", 8, False),
    ("弘前鉄構", "02202", 3, False),
    ("大館塗工", "05204", 2, True),
    ("由利本荘鉄工", "05210", 6, True),
]


def firms_of_story() -> dict[str, Firm]:
    weld = CapabilityFactory("welding", name="製缶溶接", name_en="Fabrication welding")
    coat = CapabilityFactory("coating", name="塗装", name_en="Coating")
    return {
        name: FirmFactory(
            name=name,
            municipality=MunicipalityFactory(place),
            monthly_capacity=capacity,
            capability_text=TEXT,
            capabilities=[weld, coat] if coats else [weld],
        )
        for name, place, capacity, coats in PEOPLE
    }


def need_of_story() -> Need:
    """Asks 12 a month within 80 km of the port; the index knows the firms that there are."""
    port = PlaceFactory(latitude=40.2085, longitude=140.004)
    need = NeedFactory(title="タワー内部架台 126基分", text=TEXT)
    need.capabilities.set([CapabilityFactory("welding"), CapabilityFactory("coating")])
    CriterionFactory(need, kind="volume", number=12)
    CriterionFactory(need, kind="distance", number=80, place=port)
    store.rebuild()
    return need


def kept_by(user: User, need: Need) -> Group:
    composed = compose(need)
    return keep(composed, composed.key(composed.composition.groups[0]), by=user)
