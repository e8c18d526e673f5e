"""A POST to an address that a person typed: to public addresses only, whatever its name says now or a moment later.

The name is resolved once, every address that it has is looked at, and the connection goes to one of those addresses,
with the name for TLS. So a name that changes its mind between the look and the connection leads nowhere else.
"""

import ipaddress
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

SECONDS = 5.0
"""For the connection and for each part of the answer."""
DEADLINE = 15.0
"""For all of it: whoever drips an answer byte by byte is cut off."""
MOST_READ = 2_048
_EMBEDDING = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
"""IPv6 addresses that hold an IPv4 one, which a gateway may lead inside."""


class NotAllowed(Exception):
    """The address must not be called; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0 when there was none; `detail` then says why."""

    status: int
    detail: str = ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def check(url: str) -> SplitResult:
    """The parts of an address that may be called by its form. Raises NotAllowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed(_("This is not an address.")) from None
    if not (url.isascii() and url.isprintable() and parts.hostname) or " " in url or "\\" in url:
        raise NotAllowed(_("This is not an address."))
    if parts.scheme != "https" and not _is_exception(parts):
        raise NotAllowed(_("The address has to begin with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise NotAllowed(_("The address must hold no name, password or #."))
    return parts


def addresses_of(parts: SplitResult) -> list[str]:
    """The numeric addresses of the host, once all of them are public. Raises NotAllowed."""
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotAllowed(_("The host has no address.")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not _is_exception(parts) and not all(map(is_public, addresses)):
        raise NotAllowed(_("The host lies in a private network."))
    return addresses


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or any(ip in net for net in _EMBEDDING)):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send it and read a little of the answer; a redirect is an answer like another and is not followed."""
    try:
        parts = check(url)
        address = addresses_of(parts)[0]
    except NotAllowed as refused:
        return Answer(0, str(refused))
    connection = _connection(parts, address)
    watch = threading.Timer(DEADLINE, _cut, [connection])
    watch.daemon = True
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers={"Host": parts.netloc, **headers}, preload_content=False)
        answer = connection.getresponse()
        answer.read(MOST_READ, decode_content=False)
        return Answer(answer.status)
    except (HTTPError, OSError, ValueError) as problem:
        return Answer(0, type(problem).__name__)
    finally:
        watch.cancel()
        connection.close()


def _connection(parts: SplitResult, address: str) -> HTTPConnection:
    if parts.scheme == "http":
        return HTTPConnection(address, _port(parts), timeout=SECONDS)
    return HTTPSConnection(
        address,
        _port(parts),
        timeout=SECONDS,
        cert_reqs="CERT_REQUIRED",
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )


def _cut(connection: HTTPConnection) -> None:
    if isinstance(connection.sock, socket.socket):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_exception(parts: SplitResult) -> bool:
    return f"{parts.hostname}:{_port(parts)}" in settings.WEBHOOK_EXCEPTIONS
