"""Reading through the API: pages by cursor, ETags, strict parameters, problems in the reader's language, limits."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from matching.models import Disclosure, ListAccess
from matching.release import make_list, release
from matching.review import take
from registry.imports import upload
from registry.models import Consortium, Event
from registry.register import decide_claim
from tests.api.conftest import Program
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    ClaimFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    OfficeFactory,
    PrefectureFactory,
    ProposalFactory,
    UserFactory,
    sign_in,
)

pytestmark = pytest.mark.django_db


def pages(client: Client, url: str) -> Iterator[list[dict[str, Any]]]:
    following = url
    while following:
        answer = client.get(following).json()
        yield answer["results"]
        following = answer["next"]


@pytest.mark.parametrize("sort", ["", "name", "-name", "employees", "-employees", "updated_at", "-updated_at"])
def test_pages_by_cursor_hold_every_row_once_in_the_order_of_the_page(sort: str) -> None:
    for n in range(11):
        FirmFactory(name=f"同名{n % 3}", name_kana="ドウメイ", employees=[None, 5, 9][n % 3])
    browser = sign_in(BureauFactory())
    found = [
        row["id"] for page in pages(browser, "/api/firms/?limit=4" + (f"&sort={sort}" if sort else "")) for row in page
    ]
    assert found == [row.pk for row in browser.get(f"/firms/?sort={sort}").context["page_obj"]]


def test_a_row_that_comes_in_between_neither_repeats_nor_hides_another() -> None:
    for n in range(4):
        FirmFactory(name_kana=f"カ{n}")
    browser, seen = sign_in(BureauFactory()), []
    for page in pages(browser, "/api/firms/?limit=2"):
        seen += [row["id"] for row in page]
        FirmFactory(name_kana="ア")
    assert len(seen) == len(set(seen)) == 4


def test_the_queue_goes_on_by_cursor_too() -> None:
    need = NeedFactory()
    rows = [ProposalFactory(need=need, score=n % 2 / 10) for n in range(5)]
    found = [row["id"] for page in pages(sign_in(BureauFactory()), "/api/proposals/?limit=2") for row in page]
    assert sorted(found) == sorted(row.pk for row in rows)
    assert found == [row.pk for row in sorted(rows, key=lambda row: (row.due_on, -row.score, row.pk))]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=9223372036854775808", "limit=2&limit=3", "prefecture=",
     "offset=1", "page=1", "cursor=x", "cursor=%00", "cursor=%ED%A0%80", f"cursor={'9' * 5000}", "%00=1"],
)  # fmt: skip
def test_a_wrong_cursor_limit_or_parameter_is_refused(query: str) -> None:
    answer = sign_in(BureauFactory()).get(f"/api/firms/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_cursor_belongs_to_one_list_in_one_order() -> None:
    for _n in range(3):
        FirmFactory()
    browser = sign_in(BureauFactory())
    cursor = browser.get("/api/firms/?limit=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert browser.get(f"/api/firms/?limit=1&cursor={cursor}").status_code == 200
    assert browser.get(f"/api/firms/?limit=1&sort=-name&cursor={cursor}").status_code == 400
    assert browser.get(f"/api/needs/?limit=1&cursor={cursor}").status_code == 400
    assert browser.get(f"/api/firms/?limit=1&cursor={cursor}x").status_code == 400


def test_an_object_that_has_not_changed_is_not_sent_again() -> None:
    firm, browser = FirmFactory(), sign_in(BureauFactory())
    url = f"/api/firms/{firm.pk}/"
    etag = browser.get(url)["ETag"]
    again = browser.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    firm.address = "能代市"
    firm.save()
    changed = browser.get(url, headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_an_object_takes_no_parameter() -> None:
    firm = FirmFactory()
    assert sign_in(BureauFactory()).get(f"/api/firms/{firm.pk}/?expand=contacts").status_code == 400


def test_a_refusal_is_a_problem_in_the_readers_language() -> None:
    client = Client(headers={"accept-language": "ja"})
    client.force_login(BureauFactory())
    for url, status in [
        ("/api/firms/0/", 404),
        ("/api/nowhere/", 404),
        ("/api/firms/%0A/", 404),
        ("/api/firms/?colour=red", 400),
    ]:
        answer = client.get(url)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        said = json.loads(answer.content)
        assert said["status"] == status
        assert any("\u3040" < letter < "\u30ff" for letter in said["detail"])


@pytest.mark.parametrize("method", ["get", "head", "options", "post", "delete"])
def test_who_asks_too_often_waits_whatever_the_method(method: str, settings: LazySettings) -> None:
    cache.clear()
    settings.API_PER_MINUTE = 5
    browser = sign_in(BureauFactory())
    statuses = [getattr(browser, method)("/api/firms/").status_code for _n in range(7)]
    assert 429 not in statuses[:5]
    assert statuses[5:] == [429, 429]
    assert 0 < int(getattr(browser, method)("/api/FIRMS/../firms/")["Retry-After"]) <= 60


def test_many_tokens_are_one_person(program: Program, settings: LazySettings) -> None:
    cache.clear()
    settings.API_PER_MINUTE = 5
    user = BureauFactory()
    clients = [program(user) for _n in range(4)]
    assert [client.get("/api/needs/").status_code for client in clients * 2] == [200] * 5 + [429] * 3


def test_an_address_cannot_be_made_up(settings: LazySettings) -> None:
    cache.clear()
    settings.API_ANONYMOUS_PER_MINUTE = 5
    statuses = [
        Client().get("/api/firms/", headers={"x-forwarded-for": f"10.0.0.{n}", "authorization": "Bearer x"}).status_code
        for n in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2


def test_the_anchor_side_reads_of_a_list_what_firms_consent_to_and_that_is_written_down() -> None:
    akita, proposal = CoordinatorFactory(), ProposalFactory()
    take("shortlist", proposal, by=akita, reason="fit")
    ConsentFactory(proposal, fields=["identity"])
    made = make_list(proposal.need, by=akita, recipient="T1")
    release(made, akita)
    reader = AnchorFactory(proposal.need.project)
    said = sign_in(reader).get(f"/api/lists/{made.pk}/entries/").json()
    assert [entry["firm"] for entry in said["results"]] == [proposal.firm_id]
    assert said["results"][0]["fields"] == ["identity"]
    assert ListAccess.objects.get().act == "api"
    assert Disclosure.objects.get().fields == ["identity"]
    english = sign_in(reader).get(f"/api/lists/{made.pk}/entries/?language=en").json()
    assert (said["language"], english["language"]) == ("both", "en")
    blank = [one["results"][0]["row"]["capabilities"] for one in (said, english)]
    assert blank == ["開示なし / not disclosed", "not disclosed"]
    assert sign_in(reader).get(f"/api/lists/{made.pk}/entries/?language=fr").status_code == 400
    assert ListAccess.objects.count() == 2
    sign_in(akita).get(f"/api/lists/{made.pk}/entries/")
    assert ListAccess.objects.count() == 2


def test_a_firm_reads_of_a_hidden_need_only_what_the_office_wrote() -> None:
    firm = FirmFactory()
    inquiry = InquiryFactory(firm=firm, need=NeedFactory(title="canary", visibility="nda"), recipient="a maker")
    browser = sign_in(FirmUserFactory(firm))
    answer = browser.get(f"/api/concerns/{inquiry.pk}/")
    assert (answer.json()["need"], answer.json()["recipient"]) == (None, "a maker")
    assert b"canary" not in answer.content
    assert browser.get("/api/concerns/?q=canary").status_code == 400
    assert browser.get("/api/inquiries/").status_code == 403


def test_who_came_is_read_event_by_event_and_only_by_its_office() -> None:
    akita, firm = CoordinatorFactory("05"), FirmFactory()
    mine, other = (
        Event.objects.create(name="商談会", held_on=date(2026, 4, day), office=office)
        for day, office in ((1, akita.offices.get()), (2, OfficeFactory("02")))
    )
    mine.attendances.create(name="未登録の会社", people=2)
    for event in (mine, other):
        event.attendances.create(name=firm.name, firm=firm, people=3)
    browser = sign_in(akita)
    (said,) = browser.get("/api/events/").json()["results"]
    assert (said["id"], said["firms"], said["registered"], said["people"]) == (mine.pk, 2, 1, 5)
    came = [row for page in pages(browser, f"/api/attendance/?event={mine.pk}&limit=1") for row in page]
    assert [(row["firm_id"], row["prefecture"]) for row in came] == [(None, None), (firm.pk, firm.prefecture_id)]
    assert browser.get(f"/api/attendance/?event={other.pk}").json()["results"] == []
    assert len(sign_in(BureauFactory()).get("/api/attendance/?held_from=2026-04-02").json()["results"]) == 1


def test_a_list_of_imports_says_where_each_stands_and_not_what_is_in_it() -> None:
    akita = CoordinatorFactory("05")
    upload("名簿.csv", "名称,都道府県\ncanary,秋田県".encode(), by=akita, source="x")
    answer = sign_in(akita).get("/api/imports/")
    (said,) = answer.json()["results"]
    assert [said[name] for name in ("kind", "filename", "state", "new")] == ["firms", "名簿.csv", "columns", None]
    assert b"canary" not in answer.content
    assert sign_in(akita).get("/api/imports/?state=done").json()["results"] == []


def test_claims_and_notices_are_read_and_filed_as_the_page_filters_them() -> None:
    akita, person = CoordinatorFactory("05"), UserFactory()
    firms = [FirmFactory(prefecture=PrefectureFactory("05")) for _n in range(2)]
    waiting, decided = (ClaimFactory(firm=firm, user=person) for firm in firms)
    decide_claim("refuse", decided, by=akita, reason="別の方が担当です")
    office, reader = sign_in(akita), sign_in(person)
    assert [row["id"] for row in office.get("/api/claims/?state=pending").json()["results"]] == [waiting.pk]
    assert office.get(f"/api/claims/{decided.pk}/").json()["reason"] == "別の方が担当です"
    lines = b"".join(office.get("/claims/export.csv?state=refused")).decode().splitlines()
    assert ["別の方が担当です" in line for line in lines] == [False, True]
    (notice,) = reader.get("/api/notices/?show=unread").json()["results"]
    assert (notice["kind"], notice["read_at"]) == ("claim.refuse", None)
    assert "別の方が担当です" in notice["text"]
    reader.post("/notices/read/")
    assert reader.get("/api/notices/?show=unread").json()["results"] == []
    assert len(reader.get("/api/notices/").json()["results"]) == 1


def test_catalogues_hold_the_keys_that_other_objects_speak_of() -> None:
    firm = FirmFactory()
    Consortium.objects.create(code="kaze", name="風作戦")
    anybody = sign_in(UserFactory())
    keys = {row["key"] for row in anybody.get("/api/catalogues/municipalities/").json()["results"]}
    assert keys == {firm.municipality_id}
    assert anybody.get("/api/catalogues/users/").status_code == 404
    assert sign_in(BureauFactory()).get("/api/consortia/kaze/").json()["name"] == "風作戦"


def test_a_token_is_told_whose_it_is(program: Program) -> None:
    user = CoordinatorFactory()
    said = program(user, "read", "firms").get("/api/me/")
    assert said.status_code == 200
    assert said.json()["token"]["resources"] == ["firms"]
    assert said.json()["offices"] == list(user.scope.offices)


def test_figures_exposure_and_map_are_those_of_the_pages(program: Program) -> None:
    akita = CoordinatorFactory("05")
    client = program(akita)
    for _ in range(2):
        ProposalFactory()
    counted = client.get("/api/figures/").json()["results"]
    assert {line["count"] for line in counted if line["chart"] == "From proposal to contract"} >= {2}
    file: Any = sign_in(akita).get("/figures/export.csv")
    assert len(counted) == len(file.getvalue().decode().strip().splitlines()) - 1
    shown = client.get("/api/exposure/?limit=1").json()
    assert (len(shown["results"]), shown["cap"]) == (1, None)
    further = client.get(shown["next"]).json()
    assert further["next"] is None
    assert {row["proposals"] for row in (*shown["results"], *further["results"])} == {1}
    assert client.get("/api/exposure/?by=prefecture").json()["results"][0]["key"] == "05"
    lies = client.get("/api/map/?layer=firms").json()
    assert (lies["firms"], lies["needs"], lies["prefectures"][0]["key"]) == (2, 0, "05")
    for odd in (
        "exposure/?page=9",
        "exposure/?page=x",
        "exposure/?by=name",
        "figures/?colour=red",
        "figures/?office=",
        "map/?layer=x",
    ):
        assert client.get(f"/api/{odd}").status_code == 400, odd
