"""Two offices at once on the same firms: one wins, the other is told, and no record ever leads in a circle."""

import pytest

from registry import people
from registry.duplicates.merge import Choice, call_different, merge
from registry.models import DuplicatePair, Firm, FirmEvent, FirmInvitation, FirmMembership, Merge, User
from registry.steps import StepRefused
from tests import factories as make
from tests.races.test_decide import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 15


@pytest.fixture
def offices() -> list[User]:
    return [make.BureauFactory(name="工藤 健"), make.BureauFactory(name="三上 葵")]


def pair_of(one: Firm, other: Firm) -> DuplicatePair:
    first, second = sorted((one, other), key=lambda firm: firm.pk)
    made: DuplicatePair = DuplicatePair.objects.create(first=first, second=second, score=60)
    return made


def into(survivor: Firm, loser: Firm) -> Choice:
    return Choice(survivor.pk, frozenset(), {firm.pk: firm.updated_at for firm in (survivor, loser)})


def refusals(answers: list[list[object]]) -> list[int]:
    return [sum(isinstance(answer, StepRefused) for answer in round_) for round_ in zip(*answers, strict=True)]


def test_two_merges_of_a_pair_in_opposite_directions_make_one(offices: list[User]) -> None:
    firms = [(make.FirmFactory(), make.FirmFactory()) for _ in range(ROUNDS)]
    ids = [pair_of(*both).pk for both in firms]
    seen = [[DuplicatePair.objects.get(pk=pk) for pk in ids] for _ in offices]
    answers = together(
        lambda n: merge(seen[0][n], into(firms[n][0], firms[n][1]), by=offices[0]),
        lambda n: merge(seen[1][n], into(firms[n][1], firms[n][0]), by=offices[1]),
        rounds=ROUNDS,
    )
    assert refusals(answers) == [1] * ROUNDS
    assert Firm.objects.filter(state="merged").count() == Merge.objects.count() == ROUNDS
    assert FirmEvent.objects.filter(kind="merge").count() == 2 * ROUNDS


def test_a_merge_and_different_firms_at_once_are_one_decision(offices: list[User]) -> None:
    firms = [(make.FirmFactory(), make.FirmFactory()) for _ in range(ROUNDS)]
    ids = [pair_of(*both).pk for both in firms]
    seen = [[DuplicatePair.objects.get(pk=pk) for pk in ids] for _ in offices]
    answers = together(
        lambda n: merge(seen[0][n], into(*firms[n]), by=offices[0]),
        lambda n: call_different(seen[1][n], by=offices[1]),
        rounds=ROUNDS,
    )
    assert refusals(answers) == [1] * ROUNDS
    assert Merge.objects.count() == DuplicatePair.objects.filter(state="merged").count()


def test_three_merges_around_a_circle_never_close_it(offices: list[User]) -> None:
    firms = [tuple(make.FirmFactory() for _ in range(3)) for _ in range(ROUNDS)]
    pairs = [[pair_of(trio[place], trio[(place + 1) % 3]) for place in range(3)] for trio in firms]
    answers = together(
        *(
            lambda n, place=place: merge(
                pairs[n][place], into(firms[n][(place + 1) % 3], firms[n][place]), by=offices[0]
            )
            for place in range(3)
        ),
        rounds=ROUNDS,
    )
    assert all(count >= 1 for count in refusals(answers))
    assert not Firm.objects.filter(state="merged", duplicate_of__state="merged").exists()


def test_an_invitation_taken_up_during_a_merge_leaves_nobody_behind(offices: list[User]) -> None:
    firms = [(make.FirmFactory(), make.FirmFactory()) for _ in range(ROUNDS)]
    pairs, guests = [pair_of(*both) for both in firms], [make.UserFactory() for _ in firms]
    for (_kept, other), guest in zip(firms, guests, strict=True):
        people.invite(other, guest.email, "member", by=make.FirmUserFactory(other))
    waiting = list(FirmInvitation.objects.select_related("firm").order_by("pk"))
    together(
        lambda n: merge(pairs[n], into(*firms[n]), by=offices[0]),
        lambda n: people.accept(waiting[n], by=guests[n]),
        rounds=ROUNDS,
    )
    assert not FirmMembership.objects.filter(firm__state="merged").exists()
    assert Merge.objects.count() == ROUNDS
