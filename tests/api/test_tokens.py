"""Tokens: made once, kept as a digest, confined, and refused at once when they are over."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry import tokens
from registry.models import APIToken, Notice, Role, User
from registry.steps import StepRefused
from tests.api.conftest import Program
from tests.factories import AnchorFactory, BureauFactory, CoordinatorFactory, FirmFactory, UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
FIRMS = "/api/firms/"


def bearer(secret: str) -> Client:
    return Client(headers={"authorization": f"Bearer {secret}"})


def made(user: User, **fields: object) -> tuple[APIToken, str]:
    wishes = {"name": "ledger", "access": "read", "resources": [], "days": 30} | fields
    return tokens.make(user, **wishes)  # type: ignore[arg-type]


def test_a_person_makes_a_token_reads_the_secret_once_and_revokes_it() -> None:
    browser = sign_in(CoordinatorFactory())
    form = {"name": "ledger", "access": "read", "days": "90"}
    answer = browser.post("/tokens/", form)
    token = APIToken.objects.get()
    secret = answer.context["secret"]
    assert (answer.status_code, token.is_live, token.resources) == (201, True, [])
    assert secret in answer.content.decode()
    assert secret not in browser.get("/tokens/").content.decode()
    assert secret not in {str(value) for value in vars(token).values()}
    assert browser.post("/tokens/", form).status_code == 409
    assert bearer(secret).get(FIRMS).status_code == 200
    browser.post(f"/tokens/{token.pk}/revoke/")
    assert bearer(secret).get(FIRMS).status_code == 401
    assert "revoked" in browser.get("/tokens/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"days": "366"}, {"days": "0"}, {"access": "all"}, {"resources": "users"}, {"name": ""}, {"name": "\x00"}]
)
def test_a_token_outlives_no_year_and_reaches_nothing_that_is_not_there(wrong: dict[str, str]) -> None:
    form = {"name": "ledger", "access": "read", "days": "90"} | wrong
    assert sign_in(CoordinatorFactory()).post("/tokens/", form).status_code == 422
    assert not APIToken.objects.exists()


def test_a_person_has_so_many_tokens_and_no_more() -> None:
    user = CoordinatorFactory()
    for n in range(tokens.MOST):
        made(user, name=str(n))
    with pytest.raises(StepRefused, match="20"):
        made(user, name="one more")


def test_an_expired_token_is_refused() -> None:
    _token, secret = made(CoordinatorFactory())
    APIToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = bearer(secret).get(FIRMS)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="Enishi"')
    assert answer["Content-Type"] == "application/problem+json"


def test_the_token_of_somebody_who_may_not_sign_in_is_refused_at_once() -> None:
    user = CoordinatorFactory()
    _token, secret = made(user)
    User.objects.update(is_active=False)
    assert bearer(secret).get(FIRMS).status_code == 401


def test_the_owners_role_and_scope_of_now_hold() -> None:
    user, firm = CoordinatorFactory("05"), FirmFactory()
    client = bearer(made(user)[1])
    assert client.get(f"{FIRMS}{firm.pk}/").status_code == 200
    user.offices.clear()
    assert client.get(f"{FIRMS}{firm.pk}/").status_code == 404
    User.objects.filter(pk=user.pk).update(role=Role.ANCHOR)
    assert client.get(FIRMS).status_code == 403


@pytest.mark.parametrize("place", ["token", "access_token", "api_key", "authorization"])
def test_a_token_in_an_address_is_nobody(place: str) -> None:
    _token, secret = made(CoordinatorFactory())
    assert Client().get(f"{FIRMS}?{place}={secret}").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer enishi_", "Bearer x", "Basic eA==", "Bearer enishi_" + 9000 * "x"]
)
def test_anything_else_in_the_header_is_nobody(header: str) -> None:
    assert Client(headers={"authorization": header}).get(FIRMS).status_code == 401


def test_a_token_reaches_only_what_it_was_made_for(program: Program) -> None:
    user = CoordinatorFactory()
    assert program(user, "read", "needs").get(FIRMS).status_code == 403
    assert program(user, "read", "needs").get("/api/needs/").status_code == 200


def test_the_use_of_a_token_is_written_down_once_an_hour() -> None:
    token, secret = made(CoordinatorFactory())
    client = bearer(secret)
    client.get(FIRMS)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    client.get(FIRMS)
    token.refresh_from_db()
    assert token.last_used_at == first
    APIToken.objects.update(last_used_at=first - timedelta(hours=2))
    client.get(FIRMS)
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at > first - timedelta(hours=1)


def test_bureau_and_administrator_see_and_revoke_everybodys_tokens_and_the_owner_is_told() -> None:
    token, secret = made(CoordinatorFactory(email="akita@example.jp"), name="ledger of Akita")
    bureau = sign_in(BureauFactory())
    page = bureau.get("/tokens/everybody/?q=ledger&live=true&sort=-last_used_at").content.decode()
    assert "ledger of Akita" in page
    assert "akita@example.jp" in page
    assert secret not in page
    assert bureau.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    assert bearer(secret).get(FIRMS).status_code == 401
    assert Notice.objects.filter(person=token.owner, kind="token.revoked").count() == 1
    assert sign_in(AnchorFactory()).get("/tokens/everybody/").status_code == 403


def test_a_secret_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    _token, secret = made(UserFactory(Role.FIRM))
    with caplog.at_level(logging.DEBUG):
        bearer(secret).get(FIRMS)
        bearer(secret).get("/api/nowhere/")
        bearer(secret + "x").get(FIRMS)
    assert secret not in caplog.text


def test_a_session_still_needs_its_csrf_token() -> None:
    user = BureauFactory()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post("/api/firms/1/steps/", {}, content_type="application/json").status_code == 403
