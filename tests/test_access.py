"""Every address answers each person as the table says (tests/access/table.py), and no address is without a rule."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from matching.models import CandidateList
from registry.access import VERBS
from registry.models import (
    Need,
    User,
)
from tests import factories as make
from tests.access.pairs import outside, pairs
from tests.access.table import PEOPLE, RULES, Rule
from tests.access.world import make_world
from tests.shared import in_turn

pytestmark = pytest.mark.django_db

ANYONE = {"healthz", "readyz", "set_language"}
TOKEN = r"[A-Za-z0-9]{64}"  # of CSRF: another one each time
LIBRARIES = ("account_", "mfa_", "admin:")


@pytest.fixture(scope="module")
def world(
    shared_rows: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        with django_db_blocker.unblock():
            rows = make_world()
        yield rows


@pytest.fixture(scope="module")
def sessions(world: dict[str, Any], django_db_blocker: DjangoDbBlocker) -> dict[str, str]:
    """The cookie of each person who is signed in."""
    with django_db_blocker.unblock():
        browsers = {person: make.sign_in(world[person]) for person in PEOPLE[1:]}
    return {person: browser.cookies[settings.SESSION_COOKIE_NAME].value for person, browser in browsers.items()}


def answer(response: Any) -> str:
    """The letter of the table. An API that knows nobody answers 401 or 403, which only `L` may stand for."""
    status = response.status_code
    if status == 302 and reverse("account_login") in response["Location"]:
        return "L"
    if status in {403, 404}:
        return {403: "n", 404: "h"}[status]
    assert status < 400 or status in {400, 409, 415, 422, 428}, f"{status} {response.content[:500]!r}"
    return "o"


@pytest.mark.parametrize("rule", in_turn(RULES))
def test_every_address_answers_each_person_as_the_table_says(
    rule: Rule, world: dict[str, Any], sessions: dict[str, str]
) -> None:
    found = {}
    for person in PEOPLE:
        client = Client()
        client.cookies.load({settings.SESSION_COOKIE_NAME: sessions[person]} if person in sessions else {})
        data = dict(word.split("=") for word in rule.words if "=" in word)
        url = reverse(rule.name, args=[world.get(word, word) for word in rule.words if "=" not in word])
        if url.startswith("/api/"):  # an API that knows the object asks for its ETag next: 428, or for a form: 415
            response = client.generic(rule.method, url, "{}", content_type="application/json")
        else:
            response = client.post(url, data) if rule.method == "POST" else client.get(url)
        is_api = person == "anonymous" and url.startswith("/api/") and response.status_code in {401, 403}
        found[person] = "L" if is_api else answer(response)
        if rule.method == "POST" and found[person] == "o" and not url.startswith("/api/"):
            assert client.get(url).status_code == 405, "a change by GET"
    assert found == rule.answers


def every_route(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
        else:
            yield from every_route(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def own_routes() -> dict[str, Callable[..., Any]]:
    routes = dict(every_route(get_resolver()))
    return {name: view for name, view in routes.items() if not name.startswith(LIBRARIES) and name not in ANYONE}


def verb_of(view: Callable[..., Any]) -> str | None:
    """A function names its verb itself, an API view in its class."""
    places: tuple[Any, ...] = (view, getattr(view, "cls", None), getattr(view, "view_class", None))
    return next((place.verb for place in places if hasattr(place, "verb")), None)


def test_no_address_is_without_a_rule() -> None:
    assert set(own_routes()) == {rule.name for rule in RULES}


def test_every_address_names_a_verb_that_exists() -> None:
    for name, view in own_routes().items():
        assert verb_of(view) in VERBS or getattr(view, "by_secret", False), name


def test_every_verb_is_used() -> None:
    used = {
        getattr(view, "verb", None) or getattr(getattr(view, "cls", None), "verb", "") for view in own_routes().values()
    }
    asked_in_templates_or_verbs = {"registry.review_need", "registry.import_register", "registry.import_need"}
    assert set(VERBS) - used <= asked_in_templates_or_verbs


def test_the_api_does_what_every_page_does_for_the_same_people() -> None:
    allowed: dict[tuple[str, str], set[str]] = {}
    for rule in RULES:
        people = {who for who, how in rule.answers.items() if how == "o"}
        for method in (rule.method, "any"):
            allowed.setdefault((rule.name, method), set()).update(people)
    assert {name for name, _method in allowed if ":" in name} == pairs().keys() | outside()
    assert not pairs().keys() & outside()
    left_out = {}
    for page, (method, names) in pairs().items():
        by_api = set().union(*(allowed.get((name, method), set()) for name in names))
        if missing := allowed[page, "any"] - by_api:
            left_out[page] = missing
    assert left_out == {}


def test_not_yours_and_absent_look_the_same(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["aomori"])
    for name, hidden in [("registry:firm", "firm"), ("registry:need", "nda"), ("matching:proposal", "proposal")]:
        urls = [reverse(name, args=[world[key]]) for key in (hidden, "missing")]
        yours, absent = (client.get(url) for url in urls)
        pages = ((yours, urls[0]), (absent, urls[1]))
        bodies = {re.sub(TOKEN, "", page.content.decode()).replace(url, "") for page, url in pages}
        assert (yours.status_code, len(bodies)) == (404, 1)


def test_a_deactivated_person_is_out_at_once(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["bureau"])
    User.objects.filter(pk=world["bureau"].pk).update(is_active=False)
    assert answer(client.get(reverse("matching:queue"))) == "L"


def test_a_changed_scope_holds_on_the_next_request(world: dict[str, Any], client: Client) -> None:
    client.force_login(world["akita"])
    url = reverse("registry:firm", args=[world["firm"]])
    assert client.get(url).status_code == 200
    world["akita"].offices.clear()
    assert client.get(url).status_code == 404


def test_a_need_that_goes_under_nda_is_gone_for_everybody_else_at_once(world: dict[str, Any], client: Client) -> None:
    Need.objects.filter(pk=world["need"]).update(visibility="nda", office=None)
    client.force_login(world["akita"])
    for name, key in [("registry:need", "need"), ("matching:proposal", "proposal"), ("matching:list", "released")]:
        assert client.get(reverse(name, args=[world[key]])).status_code == 404
    assert CandidateList.objects.count() == 2


@pytest.mark.parametrize(
    ("page", "api"),
    [
        ("registry:firms", "firm-list"),
        ("registry:needs", "need-list"),
        ("registry:projects", "project-list"),
        ("registry:events", "event-list"),
        ("registry:imports", "import-list"),
        ("registry:duplicates", "duplicate-list"),
        ("registry:notices", "notice-list"),
        ("matching:queue", "proposal-list"),
        ("matching:decisions", "decision-list"),
        ("matching:inquiries", "inquiry-list"),
        ("matching:lists", "list-list"),
    ],
)
def test_the_api_lists_what_the_page_lists(page: str, api: str, world: dict[str, Any], client: Client) -> None:
    for person in PEOPLE[1:]:
        client.force_login(world[person])
        shown, listed = client.get(reverse(page)), client.get(reverse(api))
        assert shown.status_code == listed.status_code
        if shown.status_code == 200:
            assert {row.pk for row in shown.context["page_obj"]} == {row["id"] for row in listed.json()["results"]}
