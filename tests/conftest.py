from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.utils import translation

from registry.listing import kept


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    """A million rounds per password are for attackers to wait for, not for tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def static_files_when_asked_for(settings: LazySettings) -> None:
    """Else every test client reads the whole folder of static files before its first request."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def fresh_options() -> None:
    """The rows of an earlier test are gone; what a process kept of them for a moment has to go too."""
    kept.forget()


@pytest.fixture(autouse=True)
def patient_api(settings: LazySettings) -> None:
    """Tests ask within a second what a person asks within an hour, and their people have the same ids again."""
    settings.API_PER_MINUTE = settings.API_ANONYMOUS_PER_MINUTE = 1_000_000


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread; the next test starts with the site's own."""
    yield
    translation.deactivate()
