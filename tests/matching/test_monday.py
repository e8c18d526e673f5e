"""Story 3: Mr Kudo's Monday: what is late, three approved, nine rejected and told, two sent to Aomori."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from matching.models import Decision, Feedback, Proposal
from matching.review import take
from registry.models import Need, Notice, User
from registry.steps import StepRefused
from registry.text import add_working_days
from tests.factories import (
    CoordinatorFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


@pytest.fixture
def kudo(db: None) -> User:
    return CoordinatorFactory("05", name="工藤 健")


def ticked(rows: list[Proposal], step: str, **fields: Any) -> dict[str, Any]:
    named = {f"{step}-{name}": value for name, value in fields.items()}
    return {"ids": [f"{row.pk}:{row.state}" for row in rows], "step": step} | named


def test_a_monday_leaves_fourteen_records_nine_firms_told_and_two_proposals_in_aomori(kudo: User) -> None:
    aomori, today = CoordinatorFactory("02", name="三上 葵"), timezone.localdate()
    need = NeedFactory()
    rows = [
        ProposalFactory(need=need, due_on=today - timedelta(days=3) if n < 5 else add_working_days(today, 5))
        for n in range(37)
    ]
    people = [FirmUserFactory(row.firm) for row in rows[5:14]]
    browser = sign_in(kudo)
    assert len(browser.get("/proposals/").context["page_obj"]) == 37
    late = browser.get("/proposals/?overdue=true")
    assert {row.pk for row in late.context["page_obj"]} == {row.pk for row in rows[:5]}

    url = "/proposals/bulk/?overdue=true"
    assert browser.post(url, ticked(rows[:3], "shortlist", reason="fit")).status_code == 302
    assert browser.post("/proposals/bulk/", ticked(rows[5:14], "reject", note="遠い")).status_code == 422
    assert Decision.objects.filter(step="reject").count() == 0  # not without a reason
    sent = ticked(rows[5:14], "reject", reason="distance", note="片道 3 時間", tell="on")
    page = browser.post("/proposals/bulk/", sent, follow=True).content.decode()
    assert "9 proposals" in page
    assert "9 firms were told why" in page
    again = browser.post("/proposals/bulk/", sent, follow=True).content.decode()  # a second click
    assert "told why" not in again
    office = aomori.offices.get().pk
    assert browser.post(url, ticked(rows[3:5], "hand_over", office=office, note="弘前が近い")).status_code == 302

    assert Decision.objects.count() == 14
    assert set(Feedback.objects.values_list("code", "note", "detail")) == {("distance", "", "")}
    for person in people:
        assert Notice.objects.filter(person=person, kind="feedback.released").count() == 1
        page = sign_in(person).get("/concerns/").content.decode()
        assert "a place nearer to the site was needed" in page
        assert "3 時間" not in page
    theirs = list(sign_in(User.objects.get(pk=aomori.pk)).get("/proposals/").context["page_obj"])
    assert {row.pk for row in theirs} == {row.pk for row in rows[3:5]}
    assert {row.due_on for row in theirs} == {add_working_days(today, 5)}
    assert len(browser.get("/proposals/?overdue=true").context["page_obj"]) == 0
    assert len(browser.get("/proposals/").context["page_obj"]) == 23


def test_firms_that_must_not_know_of_the_need_are_not_told(kudo: User) -> None:
    hidden = NeedFactory(visibility=Need.Visibility.NDA, office=kudo.offices.get())
    rows = [ProposalFactory(need=hidden) for _ in range(3)]
    InquiryFactory(need=hidden, firm=rows[0].firm, asked_by=kudo)
    sent = ticked(rows, "reject", reason="capacity", tell="on")
    page = sign_in(kudo).post("/proposals/bulk/", sent, follow=True).content.decode()
    assert "1 firm was told why" in page
    assert "2 firms were not told" in page
    assert [row.proposal_id for row in Feedback.objects.all()] == [rows[0].pk]


def test_without_the_tick_nobody_is_told(kudo: User) -> None:
    sign_in(kudo).post("/proposals/bulk/", ticked([ProposalFactory()], "reject", reason="capacity"))
    assert Decision.objects.count() == 1
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("step", ["shortlist", "reject", "hold"])
def test_nobody_decides_on_a_firm_of_his_own_alone(kudo: User, step: str) -> None:
    own, other = ProposalFactory(), ProposalFactory()
    own.firm.memberships.create(user=kudo)
    reason = {"shortlist": "fit", "reject": "distance"}.get(step, "")
    with override("en"), pytest.raises(StepRefused, match="speak for this firm yourself"):
        take(step, own, by=User.objects.get(pk=kudo.pk), reason=reason)
    data = ticked([own, other], step, **({"reason": reason} if reason else {}))
    page = sign_in(User.objects.get(pk=kudo.pk)).post("/proposals/bulk/", data, follow=True).content.decode()
    assert "1 proposal stays as it is" in page
    assert set(Decision.objects.values_list("proposal", flat=True)) == {other.pk}
    take(step, Proposal.objects.get(pk=own.pk), by=CoordinatorFactory("05"), reason=reason)
