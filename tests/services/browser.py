"""Debian's Chromium driven by Playwright: page, new_page(), assert_accessible(page)."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--font-render-hinting=none",
    "--lang=ja",
    "--no-first-run",
]
RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
CONTRAST = ("color-contrast",)
"""What is different in the dark."""
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 800}
"""A window of 1280 px at 400 %: WCAG 2.2, 1.4.10. What fits here fits at 200 % and on every phone."""
DESKTOP = {"width": 1280, "height": 900}
NewPage = Callable[..., Page]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        missing = "Chromium is not installed. Run: sudo apt-get install chromium fonts-noto-cjk"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, *sandbox])
        yield chrome
        chrome.close()


@pytest.fixture
def new_page(browser: Browser, live_server: LiveServer) -> Iterator[NewPage]:
    """new_page(size=DESKTOP, **context options): a fresh browser profile. Errors in its console fail the test."""
    contexts = []
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # a 403 on purpose is no error
            errors.append(f"{message.text} ({message.location.get('url')})")

    def make(size: dict[str, int] = DESKTOP, **options: Any) -> Page:
        options = {"locale": "ja-JP", "timezone_id": "Asia/Tokyo", "base_url": live_server.url} | options
        context = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """What of WCAG 2.2 AA axe finds broken, a line each; or by some of its rules alone."""
    options = {"runOnly": list(rules), "resultTypes": ["violations"], "preload": False}  # no style sheet is foreign
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in Axe().run(page, options=options).response["violations"]
    ]


def assert_accessible(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join([page.url, *found])
