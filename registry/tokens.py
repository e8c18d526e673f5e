"""Tokens for programs: made, found by their digest, revoked. The secret is shown once and kept nowhere.

32 random bytes cannot be guessed, so a plain SHA-256 is enough, and it is looked up by an index: how long that takes
tells nothing about a secret.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.models import APIToken, User
from registry.notices import tell
from registry.steps import StepRefused

BEGINS_WITH = "enishi_"
"""By this a scanner recognises a secret that somebody has published."""
SHOWN = len(BEGINS_WITH) + 6
LONGEST = 200
MOST = 20
"""Live tokens of one person."""
MOST_DAYS = 365
RESOURCES: dict[str, str | Promise] = {
    "firms": gettext_lazy("Firms"),
    "needs": gettext_lazy("Needs"),
    "projects": gettext_lazy("Anchor projects"),
    "catalogues": gettext_lazy("Catalogues and consortia"),
    "events": gettext_lazy("Events"),
    "imports": gettext_lazy("Imports"),
    "duplicates": gettext_lazy("Possible duplicates"),
    "claims": gettext_lazy("Claims"),
    "erasures": gettext_lazy("Requests for erasure"),
    "notices": gettext_lazy("Notices"),
}
"""What a token may be confined to. Apps above the register add theirs when they are ready."""
COARSE = timedelta(hours=1)
"""The last use is written down no more often than this."""


def make(owner: User, *, name: str, access: str, resources: Iterable[str], days: int) -> tuple[APIToken, str]:
    """A new token and its secret. Raises StepRefused for a name that is taken, too many tokens, too long a life."""
    if not 1 <= days <= MOST_DAYS:
        raise StepRefused(_("A token is valid for a year at most."))
    if APIToken.objects.live().filter(owner=owner).count() >= MOST:
        raise StepRefused(_("You have %(most)d tokens already. Revoke one that is not used any more.") % {"most": MOST})
    secret = BEGINS_WITH + secrets.token_urlsafe(32)
    now = timezone.now()
    try:
        with transaction.atomic():
            made: APIToken = APIToken.objects.create(
                owner=owner,
                name=name,
                prefix=secret[:SHOWN],
                digest=digest_of(secret),
                access=access,
                resources=sorted(resources),
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
    except IntegrityError:
        raise StepRefused(_("You have a token of this name. Revoke it first, or choose another name.")) from None
    return made, secret


def find(secret: str) -> APIToken | None:
    """The live token with this secret."""
    if not secret.startswith(BEGINS_WITH) or len(secret) > LONGEST:
        return None
    found: APIToken | None = APIToken.objects.live().select_related("owner").filter(digest=digest_of(secret)).first()
    return found


def note_use(token: APIToken) -> None:
    """Remember that the token is in use: one write an hour, however many requests."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - COARSE:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - COARSE)
        APIToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def revoke(token: APIToken, *, by: User) -> bool:
    """From the next request on the token is refused. False when it was revoked before."""
    with transaction.atomic():
        done = APIToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)
        if done and by != token.owner:
            tell([token.owner], "token.revoked", reverse("registry:tokens"), name=token.name)
    return bool(done)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
