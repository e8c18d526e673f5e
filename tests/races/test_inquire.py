"""Two answers at once, an answer against a withdrawal, two revocations: one wins and the other is told."""

import pytest

from matching import consent, inquiries
from matching.models import ConsentEnd, DisclosureConsent, Inquiry, InquiryEvent
from registry.steps import StepRefused
from tests.factories import BureauFactory, ConsentFactory, FirmFactory, FirmUserFactory, InquiryFactory, NeedFactory
from tests.factories import ProposalFactory as Pair
from tests.races.test_decide import refusals, together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 40


@pytest.mark.parametrize("other", ["answer", "withdraw"])
def test_of_two_acts_on_an_inquiry_one_wins(other: str) -> None:
    firm, office = FirmFactory(), BureauFactory()
    person = FirmUserFactory(firm)
    for _ in range(ROUNDS):
        InquiryFactory(need=NeedFactory(), firm=firm, asked_by=office)
    seen = [list(Inquiry.objects.select_related("need", "firm").order_by("pk")) for _ in range(2)]

    def second(n: int) -> InquiryEvent:
        if other == "withdraw":
            return inquiries.take("withdraw", seen[1][n], by=office)
        return inquiries.answer(seen[1][n], inquiries.Reply("decline", reason="capacity"), by=person)

    answers = together(
        lambda n: inquiries.answer(seen[0][n], inquiries.Reply("accept"), by=person), second, rounds=ROUNDS
    )
    lost = set(refusals(answers))
    assert lost == {1} or (other == "withdraw" and lost <= {0, 1}), "an answered inquiry may still be withdrawn"
    assert all(one.events.last().target == one.state for one in Inquiry.objects.all())


def test_a_consent_ends_once() -> None:
    firm, need = FirmFactory(), NeedFactory()
    person, pair = FirmUserFactory(firm), Pair(need=need, firm=firm)
    given = [ConsentFactory(pair, by=person) for _ in range(ROUNDS)]
    answers = together(*[lambda n: consent.revoke(given[n], by=person) for _ in range(2)], rounds=ROUNDS)
    assert set(refusals(answers)) == {1}
    assert ConsentEnd.objects.count() == DisclosureConsent.objects.count() == ROUNDS
    with pytest.raises(StepRefused):
        consent.revoke(given[0], by=person)


@pytest.mark.on_postgres  # on SQLite a transaction keeps other writers away by itself
def test_of_two_consents_given_at_once_one_stands() -> None:
    firm, need = FirmFactory(), NeedFactory()
    person = FirmUserFactory(firm)

    def give(_round: int) -> DisclosureConsent:
        until = consent.a_year_from_now()
        return consent.give(firm, need, by=person, fields=["identity"], until=until, told="Holm A/S")

    together(give, give, rounds=10)
    assert ConsentEnd.objects.count() == DisclosureConsent.objects.count() - 1 == 19
