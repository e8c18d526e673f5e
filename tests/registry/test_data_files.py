"""The catalogue files agree with themselves, with geography and with the sample register."""

import csv
import json
from collections import Counter
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest

from registry.text import fold

DATA = Path(__file__).resolve().parents[2] / "registry" / "data"
CSV_FILES = ("prefectures", "municipalities", "industries", "sectors", "certifications")
JSON_FILES = ("places", "consortia", "programmes", "projects", "offices")
TOHOKU = {"02", "03", "04", "05", "06", "07"}

# South, north, west, east in degrees, islands included.
BOXES = {
    "02": (40.2, 41.6, 139.4, 141.7),
    "03": (38.7, 40.5, 140.6, 142.1),
    "04": (37.7, 39.0, 140.2, 141.7),
    "05": (38.8, 40.6, 139.6, 141.0),
    "06": (37.7, 39.3, 139.5, 140.7),
    "07": (36.7, 38.0, 139.1, 141.1),
    "12": (34.8, 36.2, 139.7, 140.9),
    "15": (36.7, 38.6, 137.6, 139.9),
    "24": (33.7, 35.3, 135.8, 137.0),
    "40": (33.0, 34.3, 130.0, 131.2),
    "42": (32.5, 34.8, 128.1, 130.4),
}


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def nested(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def sample(name: str) -> list[dict[str, Any]]:
    lines = (DATA / "sample" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def codes(name: str) -> set[str]:
    return {row["code"] for row in (table(name) if name in CSV_FILES else nested(name))}


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance on a sphere of 6,371 km."""
    (south, west), (north, east) = a, b
    part = sin(radians(north - south) / 2) ** 2
    part += cos(radians(south)) * cos(radians(north)) * sin(radians(east - west) / 2) ** 2
    return 2 * 6371 * asin(sqrt(part))


def municipality_check_digit(code: str) -> int:
    """The sixth digit of a JIS X 0402 code. Source: 全国地方公共団体コード仕様 (Ministry of Internal Affairs)."""
    total = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=True))
    return (11 - total % 11) % 10 if total >= 11 else 11 - total


def points() -> dict[str, tuple[float, float]]:
    return {row["code"]: (float(row["latitude"]), float(row["longitude"])) for row in table("municipalities")}


@pytest.mark.parametrize("name", [*CSV_FILES, *JSON_FILES])
def test_codes_are_unique_and_names_are_given(name: str) -> None:
    rows: list[dict[str, Any]] = table(name) if name in CSV_FILES else nested(name)
    assert [code for code, count in Counter(row["code"] for row in rows).items() if count > 1] == []
    assert [row["code"] for row in rows if not row["name"] or not row["name_en"]] == []


@pytest.mark.parametrize("name", ["places", "consortia", "programmes", "projects"])
def test_facts_of_the_plan_carry_source_and_date(name: str) -> None:
    assert [row["code"] for row in nested(name) if not row["source"]] == []
    assert [row["code"] for row in nested(name) if not row["as_of"] and not row.get("is_sample")] == []


def test_files_are_utf_8_with_line_feeds_only() -> None:
    for path in [*DATA.glob("*.csv"), *DATA.glob("*.json")]:
        content = path.read_bytes()
        assert b"\r" not in content, path.name
        assert not content.startswith(b"\xef\xbb\xbf"), path.name
        assert content.endswith(b"\n"), path.name


def test_all_47_prefectures_and_six_of_them_in_tohoku() -> None:
    rows = table("prefectures")
    assert [row["code"] for row in rows] == [f"{number:02}" for number in range(1, 48)]
    assert {row["code"] for row in rows if row["is_tohoku"] == "1"} == TOHOKU


def test_all_municipalities_of_tohoku_are_there() -> None:
    rows = [row for row in table("municipalities") if row["prefecture"] in TOHOKU]
    without_sendai_as_a_whole = [row for row in rows if row["kind"] != "designated_city"]
    assert len(without_sendai_as_a_whole) == 231
    wards = [row for row in rows if row["kind"] == "ward"]
    assert {row["parent"] for row in wards} == {"04100"}


def test_municipality_codes_belong_to_their_prefecture_and_parent() -> None:
    known = codes("municipalities")
    prefectures = codes("prefectures")
    for row in table("municipalities"):
        assert len(row["code"]) == 5
        assert row["code"][:2] == row["prefecture"]
        assert row["prefecture"] in prefectures
        assert not row["parent"] or row["parent"] in known
        assert row["source"] in {"geonames", "hand"}


@pytest.mark.parametrize(
    ("six_digits", "name"),
    [
        ("022012", "青森市"),
        ("032018", "盛岡市"),
        ("032069", "北上市"),
        ("041009", "仙台市"),
        ("052019", "秋田市"),
        ("052027", "能代市"),
        ("062014", "山形市"),
        ("072010", "福島市"),
        ("072036", "郡山市"),
        ("151009", "新潟市"),
    ],
)
def test_published_six_digit_codes_fit(six_digits: str, name: str) -> None:
    assert municipality_check_digit(six_digits[:5]) == int(six_digits[5])
    assert {row["code"]: row["name"] for row in table("municipalities")}[six_digits[:5]] == name


def test_points_lie_in_their_prefecture() -> None:
    prefecture = {row["code"]: row["prefecture"] for row in table("municipalities")}
    rows = [(code, point, prefecture[code]) for code, point in points().items()]
    rows += [
        (place["code"], (place["latitude"], place["longitude"]), prefecture[place["municipality"]])
        for place in nested("places")
        if place["municipality"]
    ]
    for code, (latitude, longitude), where in rows:
        south, north, west, east = BOXES[where]
        assert south <= latitude <= north, code
        assert west <= longitude <= east, code


def test_no_two_municipalities_share_a_point() -> None:
    seats = {row["code"] for row in table("municipalities") if row["kind"] != "designated_city"}
    shared = [point for point, count in Counter(points()[code] for code in seats).items() if count > 1]
    assert shared == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("05202", "02202", 57),
        ("05202", "05204", 46),
        ("05202", "05210", 92),
        ("03205", "07212", 195),
        ("04421", "03206", 97),
        ("04421", "04202", 36),
    ],
)
def test_distances_of_the_stories(start: str, end: str, expected: float) -> None:
    where = points()
    assert kilometres(where[start], where[end]) == pytest.approx(expected, abs=3)


def test_80_km_around_noshiro_port_include_hirosaki_and_exclude_yurihonjo() -> None:
    port = next((p["latitude"], p["longitude"]) for p in nested("places") if p["code"] == "port-noshiro")
    where = points()
    assert kilometres(port, where["05202"]) == pytest.approx(2, abs=1)
    assert kilometres(port, where["02202"]) == pytest.approx(57, abs=3)
    assert kilometres(port, where["05210"]) == pytest.approx(92, abs=3)


def test_industries_are_complete_down_to_the_divisions() -> None:
    rows = {row["code"]: row for row in table("industries")}
    levels = Counter(row["level"] for row in rows.values())
    assert (levels["section"], levels["division"]) == (20, 99)
    for row in rows.values():
        assert row["parent"] in rows or row["level"] == "section"


def test_sectors_hang_under_the_three_clusters() -> None:
    rows = {row["code"]: row for row in table("sectors")}
    assert {code for code, row in rows.items() if not row["parent"]} == {"semiconductor", "mobility", "energy"}
    for row in rows.values():
        top = row
        while top["parent"]:
            top = rows[top["parent"]]
        assert row["cluster"] == top["code"]


def test_capabilities_hang_in_groups_and_name_known_sectors() -> None:
    catalogue = nested("capabilities")
    groups = {group["code"] for group in catalogue["groups"]}
    leaves = catalogue["capabilities"]
    assert {leaf["parent"] for leaf in leaves} == groups
    assert {sector for leaf in leaves for sector in leaf["sectors"]} <= codes("sectors")
    assert all(leaf["sectors"] and leaf["synonyms"] for leaf in leaves)


def test_a_name_or_synonym_means_one_capability() -> None:
    spellings = Counter(
        spelling
        for leaf in nested("capabilities")["capabilities"]
        for spelling in {fold(text) for text in (leaf["name"], leaf["name_en"], *leaf["synonyms"])}
    )
    assert [spelling for spelling, count in spellings.items() if count > 1] == []


def test_references_resolve() -> None:
    municipalities, prefectures, sectors = codes("municipalities"), codes("prefectures"), codes("sectors")
    cluster = {row["code"]: row["cluster"] for row in table("sectors")}
    for row in [*nested("places"), *nested("projects")]:
        assert row["municipality"] is None or row["municipality"] in municipalities, row["code"]
    for row in nested("projects"):
        assert row["sector"] in sectors, row["code"]
        assert row["cluster"] == cluster[row["sector"]], row["code"]
    for row in nested("consortia"):
        assert row["prefecture"] in prefectures, row["code"]
    for row in nested("offices"):
        assert set(row["prefectures"]) <= prefectures, row["code"]
        assert set(row["clusters"]) <= set(cluster.values()), row["code"]


def test_the_plan_s_figures() -> None:
    assert [(row["member_count"], row["count_is_approximate"], row["as_of"]) for row in nested("consortia")] == [
        (84, False, "2026-05"),
        (166, False, "2025-10"),
        (240, True, "2026-01"),
        (152, False, "2025-09"),
    ]
    projects = {row["code"]: row for row in nested("projects")}
    assert projects["kioxia-iwate-k2"]["investment_jpy"] == 1_000_000_000_000
    assert projects["tel-miyagi"]["investment_jpy"] == 160_000_000_000
    assert projects["ase-japan-takahata"]["municipality"] == "06381"
    assert sum(row["state"] == "retender" for row in projects.values()) == 2
    kinds = Counter(row["kind"] for row in nested("places"))
    assert (kinds["port"], kinds["promotion_zone"]) == (4, 6)


def spelled(text: str) -> str:
    return fold(text).replace(" ", "")


def test_a_certificate_s_spelling_means_one_row() -> None:
    spellings = Counter(
        spelling
        for row in table("certifications")
        for spelling in {spelled(text) for text in (row["name"], *row["aliases"].split("|"))}
    )
    assert [spelling for spelling, count in spellings.items() if count > 1] == []


def test_stated_certificates_of_the_sample_are_known() -> None:
    known = {spelled(a) for row in table("certifications") for a in (row["name"], *row["aliases"].split("|"))}
    stated = [text for firm in sample("firms") for text in firm["certifications"]]
    stated += [text for need in sample("needs") for text in need["required_certifications"]]
    stated += [text for need in sample("needs") for text in need["preferred_certifications"]]
    assert {text for text in stated if spelled(text) not in known} == set()


def test_places_and_industries_of_the_sample_are_known() -> None:
    prefecture = {row["name"]: row["code"] for row in table("prefectures")}
    municipalities = {(row["prefecture"], row["name"]) for row in table("municipalities")}
    industries = codes("industries")
    for firm in sample("firms"):
        assert (prefecture[firm["prefecture"]], firm["municipality"]) in municipalities, firm["id"]
        assert firm["industry_code"] in industries, firm["id"]


def test_buyers_and_sectors_of_the_sample_are_known() -> None:
    known = {fold(a) for row in table("sectors") for a in (row["name"], row["name_en"], *row["aliases"].split("|"))}
    buyers = {row["name"] for row in nested("projects") if row["is_sample"]}
    assert {need["anchor_project"] for need in sample("needs")} == buyers
    assert {need["sector"] for need in sample("needs") if fold(need["sector"]) not in known} == set()


def test_a_sector_s_spelling_means_one_row() -> None:
    spellings = Counter(
        spelling
        for row in table("sectors")
        for spelling in {fold(text) for text in (row["name"], row["name_en"], *row["aliases"].split("|"))}
    )
    assert [spelling for spelling, count in spellings.items() if count > 1] == []
