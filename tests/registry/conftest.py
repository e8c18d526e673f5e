from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.models import Consortium, Firm, User
from tests import factories as make

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
def akita(db: None) -> User:
    return make.CoordinatorFactory("05")


@pytest.fixture
def world(akita: User) -> Firm:
    """The firm that the sheets of importing.SHEETS are about, and what else they name."""
    make.CapabilityFactory()
    make.ProjectFactory(name="能代沖")
    Consortium.objects.create(code="kaze", name="秋田風作戦")
    firm: Firm = make.FirmFactory(name="男鹿製缶", employees=46)
    return firm


@pytest.fixture
def query_counter() -> Callable[[], CaptureQueriesContext]:
    return lambda: CaptureQueriesContext(connection)
