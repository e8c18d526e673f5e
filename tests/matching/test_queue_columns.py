"""Each person chooses the columns of the queue; files keep to the declaration."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from matching.review import take
from registry.models import User
from tests.factories import CoordinatorFactory, ProposalFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
URL = "/proposals/columns/?sort=-score"


def labels(page: str) -> list[str]:
    """The labels of the first row's cells, in their order."""
    return re.findall(r'<td data-label="([^"]+)"', page.split("<tbody>")[1].split("</tr>")[0])


def heading(browser: Client) -> bytes:
    content: list[bytes] = list(browser.get("/proposals/export.csv").streaming_content)  # type: ignore[attr-defined]
    return b"".join(content).splitlines()[0]


def test_a_person_chooses_columns_for_himself_alone_and_takes_the_choice_back() -> None:
    akita, colleague = CoordinatorFactory("05"), CoordinatorFactory("05")
    browser, row = sign_in(akita), ProposalFactory(rank=7)
    delivered = ["Need", "Criteria", "Band", "State", "Last change", "Due on"]
    assert labels(browser.get("/proposals/").content.decode()) == delivered
    export = heading(browser)
    assert browser.post(URL, {"columns": ["rank", "assignee"]})["Location"] == "/proposals/?sort=-score"
    page = browser.get("/proposals/").content.decode()
    assert labels(page) == ["Need", "Rank", "Assignee", "State", "Due on"]
    assert page.count("<th scope") - 1 == 1 + 1 + 5  # tick, firm, and the five; the row has its own
    assert '<td data-label="Rank" class="small">7</td>' in page
    headers = {"HX-Request": "true", "HX-Target": f"row-{row.pk}"}
    decided = browser.post(f"/proposals/{row.pk}/hold/", {"seen": "proposed"}, headers=headers).content.decode()
    assert 'data-label="Rank"' in decided
    assert labels(sign_in(colleague).get("/proposals/").content.decode()) == delivered
    assert heading(browser) == export
    assert browser.post(URL, {"columns": ["password"]}).status_code == 422
    assert browser.post(URL, {"reset": "1"}).status_code == 302
    assert labels(browser.get("/proposals/").content.decode()) == delivered
    User.objects.filter(pk=akita.pk).update(columns={"proposals": ["gone", "rank"]})  # of an older release
    assert "Rank" in labels(browser.get("/proposals/").content.decode())


def test_every_column_can_be_shown_and_costs_one_query_at_most(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    akita = CoordinatorFactory("05", name="工藤 健")
    browser = sign_in(akita)
    rows = [ProposalFactory(assignee=akita) for _ in range(20)]
    for row in rows[:10]:
        take("note", row, by=akita, note="<b>")
        take("hold", row, by=akita)
    every = re.findall(r'name="columns" value="([^"]+)"', browser.get(URL).content.decode())
    assert len(every) > 10
    counts = []
    for names in ([], every):
        browser.post(URL, {"columns": names})
        with django_assert_max_num_queries(20) as queries:
            page = browser.get("/proposals/").content.decode()
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert page.count("工藤 健: Hold") == 10
    assert "{" not in page.split("<tbody>")[1].split("</tbody>")[0]
