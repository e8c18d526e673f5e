"""What a person makes of a group is judged by the same task, capacities and order as what the composer makes."""

import pytest

from matching.engine.cover import Step, Supplier, Task, lacks
from matching.engine.groups import compose
from matching.engine.parts import Flaw, Part, alternatives, cover, flaws, suggested

TASK = Task(steps=[Step(code="weld", carries_volume=True), Step(code="coat")], volume=12, max_km=80)
A = Supplier(id=1, nearness={"weld": 0.9}, capacity=8, distance=2)
B = Supplier(id=2, nearness={"weld": 0.8}, capacity=3, distance=57)
C = Supplier(id=3, nearness={"weld": 0.7, "coat": 0.9}, capacity=2, distance=46)
FAR = Supplier(id=4, nearness={"weld": 0.9, "coat": 0.9}, capacity=6, distance=92)
PARTS = [Part(1, {"weld": 8}), Part(2, {"weld": 3}), Part(3, {"weld": 2, "coat": None})]


def test_the_bar_of_each_step_adds_up_the_shares() -> None:
    weld, coat = cover(TASK, PARTS)
    assert (weld.amount, weld.asked, weld.missing, weld.done, weld.firms) == (13, 12, 0, True, (1, 2, 3))
    assert (coat.amount, coat.firms, coat.done) == (None, (3,), True)
    weld, coat = cover(TASK, PARTS[:2])
    assert (weld.amount, weld.missing, weld.done, coat.done) == (11, 1, False, False)
    assert cover(TASK, [])[0].missing == 12


def test_what_the_composer_shares_out_is_what_is_suggested_and_has_no_flaw() -> None:
    best = compose(TASK, [A, B, C, FAR]).groups[0]
    parts: list[Part] = []
    for member in best.members:
        shares = suggested(TASK, parts, member.supplier)
        assert shares == {share.step: share.amount for share in member.shares}
        assert flaws(TASK, shares, member.supplier) == []
        parts.append(Part(member.supplier.id, shares))
    missing = sum(item.missing for item in cover(TASK, parts))
    assert (sum(not item.firms for item in cover(TASK, parts)), missing) == lacks(TASK, [A, B, C])


@pytest.mark.parametrize(
    ("shares", "flaw"),
    [
        ({"weld": 4}, Flaw.OVER),
        ({"weld": 0}, Flaw.NO_PIECES),
        ({"weld": -1}, Flaw.NO_PIECES),
        ({"weld": None}, Flaw.NO_PIECES),
        ({"coat": None}, Flaw.CANNOT),
        ({"paint": None}, Flaw.NOT_IN_CHAIN),
    ],
)
def test_a_share_that_the_firm_cannot_do_says_why(shares: dict[str, float | None], flaw: Flaw) -> None:
    assert [why for _step, why in flaws(TASK, shares, B)] == [flaw]


def test_pieces_are_given_at_the_counted_step_alone_and_unknown_capacity_sets_no_limit() -> None:
    assert flaws(TASK, {"coat": 2}, C) == [("coat", Flaw.NOT_COUNTED)]
    assert flaws(TASK, {"weld": 99}, Supplier(id=9, nearness={"weld": 1.0})) == []


def test_who_could_step_in_comes_in_the_order_of_groups_and_nobody_out_of_reach() -> None:
    other = Supplier(id=5, nearness={"coat": 0.5}, distance=10)
    idle = Supplier(id=6, nearness={}, distance=1, capacity=9)
    assert [one.id for one in alternatives(TASK, [A, B], [FAR, idle, other, C, A], 5)] == [3, 5]
    assert alternatives(TASK, [A, B], [other, C], 1) == [C]
