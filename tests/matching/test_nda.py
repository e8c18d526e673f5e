"""NDAs: what a firm reads before and after, and when a need goes under NDA while firms are being asked."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching import inquiries, nda
from matching.models import Inquiry
from registry.models import DrawingOpening, Firm, Nda, Need, NeedDrawing, Notice, User
from registry.steps import StepRefused
from tests.factories import CoordinatorFactory, FirmFactory, FirmUserFactory, InquiryFactory, NeedFactory, sign_in
from tests.needs import filled

pytestmark = pytest.mark.django_db


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
    return [
        browser.get(reverse("matching:firm-drawing", args=[inquiry.pk, one.pk])).status_code
        for one in NeedDrawing.objects.order_by("pk")
    ]


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
    assert DrawingOpening.objects.filter(firm=inquiry.firm, by=sato).count() == 2
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
