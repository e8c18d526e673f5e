"""What a page weighs on its way to a browser: itself and every file of ours that it loads, each compressed."""

import gzip
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

_IN_CSS = re.compile(r"""(?:@import\s+|url\()\s*(?:url\()?["']?([^"')\s]+)""")
_COMPRESSED = {".woff2", ".png", ".jpg", ".jpeg", ".webp"}
_LOADS = {"script": "src", "img": "src", "link": "href", "source": "src", "use": "href", "image": "href"}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if value := dict(attrs).get(_LOADS.get(tag, "")):
            self.found.append(value)


def weight(content: bytes) -> int:
    """Bytes of the page and, once each, of the static files that it and its stylesheets name."""
    links = _Links()
    links.feed(content.decode())
    return len(gzip.compress(content, 6)) + sum(_size(file) for file in _files(links.found, base="/"))


def _files(addresses: list[str], base: str) -> set[Path]:
    found: dict[Path, None] = {}
    waiting = [urljoin(base, address) for address in addresses]
    while waiting:
        address = waiting.pop()
        file = _file(address)
        if file is None or file in found:
            continue
        found[file] = None
        if file.suffix == ".css":
            waiting += [urljoin(address, inner) for inner in _IN_CSS.findall(file.read_text(encoding="utf-8"))]
    return set(found)


@cache
def _file(address: str) -> Path | None:
    parts = urlsplit(address)
    prefix = urlsplit(settings.STATIC_URL).path
    if parts.scheme not in {"", "http", "https"} or not parts.path.startswith(prefix):
        return None
    found = finders.find(unquote(parts.path.removeprefix(prefix)))
    if not isinstance(found, str):
        raise FileNotFoundError(f"{address}: no such static file")
    return Path(found)


@cache
def _size(file: Path) -> int:
    """As the server sends it; pictures and fonts are compressed already."""
    content = file.read_bytes()
    return len(content) if file.suffix in _COMPRESSED else len(gzip.compress(content, 6))
