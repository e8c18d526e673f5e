import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching.models import Decision, Proposal, SavedFilter
from matching.review import take
from registry.models import Firm, Need, User
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    SectorFactory,
    sign_in,
)

pytestmark = pytest.mark.django_db
QUEUE = "/proposals/"


@pytest.fixture
def browser(akita: User) -> Client:
    return sign_in(akita)


def ids(browser: Client, query: str = "", path: str = QUEUE) -> list[int]:
    answer = browser.get(path + query)
    assert answer.status_code == 200, answer.content.decode()
    return [row.pk for row in answer.context["page_obj"]]


def api_ids(browser: Client, query: str = "") -> list[int]:
    answer = browser.get(f"/api/proposals/{query}")
    assert answer.status_code == 200, answer.content.decode()
    return [row["id"] for row in answer.json()["results"]]


def test_the_queue_shows_what_waits(browser: Client) -> None:
    waiting, held = ProposalFactory(), ProposalFactory(state=Proposal.State.HELD)
    ProposalFactory(state=Proposal.State.SHORTLISTED)
    ProposalFactory(state=Proposal.State.REJECTED)
    ProposalFactory(dropped_at=timezone.now())
    assert set(ids(browser)) == {waiting.pk, held.pk} == set(api_ids(browser))


def test_every_filter_finds_its_rows_on_page_export_and_api(browser: Client, akita: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    space = ProjectFactory(sector=SectorFactory("space"))
    rows = {
        "plain": ProposalFactory(),
        "late": ProposalFactory(due_on=yesterday),
        "near": ProposalFactory(score=0.8, band="strong"),
        "missed": ProposalFactory(score=0.05, band="miss"),
        "added": ProposalFactory(score=0.05, band="miss", origin="person"),
        "failed": ProposalFactory(verdict="fail"),
        "mine": ProposalFactory(assignee=akita),
        "space": ProposalFactory(need=NeedFactory(project=space, title="ターボポンプ")),
        "named": ProposalFactory(firm=FirmFactory(name="男鹿ﾒｯｷ")),
        "done": ProposalFactory(state=Proposal.State.SHORTLISTED),
        "dropped": ProposalFactory(dropped_at=timezone.now()),
    }
    waiting = set(rows) - {"done", "dropped", "missed"}
    expected = {
        "": waiting,
        "?state=all": set(rows),
        "?state=shortlisted": {"done"},
        "?state=proposed": set(rows) - {"done"},
        "?overdue=true": {"late"},
        "?overdue=false": waiting - {"late"},
        "?band=strong": {"near"},
        "?band=miss": {"missed", "added"},
        "?score=80": {"near"},
        "?score=81": set(),
        "?verdict=fail": {"failed"},
        "?assignee=me": {"mine"},
        f"?assignee={akita.pk}": {"mine"},
        "?assignee=nobody": waiting - {"mine"},
        "?cluster=space": {"space"},
        f"?project={space.pk}": {"space"},
        f"?need={rows['space'].need_id}": {"space"},
        f"?need={rows['space'].need.number}": {"space"},
        f"?firm={rows['named'].firm_id}": {"named"},
        "?prefecture=05": waiting,
        "?q=めっき": {"named"},
        "?q=ﾀｰﾎﾞ": {"space"},
        "?dropped=true": {"dropped"},
        "?dropped=false": waiting,
    }
    names = {row.pk: name for name, row in rows.items()}
    for query, found in expected.items():
        assert {names[pk] for pk in ids(browser, query)} == found, query
        assert {names[pk] for pk in api_ids(browser, query)} == found, query
        content = b"".join(browser.get(f"/proposals/export.csv{query}").streaming_content)  # type: ignore[attr-defined]
        table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert {names[int(row["ID"])] for row in table} == found, query


def test_who_reads_the_schema_leaves_the_filters_as_they_were(browser: Client, akita: User) -> None:
    """The schema's generator makes the fields of the class itself, without a request and so without its choices."""
    assert browser.get("/api/schema/").status_code == 200
    mine = ProposalFactory(assignee=akita)
    assert ids(browser, "?assignee=me") == ids(browser, f"?project={mine.need.project_id}") == [mine.pk]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("score", "bac"), ("-score", "cab"), ("firm", "acb"), ("-due_on", "cba"), ("due_on", "abc"), ("state", "cab")],
)
def test_every_sort_orders_its_rows(browser: Client, sort: str, order: str) -> None:
    today = timezone.localdate()
    rows = {
        "a": ProposalFactory(score=0.2, firm=FirmFactory(name="株式会社あ", name_kana="ア"), due_on=today),
        "b": ProposalFactory(score=0.1, firm=FirmFactory(name_kana="ン"), due_on=today + timedelta(1)),
        "c": ProposalFactory(
            score=0.3, firm=FirmFactory(name_kana="カ"), due_on=today + timedelta(2), state=Proposal.State.HELD
        ),
    }
    assert ids(browser, f"?sort={sort}") == [rows[name].pk for name in order]


@pytest.mark.parametrize(
    "query",
    ["?state=nonsense", "?score=x", "?score=101", "?need=%00", "?need=99999999999999999999", "?project=999",
     "?prefecture=%F0%9F", "?assignee=0", "?sort=password", "?overdue=maybe", "?need=-1", f"?q={'あ' * 101}"],
)  # fmt: skip
def test_a_wrong_value_is_said_and_never_dropped(browser: Client, query: str) -> None:
    ProposalFactory()
    answer = browser.get(QUEUE + query)
    assert answer.status_code == 200
    assert list(answer.context["page_obj"]) == []
    assert answer.context["filter"].form.errors
    assert browser.get(f"/proposals/export.csv{query}").status_code == 400
    assert browser.get(f"/api/proposals/{query}").status_code == 400


def test_an_unknown_parameter_is_refused_by_pages_exports_and_api(browser: Client) -> None:
    assert browser.get("/proposals/export.xlsx?prefectur=05").status_code == 400
    assert browser.get("/api/proposals/?prefectur=05").status_code == 400
    for path in (QUEUE, "/firms/", "/needs/", "/projects/", "/lists/"):
        answer = browser.get(f"{path}?utm_source=x")
        assert answer.status_code == 400
        assert "utm_source" in answer.content.decode()
        assert browser.get(f"{path}?sort=&page=1").status_code == 200
    assert browser.get("/proposals/?page=99").status_code == 404


def test_who_sees_what() -> None:
    akita_firm, aomori_firm = FirmFactory(), FirmFactory(municipality=MunicipalityFactory("02201"))
    public, secret = NeedFactory(), NeedFactory(visibility=Need.Visibility.NDA)
    rows = {
        "akita": ProposalFactory(need=public, firm=akita_firm),
        "aomori": ProposalFactory(need=public, firm=aomori_firm),
        "secret": ProposalFactory(need=secret, firm=akita_firm),
    }
    names = {row.pk: name for name, row in rows.items()}
    for user, seen in (
        (BureauFactory(), {"akita", "aomori", "secret"}),
        (CoordinatorFactory("05"), {"akita"}),
        (CoordinatorFactory("02"), {"aomori"}),
        (CoordinatorFactory("05", "02"), {"akita", "aomori"}),
    ):
        browser = sign_in(user)
        assert {names[pk] for pk in ids(browser)} == seen
        assert {names[pk] for pk in api_ids(browser)} == seen
        for row in rows.values():
            status = 200 if names[row.pk] in seen else 404
            assert browser.get(row.get_absolute_url()).status_code == status
            assert browser.get(f"/api/proposals/{row.pk}/").status_code == status
    for user in (FirmUserFactory(akita_firm), AnchorFactory(public.project)):
        browser = sign_in(user)
        for url in (QUEUE, "/proposals/export.csv", "/api/proposals/", rows["akita"].get_absolute_url()):
            assert browser.get(url).status_code == 403
        assert browser.post("/proposals/bulk/", {"step": "hold"}).status_code == 403


def test_a_long_queue_is_counted_only_as_far_as_its_first_pages(browser: Client) -> None:
    need = NeedFactory()
    firms = [FirmFactory() for _ in range(3)]
    rows = [ProposalFactory(need=need, firm=firm) for firm in firms]
    Proposal.objects.bulk_create(
        Proposal(need=NeedFactory(), firm=firms[0], due_on=rows[0].due_on, score=n / 1000) for n in range(118)
    )
    first = browser.get(QUEUE)
    page = first.content.decode()
    assert "more than 100" in page
    assert "/proposals/count/" in page
    assert browser.get("/proposals/count/").content == b"121"
    assert browser.get("/proposals/count/?score=abc").status_code == 400
    seen = [pk for number in (1, 2, 3) for pk in ids(browser, f"?page={number}")]
    assert len(seen) == len(set(seen)) == 121
    assert not browser.get(f"{QUEUE}?page=3").context["page_obj"].has_next()
    for page in ("4", "9999999", "0", "x", "1" * 4301):
        assert browser.get(f"{QUEUE}?page={page}").status_code == 404
    assert len(browser.get("/api/proposals/?limit=200").json()["results"]) == 121


def test_a_fragment_for_htmx_is_the_rows_alone(browser: Client) -> None:
    ProposalFactory()
    answer = browser.get(f"{QUEUE}?overdue=true", headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in answer.content.decode()
    assert 'id="results"' in answer.content.decode()
    assert "/proposals/export.xlsx?overdue=true" in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_the_export_is_safe_to_open(browser: Client) -> None:
    ProposalFactory(firm=FirmFactory(name="=cmd|' /C calc'!A0"), terms=[["@SUM(1)", 1.0]])
    text = b"".join(browser.get("/proposals/export.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "@", "+")) for cell in row)
    assert browser.get("/proposals/export.xlsx").status_code == 200


# ---- one step on many rows ------------------------------------------------------------------------------------------
def ticked(*rows: Proposal) -> dict[str, Any]:
    return {"ids": [f"{row.pk}:{row.state}" for row in rows]}


def test_nine_are_rejected_in_one_step_with_one_reason(browser: Client, akita: User) -> None:
    rows = [ProposalFactory() for _ in range(9)]
    data = ticked(*rows) | {"step": "reject", "reject-reason": "distance", "reject-note": "片道 3 時間"}
    answer = browser.post("/proposals/bulk/?overdue=false&sort=-score", data, follow=True)
    assert answer.redirect_chain == [("/proposals/?overdue=false&sort=-score", 302)]
    assert "9 proposals" in answer.content.decode()
    decisions = list(Decision.objects.all())
    assert {(d.reason, d.note, d.by, d.target) for d in decisions} == {("distance", "片道 3 時間", akita, "rejected")}
    assert len({d.request for d in decisions}) == 1
    assert len(decisions) == 9


def test_what_was_refused_is_told(browser: Client) -> None:
    good, taken = ProposalFactory(), ProposalFactory()
    data = ticked(good, taken) | {"step": "hold"}
    take("reject", taken, by=BureauFactory(name="鈴木 恵"), reason="distance")
    page = browser.post("/proposals/bulk/", data, follow=True).content.decode()
    assert "1 proposal stays as it is" in page
    assert "鈴木 恵" in page
    good.refresh_from_db()
    taken.refresh_from_db()
    assert (good.state, taken.state) == ("held", "rejected")


def test_without_a_reason_the_selection_is_kept_and_asked_again(browser: Client) -> None:
    rows = [ProposalFactory(), ProposalFactory()]
    answer = browser.post("/proposals/bulk/", ticked(*rows) | {"step": "reject", "reject-note": "下書き"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert Decision.objects.count() == 0
    assert page.count("checked") == 2
    assert "下書き" in page
    names = set(re.findall(r'<(?:select|textarea) name="([^"]+)"', page))
    assert names == {"reject-reason", "reject-note"}  # the page asks under the names that the next answer is read by
    fields = ticked(*rows) | {"step": "reject", "reject-reason": "size"}
    assert browser.post("/proposals/bulk/", fields).status_code == 302
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    "selection", [[], ["x"], ["1"], ["1:nonsense"], ["99999999999999999999:proposed"], ["-1:held"]]
)
def test_an_odd_selection_changes_nothing(browser: Client, selection: list[str]) -> None:
    ProposalFactory()
    answer = browser.post("/proposals/bulk/", {"ids": selection, "step": "hold"}, follow=True)
    assert answer.status_code == 200
    assert Decision.objects.count() == 0


def test_foreign_ids_in_a_selection_change_nothing(browser: Client) -> None:
    foreign = ProposalFactory(firm=FirmFactory(municipality=MunicipalityFactory("02201")))
    page = browser.post("/proposals/bulk/", ticked(foreign) | {"step": "hold"}, follow=True).content.decode()
    foreign.refresh_from_db()
    assert foreign.state == "proposed"
    assert foreign.firm.name not in page


def test_bulk_assigning_names_a_colleague_only(browser: Client, akita: User) -> None:
    row, stranger = ProposalFactory(), CoordinatorFactory("02")
    data = ticked(row) | {"step": "assign"}
    assert browser.post("/proposals/bulk/", data | {"assign-assignee": stranger.pk}).status_code == 422
    assert browser.post("/proposals/bulk/", data | {"assign-assignee": akita.pk}).status_code == 302
    row.refresh_from_db()
    assert row.assignee == akita


def test_reading_changes_nothing(browser: Client) -> None:
    row = ProposalFactory()
    assert browser.get("/proposals/bulk/").status_code == 405
    assert browser.get(reverse("matching:step", args=[row.pk, "hold"])).status_code == 405
    assert browser.post("/proposals/bulk/", ticked(row) | {"step": "note"}).status_code == 404
    assert Firm.objects.count() == 1


# ---- one row of the page, and what colleagues did meanwhile ----------------------------------------------------------
def test_a_row_comes_back_decided_or_says_who_was_faster(browser: Client, akita: User) -> None:
    row, colleague = ProposalFactory(), CoordinatorFactory("05", name="佐藤 幸")
    in_queue = {"HX-Request": "true", "HX-Target": f"row-{row.pk}"}
    url = f"/proposals/{row.pk}/reject/"
    wrong = browser.post(url, {"seen": "proposed"}, headers=in_queue)
    assert (wrong.status_code, wrong["Content-Type"]) == (422, "text/plain; charset=utf-8")
    noted = browser.post(f"/proposals/{row.pk}/note/", {"seen": "proposed", "note": "<b>"}, headers=in_queue)
    assert "decided" not in noted.content.decode()
    done = browser.post(url, {"seen": "proposed", "reason": "distance"}, headers=in_queue).content.decode()
    assert 'class="decided"' in done
    assert "工藤 健" in done
    assert "<html" not in done
    late = sign_in(colleague).post(url, {"seen": "proposed", "reason": "capacity"}, headers=in_queue)
    assert late.status_code == 409
    assert "工藤 健" in late.content.decode()
    assert Decision.objects.filter(step="reject").count() == 1


def test_a_page_learns_what_colleagues_moved_with_one_quick_query(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row, other = ProposalFactory(), ProposalFactory()
    hidden = ProposalFactory(firm=FirmFactory(municipality=MunicipalityFactory("02201")))
    query = f"?ids={row.pk}:proposed&ids={other.pk}:proposed&ids={hidden.pk}:held"
    with django_assert_max_num_queries(4):  # session, person, scope, rows
        assert browser.get(f"/proposals/changes/{query}").status_code == 204
    take("hold", Proposal.objects.get(pk=row.pk), by=CoordinatorFactory("05", name="佐藤 幸"))
    page = browser.get(f"/proposals/changes/{query}").content.decode()
    assert f'id="row-{row.pk}"' in page
    assert "佐藤 幸" in page
    assert f"row-{other.pk}" not in page
    assert f"row-{hidden.pk}" not in page
    assert browser.get("/proposals/changes/?ids=x").status_code == 400


def test_a_person_keeps_filters_and_one_opens_the_queue(browser: Client, akita: User) -> None:
    row = ProposalFactory(score=0.9)
    ProposalFactory(score=0.1)
    assert browser.post("/proposals/filters/?score=80&page=3", {"name": "近いもの"}).status_code == 302
    kept = SavedFilter.objects.get(person=akita)
    assert kept.query == "score=80"
    for wrong in ("", "?prefectur=05", "?score=x", "?page=2"):
        assert browser.post(f"/proposals/filters/{wrong}", {"name": "x"}).status_code == 409
    assert browser.post("/proposals/filters/?score=80", {"name": ""}).status_code == 422
    browser.post(f"/proposals/filters/{kept.pk}/start/")
    answer = browser.get(QUEUE, follow=True)
    assert answer.redirect_chain == [("/proposals/?score=80", 302)]
    assert [one.pk for one in answer.context["page_obj"]] == [row.pk]
    assert len(ids(browser, "?state=")) == 2
    stranger = sign_in(CoordinatorFactory("05"))
    assert stranger.post(f"/proposals/filters/{kept.pk}/delete/").status_code == 404
    assert stranger.get(QUEUE).status_code == 200
    SavedFilter.objects.filter(person=akita).update(query="since=2026-04-01&until=2026-04-30")  # as they were called
    renamed = "/proposals/?proposed_from=2026-04-01&proposed_to=2026-04-30"
    assert browser.get(QUEUE)["Location"] == renamed
    assert renamed.replace("&", "&amp;") in browser.get("/proposals/filters/").text
    SavedFilter.objects.filter(person=akita).update(query="gone=1")  # a parameter of an older release
    assert browser.get(QUEUE).status_code == 200
    assert "近いもの" in browser.get("/proposals/filters/").content.decode()
    browser.post(f"/proposals/filters/{kept.pk}/delete/")
    assert not SavedFilter.objects.exists()
