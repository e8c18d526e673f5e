"""Of two people who change at once who speaks for a firm, both may not win."""

import pytest

from registry import confirmation, people
from registry.models import Firm, FirmEvent, FirmInvitation, FirmMembership, Notice, User
from registry.steps import StepRefused
from tests import factories as make
from tests.races.test_decide import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def test_two_owners_who_leave_at_once_leave_one_behind() -> None:
    firms = [make.FirmFactory() for _ in range(ROUNDS)]
    for firm in firms:
        make.FirmUserFactory(firm), make.FirmUserFactory(firm)
    seen = [list(firm.memberships.select_related("user").order_by("pk")) for firm in firms]
    answers = together(
        lambda n: people.remove(seen[n][0], by=seen[n][0].user),
        lambda n: people.remove(seen[n][1], by=seen[n][1].user),
        rounds=ROUNDS,
    )
    refused = [sum(isinstance(answer, StepRefused) for answer in pair) for pair in zip(*answers, strict=True)]
    assert refused == [1] * ROUNDS
    assert [firm.memberships.filter(role="owner").count() for firm in firms] == [1] * ROUNDS


def test_an_invitation_is_taken_up_by_one_of_two_clicks() -> None:
    firms = [make.FirmFactory() for _ in range(ROUNDS)]
    guests = [make.UserFactory() for _ in firms]
    for firm, guest in zip(firms, guests, strict=True):
        people.invite(firm, guest.email, "member", by=make.FirmUserFactory(firm))
    seen = [list(FirmInvitation.objects.select_related("firm").order_by("pk")) for _ in range(2)]
    answers = together(*(lambda n, mine=mine: people.accept(mine[n], by=guests[n]) for mine in seen), rounds=ROUNDS)
    assert [sum(isinstance(a, StepRefused) for a in pair) for pair in zip(*answers, strict=True)] == [1] * ROUNDS
    assert FirmMembership.objects.filter(user__in=guests).count() == ROUNDS
    assert FirmEvent.objects.filter(kind="join").count() == ROUNDS


def test_two_beats_ask_a_firm_once() -> None:
    for _ in range(ROUNDS):
        make.FirmUserFactory(make.FirmFactory())
    together(lambda _: confirmation.ask(), lambda _: confirmation.ask(), rounds=1)
    assert Notice.objects.count() == ROUNDS == Firm.objects.filter(asked_to_confirm_on__isnull=False).count()
    assert User.objects.filter(notices__kind="firm.confirm").count() == ROUNDS
