"""The first page of a coordinator: what waits, is late, changed since the last visit, is new, is due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching.inquiries import Reply, answer
from matching.models import Answer, CandidateList, Proposal, SavedFilter
from matching.review import take
from registry.home import Panel
from registry.models import Need, User
from registry.visits import begin
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    TaskFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


def page(user: User) -> dict[str, Panel]:
    context = sign_in(User.objects.get(pk=user.pk)).get("/").context
    return {str(panel.title): panel for panel in context["panels"]}


def texts(panel: Panel) -> list[str]:
    return [f"{line.text}: {line.note}" if line.note else str(line.text) for line in panel.lines]


def test_a_visit_lasts_until_half_an_hour_of_absence() -> None:
    start = datetime(2027, 2, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        user = CoordinatorFactory("05")

        def since() -> Any:
            return begin(User.objects.get(pk=user.pk))

        assert since() == start - timedelta(days=7)  # nobody was here before
        clock.shift(timedelta(minutes=20))
        assert since() == start - timedelta(days=7)  # the page again
        clock.shift(timedelta(hours=17))
        assert since() == start + timedelta(minutes=20)
        clock.shift(timedelta(minutes=3))
        assert since() == start + timedelta(minutes=20)


def test_what_colleagues_firms_and_buyers_did_is_told_once(akita: User) -> None:
    colleague, aomori = CoordinatorFactory("05", name="佐藤 幸"), CoordinatorFactory("02", name="三上 葵")
    need = NeedFactory(office=akita.offices.get())
    mine, other, foreign = (ProposalFactory(need=need, assignee=akita if n == 0 else None) for n in range(3))
    take("hold", mine, by=colleague)
    take("hold", other, by=colleague)  # not the person's row
    theirs = ProposalFactory(firm=FirmFactory(municipality=MunicipalityFactory("02201")))
    take("hand_over", theirs, by=aomori, office=akita.offices.get())
    inquiry = InquiryFactory(need=need, firm=foreign.firm, asked_by=akita)
    answer(inquiry, Reply("part", volume=8), by=FirmUserFactory(foreign.firm))
    made = CandidateList.objects.create(
        number="L-1", need=need, recipient="T1", made_by=akita, office=akita.offices.get(), state="released"
    )
    entry = made.entries.create(position=1, firm=mine.firm, row={})
    Answer.objects.create(entry=entry, number=1, verdict="shortlist", by=BureauFactory())
    changed = page(akita)["What changed"]
    assert texts(changed) == [
        f"{mine.firm.name} · L-1: the buyer answered: goes on the shortlist",
        f"{foreign.firm.name} × {need.number}: the firm answered: interested in part",
        f"{theirs.firm.name} × {theirs.need.number}: 三上 葵: Hand over to another office",
        f"{mine.firm.name} × {need.number}: 佐藤 幸: Hold",
    ]
    assert texts(page(CoordinatorFactory("03"))["What changed"]) == []
    User.objects.filter(pk=akita.pk).update(before_visit_at=timezone.now())  # as after a pause
    after = page(akita)["What changed"]
    assert (texts(after), str(after.empty)) == ([], "Nothing that concerns you has changed since then.")


def test_what_waits_is_counted_and_new_proposals_stand_by_need(akita: User) -> None:
    late = timezone.localdate() - timedelta(days=2)
    busy, quiet = NeedFactory(), NeedFactory()
    for n in range(3):
        ProposalFactory(need=busy, due_on=late if n else timezone.localdate())
    ProposalFactory(need=quiet, assignee=akita)
    old = ProposalFactory(need=quiet, proposed_at=timezone.now() - timedelta(days=30))
    ProposalFactory(need=NeedFactory(visibility=Need.Visibility.NDA))  # of another office
    found = page(akita)
    counts = {item.url: item.count for item in found["Proposals"].items}
    assert counts == {
        "/proposals/?overdue=true": 2,
        "/proposals/?state=": 5,
        "/proposals/?assignee=me": 1,
        "/proposals/?lies=received": 0,
    }
    new = found["New proposals by need"]
    assert texts(new) == [
        f"{busy.number} {busy.title}: 3 proposals",
        f"{quiet.number} {quiet.title}: 1 proposal",
    ]
    browser = sign_in(akita)
    for line in (*new.lines, *found["Quick links"].lines):
        assert browser.get(line.url).status_code == 200, line.url
    assert old.pk not in {row.pk for row in browser.get(new.lines[1].url).context["page_obj"]}


def test_tasks_filters_and_links_stand_beside(akita: User) -> None:
    today = timezone.localdate()
    TaskFactory(made_by=akita, title="電話", due_on=today - timedelta(days=1))
    TaskFactory(made_by=akita, title="訪問", due_on=today + timedelta(days=3))
    TaskFactory(made_by=akita, title="来月", due_on=today + timedelta(days=30))
    TaskFactory(title="他の支援機関", due_on=today)
    SavedFilter.objects.create(person=akita, name="近いもの", query="score=80")
    SavedFilter.objects.create(person=akita, name="古い", query="gone=1")
    found = page(akita)
    tasks = found["Tasks due"]
    assert [(line.text, line.late) for line in tasks.lines] == [("電話", True), ("訪問", False)]
    assert [(item.count, item.urgent) for item in tasks.items] == [(1, True), (3, False)]
    names = [str(line.text) for line in found["Quick links"].lines]
    assert "近いもの" in names
    assert "古い" not in names


def test_a_firm_and_a_buyer_read_their_next_things(akita: User) -> None:
    firm, project = FirmFactory(), ProjectFactory()
    need = NeedFactory(project=project)
    asked = InquiryFactory(need=need, firm=firm, asked_by=akita)
    TaskFactory(proposal=ProposalFactory(need=need, firm=firm), side="firm", made_by=akita, title="EXC3 取得")
    panel = page(FirmUserFactory(firm))["What concerns me"]
    assert {str(line.text) for line in panel.lines} == {f"Answer inquiry {asked.number}", "EXC3 取得"}
    made = CandidateList.objects.create(number="L-7", need=need, recipient="T1", made_by=akita, state="released")
    reader = AnchorFactory(project)
    assert texts(page(reader)["Candidate lists"]) == [f"L-7 {need.title}: not answered yet"]
    Answer.objects.create(entry=made.entries.create(position=1, firm=firm, row={}), number=1, verdict="more", by=reader)
    assert page(reader)["Candidate lists"].lines == []
    assert page(FirmUserFactory(FirmFactory()))["What concerns me"].lines == []


def test_the_first_page_costs_the_same_for_many_rows_and_counts_to_a_hundred(
    akita: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser, firm = sign_in(akita), FirmFactory()
    assert browser.get("/").status_code == 200
    with django_assert_max_num_queries(40) as few:
        browser.get("/")
    due = timezone.localdate()
    needs = Need.objects.bulk_create(Need(project=ProjectFactory(), title=f"n{n}", state="open") for n in range(110))
    Proposal.objects.bulk_create(Proposal(need=one, firm=firm, due_on=due, assignee=akita) for one in needs)
    for row in Proposal.objects.all()[:20]:
        take("note", row, by=CoordinatorFactory("05"), note="x")
        TaskFactory(proposal=row, made_by=akita)
    with django_assert_max_num_queries(40) as many:
        text = browser.get("/").content.decode()
    assert len(many) <= len(few) + 6
    assert "100+" in text
