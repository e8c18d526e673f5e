"""Groups against brute force, and the story of two prefectures."""

import itertools
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import cover
from matching.engine.cover import Key, key_of, lacks
from matching.engine.criteria import Outcome
from matching.engine.groups import Group, Step, Supplier, Task, Why, compose

STEPS = "abc"
nearnesses = st.dictionaries(st.sampled_from(STEPS), st.sampled_from([0.2, 0.5, 0.9]), max_size=3)
distances = st.one_of(st.none(), st.sampled_from([5.0, 40.0, 79.9, 80.0, 80.1, 200.0]))


@st.composite
def suppliers(draw: Any) -> list[Supplier]:
    return [
        Supplier(
            id=firm_id,
            nearness=draw(nearnesses),
            capacity=draw(st.one_of(st.none(), st.integers(0, 9))),
            distance=draw(distances),
            verdict=draw(st.sampled_from(list(Outcome))),
        )
        for firm_id in draw(st.lists(st.integers(1, 50), unique=True, max_size=8))
    ]


@st.composite
def tasks(draw: Any) -> Task:
    carrying = draw(st.sets(st.sampled_from(STEPS)))
    return Task(
        steps=[Step(code=code, carries_volume=code in carrying) for code in STEPS[: draw(st.integers(2, 3))]],
        volume=draw(st.one_of(st.none(), st.integers(1, 20))) if carrying & set(STEPS[:2]) else None,
        max_members=draw(st.integers(1, 4)),
        max_km=draw(st.one_of(st.none(), st.just(80.0))),
    )


def by_brute_force(task: Task, firms: list[Supplier], limit: int) -> list[Key]:
    """Every set of firms in reach of which no member is in vain, in the order of keys."""
    codes = {step.code for step in task.steps}
    reach = [
        firm
        for firm in firms
        if codes & firm.nearness.keys()
        and (task.max_km is None or (firm.distance is not None and firm.distance <= task.max_km))
        and not (task.carrying and firm.capacity is None and firm.nearness.keys() <= set(task.carrying))
    ]
    found = []
    for size in range(1, task.max_members + 1):
        for members in itertools.combinations(reach, size):
            smaller = [[other for other in members if other is not member] for member in members]
            if all(lacks(task, rest) != lacks(task, members) for rest in smaller):
                found.append(key_of(task, members))
    return sorted(found)[:limit]


def ids(group: Group) -> tuple[int, ...]:
    return tuple(sorted(member.supplier.id for member in group.members))


@settings(max_examples=400, deadline=None)
@given(tasks(), suppliers(), st.integers(1, 6))
def test_the_groups_are_those_of_brute_force(task: Task, firms: list[Supplier], limit: int) -> None:
    found = compose(task, firms, limit)
    assert found.exact
    assert [ids(group) for group in found.groups] == [key[-1] for key in by_brute_force(task, firms, limit)]


@settings(max_examples=200, deadline=None)
@given(tasks(), suppliers())
def test_what_a_group_says_of_itself_adds_up(task: Task, firms: list[Supplier]) -> None:
    for group in compose(task, firms).groups:
        shares = [share for member in group.members for share in member.shares]
        assert all(member.shares for member in group.members)
        assert {share.step for share in shares} == set(group.covered)
        assert sorted([*group.covered, *group.uncovered]) == sorted(step.code for step in task.steps)
        for code in group.covered:
            assert sum(share.part for share in shares if share.step == code) == pytest.approx(1)
        if task.volume is not None:
            delivered = [sum(share.amount or 0 for share in shares if share.step == code) for code in task.carrying]
            assert group.volume == min(delivered)
            assert group.shortfall == sum(max(0, task.volume - amount) for amount in delivered)


@settings(max_examples=100, deadline=None)
@given(tasks(), suppliers(), st.randoms())
def test_the_order_of_the_firms_does_not_matter(task: Task, firms: list[Supplier], random: Any) -> None:
    shuffled = random.sample(firms, len(firms))
    assert compose(task, shuffled) == compose(task, firms)


def test_two_prefectures_compose_a_group() -> None:
    """Story 4: no firm makes 12 a month."""
    noshiro, hirosaki, odate, yurihonjo = (
        Supplier(id=1, nearness={"weld": 0.9}, capacity=8, distance=2, latitude=40.21, longitude=140.03),
        Supplier(id=2, nearness={"weld": 0.8}, capacity=3, distance=57, latitude=40.60, longitude=140.46),
        Supplier(id=3, nearness={"weld": 0.7, "coat": 0.8}, capacity=2, distance=46),
        Supplier(id=4, nearness={"weld": 0.9, "coat": 0.9}, capacity=6, distance=92),
    )
    task = Task(steps=[Step(code="weld", carries_volume=True), Step(code="coat")], volume=12, max_km=80)
    found = compose(task, [yurihonjo, odate, hirosaki, noshiro])
    best = found.groups[0]
    assert best.complete
    assert (best.volume, best.distance) == (13, 105)
    assert [member.supplier.id for member in best.members] == [1, 2, 3]
    assert [share.step for member in best.members if member.supplier is odate for share in member.shares] == [
        "weld",
        "coat",
    ]
    assert best.members[1].to_lead == pytest.approx(56.7, abs=0.5)
    assert best.members[2].to_lead is None
    assert [(item.supplier.id, item.why) for item in found.left_out] == [(4, Why.TOO_FAR)]
    without = compose(task, [noshiro, hirosaki, yurihonjo]).groups[0]
    assert (without.volume, without.shortfall, without.uncovered) == (11, 1, ("coat",))


def test_what_nobody_does_is_named_and_the_rest_is_composed() -> None:
    task = Task(steps=[Step(code="weld"), Step(code="coat")])
    found = compose(task, [Supplier(id=7, nearness={"weld": 0.5})])
    assert (found.nobody, found.groups[0].uncovered, found.groups[0].complete) == (("coat",), ("coat",), False)
    assert compose(task, []).groups == ()


def test_unknown_is_neither_near_nor_able_to_deliver() -> None:
    task = Task(steps=[Step(code="weld", carries_volume=True)], volume=5, max_km=10)
    silent = Supplier(id=1, nearness={"weld": 1.0}, distance=1.0)
    nowhere = Supplier(id=2, nearness={"weld": 1.0}, capacity=9)
    found = compose(task, [silent, nowhere])
    assert found.groups == ()
    assert [item.why for item in found.left_out] == [Why.CAPACITY_UNKNOWN, Why.PLACE_UNKNOWN]


def test_who_meets_the_musts_comes_before_who_is_nearer() -> None:
    task = Task(steps=[Step(code="weld")])
    fails = Supplier(id=1, nearness={"weld": 0.9}, distance=1, verdict=Outcome.FAIL)
    passes = Supplier(id=2, nearness={"weld": 0.3}, distance=9)
    assert [ids(group) for group in compose(task, [fails, passes]).groups] == [(2,), (1,)]


def test_a_search_that_is_cut_says_so_and_still_finds_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "EXACT_WITHIN", 10)
    firms = [Supplier(id=n, nearness={"a": 0.5} if n % 2 else {"b": 0.5}, capacity=n % 5) for n in range(1, 60)]
    task = Task(steps=[Step(code="a", carries_volume=True), Step(code="b")], volume=8)
    found = compose(task, firms)
    assert not found.exact
    assert found.groups[0].complete


def test_forty_firms_take_no_longer_than_a_page_may() -> None:
    firms = [
        Supplier(id=n, nearness={STEPS[n % 3]: 0.5, STEPS[(n + 1) % 3]: 0.3 + n / 100}, capacity=n % 5, distance=n)
        for n in range(1, 41)
    ]
    task = Task(steps=[Step(code=code, carries_volume=code == "a") for code in STEPS], volume=14)
    start = time.perf_counter()
    found = compose(task, firms)
    assert found.groups[0].complete
    assert time.perf_counter() - start < 20  # some two seconds on a machine of its own


@pytest.mark.parametrize(
    "wrong",
    [{"steps": []}, {"steps": [Step(code="a"), Step(code="a")]}, {"max_members": 0}, {"volume": 5}],
)
def test_a_task_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"step|max_members"):
        Task(**({"steps": [Step(code="a")]} | wrong))


def test_a_firm_given_twice_is_refused() -> None:
    firm = Supplier(id=1, nearness={"a": 1.0})
    with pytest.raises(ValueError, match="once"):
        compose(Task(steps=[Step(code="a")]), [firm, firm])
