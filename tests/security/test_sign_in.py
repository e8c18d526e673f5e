"""Signing in against input that no person types."""

import base64
import json
import time
from collections.abc import Iterator
from statistics import median

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from registry.models import User
from tests.factories import PASSWORD, FirmUserFactory

pytestmark = pytest.mark.django_db
DEEP = "[" * 5_000


@pytest.fixture(autouse=True)
def no_attempts_so_far() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def confirmed() -> User:
    """Somebody whose address is confirmed, so that a right password is enough."""
    user = FirmUserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def key_answer(client_data: str) -> str:
    """What a security key would say, with this as its own JSON."""
    coded = base64.urlsafe_b64encode(client_data.encode()).decode()
    response = {"userHandle": "MQ", "clientDataJSON": coded, "authenticatorData": "A" * 60, "signature": "AA"}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": response})


@pytest.mark.parametrize(
    "credential",
    ["1", "null", "{}", '"\\ud800"', DEEP, "9" * 5_000, key_answer(DEEP), key_answer("{}"), key_answer("\x00")],
    ids=range(9),
)
def test_a_hostile_security_key_is_refused(client: Client, credential: str) -> None:
    client.get("/account/2fa/webauthn/login/")
    answer = client.post("/account/2fa/webauthn/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "target",
    ["http://[", "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\x00//e"],
)
def test_nobody_is_sent_away_after_log_in(client: Client, target: str) -> None:
    user = confirmed()
    data = {"login": user.email, "password": PASSWORD, "next": target}
    assert client.get("/account/login/", {"next": target}).status_code == 200
    answer = client.post("/account/login/", data)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    for path in ("/i18n/setlang/", "/account/logout/"):
        answer = client.post(path, {"language": "en", "next": target})
        assert (answer.status_code, answer["Location"]) == (302, "/")


def test_signing_up_gives_no_role_and_tells_nothing() -> None:
    known = FirmUserFactory()
    extra = {"role": "admin", "is_superuser": "on", "is_staff": "on", "offices": "1", "password1": "Zx9!kkqpwo21"}
    extra["name"] = "佐藤 花子"
    answers = [
        Client().post("/account/signup/", {"email": email, "password2": "Zx9!kkqpwo21"} | extra)
        for email in (known.email, "new@example.jp", known.email.upper())
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/account/confirm-email/")}
    made = User.objects.get(email="new@example.jp")
    assert (made.name, made.role, made.is_superuser, made.is_staff) == ("佐藤 花子", "firm", False, False)
    assert User.objects.count() == 2


@pytest.mark.on_sqlite
def test_the_clock_does_not_tell_who_has_an_account(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # slow enough to outweigh the rest
    known = FirmUserFactory(password=None).email
    took: dict[str, list[float]] = {known: [], "": []}
    for n in range(5):
        for email in took:
            cache.clear()
            data = {"email": email or f"new{n}@example.jp", "password1": "Zx9!kkqpwo21", "password2": "Zx9!kkqpwo21"}
            data["name"] = "佐藤 花子"
            start = time.process_time()
            Client().post("/account/signup/", data)
            took[email].append(time.process_time() - start)
    quick, slow = sorted(median(seconds) for seconds in took.values())
    assert slow < 1.4 * quick


def test_guessing_ends_and_a_new_password_frees_the_account(client: Client) -> None:
    user = confirmed()
    for n in range(5):
        data = {"login": user.email, "password": f"wrong-{n}"}
        assert client.post("/account/login/", data, headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code == 200
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_new_password_ends_all_other_sessions() -> None:
    user = confirmed()
    here, there = Client(), Client()
    for browser in (here, there):
        assert browser.post("/account/login/", {"login": user.email, "password": PASSWORD})["Location"] == "/"
    key = here.cookies["enishi_session"].value
    data = {"oldpassword": PASSWORD, "password1": "Qw8!zzmnbv77", "password2": "Qw8!zzmnbv77"}
    assert here.post("/account/password/change/", data).status_code == 302
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
    assert here.cookies["enishi_session"].value != key
    old = Client()
    old.cookies["enishi_session"] = here.cookies["enishi_session"].value
    here.post("/account/logout/")
    assert old.get("/").status_code == 302
