from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import User

SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """A browser of its own for each person."""

    def signed_in(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def query_counter() -> Callable[[], CaptureQueriesContext]:
    return lambda: CaptureQueriesContext(connection)
