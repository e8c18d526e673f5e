from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from pytest_django import DjangoDbBlocker

from registry.listing import kept

A_MILLION = 1_000_000
QUICK = {
    # a million rounds per password are for attackers to wait for, not for tests
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    # else every test client reads the whole folder of static files before its first request
    "WHITENOISE_AUTOREFRESH": True,
    # tests ask within a second what a person asks within an hour, and their people have the same ids again
    "API_PER_MINUTE": A_MILLION,
    "API_ANONYMOUS_PER_MINUTE": A_MILLION,
}


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    with override_settings(**QUICK):
        yield


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For the fixture that makes rows once for all tests of a module: they are gone after the last of them, and what
    a test does to them is taken back after the test."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block.__enter__()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        block.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def fresh_options() -> None:
    """The rows of an earlier test are gone; what a process kept of them for a moment has to go too."""
    kept.forget()


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread; the next test starts with the site's own."""
    yield
    translation.deactivate()
