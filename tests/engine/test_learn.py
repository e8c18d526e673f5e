"""What is learnt: facts of one pair only, an order that lifts no miss, and a model that is its numbers."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import learn, order
from matching.engine.bands import Band
from matching.engine.criteria import Criterion, Kind, Outcome
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.match import Candidate, propose

NEED = NeedDocument(
    id=1,
    text="鋼製架台の溶接と塗装",
    sector="洋上風力",
    capabilities=("溶接",),
    criteria=(
        Criterion(kind=Kind.EMPLOYEES, number=20),
        Criterion(kind=Kind.VOLUME, number=100),
        Criterion(kind=Kind.DISTANCE, number=80, latitude=40.2, longitude=140.0, hard=False),
    ),
)
FIRMS = {
    number: FirmDocument(id=number, name=f"会社{number}", capability_text=text, capabilities=("溶接",), employees=30)
    for number, text in enumerate(["架台の溶接", "塗装と溶接", "洋上風力の架台", "切削"], 1)
}
INDEX = Index.build(map(analyse, FIRMS.values()))
facts = st.fixed_dictionaries(
    {
        "employees": st.none() | st.integers(0, 500),
        "monthly_capacity": st.none() | st.integers(0, 500),
        "latitude": st.none() | st.floats(37, 41),
        "longitude": st.just(140.0),
        "prefecture": st.sampled_from(["", "03", "05"]),
    }
)


def facts_of(firms: dict[int, FirmDocument]) -> dict[int, dict[str, float]]:
    found = propose(INDEX, NEED, firms, 10)
    return {item.firm_id: learn.features(NEED, firms[item.firm_id], item) for item in found}


@given(st.sampled_from(sorted(FIRMS)), facts)
@settings(max_examples=60, deadline=None)
def test_the_facts_of_one_firm_change_nothing_for_another(changed: int, others: dict[str, Any]) -> None:
    before = facts_of(FIRMS)
    after = facts_of(FIRMS | {changed: replace(FIRMS[changed], **others)})
    for firm_id in before.keys() - {changed}:
        assert after[firm_id] == before[firm_id]
    for found in after.values():
        assert set(found) == set(learn.NAMES)
        assert all(0 <= value <= 1.000001 for value in found.values())


def test_a_name_and_a_number_tell_nothing() -> None:
    item = propose(INDEX, NEED, FIRMS, 1)[0]
    firm = FIRMS[item.firm_id]
    assert learn.features(NEED, replace(firm, id=99, name="別の会社"), replace(item, firm_id=99)) == learn.features(
        NEED, firm, item
    )


def ranked(verdicts: list[Outcome]) -> list[Candidate]:
    return [
        Candidate(
            rank=rank, firm_id=rank, score=1 / rank, place=1 / rank, terms=(), checks=(), effects=(), verdict=verdict,
            grasp=1.0, band=Band.WEAK,
        )
        for rank, verdict in enumerate(verdicts, 1)
    ]  # fmt: skip


lists = st.lists(st.sampled_from(list(Outcome)), max_size=25).map(ranked)


def lifts_no_miss(before: list[Candidate], after: list[Candidate]) -> None:
    assert sorted(after, key=lambda item: item.rank) == before
    for rank, item in enumerate(after, 1):
        if item.verdict is Outcome.FAIL:
            assert rank >= item.rank
            met = [other for other in before[: item.rank] if other.verdict is not Outcome.FAIL]
            assert set(met) <= set(after[:rank])


@given(lists, st.dictionaries(st.integers(1, 25), st.floats(0.5, 1.5)))
def test_learning_orders_by_what_it_learnt_and_lifts_no_miss(
    candidates: list[Candidate], factors: dict[int, float]
) -> None:
    after = order.learnt(candidates, factors)
    lifts_no_miss(candidates, after)
    met = [item.place * factors.get(item.firm_id, 1) for item in after if item.verdict is not Outcome.FAIL]
    assert met == sorted(met, reverse=True)
    assert order.learnt(candidates, {}) == candidates


@given(lists, st.sets(st.integers(1, 25)), st.integers(1, 12))
def test_the_cap_moves_full_firms_behind_their_equals_and_lifts_no_miss(
    candidates: list[Candidate], full: set[int], first: int
) -> None:
    after = order.capped(candidates, full, first)
    lifts_no_miss(candidates, after)
    left = [item for item in after[first:] if item.firm_id not in full]
    for item in after[:first]:
        if item.firm_id in full:  # nobody who stands as well with the musts is left to come before it
            assert not [one for one in left if one.verdict is Outcome.PASS]
    assert order.capped(candidates, set(), first) == candidates


def examples(count: int) -> list[learn.Example]:
    """Offices accept whoever is near enough, whatever the place says."""
    return [
        learn.Example(number // 6, {"near": number % 6 / 5, "grasp": 0.5}, 1 / (1 + number % 6), number % 6 >= 3)
        for number in range(count)
    ]


def test_a_model_learns_the_fact_that_decides_and_is_its_numbers() -> None:
    trial = learn.try_out(examples(300))
    weights = dict(zip(trial.model.names, trial.model.weights, strict=True))
    assert max(weights, key=lambda name: abs(weights[name])) == "near"
    assert weights["near"] > 0
    assert (trial.earlier, trial.later, trial.better) == (240, 60, True)
    assert trial.without.auc == 0.0  # the nearer, the lower the place
    kept = learn.Model.from_json(json.loads(json.dumps(trial.model.to_json())))
    assert kept == trial.model == learn.fit(examples(240))
    assert 0.5 < kept.factor({"near": 0.0}) < 1 < kept.factor({"near": 1.0}) < 1.5
