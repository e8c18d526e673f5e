"""The lists of firms, projects and needs: page, export and API answer alike."""

import csv
import io
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.http import HttpResponseBase
from django.test import Client

from registry.listing import kept
from registry.models import Firm, Role, User
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CapabilityFactory,
    CertificationFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    IndustryFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
LISTS = ("/firms/", "/projects/", "/needs/")


def test_what_is_kept_for_a_person_is_kept_for_their_role_and_scope() -> None:
    person = BureauFactory()
    assert kept.rows("counted", person, lambda: ["all"]) == kept.rows("counted", person, list) == ["all"]
    person.role = Role.FIRM
    assert kept.rows("counted", person, list) == []


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]


def shown(client: Client, query: str = "", path: str = "/firms/") -> list[str]:
    return [row.name for row in client.get(path + query).context["page_obj"]]


@pytest.fixture
def bureau(sign_in: SignIn) -> Client:
    return sign_in(BureauFactory())


def test_firms_are_sorted_by_kana_without_the_legal_form(bureau: Client) -> None:
    for name, kana in (
        ("株式会社男鹿めっき", "オガメッキ"),
        ("㈱秋田製缶", "アキタセイカン"),
        ("能代工業", "ノシロコウギョウ"),
    ):
        FirmFactory(name=name, name_kana=kana)
    assert shown(bureau) == ["㈱秋田製缶", "株式会社男鹿めっき", "能代工業"]
    assert shown(bureau, "?sort=-name") == ["能代工業", "株式会社男鹿めっき", "㈱秋田製缶"]


@pytest.mark.parametrize("word", ["ﾒｯｷ", "メッキ", "めっき", "ＭＥＫＫＩ", "mekki"])
def test_search_does_not_mind_width_and_kana(bureau: Client, word: str) -> None:
    FirmFactory(name="男鹿めっき", name_en="Oga Mekki")
    FirmFactory(name="秋田製缶")
    assert shown(bureau, f"?q={quote(word)}") == ["男鹿めっき"]


@pytest.mark.parametrize("word", ["%", "_", "\\", "'", '"', "100%", "(", ".*", "a*"])
def test_signs_of_a_pattern_mean_themselves(bureau: Client, word: str) -> None:
    FirmFactory(name="秋田製缶")
    FirmFactory(name=f"印{word}印")
    assert shown(bureau, f"?q={quote(word)}") == [f"印{word}印"]


def test_each_filter_narrows_the_list(bureau: Client) -> None:
    iso, welding = CertificationFactory(), CapabilityFactory()
    found = FirmFactory(
        name="当社", municipality=MunicipalityFactory("02201"), industry=IndustryFactory("245"), employees=120,
        state=Firm.State.DRAFT, is_sample=True, capabilities=[welding], certifications=[iso],
    )  # fmt: skip
    FirmFactory(name="他社")
    queries = ["prefecture=02", "municipality=02201", "industry=24", "industry=245", f"capability={welding.pk}"]
    IndustryFactory("24")
    queries += [
        f"certification={iso.pk}",
        "employees_min=１００",
        "employees_min=100&employees_max=1,000",
        "state=draft",
    ]
    for query in [*queries, "state=draft", "sample=true", "q=当社"]:
        assert shown(bureau, f"?{query}") == [found.name], query
    assert shown(bureau, "?prefecture=02&sample=false") == []


@pytest.mark.parametrize(
    "query",
    ["employees_min=x", "employees_min=-1", "employees_min=99999999999999999999", "state=gone", "prefecture=%00",
     "prefecture=99", "sort=contact_email", "sort=password", "q=" + "a" * 101, "q=%00", "sample=maybe"],
)  # fmt: skip
def test_an_invalid_filter_is_said_and_never_ignored(bureau: Client, query: str) -> None:
    FirmFactory()
    page = bureau.get(f"/firms/?{query}")
    assert page.status_code == 200
    assert page.context["filter"].form.errors
    assert list(page.context["page_obj"]) == []
    assert bureau.get(f"/firms/export.csv?{query}").status_code == 400
    assert bureau.get(f"/api/firms/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["colour=red", "state=draft&state=published", "page=1&contact_email=a", "format=xml"])
@pytest.mark.parametrize("name", ["firms", "projects", "needs"])
def test_unknown_and_repeated_parameters_are_refused_by_files_and_api(bureau: Client, name: str, query: str) -> None:
    assert bureau.get(f"/{name}/export.xlsx?{query}").status_code == 400
    assert bureau.get(f"/api/{name}/?{query}").status_code in {400, 404}


def test_page_export_and_api_hold_the_same_rows(sign_in: SignIn) -> None:
    for code in ("05202", "05206", "02201"):
        FirmFactory(municipality=MunicipalityFactory(code))
    akita = FirmFactory(name="当社")
    for user in (CoordinatorFactory("05"), CoordinatorFactory("02"), BureauFactory()):
        client = sign_in(user)
        page = {firm.pk for firm in client.get("/firms/").context["page_obj"]}
        rows = csv.DictReader(io.StringIO(body(client.get("/firms/export.csv")).decode("utf-8-sig")))
        api = {row["id"] for row in client.get("/api/firms/").json()["results"]}
        assert page == api == {int(next(iter(row.values()))) for row in rows}
    own = sign_in(FirmUserFactory(akita))
    assert [row["id"] for row in own.get("/api/firms/").json()["results"]] == [akita.pk]


def test_an_export_goes_beyond_the_page_and_keeps_the_filter(bureau: Client) -> None:
    for _n in range(60):
        FirmFactory(employees=10)
    FirmFactory(employees=500)
    lines = body(bureau.get("/firms/export.csv?employees_max=100&sort=-name")).decode("utf-8-sig").splitlines()
    assert len(lines) == 61
    assert body(bureau.get("/firms/export.xlsx"))[:2] == b"PK"


def test_contacts_are_in_the_offices_files_but_not_in_the_api(sign_in: SignIn) -> None:
    FirmFactory(contact_email="kokoro@example.jp")
    client = sign_in(CoordinatorFactory())
    assert b"kokoro@example.jp" in body(client.get("/firms/export.csv"))
    for path in ("/firms/", "/api/firms/"):
        assert b"kokoro" not in client.get(path).content


def test_no_cell_starts_a_formula(bureau: Client) -> None:
    FirmFactory(name="=1+1", capability_text="@SUM(A1)", address="+cmd|' /C calc'!A0")
    text = body(bureau.get("/firms/export.csv")).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+cmd"))]


@pytest.mark.parametrize("number", ["0", "-1", "2", "9" * 30, "x", "", "9" * 5000])
def test_a_page_beyond_the_last_is_not_found(bureau: Client, number: str) -> None:
    FirmFactory()
    assert bureau.get(f"/firms/?page={number}").status_code == 404
    assert bureau.get(f"/api/firms/?page={number}").status_code == 400


def test_pages_neither_repeat_nor_skip_equal_rows(bureau: Client) -> None:
    for _n in range(120):
        FirmFactory(name="同名", name_kana="ドウメイ", employees=None)
    seen = [row.pk for n in (1, 2, 3) for row in bureau.get(f"/firms/?sort=-employees&page={n}").context["page_obj"]]
    assert sorted(seen) == sorted(Firm.objects.values_list("pk", flat=True))


def test_rows_without_a_value_come_last_both_ways(bureau: Client) -> None:
    FirmFactory(name="不明", employees=None)
    FirmFactory(name="小", employees=1)
    FirmFactory(name="大", employees=9)
    assert shown(bureau, "?sort=employees") == ["小", "大", "不明"]
    assert shown(bureau, "?sort=-employees") == ["大", "小", "不明"]


def test_htmx_gets_the_rows_alone(bureau: Client) -> None:
    FirmFactory()
    answer = bureau.get("/firms/", headers={"HX-Request": "true", "HX-Target": "results"})
    assert answer.content.lstrip().startswith(b'<div id="results">')
    assert "HX-Request" in answer["Vary"]
    assert b"<html" in bureau.get("/firms/", headers={"HX-Request": "true"}).content


@pytest.mark.parametrize("path", LISTS)
def test_a_list_without_rows_says_so(bureau: Client, path: str) -> None:
    assert b'class="empty"' in bureau.get(path).content


def test_the_choice_of_projects_does_not_tell_of_hidden_needs(sign_in: SignIn) -> None:
    NeedFactory(project=ProjectFactory(name="秘密の計画"), visibility="nda")
    public = NeedFactory()
    client = sign_in(UserFactory(Role.FIRM))
    assert "秘密の計画" not in client.get("/needs/").content.decode()
    assert client.get(f"/needs/?project={public.project_id}").context["filter"].is_valid()


def test_the_anchor_side_has_no_list_of_firms(sign_in: SignIn) -> None:
    client = sign_in(AnchorFactory())
    for path in ("/firms/", "/firms/export.csv", "/api/firms/"):
        assert client.get(path).status_code == 403
