"""Links to a released list for readers without an account: made, mailed, opened with a code sent by mail, ended.

The address holds 32 random bytes and the database their digest only. Who has the address alone sees nothing: each
browser is let in by a code of six digits that goes to the reader's mailbox, lives ten minutes and takes five tries.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.models import CandidateList, ListAccess, ListLink
from registry.access import can
from registry.models import User
from registry.steps import StepRefused

DAYS = 14
LINK_PAUSE = timedelta(seconds=60)
CODE_LIVES = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=60)
MOST_TRIES = 5
MOST_CODES = 30
"""Of one link, in its whole life; then a new link is needed."""


def make(
    made: CandidateList, *, by: User, email: str, language: str, days: int, overseas: bool = False
) -> tuple[ListLink, str]:
    """A new link and its secret, which nothing keeps. Raises StepRefused when the list is not released, or may not go
    to this reader abroad."""
    if not (can(by, "matching.make_list") and CandidateList.objects.visible_to(by).filter(pk=made.pk).exists()):
        raise StepRefused(_("This list is outside your office's scope, or it does not exist."))
    if made.state != CandidateList.State.RELEASED:
        raise StepRefused(_("Release the list first; a link leads to a released list only."))
    overseas = overseas or _is_abroad(email)
    if overseas and not made.may_go_abroad_to(email):
        raise StepRefused(
            _("The need is subject to export control. Record a check of this reader beside its drawings first.")
        )
    secret, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # the second of two clicks waits for the first
        if made.links.filter(email__iexact=email, revoked_at=None, made_at__gt=now - LINK_PAUSE).exists():
            raise StepRefused(_("A link was sent to this address a moment ago; see below."))
        link = ListLink.objects.create(
            list=made,
            digest=_digest(secret),
            email=email,
            language=language,
            overseas=overseas,
            made_by=by,
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
    return link, secret


def _is_abroad(email: str) -> bool:
    """Whether the reader's account is marked so, whatever was ticked for the link."""
    return User.objects.filter(email__iexact=email, overseas=True).exists()


def send(made: CandidateList, *, by: User, address: Callable[[str], str], **wanted: Any) -> ListLink:
    """Make a link (`wanted` as for `make`) and mail it to its reader. Nobody else is shown its address.

    address  the link's address by its secret
    Raises StepRefused as `make` does, and when the mail server does not take the mail: the link has ended then. The
    mail goes once the link is committed: within a transaction of the caller's that is where it is refused.
    """
    link, secret = make(made, by=by, **wanted)
    transaction.on_commit(partial(_mail, link, address(secret)))
    return link


def _mail(link: ListLink, address: str) -> None:
    try:
        with override(link.language):
            subject = _("Candidate list %(number)s for you") % {"number": link.list.number}
            _send(link, subject, "matching/mail/link.txt", {"link": link, "address": address})
    except OSError:
        end(link)
        raise StepRefused(_("The mail could not be sent, so the link was ended. Try again in a few minutes.")) from None


def end(link: ListLink) -> None:
    """From now on the address leads nowhere; ending it twice changes nothing."""
    ListLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def find(secret: str) -> ListLink | None:
    """The open link behind an address; None when there is none, or none any more."""
    link: ListLink | None = (
        ListLink.objects.select_related("list__need__project", "list__office", "made_by")
        .filter(digest=_digest(secret))
        .first()
    )
    if link is None or not link.is_open(timezone.now()):
        return None
    abroad = link.overseas or _is_abroad(link.email)
    return link if not abroad or link.list.may_go_abroad_to(link.email) else None


def send_code(link: ListLink) -> None:
    """Mail a new code; the one before is void. Raises StepRefused when the last one is a minute old or too many were
    sent, OSError when the mail server does not take it."""
    now, code = timezone.now(), f"{secrets.randbelow(1_000_000):06d}"
    free = Q(code_sent_at=None) | Q(code_sent_at__lte=now - CODE_PAUSE)
    with transaction.atomic():
        sent = ListLink.objects.filter(free, pk=link.pk, codes_sent__lt=MOST_CODES).update(
            code=_code_digest(link, code), code_sent_at=now, codes_sent=F("codes_sent") + 1, tries=0
        )
        if not sent:
            raise StepRefused(
                _("A code was sent a moment ago. Look into your mailbox; after a minute you can ask for another one.")
            )
        ListAccess.objects.create(list=link.list, link=link, act=ListAccess.Act.CODE_SENT)
    try:  # after the commit: a slow mail server must not hold the database
        with override(link.language):
            subject = _("Your code: %(code)s") % {"code": code}
            _send(link, subject, "matching/mail/code.txt", {"link": link, "code": code})
    except OSError:
        ListLink.objects.filter(pk=link.pk).update(code="", code_sent_at=None)
        raise


def enter(link: ListLink, code: str) -> None:
    """Use up the code. Raises StepRefused when it is wrong, too old or used, or after too many tries."""
    fresh = ListLink.objects.filter(pk=link.pk, code_sent_at__gt=timezone.now() - CODE_LIVES).exclude(code="")
    tried = fresh.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1)  # counted before it is compared
    digest = _code_digest(link, code)
    link.refresh_from_db(fields=["code"])
    right = bool(tried) and constant_time_compare(link.code, digest)
    if right and ListLink.objects.filter(pk=link.pk, code=digest).update(code=""):
        ListAccess.objects.create(list=link.list, link=link, act=ListAccess.Act.ENTERED)
        return
    if tried:
        ListAccess.objects.create(list=link.list, link=link, act=ListAccess.Act.CODE_WRONG)
    raise StepRefused(_("This code is wrong, used or older than ten minutes. Type it again or ask for a new one."))


def _send(link: ListLink, subject: str, template: str, context: dict[str, object]) -> None:
    text = render_to_string(template, context)
    send_mail(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}", text, None, [link.email])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _code_digest(link: ListLink, code: str) -> str:
    return salted_hmac(f"list link {link.pk}", code, algorithm="sha256").hexdigest()
