"""NDAs: what a firm reads before and after, and when a need goes under NDA while firms are being asked."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching import inquiries, nda
from matching.models import Inquiry, Proposal
from registry.models import DrawingOpening, Firm, Nda, Need, NeedDrawing, Notice, User
from registry.steps import StepRefused
from tests.factories import CoordinatorFactory, FirmFactory, FirmUserFactory, InquiryFactory, NeedFactory, sign_in
from tests.needs import filled

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


@pytest.fixture(autouse=True)
def own_files(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kudo() -> User:
    return CoordinatorFactory("05")


@pytest.fixture
def firm() -> Firm:
    return FirmFactory()


@pytest.fixture
def inquiry(kudo: User, firm: Firm) -> Inquiry:
    need = NeedFactory(office=kudo.offices.get(), title="秘密の羽根車")
    for title, flagged in (("断面図", False), ("公差表", True)):
        drawing = NeedDrawing(need=need, title=title, flagged=flagged, uploaded_by=kudo)
        drawing.file.save("scan.pdf", ContentFile(b"%PDF-"))
    return InquiryFactory(need=need, firm=firm, asked_by=kudo)


def opened(browser: Client, inquiry: Inquiry) -> list[int]:
    """What the page answers for each drawing; a program is answered alike, and reads beforehand what it may open."""
    told = browser.get(f"/api/concerns/{inquiry.pk}/").json().get("drawings", [])
    found = {}
    for one in NeedDrawing.objects.order_by("pk"):
        page = browser.get(reverse("matching:firm-drawing", args=[inquiry.pk, one.pk]))
        file = browser.get(f"/api/concerns/{inquiry.pk}/drawings/{one.pk}/")
        assert page.status_code == file.status_code
        found[one.pk] = page.status_code
    assert {one["id"] for one in told} == {pk for pk, status in found.items() if status == 200}
    return list(found.values())


def test_a_firm_opens_drawings_after_its_nda_and_while_its_inquiry_stands(inquiry: Inquiry, kudo: User) -> None:
    sato = FirmUserFactory(inquiry.firm)
    own, office = sign_in(sato), sign_in(kudo)
    assert opened(own, inquiry) == [404, 404]
    assert "断面図" not in own.get(inquiry.get_absolute_url()).text
    record = reverse("matching:nda", args=[inquiry.pk, "record"])
    for _click in range(2):
        office.post(record, {"signed_on": timezone.localdate()})
    assert Nda.objects.count() == 1
    assert Notice.objects.filter(person=sato, kind="nda.recorded").count() == 1
    assert opened(own, inquiry) == [200, 200]
    assert "断面図" in own.get(inquiry.get_absolute_url()).text
    assert DrawingOpening.objects.filter(firm=inquiry.firm, by=sato).count() == 4
    assert opened(sign_in(FirmUserFactory(FirmFactory())), inquiry) == [404, 404]
    inquiries.take("withdraw", inquiry, by=kudo)
    assert opened(own, inquiry) == [404, 404]


def test_nothing_flagged_reaches_a_firms_account_abroad(inquiry: Inquiry, kudo: User) -> None:
    nda.record(inquiry, by=kudo, signed_on=timezone.localdate())
    assert opened(sign_in(FirmUserFactory(inquiry.firm, overseas=True)), inquiry) == [200, 404]


def test_a_need_that_goes_under_nda_closes_to_firms_until_theirs_is_recorded(inquiry: Inquiry, kudo: User) -> None:
    own, other, office = (sign_in(user) for user in (FirmUserFactory(inquiry.firm), FirmUserFactory(), kudo))
    need, path = inquiry.need, inquiry.need.get_absolute_url()
    assert [browser.get(path).status_code for browser in (own, other)] == [200, 200]
    office.post(f"{path}edit/", filled(office.get(f"{path}edit/"), visibility="nda"))
    assert [browser.get(path).status_code for browser in (own, other)] == [404, 404]
    assert "秘密の羽根車" not in own.get(inquiry.get_absolute_url()).text
    panel = reverse("matching:need-panel", args=[need.pk, "inquiries"])
    page = office.get(panel).text
    assert "Under NDA since" in page
    assert "knew the need before" in page
    nda.record(inquiry, by=kudo, signed_on=timezone.localdate())
    assert [browser.get(path).status_code for browser in (own, other)] == [200, 404]
    assert "秘密の羽根車" in own.get("/needs/").text
    nda.end(inquiry, by=kudo)
    nda.end(inquiry, by=kudo)
    assert own.get(path).status_code == 404
    assert nda.record(inquiry, by=kudo, signed_on=timezone.localdate()).pk  # a new one after that


def test_only_those_in_charge_record_an_nda_and_only_for_a_firm_that_is_asked(inquiry: Inquiry, kudo: User) -> None:
    today = timezone.localdate()
    neighbour = CoordinatorFactory("05")  # sees need and firm, and is not in charge
    assert sign_in(neighbour).post(reverse("matching:nda", args=[inquiry.pk, "record"])).status_code == 404
    with pytest.raises(StepRefused, match="in charge"):
        nda.record(inquiry, by=neighbour, signed_on=today)
    inquiries.take("withdraw", inquiry, by=kudo)
    with pytest.raises(StepRefused):
        nda.record(inquiry, by=kudo, signed_on=today)
    assert not Nda.objects.exists()


def test_a_closed_need_closes_its_drawings_to_firms(inquiry: Inquiry, kudo: User) -> None:
    nda.record(inquiry, by=kudo, signed_on=timezone.localdate())
    Need.objects.update(state="closed")
    assert opened(sign_in(FirmUserFactory(inquiry.firm)), inquiry) == [404, 404]


def test_a_firm_asks_for_the_nda_of_a_need_answers_after_it_and_promises_nothing_before(
    inquiry: Inquiry, kudo: User
) -> None:
    firm = FirmFactory()
    sato, need = FirmUserFactory(firm), inquiry.need
    own, path = sign_in(sato), reverse("matching:nda-ask", args=[need.pk])
    assert own.post(path).status_code == 409  # no NDA is asked for
    Need.objects.update(nda_first=True)
    assert path in own.get(need.get_absolute_url()).text
    assert "秘密の羽根車" in own.get(path).text
    for _click in range(2):
        assert own.post(path).status_code == 302
    asked = Inquiry.objects.get(firm=firm)
    assert (asked.state, asked.origin, asked.events.get().step) == ("sent", "firm", "nda")
    assert Notice.objects.get(person=kudo).kind == "nda.asked"
    assert Proposal.objects.get(firm=firm).decisions.get().note == "Request for an NDA by the firm"
    assert "Raised by the firm" in sign_in(kudo).get(asked.get_absolute_url()).text
    assert (opened(own, asked), "断面図" in own.get(asked.get_absolute_url()).text) == ([404, 404], False)
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        sign_in(kudo).post(reverse("matching:nda", args=[asked.pk, "record"]), {"signed_on": timezone.localdate()})
        asked.refresh_from_db()
        assert not asked.is_overdue
    assert opened(own, asked) == [200, 200]
    reply = inquiries.Reply("decline", reason="capability")
    assert inquiries.answer(asked, reply, by=sato).target == "declined"
