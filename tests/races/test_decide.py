"""Two people at once, on threads with connections of their own, released by a barrier, on the database under test."""

import time
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from matching.models import CandidateList, Decision, Proposal
from matching.release import make_list, release, withdraw
from matching.review import take, take_many
from registry.models import User
from registry.steps import StepRefused, move
from tests.factories import BureauFactory, ConsentFactory, FirmFactory, NeedFactory, ProposalFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200


@pytest.fixture
def people() -> list[User]:
    return [BureauFactory(name="工藤 健"), BureauFactory(name="三上 葵")]


@pytest.fixture
def proposals() -> list[Proposal]:
    need = NeedFactory()
    return [ProposalFactory(need=need, firm=FirmFactory()) for _ in range(ROUNDS)]


def together(*acts: Callable[[int], Any], rounds: int = ROUNDS) -> list[list[Any]]:
    """Every act once a round, all started at the same moment; per act what it gave, or the refusal it met."""
    barrier = Barrier(len(acts), timeout=60)
    answers: list[list[Any]] = [[None] * rounds for _ in acts]
    broke: list[BaseException] = []

    def run(place: int, act: Callable[[int], Any]) -> None:
        try:
            for number in range(rounds):
                barrier.wait()
                try:
                    answers[place][number] = act(number)
                except StepRefused as refusal:
                    answers[place][number] = refusal
        except BaseException as error:
            broke.append(error)
            barrier.abort()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    connections.close_all()  # ours goes back to the pool, which has as many as a process may hold
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if broke:  # the first; the others met the broken barrier
        raise broke[0]
    return answers


def refusals(pairs: list[list[Any]]) -> Iterator[int]:
    for round_ in zip(*pairs, strict=True):
        yield sum(isinstance(answer, StepRefused) for answer in round_)


def test_of_two_opposite_decisions_one_wins(people: list[User], proposals: list[Proposal]) -> None:
    seen = [list(Proposal.objects.order_by("pk")) for _ in people]
    answers = together(
        lambda n: take("shortlist", seen[0][n], by=people[0], reason="fit"),
        lambda n: take("reject", seen[1][n], by=people[1], reason="distance"),
    )
    assert set(refusals(answers)) == {1}
    for number, proposal in enumerate(Proposal.objects.order_by("pk")):
        [decision] = proposal.decisions.all()
        winner, loser = (0, 1) if decision.by == people[0] else (1, 0)
        assert proposal.state == decision.target == ("shortlisted", "rejected")[winner]
        assert people[winner].name in str(answers[loser][number])


def test_a_double_click_decides_once(people: list[User], proposals: list[Proposal]) -> None:
    seen = [list(Proposal.objects.order_by("pk")) for _ in range(2)]
    answers = together(
        lambda n: take("reject", seen[0][n], by=people[0], reason="distance"),
        lambda n: take("reject", seen[1][n], by=people[0], reason="distance"),
    )
    assert set(refusals(answers)) == {1}
    assert Decision.objects.count() == ROUNDS


def test_a_double_click_notes_and_assigns_once(people: list[User], proposals: list[Proposal]) -> None:
    def note(seen: list[Proposal]) -> Callable[[int], Decision]:
        return lambda n: take("note", seen[n], by=people[0], note="電話した")

    def assign(seen: list[Proposal]) -> Callable[[int], Decision]:
        return lambda n: take("assign", seen[n], by=people[0], assignee=people[1])

    for act in (note, assign):
        seen = [list(Proposal.objects.order_by("pk")) for _ in range(2)]
        assert set(refusals(together(*(act(rows) for rows in seen)))) == {1}
    assert Decision.objects.count() == 2 * ROUNDS


def test_overlapping_selections_neither_deadlock_nor_decide_twice(
    people: list[User], proposals: list[Proposal]
) -> None:
    seen = [list(Proposal.objects.order_by("pk")), list(Proposal.objects.order_by("-pk"))]
    size = 4

    def part(place: int, number: int) -> list[Proposal]:
        ids = {row.pk for row in seen[0][number * size : (number + 1) * size]}
        return [row for row in seen[place] if row.pk in ids]

    answers = together(
        lambda n: take_many("shortlist", part(0, n), by=people[0], reason="fit"),
        lambda n: take_many("reject", part(1, n), by=people[1], reason="capacity"),
        rounds=ROUNDS // size,
    )
    assert all(len(a.taken) + len(b.taken) == size for a, b in zip(*answers, strict=True))
    assert Decision.objects.count() == ROUNDS
    assert all(p.state == p.decisions.get().target for p in Proposal.objects.all())


def test_a_list_is_released_once_and_withdrawn_for_good(people: list[User]) -> None:
    need = NeedFactory()
    ConsentFactory(ProposalFactory(need=need, state=Proposal.State.SHORTLISTED))
    made = [make_list(need, by=people[0], recipient="Holm A/S").pk for _ in range(50)]
    seen = [list(CandidateList.objects.filter(pk__in=made).order_by("pk")) for _ in range(2)]
    answers = together(lambda n: release(seen[0][n], people[0]), lambda n: release(seen[1][n], people[1]), rounds=50)
    assert set(refusals(answers)) == {1}
    withdraw(seen[0][0], people[0]) if answers[0][0] is None else withdraw(seen[1][0], people[1])
    assert CandidateList.objects.filter(state="released").count() == 49


@pytest.mark.on_postgres  # on SQLite a transaction keeps other writers away by itself
def test_what_a_list_holds_is_approved_when_it_is_released(people: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reopens an approval while a list with it is being released comes before that or waits for it."""
    rows = [ProposalFactory(need=NeedFactory(), state=Proposal.State.SHORTLISTED) for _ in range(3)]
    lists = [make_list(ConsentFactory(row).need, by=people[0], recipient="Holm A/S") for row in rows]

    def reopen(number: int) -> str:
        time.sleep(0.02)
        take("reopen", rows[number], by=people[1])
        return CandidateList.objects.get(pk=lists[number].pk).state

    def slowly(*args: Any, **changes: Any) -> str:
        time.sleep(0.06)  # between the look at the approvals and the release
        return move(*args, **changes)

    monkeypatch.setattr("matching.release.move", slowly)
    assert together(lambda n: release(lists[n], people[0]), reopen, rounds=3) == [[None] * 3, ["released"] * 3]


def test_two_lists_of_a_need_at_once_get_numbers_of_their_own(people: list[User]) -> None:
    need = NeedFactory()
    ConsentFactory(ProposalFactory(need=need, state=Proposal.State.SHORTLISTED))
    together(*[lambda n, by=by: make_list(need, by=by, recipient="Holm A/S") for by in people], rounds=50)
    versions = list(CandidateList.objects.order_by("pk").values_list("version", flat=True))
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert CandidateList.objects.filter(number__startswith="L-").count() == len(versions) >= 50


def test_a_row_locked_by_a_rematch_only_waits(people: list[User], proposals: list[Proposal]) -> None:
    """What a rematch writes (score, rank) and what a person writes (state) are different columns of one row."""
    seen = list(Proposal.objects.order_by("pk"))

    def rematch(number: int) -> int:
        changes = {"score": number / ROUNDS, "rank": number, "matched_at": timezone.now(), "dropped_at": timezone.now()}
        return Proposal.objects.filter(pk=seen[number].pk).update(**changes)

    answers = together(lambda n: take("reject", seen[n], by=people[0], reason="distance"), rematch)
    assert set(refusals(answers)) == {0}
    assert Proposal.objects.filter(state="rejected", dropped_at__isnull=False).count() == ROUNDS
    assert connection.vendor in {"sqlite", "postgresql"}
