"""Pages of a site by following its links: one of each kind of address."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

ENTRANCES = ["/account/login/", "/account/signup/", "/account/password/reset/", "/no-such-page/"]
"""What somebody who is not signed in begins with."""
ONWARD = ["/account/email/", "/account/password/change/", "/account/2fa/", "/no-such-page/"]
"""What no link on a home page leads to, beside it."""
NOT_PAGES = re.compile(
    r"\.(csv|json|pdf|xlsx)$|/scan/$|/(photos|drawings)/\d+/$|/account/logout|/api/schema|/static/|/i18n/"
)


def kind(path: str) -> str:
    """The address without its numbers and secrets: /firms/12/edit/ → firms-N-edit."""
    return re.sub(r"(?<=^/shared/)[^/]+|(?<=^/invitations/)[^/]+|\d+", "N", path).strip("/").replace("/", "-") or "home"


def links(page: Page) -> Iterator[str]:
    """Paths of this site that the page leads to; the administrator's own pages are not followed further."""
    if urlsplit(page.url).path.startswith("/admin/"):
        return
    absolute = "all => all.map(a => new URL(a.getAttribute('href'), location).href)"  # a.href is no text inside an SVG
    for address in page.locator("a[href]").evaluate_all(absolute):
        parts = urlsplit(address)
        if parts.netloc == urlsplit(page.url).netloc and not NOT_PAGES.search(parts.path):
            yield parts.path


def walk(page: Page, start: Iterable[str]) -> Iterator[tuple[str, Response | None]]:
    """Opens one page of each kind after the other; yields its path and what the site answered while it is open."""
    waiting = list(start)
    seen = {kind(path) for path in waiting}
    while waiting:
        path = waiting.pop(0)
        yield path, page.goto(path)
        for onward in links(page):
            if kind(onward) not in seen:
                seen.add(kind(onward))
                waiting.append(onward)
