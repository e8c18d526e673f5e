"""One question to a public register over the network, with an end to how long and how much, and plain words."""

import time
from collections.abc import Mapping

import urllib3
from django.utils.translation import gettext as _

CONNECT, READ, WHOLE = 3.0, 6.0, 12.0
"""Seconds to connect, to wait for more, and for the whole answer."""
MOST_BYTES = 500_000
_POOL = urllib3.PoolManager(timeout=urllib3.Timeout(connect=CONNECT, read=READ), retries=False, maxsize=2)


class RegisterAway(Exception):
    """The register gave nothing to use; the message says which one, why and what to do."""


def fetch(register: str, url: str, headers: Mapping[str, str]) -> bytes | None:
    """The body of the answer, None when the register does not know what was asked. Raises RegisterAway."""
    try:
        answer = _POOL.request("GET", url, headers=dict(headers), redirect=False, preload_content=False)
        try:
            return None if answer.status == 404 else _body(register, answer)
        finally:
            answer.close()
    except (urllib3.exceptions.TimeoutError, TimeoutError) as error:
        raise RegisterAway(
            _("%(register)s did not answer in time. Try again in a few minutes.") % {"register": register}
        ) from error
    except urllib3.exceptions.HTTPError as error:
        raise RegisterAway(
            _("%(register)s cannot be reached. Try again later, or ask the administrator about the network.")
            % {"register": register}
        ) from error


def _body(register: str, answer: urllib3.BaseHTTPResponse) -> bytes:
    if answer.status != 200:
        raise RegisterAway(_refusal(answer.status) % {"register": register, "status": answer.status})
    until, body = time.monotonic() + WHOLE, b""
    while chunk := answer.read1(65_536):
        body += chunk
        if len(body) > MOST_BYTES:
            raise RegisterAway(wrong(register))
        if time.monotonic() > until:
            raise TimeoutError
    return body


def _refusal(status: int) -> str:
    if status in {401, 403}:
        return _("%(register)s refuses our key. The administrator has to check it.")
    if status == 429:
        return _("%(register)s has had too many questions from us. Try again in an hour.")
    if status >= 500:
        return _("%(register)s has a fault of its own (%(status)d). Try again later.")
    return _("%(register)s refused the question (%(status)d). Check the corporate number.")


def wrong(register: str) -> str:
    return _("%(register)s gave an answer that cannot be read. Nothing was changed; tell the administrator.") % {
        "register": register
    }
