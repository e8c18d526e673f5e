"""Bands and silence on the pages, and the question why, or why not, about any firm."""

import pytest
from django.test import Client
from django.urls import reverse

from matching import store
from matching.models import Job, MatchRun, NeedMatch, Proposal
from matching.propose import propose
from matching.work import work
from registry.models import Firm, Need, User
from tests.factories import (
    BureauFactory,
    CriterionFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_postgres]
CAKE = "披露宴の三段の生ケーキ。花嫁の似顔絵の砂糖細工、苺、生クリーム。会場まで輸送。"


@pytest.fixture
def browser(akita: User) -> Client:
    return sign_in(akita)


@pytest.fixture
def cake(firms: list[Firm]) -> Need:
    return NeedFactory(title="披露宴の生ケーキ", text=CAKE)


def page(browser: Client, need: Need, **query: str | int) -> str:
    answer = browser.get(reverse("matching:why", args=[need.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def candidates(browser: Client, need: Need) -> str:
    answer = browser.get(reverse("matching:need-panel", args=[need.pk, "candidates"]))
    assert answer.status_code == 200
    return answer.content.decode()


# ---- silence --------------------------------------------------------------------------------------------------------
def test_a_need_that_nobody_serves_keeps_its_misses_and_asks_nobody(browser: Client, cake: Need) -> None:
    store.rebuild()
    propose(cake)
    matched = NeedMatch.objects.get(need=cake)
    assert matched.band == "miss"
    assert set(cake.proposals.values_list("band", flat=True)) == {"miss"}
    assert list(browser.get("/proposals/").context["page_obj"]) == []
    assert Proposal.objects.waiting().count() == 0
    shown = candidates(browser, cake)
    assert "No firm found" in shown
    assert "男鹿港運" in shown, "the nearest miss"
    assert [row.firm.name for row in browser.get("/proposals/?band=miss").context["page_obj"]]


def test_a_need_without_any_candidate_is_silent_too(browser: Client, firms: list[Firm]) -> None:
    need = NeedFactory(title="苺", text="生クリーム")
    store.rebuild()
    propose(need)
    assert NeedMatch.objects.get(need=need).band == "miss"
    assert "No firm found" in candidates(browser, need)


def test_a_served_need_shows_its_bands(browser: Client, need: Need) -> None:
    store.rebuild()
    propose(need)
    best = Proposal.objects.get(need=need, rank=1)
    assert best.band == NeedMatch.objects.get(need=need).band == "strong"
    assert "Strong candidate: 1" in candidates(browser, need)
    assert best.pk in {row.pk for row in browser.get("/proposals/").context["page_obj"]}


def test_what_a_person_added_or_holds_stays_in_the_queue(browser: Client) -> None:
    added = ProposalFactory(band="miss", origin="person")
    held = ProposalFactory(band="miss", state="held")
    ProposalFactory(band="miss")
    assert {row.pk for row in browser.get("/proposals/").context["page_obj"]} == {added.pk, held.pk}
    assert set(Proposal.objects.waiting()) == {added, held}
    assert [row.is_asked for row in Proposal.objects.order_by("pk")] == [True, True, False]


def test_the_run_says_how_many_needs_have_no_firm(browser: Client, cake: Need, need: Need) -> None:
    store.rebuild()
    run = MatchRun.objects.create(reason="person")
    ids = [Job.objects.create(kind="need", need=one, run=run).pk for one in (cake, need)]
    work(ids)
    run.refresh_from_db()
    assert (run.state, run.unserved) == ("finished", 1)
    assert "Needs without a firm" in browser.get(run.get_absolute_url()).content.decode()


# ---- why ------------------------------------------------------------------------------------------------------------
def test_any_firm_can_be_asked_about(browser: Client, need: Need) -> None:
    CriterionFactory(need, number=100)
    build = store.rebuild()
    shown = page(browser, need, q="能代溶接")
    for words in ("1 of 4", "<mark>溶接</mark>", "at least 100 employees → 30 employees", build.checksum[:8]):
        assert words in shown, words
    shown = page(browser, need, firm=Firm.objects.get(name="大和電装").pk)
    assert "no words in common" in shown or "below the weakest band" in shown


def test_a_firm_that_is_not_proposed_is_told_why_not(browser: Client, need: Need) -> None:
    store.rebuild()
    draft = FirmFactory(name="試作鉄工", capability_text="溶接", state=Firm.State.DRAFT)
    shown = page(browser, need, firm=draft.pk)
    assert "only published firms are proposed" in shown
    Need.objects.filter(pk=need.pk).update(state="closed")
    assert "only open needs are matched" in page(browser, need, firm=draft.pk)


def test_the_page_agrees_with_the_proposal(browser: Client, need: Need) -> None:
    store.rebuild()
    propose(need)
    for row in need.proposals.select_related("firm"):
        answer = browser.get(reverse("matching:why", args=[need.pk]), {"firm": row.firm_id}).context["answer"]
        assert (answer.rank, str(answer.band), answer.verdict) == (row.rank, row.band, row.verdict)
        assert answer.score == pytest.approx(row.score, abs=1e-6)


def test_several_firms_are_offered_and_none_is_said(browser: Client, need: Need) -> None:
    store.rebuild()
    FirmFactory(name="能代鉄工")
    shown = page(browser, need, q="能代")
    assert "能代溶接" in shown
    assert "能代鉄工" in shown
    assert "No firm in your scope" in page(browser, need, q="どこにもない")
    assert "No firm in your scope" in page(browser, need, q="\x00")
    assert "<mark>" not in page(browser, need)


def test_firms_of_others_are_not_there(browser: Client, need: Need) -> None:
    far = FirmFactory(name="青森製作所", municipality=MunicipalityFactory("02201"))
    store.rebuild()
    url = reverse("matching:why", args=[need.pk])
    for value in (far.pk, 999_999, "x", "9" * 30):
        assert browser.get(url, {"firm": value}).status_code == 404
    assert "青森製作所" not in page(browser, need, q="青森").replace('value="青森"', "")
    assert sign_in(BureauFactory()).get(url, {"firm": far.pk}).status_code == 200


def test_without_an_index_the_page_says_so(browser: Client, need: Need) -> None:
    assert "being prepared" in page(browser, need, firm=Firm.objects.earliest("pk").pk)
