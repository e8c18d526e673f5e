"""Public registers: recorded answers on a local server, nothing written unticked, plain words when it fails."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
import urllib3
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registry.models import Firm, KeptAnswer, User
from registry.official import fetch as edge
from tests import factories as make
from tests.api.conftest import send

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
NUMBER = make.corporate_number(9_000_001)
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<corporations><lastUpdateDate>2026-11-20</lastUpdateDate><count>1</count><divideNumber>1</divideNumber>
<divideSize>1</divideSize><corporation><sequenceNumber>1</sequenceNumber><corporateNumber>{NUMBER}</corporateNumber>
<process>12</process><correct>0</correct><updateDate>2024-05-01</updateDate><changeDate>2024-04-20</changeDate>
<name>株式会社男鹿メッキ</name><nameImageId/><kind>301</kind><prefectureName>秋田県</prefectureName>
<cityName>男鹿市</cityName><streetNumber>船川港船川字新浜町１番地</streetNumber><addressImageId/>
<prefectureCode>05</prefectureCode><cityCode>206</cityCode><postCode>0100511</postCode><addressOutside/>
<addressOutsideImageId/><closeDate/><closeCause/><successorCorporateNumber/><changeCause/>
<assignmentDate>2015-10-05</assignmentDate><latest>1</latest><enName>OGA PLATING CO., LTD.</enName>
<enPrefectureName>Akita</enPrefectureName><enCityName>1, Shinhamacho, Funagawaminato, Oga city</enCityName>
<enAddressOutside/><furigana>オガメッキ</furigana><hihyoji>0</hihyoji></corporation></corporations>"""
NONE = """<?xml version="1.0" encoding="UTF-8"?>
<corporations><lastUpdateDate>2026-11-20</lastUpdateDate><count>0</count><divideNumber>1</divideNumber>
<divideSize>1</divideSize></corporations>"""
JSON = {
    "hojin-infos": [
        {
            "corporate_number": NUMBER,
            "name": "株式会社男鹿メッキ",
            "kana": "オガメッキ",
            "name_en": None,
            "postal_code": "0100511",
            "location": "秋田県男鹿市船川港船川字新浜町１番地",
            "representative_name": "男鹿　太郎",
            "representative_position": "代表取締役",
            "business_items": ["108"],
            "business_summary": None,
            "capital_stock": 10_000_000,
            "employee_number": 52,
            "company_size_male": None,
            "date_of_establishment": "1974-04-01",
            "founding_year": 1974,
            "company_url": "javascript:alert(1)",
            "close_date": None,
            "close_cause": None,
            "status": "-",
            "update_date": "2026-10-01T00:00:00+09:00",
        }
    ],
    "id": None,
    "message": "200 - OK.",
    "errors": None,
}


class Recorded(BaseHTTPRequestHandler):
    """Plays what was recorded, by the first part of the path: status, body and how many seconds it takes."""

    answers: ClassVar[dict[str, tuple[int, bytes, float]]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("X-hojinInfo-api-token", "")))
        status, body, seconds = self.answers[self.path.split("/")[1].split("?")[0]]
        time.sleep(seconds)
        self.send_response(status)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # the reader has gone
            return

    def log_message(self, *_args: Any) -> None:
        return


@pytest.fixture
def registers(settings: LazySettings) -> Iterator[type[Recorded]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorded)
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    settings.HOUJIN_API_ID, settings.HOUJIN_API_URL = "K123", f"{base}/num"
    settings.GBIZINFO_TOKEN, settings.GBIZINFO_URL = "T123", f"{base}/hojin"
    Recorded.asked.clear()
    Recorded.answers.update(num=(200, XML.encode(), 0), hojin=(200, json.dumps(JSON).encode(), 0))
    yield Recorded
    server.shutdown()
    server.server_close()


@pytest.fixture
def firm() -> Firm:
    oga = make.MunicipalityFactory("05206")
    return make.FirmFactory(name="㈱男鹿メッキ", name_kana="オガメッキ", corporate_number=NUMBER, municipality=oga)


@pytest.fixture
def kudo() -> User:
    return make.CoordinatorFactory("05", name="工藤 健")


def ask(browser: Client, firm: Firm) -> Any:
    return browser.post(reverse("registry:firm-official", args=[firm.pk]))


def test_what_differs_is_shown_and_only_what_is_ticked_is_taken_over(
    registers: type[Recorded], firm: Firm, kudo: User
) -> None:
    browser = make.sign_in(kudo)
    page = ask(browser, firm)
    assert [line[0] for line in page.context["lines"]] == [
        *("name", "name_en", "place", "employees", "capital_jpy", "founded"),
    ]
    assert registers.asked[0][0] == f"/num?id=K123&number={NUMBER}&type=12&history=0"
    assert registers.asked[1] == (f"/hojin/{NUMBER}", "T123")
    firm.refresh_from_db()
    assert (firm.name, firm.postal_code) == ("㈱男鹿メッキ", "")
    take = reverse("registry:firm-official-take", args=[firm.pk])
    chosen = {"answer": page.context["signed"], "take": ["place", "employees"]}
    assert browser.post(take, chosen).status_code == 302
    firm.refresh_from_db()
    assert (firm.name, firm.employees, firm.capital_jpy) == ("㈱男鹿メッキ", 52, None)
    assert (firm.postal_code, firm.address) == ("0100511", "船川港船川字新浜町１番地")
    event = firm.events.get()
    assert (event.by, {name for name, *_ in event.changes}) == (kudo, {"postal_code", "address", "employees"})
    assert browser.post(take, chosen).status_code == 409  # a second click, or an edit since


def test_a_program_asks_and_takes_over_what_it_names(
    registers: type[Recorded], firm: Firm, kudo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr("registry.api.firms.REGISTERS_PER_MINUTE", 2)
    client, url = make.sign_in(kudo), f"/api/firms/{firm.pk}/"
    asked, _again, third = (send(client, f"{url}official/", {}, key="k") for _ in range(3))
    assert (third.status_code, 0 < int(third["Retry-After"]) <= 60) == (429, True)
    assert not KeptAnswer.objects.exists()  # no transaction is open while a register is asked
    asked = asked.json()
    offered = {line["part"]: line for line in asked["offered"]}
    assert (offered["employees"]["here"], offered["employees"]["there"], asked["problems"]) == ("30", "52", [])
    wanted = {"step": "take_over", "answer": asked["answer"], "parts": ["employees"]}
    assert send(client, f"{url}steps/", wanted | {"answer": "made:up"}).status_code == 422
    assert send(client, f"{url}steps/", wanted | {"parts": ["contact"]}).status_code == 409
    assert send(make.sign_in(make.FirmUserFactory(firm)), f"{url}steps/", wanted).status_code == 403
    said = send(client, f"{url}steps/", wanted).json()
    assert (said["employees"], said["name"]) == (52, firm.name)
    assert send(client, f"{url}steps/", wanted).status_code == 409  # the firm was saved since it was asked


def test_an_answer_that_was_made_up_or_is_of_another_firm_is_refused(
    registers: type[Recorded], firm: Firm, kudo: User
) -> None:
    browser, other = make.sign_in(kudo), make.FirmFactory()
    signed = ask(browser, firm).context["signed"]
    for target, answer in ((firm, "made:up"), (other, signed)):
        take = reverse("registry:firm-official-take", args=[target.pk])
        assert browser.post(take, {"answer": answer, "take": "employees"}).status_code == 422
    assert set(Firm.objects.values_list("employees", flat=True)) == {30}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((403, b"", 0), "refuses our key"),
        ((429, b"", 0), "too many questions"),
        ((503, b"<html>", 0), "fault of its own (503)"),
        ((400, b"", 0), "refused the question (400)"),
        ((302, b"", 0), "refused the question (302)"),
        ((200, b"<html><p>maintenance", 0), "cannot be read"),
        ((200, b"<!DOCTYPE x [<!ENTITY a 'b'>]><corporations/>", 0), "cannot be read"),
        ((200, XML.replace(NUMBER, make.corporate_number(9_000_002)).encode(), 0), "cannot be read"),
        ((200, b"x" * 600_000, 0), "cannot be read"),
        ((200, XML.encode(), 0.6), "did not answer in time"),
    ],
)
def test_a_register_that_fails_is_named_and_the_other_one_still_answers(
    answer: tuple[int, bytes, float],
    told: str,
    registers: type[Recorded],
    firm: Firm,
    kudo: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    impatient = urllib3.PoolManager(timeout=urllib3.Timeout(connect=0.3, read=0.3), retries=False)
    monkeypatch.setattr(edge, "_POOL", impatient)
    registers.answers["num"] = answer
    page = ask(make.sign_in(kudo), firm)
    [problem] = page.context["answer"].problems
    assert told in problem
    assert "National Tax Agency" in problem
    assert "capital_jpy" in {line[0] for line in page.context["lines"]}


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"hojin-infos": "x"}', b"[" * 100_000])
def test_json_of_another_shape_is_an_answer_that_cannot_be_read(
    body: bytes, registers: type[Recorded], firm: Firm, kudo: User
) -> None:
    registers.answers["hojin"] = (200, body, 0)
    assert "cannot be read" in ask(make.sign_in(kudo), firm).context["answer"].problems[0]


def test_a_closed_or_unknown_corporation_is_said(registers: type[Recorded], firm: Firm, kudo: User) -> None:
    registers.answers.update(
        num=(200, XML.replace("<closeDate/>", "<closeDate>2026-03-31</closeDate>").encode(), 0), hojin=(404, b"", 0)
    )
    browser = make.sign_in(kudo)
    page = ask(browser, firm).content.decode()
    assert "The corporation is closed" in page
    assert "not known to gBizINFO" in page
    closed = json.dumps(JSON).replace('"-"', '"閉鎖"')  # as a register says it that does not know the day
    registers.answers.update(num=(200, NONE.encode(), 0), hojin=(200, closed.encode(), 0))
    answer = ask(browser, firm).context["answer"]
    assert (answer.closed, len(answer.unknown)) == (["gBizINFO"], 1)


def test_without_a_key_nobody_is_asked_and_the_page_says_how(firm: Firm, kudo: User, settings: LazySettings) -> None:
    settings.HOUJIN_API_ID = settings.GBIZINFO_TOKEN = ""
    browser = make.sign_in(kudo)
    assert "docs/operations.md" in browser.get(reverse("registry:firm-official", args=[firm.pk])).content.decode()
    assert "/official/" not in browser.get(firm.get_absolute_url()).content.decode()


def test_a_firm_without_a_number_cannot_be_asked_about(registers: type[Recorded], kudo: User) -> None:
    page = ask(make.sign_in(kudo), make.FirmFactory(corporate_number=None))
    assert page.status_code == 422
    assert not registers.asked
