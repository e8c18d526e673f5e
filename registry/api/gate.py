"""What every request to the API passes before anything is done for it: who it is, how often, what they may."""

import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from registry.access import VerbPermission
from registry.api import once
from registry.api.problems import BadRequest

WINDOW = 60


class Gate(APIView):
    """Counts first, then asks who may. A view names its `verb` and the `resource` that a token may be confined to."""

    verb: str
    resource = ""
    parameters: tuple[str, ...] = ()
    not_always: tuple[str, ...] = ()
    """Actions that only read and yet may not be possible now, which is answered 409."""
    only_asks: tuple[str, ...] = ()
    """Actions by POST that change nothing: their answer is not kept by an Idempotency-Key, whose transaction would hold
    the database for as long as somebody else takes to answer."""
    permission_classes = [VerbPermission]
    metadata_class = None
    post: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            person = request.user
        except AuthenticationFailed:
            count(f"address:{address_of(request)}", settings.API_ANONYMOUS_PER_MINUTE)
            raise
        if person.is_authenticated:  # all of a person's tokens together
            count(f"person:{person.pk}", settings.API_PER_MINUTE)
        else:
            count(f"address:{address_of(request)}", settings.API_ANONYMOUS_PER_MINUTE)
        super().initial(request, *args, **kwargs)
        if unknown := [name for name in request.query_params if name not in self.known_parameters()]:
            raise BadRequest({name: [_("There is no such parameter.")] for name in unknown})
        if empty := [name for name, value in request.query_params.items() if not value]:
            raise BadRequest(
                {name: [_("This parameter has no value. Leave it out, or give it one.")] for name in empty}
            )
        keeps = hasattr(self, "post") and getattr(self, "action", "") not in self.only_asks
        if request.method == "POST" and keeps and once.HEADER in request.headers:
            self.post = partial(once.answer, self.post)  # what dispatch takes next

    def known_parameters(self) -> tuple[str, ...]:
        return self.parameters

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A download is of its own type, whatever the program says that it accepts."""
        answers = getattr(self, "answers", {}).get(getattr(self, "action", ""), {})
        return super().perform_content_negotiation(request, force or any(isinstance(code, tuple) for code in answers))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        return answer


def address_of(request: Request) -> str:
    """The client's address; of X-Forwarded-For only as much as ENISHI_PROXIES says is ours."""
    return str(BaseThrottle().get_ident(request))


def count(who: str, most: int) -> None:
    """Count a request of the last minute, the one before weighed by how much of it is still in sight.

    One INCR decides, so that of fifty requests at once no more than the limit pass. Raises Throttled.
    """
    now = time.time()
    window, gone = int(now // WINDOW), now % WINDOW / WINDOW
    key = f"api:{who}:{window}"
    cache.add(key, 0, 2 * WINDOW)
    try:
        current = cache.incr(key)
    except ValueError:  # it expired, or the cache was emptied, in between
        current = 1
    before = cache.get(f"api:{who}:{window - 1}", 0) if current <= most else 0
    if current + before * (1 - gone) > most:
        raise Throttled(wait=(1 - gone) * WINDOW)
