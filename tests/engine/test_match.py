"""Candidates of a need: order, near misses, and that looking deeper finds what looking everywhere finds."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.criteria import Criterion, Kind, Outcome, check
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.match import effects, place, propose, propose_many
from matching.engine.settings import Settings

WORDS = ["鋳造", "溶接", "切削", "鍍金", "研磨", "検査", "塗装", "組立"]
ASKS = (
    Criterion(kind=Kind.CERTIFICATION, certification="ISO9001"),
    Criterion(kind=Kind.LEAD_TIME, number=30),
    Criterion(kind=Kind.PREFECTURE, prefectures=("03",), hard=False),
)
firms = st.builds(
    FirmDocument,
    id=st.just(0),
    capability_text=st.lists(st.sampled_from(WORDS), max_size=6).map("、".join),
    certifications=st.sampled_from([(), ("ISO 9001",), ("ISO14001",)]),
    lead_time_days=st.none() | st.integers(20, 40),
    prefecture=st.sampled_from(["", "03", "04"]),
)
registers = st.lists(firms, min_size=1, max_size=30).map(
    lambda many: {
        number: FirmDocument(
            id=number,
            capability_text=firm.capability_text,
            certifications=firm.certifications,
            lead_time_days=firm.lead_time_days,
            prefecture=firm.prefecture,
        )
        for number, firm in enumerate(many, 1)
    }
)
needs = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(
    lambda words: NeedDocument(id=1, text="、".join(words), criteria=ASKS)
)


@given(registers, needs, st.integers(1, 8))
@settings(max_examples=80, deadline=None)
def test_no_better_candidate_is_left_below(register: dict[int, FirmDocument], need: NeedDocument, k: int) -> None:
    index = Index.build(map(analyse, register.values()))
    everywhere = index.rank(analyse(need), len(register))
    placed = sorted(
        (-place(match.score, [check(item, register[match.firm_id]) for item in ASKS], index.settings), -match.score,
         match.firm_id)
        for match in everywhere
    )  # fmt: skip
    found = propose(index, need, register, k)
    assert [(item.firm_id, item.rank) for item in found] == [
        (firm_id, rank) for rank, (_, _, firm_id) in enumerate(placed[:k], 1)
    ]
    assert list(propose_many(index, [need, need], register, k)) == [found, found]


@pytest.fixture
def register() -> dict[int, FirmDocument]:
    return {
        1: FirmDocument(id=1, capability_text="真空配管の溶接と漏れ検査"),
        2: FirmDocument(id=2, capability_text="真空配管の溶接と漏れ検査", certifications=("ISO9001",)),
        3: FirmDocument(id=3, capability_text="菓子の製造", certifications=("ISO9001",)),
    }


NEED = NeedDocument(id=1, text="真空配管の溶接", criteria=ASKS[:1])
ONLY_WORDS = Settings(related_share=0, feedback_share=0)


def test_a_near_miss_stays_visible_below_its_equal(register: dict[int, FirmDocument]) -> None:
    found = propose(Index.build(map(analyse, register.values()), ONLY_WORDS), NEED, register, 10)
    assert [(item.firm_id, item.verdict) for item in found] == [(2, Outcome.PASS), (1, Outcome.UNKNOWN)]
    assert found[1].score > found[0].score  # the checks move the place, never the score


def test_firms_are_fetched_by_id_and_one_that_is_gone_is_left_out(register: dict[int, FirmDocument]) -> None:
    index = Index.build(map(analyse, register.values()), ONLY_WORDS)
    asked: list[int] = []

    def fetch(ids: Sequence[int]) -> dict[int, FirmDocument]:
        asked.extend(ids)
        return {firm_id: register[firm_id] for firm_id in ids if firm_id != 2}

    assert [item.firm_id for item in propose(index, NEED, fetch, 1)] == [1]
    assert set(asked) == {1, 2}


def test_a_need_without_known_words_has_no_candidates(register: dict[int, FirmDocument]) -> None:
    index = Index.build(map(analyse, register.values()))
    assert propose(index, NeedDocument(id=1, text="、。"), register, 5) == []


@given(firms, st.floats(0.01, 1))
def test_the_place_is_the_score_times_what_each_check_does(firm: FirmDocument, score: float) -> None:
    checks = [check(item, firm) for item in ASKS]
    must, late, wish = effects(checks, Settings())
    assert place(score, checks, Settings()) == pytest.approx(score * must * late * (1 + wish))
    assert wish == (0.03 if firm.prefecture == "03" else 0)
    assert must in {1.0, 0.6}
    assert late in {1.0, 0.8, 0.6}


def test_of_two_equal_firms_the_one_that_meets_the_wish_comes_first() -> None:
    register = {n: FirmDocument(id=n, capability_text="溶接", prefecture=code) for n, code in ((1, "04"), (2, "03"))}
    index = Index.build(map(analyse, register.values()))
    found = propose(index, NeedDocument(id=1, text="溶接", criteria=ASKS[2:]), register, 2)
    assert [(item.firm_id, item.effects) for item in found] == [(2, (0.03,)), (1, (0.0,))]
    assert found[0].score == found[1].score
