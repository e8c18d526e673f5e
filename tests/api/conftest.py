import re
from collections.abc import Callable
from typing import Any

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


def send(client: Client, url: str, body: Any, *, etag: str | None = "now", method: str = "post", key: str = "") -> Any:
    """With the ETag that the object has now, unless another one is given."""
    headers = {"idempotency-key": key} if key else {}
    if etag == "now":
        found = re.match(r"/api/[^/]+/\d+/", url)
        etag = client.get(found[0]).headers.get("ETag") if found else None
    if etag:
        headers["if-match"] = etag
    return getattr(client, method)(url, body, content_type="application/json", headers=headers)
