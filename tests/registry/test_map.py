"""The map: what it counts is what the lists show, the outlines lie where the municipalities lie."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from registry.atlas import HEIGHT, WIDTH, Spot, draw, point
from registry.listing import kept
from registry.models import Consortium, Firm, Municipality, Prefecture
from registry.regions import Line
from tests import factories as make

ROOT = Path(__file__).resolve().parents[2]
OUTLINES = ROOT / "config/static/img/tohoku.svg"
TOWNS = ROOT / "registry/data/municipalities.csv"


def outlines() -> dict[str, list[tuple[float, float]]]:
    paths = re.findall(r'id="p(\d\d)" d="M([^z"]+)z', OUTLINES.read_text(encoding="utf-8"))
    return {code: [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", path)] for code, path in paths}


def lies_in(x: float, y: float, ring: list[tuple[float, float]]) -> bool:
    edges = zip(ring, [*ring[1:], ring[0]], strict=True)
    return (
        sum((y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 for (x1, y1), (x2, y2) in edges) % 2 == 1
    )


def test_municipalities_lie_inside_the_outline_of_their_own_prefecture() -> None:
    """Both come from different sources: a wrong projection, or a wrong point, shows here."""
    rings = outlines()
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in OUTLINES.read_text(encoding="utf-8")
    placed = {True: 0, False: 0}
    with TOWNS.open(encoding="utf-8") as file:
        for town in csv.DictReader(file):
            if town["prefecture"] in rings:
                x, y = point(float(town["latitude"]), float(town["longitude"]))
                inside = [code for code, ring in rings.items() if lies_in(x, y, ring)]
                placed[inside == [town["prefecture"]]] += 1
    assert (len(rings), placed[True] / sum(placed.values()) > 0.97) == (6, True), placed


def test_areas_grow_with_the_firms_and_names_cover_neither_each_other_nor_circles() -> None:
    spots = [Spot(f"{n}市", 200 + n * 9, 300, f"{n}市", firms=n * n) for n in range(1, 12)]
    drawn = draw([*spots, Spot("外", -3, 300, "外", firms=5)])
    assert [spot.firms for spot in drawn.spots] == [n * n for n in range(11, 0, -1)]
    radii = [spot.radius for spot in drawn.spots]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] == 24
    names = [spot.name for spot in drawn.spots if spot.name]
    assert 1 < len(names) < len(spots)
    assert len({(name.x, name.y) for name in names}) == len(names)


@pytest.fixture
def region(db: None) -> dict[str, Any]:
    for code, kana in (("05202", "ノシロシ"), ("05204", "オオダテシ"), ("02202", "ヒロサキシ")):
        Municipality.objects.filter(pk=make.MunicipalityFactory(code).pk).update(kana=kana)
    welding, noshiro = make.CapabilityFactory(), make.MunicipalityFactory("05202")
    welding.sectors.add(make.SectorFactory("wind"))
    member = make.FirmFactory(municipality=noshiro, capabilities=[welding])
    member.consortia.add(Consortium.objects.create(code="kaze", name="風作戦"))
    for _ in range(2):
        make.FirmFactory(municipality=noshiro)
    make.FirmFactory(municipality=make.MunicipalityFactory("05204"), capabilities=[welding])
    make.FirmFactory(municipality=None, prefecture=make.PrefectureFactory("05"))
    make.FirmFactory(municipality=noshiro, state=Firm.State.DRAFT)
    make.FirmFactory(municipality=make.MunicipalityFactory("02202"))
    project = make.ProjectFactory(municipality=noshiro)
    need, secret = make.NeedFactory(project=project), make.NeedFactory(project=project, visibility="nda")
    need.capabilities.add(welding)
    secret.capabilities.add(welding)
    make.NeedFactory(project=project, state="closed")
    return {"akita": make.CoordinatorFactory("05"), "bureau": make.BureauFactory()}


def agreed(client: Client, query: str) -> Line:
    """The totals, after each list that a number leads to was asked whether it agrees."""
    answer = client.get(reverse("registry:map") + query)
    region, page = answer.context["region"], answer.content.decode()
    for line in [region.total, *region.areas, *region.towns]:
        for url, count in ((line.firms_url, line.firms), (line.needs_url, line.needs)):
            if count:
                assert escape(url) in page
                assert client.get(url).context["page_obj"].paginator.count == count, url
    total: Line = region.total
    return total


CASES = {  # (firms, needs) that the coordinator of Akita sees, and the bureau
    "": ((5, 1), (6, 2)),
    "?layer=firms": ((5, 0), (6, 0)),
    "?layer=needs": ((0, 1), (0, 2)),
    "?capability=welding": ((2, 1), (2, 2)),
    "?cluster=wind": ((2, 1), (2, 2)),
    "?consortium=kaze": ((1, 1), (1, 2)),
    "?state=closed": ((5, 1), (6, 1)),
    "?state=all": ((5, 2), (6, 3)),
}


@pytest.mark.on_sqlite
def test_every_number_is_the_count_of_its_list_and_of_nothing_hidden(region: dict[str, Any]) -> None:
    for person, seen in (("akita", 0), ("bureau", 1)):
        client = make.sign_in(region[person])
        for query, expected in CASES.items():
            total = agreed(client, query)
            assert (total.firms, total.needs) == expected[seen], (person, query)


def test_the_table_sorts_and_a_wrong_filter_counts_nothing(region: dict[str, Any]) -> None:
    client = make.sign_in(region["bureau"])
    for sort, first in (("", "Odate"), ("name", "Odate"), ("-name", "Hirosaki"), ("-firms", "Noshiro-shi")):
        towns = client.get(reverse("registry:map") + f"?sort={sort}").context["region"].towns
        assert (len(towns), towns[0].label) == (3, first), sort
    niigata = Prefecture.objects.create(code="15", name="新潟県", name_en="Niigata")
    beside = Municipality.objects.create(
        code="15206", prefecture=niigata, name="新発田市", latitude=37.95, longitude=139.33
    )
    make.FirmFactory(municipality=beside)
    kept.forget()
    assert agreed(client, "").firms == 7, "a firm beside the six prefectures is counted and its list opens"
    assert len(client.get(reverse("registry:map")).context["map"].spots) == 3
    wrong = client.get(reverse("registry:map") + "?cluster=nothing")
    assert "region" not in wrong.context
    assert "Nothing is shown" in wrong.content.decode()


def test_the_map_takes_as_many_queries_for_many_firms_as_for_one(region: dict[str, Any], query_counter: Any) -> None:
    client = make.sign_in(region["akita"])
    client.get(reverse("registry:map"))  # the filter's choices are read once and kept for a while
    with query_counter() as few:
        client.get(reverse("registry:map"))
    for code in ("05206", "05210"):
        make.FirmFactory(municipality=make.MunicipalityFactory(code))
    with query_counter() as many:
        client.get(reverse("registry:map"))
    assert len(few) == len(many) <= 14


def test_a_consortium_states_its_size_with_its_date_and_counts_only_members_that_are_seen(
    region: dict[str, Any],
) -> None:
    kaze = Consortium.objects.get(pk="kaze")
    Consortium.objects.filter(pk="kaze").update(member_count=166, as_of="2025-10", source="計画の素案")
    make.FirmFactory(municipality=make.MunicipalityFactory("02201")).consortia.add(kaze)
    for person, known in (("akita", 1), ("bureau", 2)):
        client = make.sign_in(region[person])
        shown = client.get("/consortia/kaze/")
        assert "166" in shown.content.decode()
        assert "2025-10" in shown.content.decode()
        assert [(one.pk, one.registered) for one in client.get("/consortia/").context["rows"]] == [("kaze", known)]
        assert f",166,False,{known}," in b"".join(client.get("/consortia/export.csv")).decode()
        numbers = [number for row in shown.context["chart"].rows for number in row.numbers]
        assert sum(number.count for number in numbers) == shown.context["members"] == known
        assert [client.get(one.url).context["page_obj"].paginator.count for one in numbers] == [1] * known
