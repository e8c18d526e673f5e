"""Markup in every text that anybody can write: it is shown as text, in pages, in files and to a real browser."""

import csv
import io
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import models
from django.test import Client
from playwright.sync_api import Page, Request
from pytest_django.live_server_helper import LiveServer

from matching.models import Proposal
from matching.release import make_list, release
from matching.review import take
from registry.models import Firm, Need, Role, User
from registry.register import decide_claim
from tests import factories as make
from tests.security.test_leaks import crawl
from tests.services.browser import NewPage
from tests.shared import in_turn

PLANTED = '"><b data-planted hx-get=/p hx-trigger=load><img src=x onerror=window.__x=1></b>{{7*7}}'
SHORT = "'><b data-planted>"
FORMULA = "=HYPERLINK(1)"
KEPT = {"corporate_number", "source_ref", "language", "state", "visibility", "code", "kind", "sort_key", "search"}


def plant(row: models.Model, text: str) -> None:
    """The text in every field of the row that holds text, past all forms."""
    for field in row._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in KEPT:
            most = field.max_length or len(text)
            setattr(row, field.name, text if most >= len(text) else SHORT[:most])
    if isinstance(row, Firm):
        row.products, row.other_memberships = [text, text], [text]
    row.save()


def people(text: str) -> dict[str, User]:
    office = make.OfficeFactory("05", name=text, name_en=text)
    capability = make.CapabilityFactory(name=text, name_en=text, group_name=text, group_name_en=text, synonyms=[text])
    project, firm, other = make.ProjectFactory(), make.FirmFactory(capabilities=[capability]), make.FirmFactory()
    firm.equipment.create(name=text, note=text)
    firm.firm_certifications.create(stated=text, number=text)
    need = make.NeedFactory(project=project, office=office)
    need.capabilities.add(capability)
    make.CriterionFactory(need, kind="certification", stated=text)
    for row in (project, firm, other, need):
        plant(row, text)
    known = {
        "bureau": make.BureauFactory(name=text),
        "coordinator": make.UserFactory(Role.COORDINATOR, name=text),
        "firm": make.FirmUserFactory(firm, name=text),
        "anchor": make.AnchorFactory(project, name=text),
        "admin": make.UserFactory(Role.ADMIN, name=text),
    }
    office.members.add(known["coordinator"])
    terms = [["img", 0.2], ["script", 0.1], [text, 0.1], ["b", 0.1]]
    checks = [make.check("certification", "fail", asked=text, found=[text])]
    proposal = make.ProposalFactory(need=need, firm=firm, terms=terms, checks=checks)
    take("assign", proposal, by=known["coordinator"], assignee=known["coordinator"], note=text)
    take("shortlist", proposal, by=known["coordinator"], reason="fit", note=text)
    make.ConsentFactory(proposal, told=text)
    make.InquiryFactory(need=proposal.need, firm=proposal.firm, message=text, recipient=text)
    make.ProposalFactory(need=need, firm=other, terms=terms, checks=checks)
    release(make_list(need, by=known["coordinator"], recipient=text), known["coordinator"])
    make.ClaimFactory(firm=other, user=known["admin"], message=text)
    refused = make.ClaimFactory(firm=other, user=known["firm"], message=text)
    decide_claim("refuse", refused, by=known["coordinator"], reason=text)
    return known


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("person", in_turn(["coordinator", "firm", "anchor", "admin"]))
def test_markup_in_any_text_is_shown_as_text(person: str) -> None:
    client, met = signed_in(people(PLANTED)[person]), 0
    for url, answer, text in crawl(client):
        assert answer.status_code < 500, url
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert "<b data-planted" not in text, url
            assert ">49<" not in text, url
            met += "data-planted" in text
    assert met > 5


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_a_browser_runs_nothing_of_it(new_page: NewPage, live_server: LiveServer) -> None:
    known = people(PLANTED)
    need, firm = Need.objects.get(), Firm.objects.filter(equipment__isnull=False).get()
    proposal = Proposal.objects.filter(firm=firm).get()
    walks = {
        "coordinator": [
            "/",
            "/firms/",
            "/proposals/",
            "/claims/",
            "/lists/",
            "/needs/new/",
            *_pages(need, firm, proposal),
        ],
        "firm": ["/", f"/needs/{need.pk}/fit/", f"/firms/{firm.pk}/edit/"],
        "anchor": ["/needs/", "/lists/", f"/projects/{need.project_id}/"],
        "admin": ["/admin/registry/user/", f"/admin/registry/firm/{firm.pk}/change/", "/admin/registry/office/"],
    }
    for person, paths in walks.items():
        page = new_page()
        page.context.add_cookies(
            [
                {
                    "name": "enishi_session",
                    "value": signed_in(known[person]).cookies["enishi_session"].value,
                    "url": live_server.url,
                }
            ]
        )
        asked: list[str] = []
        page.on("request", partial(_note, asked))
        for path in paths:
            answer = page.goto(path)
            assert answer, path
            assert answer.status == 200, path
            assert harmless(page), path
        assert not [url for url in asked if url.endswith(("/p", "/x"))]


def _note(asked: list[str], request: Request) -> None:
    asked.append(request.url)


def _pages(need: Need, firm: Firm, proposal: Proposal) -> list[str]:
    why, groups = f"/needs/{need.pk}/why/?firm={firm.pk}", f"/needs/{need.pk}/groups/"
    return [
        f"/firms/{firm.pk}/",
        f"/firms/{firm.pk}/edit/",
        f"/needs/{need.pk}/",
        f"/proposals/{proposal.pk}/",
        why,
        groups,
    ]


def harmless(page: Page) -> bool:
    found = "[data-planted], [onerror], a[href^='javascript'], [hx-get='/p']"
    return page.evaluate("found => window.__x === undefined && !document.querySelector(found)", found) is True


# ---- files -----------------------------------------------------------------------------------------------------------
ODD = {
    "formula": FORMULA,
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-1+1+cmd|' /C calc'!A0",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "newline": "\n=1+1",
    "wide": "＝1+1",
    "control": "a\x0b\x1bb",
    "nonchar": "a\ufffeb\uffff",
    "marks": "か" + "\u3099" * 90,
    "rtl": "\u202eabc\u2066",
    "kanji": "𠮷野㈱",
    "quotes": 'a","b;=1+1',
}


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_one_odd_record_breaks_no_file_and_runs_in_no_spreadsheet(odd: str) -> None:
    client = signed_in(people(odd)["coordinator"])
    made = client.get("/lists/").context["page_obj"][0]
    paths = [f"/{name}/export" for name in ("firms", "projects", "needs", "proposals")] + [f"/lists/{made.pk}/file"]
    for path in paths:
        for cell in cells_of_csv(content(client, f"{path}.csv")):
            assert not cell.startswith(("=", "@", "\t", "\r", "\n", "＝", "+1+", "-1+")), (path, cell)
        with zipfile.ZipFile(io.BytesIO(content(client, f"{path}.xlsx"))) as book:
            for name in book.namelist():
                assert b"<f>" not in book.read(name)
                assert b"HYPERLINK(1)</f" not in book.read(name)
            assert book.testzip() is None


def content(client: Client, path: str) -> bytes:
    answer: Any = client.get(path)
    assert answer.status_code == 200, path
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def cells_of_csv(data: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        yield from row
