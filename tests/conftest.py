import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    """A million rounds per password are for attackers to wait for, not for tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
