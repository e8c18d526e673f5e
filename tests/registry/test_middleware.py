"""What somebody without a session gets, and what caches are told."""

from collections.abc import Callable

import pytest
from django.test import Client

from registry.models import User
from tests.factories import CoordinatorFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_an_expired_session_leads_to_the_log_in_page(client: Client) -> None:
    answer = client.get("/firms/?q=a")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/firms/%3Fq%3Da")


@pytest.mark.parametrize(
    ("page", "back"), [("http://testserver/proposals/7/?state=open", "/proposals/7/%3Fstate%3Dopen"), ("", "/")]
)
def test_a_form_that_was_sent_too_late_leads_back_to_its_page(client: Client, page: str, back: str) -> None:
    answer = client.post("/proposals/7/shortlist/", headers={"Referer": page}, follow=True)
    assert answer.redirect_chain == [(f"/account/login/?next={back}", 302)]
    assert "ログアウト" in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/firms/?q=a", "/firms/%3Fq%3Da"),
        ("http://evil.example/firms/", "/"),
        ("javascript:alert(1)", "/"),
        ("//evil.example", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
def test_a_fragment_never_holds_the_log_in_page(client: Client, page: str, back: str) -> None:
    answer = client.get("/firms/", headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == f"/account/login/?next={back}"


@pytest.mark.parametrize("path", ["/", "/firms/", "/api/firms/", "/firms/export.csv", "/nowhere/", "/register/"])
def test_no_cache_keeps_personal_pages(sign_in: SignIn, path: str) -> None:
    assert "no-store" in sign_in(CoordinatorFactory()).get(path)["Cache-Control"]


def test_the_health_page_asks_for_nobody(client: Client, django_assert_num_queries: Callable[[int], object]) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert client.get("/healthz").status_code == 200


def test_an_address_that_takes_forms_only_says_so(sign_in: SignIn) -> None:
    answer = sign_in(CoordinatorFactory()).get("/proposals/bulk/")
    assert (answer.status_code, answer["Allow"], answer["Cache-Control"]) == (405, "POST", "no-store, private")
    assert 'href="/"' in answer.content.decode()
