"""A POST with an Idempotency-Key has its effect once, however often it is sent, and is answered alike each time.

The key is written in the transaction of the effect. A twin at the same moment waits at the constraint on PostgreSQL and
for the writer's lock on SQLite, then finds the answer; what was refused leaves nothing and may be tried again. The
answer says what the person might read when it was made, so it is given again only while their role and scope are those.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.problems import BadRequest, Invalid
from registry.models import KeptAnswer, User
from registry.steps import StepRefused

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
MOST_FORGOTTEN = 5_000
_KEPT_HEADERS = ("ETag", "Location")


def answer(handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    key = request.headers[HEADER]
    if not re.fullmatch(r"[\x21-\x7e]{1,100}", key):
        raise BadRequest({HEADER: [_("Send 1 to 100 printable ASCII characters without blanks.")]})
    person, digest = cast("User", request.user), _digest(request)  # a file may be gone after its effect
    kept: KeptAnswer | None = None
    try:
        with transaction.atomic():
            kept = _claim(person, key)
            if kept is None:
                return _again(person, key, digest)
            response = handler(request, *args, **kwargs)  # a refusal is raised and takes the claim back with it
            _keep(kept, response, digest)
    except StepRefused:
        if kept and kept.request:  # refused after the commit, as by a mail server
            KeptAnswer.objects.filter(pk=kept.pk, person=person, key=key).delete()
        raise
    return response


def _keep(kept: KeptAnswer, response: Response, digest: str) -> None:
    kept.status, kept.body = response.status_code, JSONRenderer().render(response.data).decode()
    kept.headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    kept.request = _bound(digest, User.objects.get(pk=kept.person_id))  # who registers a firm reaches further by it
    kept.save(update_fields=["status", "body", "headers", "request"])


def _claim(person: User, key: str) -> KeptAnswer | None:
    try:
        with transaction.atomic():
            made: KeptAnswer = KeptAnswer.objects.create(person=person, key=key)
            return made
    except IntegrityError:
        return None


def _again(person: User, key: str, digest: str) -> Response:
    kept = KeptAnswer.objects.get(person=person, key=key)
    if kept.request != _bound(digest, person):
        raise Invalid(
            {HEADER: [_("This key was used for another request, or with another role or scope. Choose a new one.")]}
        )
    return Response(
        json.loads(kept.body or "null"), status=kept.status, headers=kept.headers | {"Idempotency-Replayed": "true"}
    )


def _digest(request: Request) -> str:
    data: Any = request.data
    sent = dict(data.lists()) if isinstance(data, MultiValueDict) else data
    said = [request.method, request.path, json.dumps(sent, sort_keys=True, default=_told)]
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


def _bound(digest: str, person: User) -> str:
    """The request together with all that decides what the person may read in its answer."""
    return hashlib.sha256(f"{digest}\n{person.reach}".encode()).hexdigest()


def _told(file: "UploadedFile[Any]") -> list[str]:
    """A file by its name and content: a form sent again has other boundaries."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return [file.name or "", digest]


def forget() -> int:
    """Delete the answers that nobody may ask for any more. Returns how many."""
    old = KeptAnswer.objects.filter(at__lt=timezone.now() - KEPT)
    return KeptAnswer.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()[0]
