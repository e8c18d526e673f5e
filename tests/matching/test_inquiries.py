"""Asking firms and what they answer, as offices and firms meet it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching import inquiries
from matching.feedback import OF_BUYERS, OF_DECISIONS
from matching.models import (
    ADVICE,
    REJECT_REASONS,
    Answer,
    CandidateList,
    Decision,
    DisclosureConsent,
    Inquiry,
    Proposal,
)
from matching.review import take
from registry.models import Need, Notice, Role, User
from registry.steps import StepRefused
from registry.text import add_working_days
from tests.factories import (
    BureauFactory,
    CapabilityFactory,
    ConsentFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    ProposalFactory,
    UserFactory,
    check,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
MESSAGE = "月にどのくらい対応できますか。"


@pytest.fixture
def proposal() -> Proposal:
    need = NeedFactory()
    CriterionFactory(need, kind="volume", number=12)
    return ProposalFactory(need=need, state=Proposal.State.SHORTLISTED)


@pytest.fixture
def inquiry(akita: User, proposal: Proposal) -> Inquiry:
    [sent] = inquiries.ask([proposal], by=akita, message=MESSAGE).sent
    return sent


def answer(browser: Client, inquiry: Inquiry, step: str, **said: Any) -> Any:
    url = reverse("matching:inquiry-answer", args=[inquiry.pk])
    return browser.post(url, {"seen": inquiry.state, "step": step} | said, follow=True)


def test_the_ticked_firms_are_asked_and_told(akita: User, proposal: Proposal) -> None:
    person, browser = FirmUserFactory(proposal.firm), sign_in(akita)
    waiting = ProposalFactory(need=proposal.need)
    url = reverse("matching:inquiry-new")
    assert proposal.firm.name in browser.get(f"{url}?need={proposal.need_id}").content.decode()
    ids = [f"{row.pk}:{row.state}" for row in (proposal, waiting)]
    assert "not shortlisted" in browser.post(url, {"ids": ids}).content.decode()
    assert browser.post(url, {"ids": ids, "message": "", "days": "5"}).status_code == 422
    page = browser.post(url, {"ids": ids, "message": MESSAGE, "days": "５"}, follow=True).content.decode()
    assert "1 inquiry was sent" in page
    assert "Only shortlisted firms are asked" in page
    sent = Inquiry.objects.get()
    assert sent.answer_by == add_working_days(timezone.localdate(), 5)
    assert (sent.recipient, sent.office) == (proposal.need.project.organisation, akita.offices.get())
    assert [(event.step, event.by) for event in sent.events.all()] == [("ask", akita)]
    notice = Notice.objects.get(person=person)
    assert (notice.kind, notice.url) == ("inquiry.sent", sent.get_absolute_url())
    assert browser.post(url, {"ids": ids[:1], "message": MESSAGE, "days": "5"}).status_code == 409
    assert browser.get(f"{url}?need=x").status_code == 200
    assert browser.post(url, {"ids": "x", "message": MESSAGE, "days": "5"}).status_code == 422
    assert proposal.firm.name not in browser.get(f"{url}?need={proposal.need_id}").content.decode()


def test_an_answer_in_part_with_consent(akita: User, inquiry: Inquiry) -> None:
    person = FirmUserFactory(inquiry.firm)
    browser, until = sign_in(person), timezone.localdate() + timedelta(days=90)
    page = browser.get(inquiry.get_absolute_url()).content.decode()
    assert MESSAGE in page
    assert "12 a month" in page
    assert "工藤" not in page
    for wrong in (
        {"step": "part"}, {"step": "part", "volume": "0"}, {"step": "part", "volume": "-3"}, {"step": "decline"},
        {"step": "accept", "fields_": ["size"], "until": until}, {"step": "part", "volume": "12", "status": 409},
        {"step": "accept", "fields_": ["identity"], "until": ""}, {"step": "decline", "reason": "other"}, {"step": ""},
        {"step": "accept", "fields_": ["identity"], "until": until + timedelta(days=900)}, {"step": "withdraw"},
    ):  # fmt: skip
        status = wrong.pop("status", 422)
        assert answer(browser, inquiry, **wrong).status_code == status, wrong
    assert not DisclosureConsent.objects.exists()
    page = answer(browser, inquiry, "part", volume="８", fields_=["identity", "capacity"], until=until).content.decode()
    assert "The answer was received" in page
    inquiry.refresh_from_db()
    assert (inquiry.state, inquiry.volume) == ("partial", 8)
    given = DisclosureConsent.objects.get()
    assert (given.fields, given.until, given.by, given.channel) == (["identity", "capacity"], until, person, "site")
    assert Notice.objects.get(person=akita).kind == "inquiry.answered"
    office = sign_in(akita).get(inquiry.get_absolute_url()).content.decode()
    assert "8 of 12 a month" in office
    assert answer(browser, inquiry, "accept").status_code == 409, "once is enough"


def test_what_an_office_was_told_is_recorded_as_such(akita: User, inquiry: Inquiry) -> None:
    person, browser = FirmUserFactory(inquiry.firm), sign_in(akita)
    assert answer(browser, inquiry, "accept").status_code == 422, "who said so?"
    said = {"channel": "phone", "said_by": "佐藤専務", "fields_": ["identity"], "until": timezone.localdate()}
    assert answer(browser, inquiry, "accept", **said).status_code == 200
    event = inquiry.events.get(step="accept")
    assert (event.channel, event.said_by, event.by) == ("phone", "佐藤専務", akita)
    assert DisclosureConsent.objects.get().said_by == "佐藤専務"
    assert {notice.kind for notice in Notice.objects.filter(person=person)} == {"inquiry.recorded"}
    given = inquiries.Reply("accept", channel="site")
    with pytest.raises(StepRefused):
        inquiries.answer(InquiryFactory(firm=inquiry.firm), given, by=akita)
    elsewhere = CoordinatorFactory("02")
    with pytest.raises(StepRefused):
        inquiries.answer(inquiry, inquiries.Reply("accept", channel="phone", said_by="x"), by=elsewhere)


def test_taking_back_withdrawing_and_asking_again(akita: User, inquiry: Inquiry) -> None:
    firm, office = sign_in(FirmUserFactory(inquiry.firm)), sign_in(akita)
    consents = {"fields_": ["identity"], "until": timezone.localdate() + timedelta(days=9)}
    answer(firm, inquiry, "accept", **consents)

    def step(browser: Client, name: str, seen: str, note: str = "") -> int:
        url = reverse("matching:inquiry-step", args=[inquiry.pk, name])
        return int(browser.post(url, {"seen": seen, "note": note}).status_code)

    assert step(firm, "withdraw", "interested") == 409, "that is the office's"
    assert step(firm, "reopen", "interested") == 302
    inquiry.refresh_from_db()
    answer(firm, inquiry, "decline", reason="capacity")
    assert DisclosureConsent.objects.get().end.why == "declined", "a no ends the consent"
    assert step(office, "withdraw", "sent") == 409, "seen before the answer came"
    assert step(office, "reopen", "declined", "条件が変わりました") == 302
    assert "条件が変わりました" in firm.get(inquiry.get_absolute_url()).content.decode()
    assert step(office, "withdraw", "sent") == 302
    inquiry.refresh_from_db()
    assert answer(firm, inquiry, "accept").status_code == 409
    assert step(firm, "reopen", "withdrawn") == 409
    steps = ["ask", "accept", "reopen", "decline", "reopen", "withdraw"]
    assert [event.step for event in inquiry.events.all()] == steps
    Need.objects.filter(pk=inquiry.need_id).update(state="closed")
    assert step(office, "reopen", "withdrawn") == 302
    inquiry.refresh_from_db()
    assert answer(firm, inquiry, "accept").status_code == 409, "the need is closed"


@pytest.mark.parametrize("visibility", ["coordinators", "nda"])
def test_of_a_hidden_need_a_firm_reads_only_what_the_office_wrote(akita: User, visibility: str) -> None:
    need = NeedFactory(visibility=visibility, office=akita.offices.get(), title="秘密の題", text="秘密の文")
    CriterionFactory(need, kind="volume", number=77_731)
    proposal = ProposalFactory(need=need, state="shortlisted", checks=[check("volume", "fail", asked=77_731, found=8)])
    browser, url = sign_in(akita), reverse("matching:inquiry-new")
    asked = {"ids": f"{proposal.pk}:shortlisted", "message": MESSAGE, "days": "5"}
    assert browser.post(url, asked).status_code == 422
    assert browser.post(url, asked | {"recipient": "県内の大手企業"}).status_code == 302
    inquiry = Inquiry.objects.get()
    firm = sign_in(FirmUserFactory(proposal.firm))
    until = timezone.localdate()
    for _ in range(2):
        text = "".join(
            firm.get(path).content.decode()
            for path in (inquiry.get_absolute_url(), "/concerns/", "/consents/", "/notices/", "/")
        )
        assert "県内の大手企業" in text
        for secret in ("秘密の", "77,731", need.number, need.project.name_en, need.project.organisation):
            assert secret not in text, secret
        answer(firm, inquiry, "part", volume="800", fields_=["identity"], until=until)
    assert Inquiry.objects.get().volume == 800


def test_what_concerns_a_firm(inquiry: Inquiry, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    firm = inquiry.firm
    welding = CapabilityFactory()
    firm.capabilities.add(welding)
    checks = [
        check("distance", asked=80, found=2.04), check("certification", "fail", asked="EN 1090-2 EXC3", found=[]),
        check("volume", "fail", asked=12, found=8),
    ]  # fmt: skip
    for n in range(3):
        need = NeedFactory(title=f"合うニーズ{n}")
        need.capabilities.add(welding)
        ProposalFactory(need=need, firm=firm, band="strong", checks=checks, score=0.4321, rank=7)
    ProposalFactory(need=NeedFactory(title="外れ"), firm=firm, band="miss")
    ProposalFactory(need=NeedFactory(title="よその案件"), firm=FirmFactory(), band="strong")
    ProposalFactory(need=NeedFactory(title="内々の案件", visibility="nda"), firm=firm, band="strong")
    rejected = ProposalFactory(need=NeedFactory(title="見送り"), firm=firm, band="strong", state="rejected")
    Decision.objects.create(proposal=rejected, step="reject", note="秘密のメモ", by=BureauFactory())
    browser = sign_in(FirmUserFactory(firm))
    with django_assert_max_num_queries(24):
        page = browser.get("/concerns/").content.decode()
    for words in ("溶接", "distance 2 km", "EN 1090-2 EXC3", "volume per month 8/12", "合うニーズ2", "見送り"):
        assert words in page or words == "溶接", words
    for hidden in ("外れ", "よその案件", "内々の案件", "秘密のメモ", "0.4321", ">43<", "rejected", "rank"):
        assert hidden not in page, hidden
    assert "inquiries that wait" in browser.get("/").content.decode().lower()
    answer(browser, inquiry, "accept")
    assert "received: the office has your answer" in browser.get("/concerns/").content.decode().lower()
    assert browser.get("/concerns/").status_code == sign_in(FirmUserFactory()).get("/concerns/").status_code == 200


def test_a_firm_offers_itself(akita: User) -> None:
    need, firm = NeedFactory(office=akita.offices.get()), FirmFactory()
    aside = ProposalFactory(need=need, firm=firm, band="miss")
    person = FirmUserFactory(firm)
    browser, url = sign_in(person), reverse("matching:offer", args=[need.pk])
    assert firm.name in browser.get(url).content.decode()
    for who, offered in ((person, True), (UserFactory(Role.FIRM), False)):
        assert (url in sign_in(who).get(need.get_absolute_url()).content.decode()) is offered
    assert browser.post(url, {"seen": "sent", "step": "decline", "reason": "price"}).status_code == 422
    assert browser.post(url, {"seen": "sent", "step": "accept", "note": "ぜひ"}, follow=True).status_code == 200
    inquiry = Inquiry.objects.get()
    assert (inquiry.state, inquiry.origin, inquiry.events.get().step) == ("interested", "firm", "offer")
    aside.refresh_from_db()
    assert (aside.origin, aside.state) == ("firm", "proposed")
    assert aside in Proposal.objects.visible_to(akita).waiting()
    assert aside.decisions.get().step == "offer"
    assert Notice.objects.get(person=akita).kind == "inquiry.offered"
    page = sign_in(akita).get(aside.get_absolute_url()).content.decode()
    assert inquiry.number in page
    assert browser.get(url).headers["Location"] == inquiry.get_absolute_url()
    with pytest.raises(StepRefused):
        inquiries.offer(need, firm, inquiries.Reply("accept"), by=person)
    with pytest.raises(StepRefused):
        inquiries.offer(NeedFactory(), FirmFactory(), inquiries.Reply("accept"), by=person)
    fresh = NeedFactory(office=akita.offices.get())
    inquiries.offer(fresh, firm, inquiries.Reply("part", volume=3), by=person)
    assert Proposal.objects.get(need=fresh).origin == "firm"


def test_the_offices_list(akita: User, inquiry: Inquiry, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    Inquiry.objects.filter(pk=inquiry.pk).update(answer_by=timezone.localdate() - timedelta(days=1))
    InquiryFactory(state="declined")
    for _ in range(5):
        InquiryFactory()
    browser = sign_in(akita)
    with django_assert_max_num_queries(14):
        page = browser.get("/inquiries/").content.decode()
    assert "Overdue" in page
    for query, count in (("overdue=true", 1), ("state=declined", 1), (f"need={inquiry.need_id}", 1), ("q=どこ", 0)):
        assert len(browser.get(f"/inquiries/?{query}").context["page_obj"]) == count, query
    export = b"".join(browser.get("/inquiries/export.csv?state=sent").streaming_content)  # type: ignore[attr-defined]
    assert inquiry.firm.name in export.decode()
    assert "overdue=true" in browser.get("/").content.decode()


def test_feedback_is_released_by_the_office_in_softened_words(akita: User, inquiry: Inquiry) -> None:
    proposal = Proposal.objects.get(need=inquiry.need, firm=inquiry.firm)
    person, browser = FirmUserFactory(inquiry.firm), sign_in(akita)
    url = reverse("matching:feedback", args=[proposal.pk])
    said = {"seen": "0", "code": "certification", "detail": "EN 1090-2 EXC3", "note": "講習をご案内します。"}
    assert browser.post(url, said).status_code == 409, "nobody has said no"
    take("reject", proposal, by=akita, reason="distance", note="秘密のメモ")
    page = browser.get(proposal.get_absolute_url()).content.decode()
    assert '<option value="distance" selected>' in page
    ConsentFactory(proposal)
    made = CandidateList.objects.create(number="L-X", need=proposal.need, recipient="Holm A/S", made_by=akita)
    entry = made.entries.create(position=1, firm=proposal.firm, row={})
    buyer = {"by": BureauFactory(name="Karen Holm"), "verdict": "reject", "note": "秘密の理由"}
    Answer.objects.create(entry=entry, number=1, code="CERT_MISSING", detail="EN 1090-2 EXC3", **buyer)
    page = browser.get(proposal.get_absolute_url()).content.decode()
    assert '<option value="certification" selected>' in page
    firm = sign_in(person)
    assert "certificate was needed" not in firm.get("/concerns/").content.decode(), "never by itself"
    for wrong in ({"code": "PRICE"}, {"seen": ""}, {"note": "x" * 501}):
        assert browser.post(url, said | wrong).status_code == 422
    assert browser.post(url, said).status_code == 302
    assert browser.post(url, said).status_code == 409, "a second click tells nobody twice"
    page = firm.get("/concerns/").content.decode()
    for words in ("certificate was needed", "EN 1090-2 EXC3", "講習をご案内します。", "not chosen this time"):
        assert words in page.lower() or words in page, words
    for hidden in ("秘密", "Holm", "Karen", "工藤"):
        assert hidden not in page, hidden
    notice = Notice.objects.filter(person=person).latest("pk")
    assert (notice.kind, notice.url) == ("feedback.released", f"/concerns/#feedback-{proposal.feedback.get().pk}")
    hidden_need = NeedFactory(visibility="nda", office=akita.offices.get())
    unknown = ProposalFactory(need=hidden_need, firm=inquiry.firm, state="rejected")
    assert browser.post(reverse("matching:feedback", args=[unknown.pk]), said).status_code == 409
    assert "Feedback to the firm" not in browser.get(unknown.get_absolute_url()).content.decode()


def test_every_reason_has_softened_words() -> None:
    assert set(OF_DECISIONS) <= set(REJECT_REASONS)
    assert {*OF_DECISIONS.values(), *OF_BUYERS.values(), "general"} == set(ADVICE)
