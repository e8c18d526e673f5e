from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from registry.models import User
from tests.services.browser import NewPage

PageOf = Callable[..., Page]


@pytest.fixture
def page_of(new_page: NewPage, live_server: LiveServer) -> PageOf:
    """page_of(user, …): what new_page(…) makes, signed in as the user without the form; nobody is None."""

    def make(user: User | None, *args: Any, **options: Any) -> Page:
        page = new_page(*args, **options)
        if user:
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return page

    return make
