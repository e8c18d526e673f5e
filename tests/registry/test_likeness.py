"""Two records compared, without a database: what speaks for one firm, what against, and how well the whole does."""

from typing import Any

import pytest

from registry.duplicates.blocks import LARGEST, alike
from registry.duplicates.evaluate import Found
from registry.duplicates.likeness import CERTAIN, THRESHOLD, Likeness, Record, compare, record
from registry.duplicates.rehearsal import halves, pairs
from registry.management.commands.evaluate_duplicates import record_of, sample
from tests.factories import corporate_number

HERE = {"prefecture": "05", "municipality": "05206"}


def score(first: dict[str, Any], second: dict[str, Any]) -> int:
    return compare(record(1, **HERE | first), record(2, **HERE | second)).score


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("㈱男鹿メッキ", "株式会社男鹿めっき"),
        ("(有)男鹿ﾒｯｷ工業", "有限会社 男鹿鍍金工業"),
        ("髙﨑製作所㈱", "高崎製作所株式会社"),
        ("カブシキガイシャ アスカ精密", "㈱アスカ精密"),
        ("株式会社北日本精密工業", "株式会社北日本精密工業所"),
        ("非破壊検査ミチテック株式会社", "(株)ミチテック非破壊検査"),
    ],
)
def test_the_same_name_written_otherwise_in_the_same_town_is_asked_about(one: str, other: str) -> None:
    assert score({"name": one}, {"name": other}) >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "株式会社男鹿精機"}, {"name": "男鹿精機株式会社"}),
        ({"name": "第一男鹿運輸㈱"}, {"name": "第二男鹿運輸㈱"}),
        ({"name": "東男鹿製缶㈱"}, {"name": "西男鹿製缶㈱"}),
        ({"name": "男鹿製缶㈱"}, {"name": "男鹿製缶商事㈱"}),
        ({"name": "男鹿製缶㈱"}, {"name": "男鹿製缶㈱", "municipality": "05202"}),
        ({"name": "男鹿製缶㈱"}, {"name": "男鹿製缶㈱ 能代工場", "municipality": "05202"}),
        ({"name": "男鹿製缶㈱", "number": corporate_number(1)}, {"name": "男鹿製缶㈱", "number": corporate_number(2)}),
    ],
)
def test_names_that_two_firms_may_well_have_are_not(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert score(one, other) < THRESHOLD


def test_one_corporate_number_decides_alone() -> None:
    number = corporate_number(1)
    assert score({"name": "男鹿めっき", "number": number}, {"name": "青森電装", "number": number}) == CERTAIN


def test_a_firm_that_moved_is_known_by_its_telephone() -> None:
    moved = {"name": "男鹿製缶㈱", "municipality": "05202", "phone": "０１８５（２３）１１１１"}
    assert score({"name": "男鹿製缶㈱", "phone": "+81-185-23-1111"}, moved) >= THRESHOLD


def test_hostile_text_is_compared_and_breaks_nothing() -> None:
    odd = {"name": "㈱" + "가" * 5000, "site": "http://[", "phone": "٣" * 50, "address": "\x00"}
    assert 0 <= score(odd, {"name": "株式会社"}) <= CERTAIN
    assert score({"name": "株式会社"}, {"name": "(有)"}) < THRESHOLD


def test_on_the_half_that_it_was_not_chosen_by_it_is_precise_and_finds_nearly_all() -> None:
    chosen_by, reported = (Found.among(half) for half in halves())
    assert chosen_by.best() == THRESHOLD
    precision, recall = reported.at(THRESHOLD)
    assert (precision >= 0.98, recall >= 0.95, len(reported.pairs)) == (True, True, 2_500)


def test_the_rehearsal_is_the_same_every_time_and_half_of_it_is_true() -> None:
    made = list(pairs(200))
    assert made == list(pairs(200))
    assert sum(pair.same for pair in made) == 100


def test_the_eight_firms_that_the_sample_lists_twice_are_found_and_no_others() -> None:
    found = list(alike([record_of(place, row) for place, row in enumerate(sample())]))
    assert len(found) == 8
    assert sum("number" in likeness.reasons for _a, _b, likeness in found) == 5


def test_a_hall_full_of_firms_is_not_compared_all_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def counted(a: Record, b: Record) -> Likeness:
        compared.append((a.id, b.id))
        return compare(a, b)

    monkeypatch.setattr("registry.duplicates.blocks.compare", counted)
    hall = [
        record(n, name=f"㈱{chr(0x4E00 + 7 * n)}{chr(0x5E00 + n)}工業", phone="0185231111", **HERE) for n in range(400)
    ]
    list(alike(hall))
    assert len(hall) > LARGEST
    assert len(compared) < 60 * len(hall)


def test_only_pairs_with_a_changed_firm_are_looked_at() -> None:
    firms = [record(n, name="男鹿めっき㈱", **HERE) for n in range(1, 5)]
    assert {(a.id, b.id) for a, b, _ in alike(firms, changed=[2])} == {(1, 2), (2, 3), (2, 4)}
