"""Nobody meets a word that is not for them, wherever they look; and hidden rows change nothing that a person sees."""

import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pypdf import PdfReader

from matching.models import (
    CandidateList,
    CandidateListEntry,
    Contact,
    Decision,
    Disclosure,
    DisclosureConsent,
    Feedback,
    Group,
    GroupMember,
    Inquiry,
    ListLink,
    MatchRun,
    OrderModel,
    Proposal,
    Task,
)
from matching.panels import PARTS
from matching.release import make_list
from matching.review import take
from registry.models import (
    AnchorProject,
    DuplicatePair,
    ErasureRequest,
    Firm,
    FirmCertification,
    FirmClaim,
    FirmPhoto,
    ImportBatch,
    Need,
    NeedDrawing,
    Notice,
)
from tests import factories as make
from tests.security.world import PEOPLE, READERS, browser_of, world
from tests.shared import in_turn

pytestmark = pytest.mark.django_db
MOST_PAGES = 650
LISTS = ("firms", "projects", "needs", "proposals", "lists")
WORDS = {
    "extension": ("csv", "xlsx"),
    "list_extension": ("csv", "xlsx"),
    "group_extension": ("xlsx",),
    "profile_section": ("basics", "certificates"),
    "need_panel": tuple(PARTS),
}
"""What an address may have in a place for one of a few words."""
CONCERNS = ("/concerns/", "/consents/", "/inquiries/", "/notices/")
ROWS: dict[str, type[Model]] = {
    "firms": Firm,
    "register": Firm,
    "claims": FirmClaim,
    "duplicates": DuplicatePair,
    "erasures": ErasureRequest,
    "projects": AnchorProject,
    "needs": Need,
    "notices": Notice,
    "proposals": Proposal,
    "lists": CandidateList,
    "imports": ImportBatch,
    "inquiries": Inquiry,
    "consents": DisclosureConsent,
    "concerns": Inquiry,
    "contacts": Contact,
    "decisions": Decision,
    "groups": Group,
    "parts": GroupMember,
    "runs": MatchRun,
    "tasks": Task,
    "own-tasks": Task,
    "feedback": Feedback,
    "links": ListLink,
    "disclosures": Disclosure,
    "learning": OrderModel,
}
"""What the id in an address below this word is of."""
BELOW: dict[str, type[Model]] = {
    "certificate": FirmCertification,
    "photo": FirmPhoto,
    "drawing": NeedDrawing,
    "entry": CandidateListEntry,
}
"""What a second id is of, by its name in the address."""
NOT_FOLLOWED = ("/account/logout/", "/admin/logout/", "/admin/r/", "/static/", "/api/schema/")


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {"a": "href", "form": "action", "link": "href", "div": "hx-get", "span": "hx-get", "section": "hx-get"}
        self.found += [value for name, value in attrs if name == names.get(tag) and value]


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address, with the id of each row that there is and each known word where it wants one."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern) and "(?P" not in path and "<path:" not in path and "step:" not in path:
            yield from filled(path)


def filled(path: str) -> Iterator[str]:
    slot = re.search(r"<(\w+):(\w+)>", path)
    if slot is None:
        yield path
        return
    for word in WORDS.get(slot[1]) or (ids(path, slot[2]) if slot[1] == "int" else ()):
        yield from filled(path.replace(slot[0], str(word), 1))


def ids(path: str, name: str = "pk") -> list[int]:
    model = ROWS.get(path.removeprefix("/api").split("/")[1]) if name == "pk" else BELOW.get(name)
    return list(model._default_manager.values_list("pk", flat=True)) if model else []


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    if body[:4] == b"%PDF":
        body = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).encode()
    return body.decode("utf-8", "replace") + str(answer.headers)


def crawl(client: Client) -> Iterator[tuple[str, Any, str]]:
    queue, seen = ["/", *routes()], set[str]()
    assert len(queue) < MOST_PAGES, "addresses would be left out"
    while queue and len(seen) < MOST_PAGES:
        url = queue.pop(0)
        if url in seen or url.startswith(NOT_FOLLOWED):
            continue
        seen.add(url)
        answer = client.get(url)
        text = text_of(answer)
        yield url, answer, text
        links = Links()
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            links.feed(text)
        for link in [*links.found, answer.headers.get("Location", "")]:
            target = urlsplit(urljoin(url, link))
            many = "sort=" in target.query or "next=" in target.query or target.path.startswith("/admin/")
            if link and target.netloc in {"", "testserver"} and not (many and target.query):
                queue.append(target.path + (f"?{target.query}" if target.query else ""))


@pytest.mark.parametrize("person", in_turn(PEOPLE))
def test_nobody_meets_a_word_that_is_not_for_them(person: str) -> None:
    client = browser_of(world(), person)
    met: set[str] = set()
    wrong = set()
    for url, answer, text in crawl(client):
        assert answer.status_code < 500, url
        assert "canary-contact" not in text or not url.startswith("/api/"), url
        here = {word for word in READERS if word in text}
        met |= here
        wrong |= {(word, url) for word in here if person not in READERS[word]}
    assert not wrong
    assert met == {word for word, readers in READERS.items() if person in readers}, "a reader no longer sees theirs"


def views() -> list[str]:
    """Lists in every order and with every filter that speaks of hidden things, their files and API, and home."""
    queries = [
        "",
        "q=secretword",
        "sort=-updated_at",
        "sort=-score",
        "state=draft",
        "visibility=nda",
        "contact_email=a",
    ]
    pages = [f"/{name}/?{query}" for name in LISTS for query in queries]
    files = [f"/{name}/export.csv?{query}" for name in LISTS[:4] for query in queries[:2]]
    api = [f"/api/{name}/?{query}" for name in LISTS for query in queries[:3]]
    api += [
        f"/api/{name}/"
        for name in (
            "decisions",
            "inquiries",
            "concerns",
            "contacts",
            "groups",
            "parts",
            "own-tasks",
            "feedback",
            "consents",
            "disclosures",
            "links",
            "matches",
            "runs",
            "map",
        )
    ]
    details = [f"/{name}/{pk}/" for name in LISTS for pk in ids(f"/{name}/")]
    return ["/", "/claims/", "/proposals/count/", "/runs/", "/needs/new/", *CONCERNS, *pages, *files, *api, *details]


def seen_by(client: Client, urls: list[str]) -> dict[str, tuple[int, str]]:
    def steady(text: str) -> str:
        return re.sub(r"[A-Za-z0-9]{64}|\d+(\.\d)?(?=</dd>)|\d{1,2}:\d{2}(:\d{2})?", "", text)

    return {url: (answer.status_code, steady(text_of(answer))) for url in urls if (answer := client.get(url))}


@pytest.mark.parametrize("person", in_turn(["own_firm", "aomori", "anchor", "admin"]))
def test_hidden_rows_change_nothing_that_a_person_sees(person: str) -> None:
    people = world()
    client = browser_of(people, person)
    firms = [make.FirmFactory(contact_email="secretword@example.jp") for _ in range(2)]  # the administrator sees them
    project = make.ProjectFactory(municipality=make.MunicipalityFactory("05202"))  # as everybody sees projects
    urls = views()
    before = seen_by(client, urls)
    secret = {"visibility": "nda", "title": "secretword", "text": "secretword secretword"}
    need = make.NeedFactory(project=project, office=people["akita"].offices.get(), **secret)
    make.CriterionFactory(need, kind="certification", stated="secretword")
    hidden, _waiting = (make.ProposalFactory(need=need, firm=firm, score=0.99) for firm in firms)
    take("shortlist", hidden, by=people["akita"], reason="fit", note="secretword")
    make.ConsentFactory(hidden, told="secretword")
    make.InquiryFactory(need=need, firm=hidden.firm, asked_by=people["akita"], message="secretword")
    make_list(need, by=people["akita"], recipient="secretword")
    make.ClaimFactory(firm=hidden.firm, message="secretword")
    after = seen_by(client, urls)
    assert {url for url in before if before[url] != after[url]} == set()
