from collections.abc import Callable

import pytest
from django.test import Client

from registry.models import User
from registry.tokens import make

Program = Callable[..., Client]


@pytest.fixture
def program() -> Program:
    """A program that acts for a person by a token of its own, in English."""

    def made(user: User, access: str = "write", *resources: str) -> Client:
        name = f"program {user.api_tokens.count()}"
        _token, secret = make(user, name=name, access=access, resources=resources, days=30)
        return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})

    return made
