"""Telling people what happened: in the application at once, by mail as each person wishes.

`tell` writes rows in the transaction of the act. A row holds the kind of the event and its parameters; the text is put
together when it is read, in the reader's language. The beat has what is due mailed: the rows are the truth, a mail that
fails is tried again and breaks nothing. A mail says only what kind of thing happened and where to read it.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from registry.models import ByMail, Notice, User
from registry.models.catalogue import in_language

log = logging.getLogger(__name__)

MORNING = time(8)
"""When the daily mail goes out, in Japan."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 720))
"""After an attempt that failed, or whose worker fell; then it is given up and the notice stays in the application."""
MOST_PEOPLE, MOST_IN_A_MAIL = 200, 50
KEPT_READ, KEPT = timedelta(days=90), timedelta(days=365)
MOST_FORGOTTEN = 5_000


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` says what happened without naming anybody: a mail's subject. `text` is read in the application."""

    title: str | Promise
    text: str | Promise


KINDS: dict[str, Kind] = {
    "claim.approve": Kind(
        _("Your claim was approved"), _("You may now edit the profile of %(firm)s and answer inquiries for it.")
    ),
    "claim.refuse": Kind(_("Your claim was refused"), _("%(firm)s: %(reason)s")),
    "claim.overtaken": Kind(_("Your claim was refused"), _("%(firm)s: another person's claim was approved.")),
    "firm.erase": Kind(
        _("Personal data was erased"),
        _("Contact, files and users of %(firm)s were erased as you asked. Nobody speaks for the firm any more."),
    ),
    "firm.keep": Kind(_("Your request for erasure was refused"), _("%(firm)s: %(reason)s")),
    "webhook.off": Kind(
        _("One of your webhooks was switched off"),
        _("It did not answer for a day. Its page says what came back; switch it on again when that is mended."),
    ),
    "token.revoked": Kind(
        _("One of your API tokens was revoked"),
        _("The token “%(name)s” was revoked by those who watch over the API. Ask them before you make another one."),
    ),
    "certificate.confirm": Kind(
        _("An office confirmed a certificate of your firm"), _("%(firm)s: %(certificate)s is confirmed.")
    ),
    "firm.merged": Kind(
        _("Two records of your firm became one"),
        _("The office joined “%(other)s” with %(firm)s. Please check that the profile is right."),
    ),
    "firm.confirm": Kind(
        _("Is your profile still right?"),
        _("Nobody has confirmed the profile of %(firm)s for a year. Read it and confirm it, or correct it."),
    ),
}
"""Every kind of notice. Apps above the register add theirs when they are ready."""


def tell(people: Iterable[User], kind: str, url: str, **params: Any) -> list[Notice]:
    """Tell each of the people once. Call it in the transaction of the act.

    `url` is a path of this site that every one of them may open. `params` fill the kind's text: plain JSON values, or
    `both(japanese, english)` where the words depend on the reader. Raises KeyError for an unknown kind or a missing
    parameter: that is an error of the program, met here and not by a reader.
    """
    str(KINDS[kind].text) % _words(params)
    now = timezone.now()
    return Notice.objects.bulk_create(
        Notice(
            person=person,
            kind=kind,
            url=url,
            params=params,
            at=now,
            mail_due_at=mail_due(person.notices_by_mail, now),
        )
        for person in sorted(set(people), key=lambda person: person.pk)
        if person.is_active
    )


def both(japanese: str, english: str) -> dict[str, str]:
    """A parameter that reads differently in the two languages."""
    return {"ja": japanese, "en": english}


def title(notice: Notice) -> str:
    kind = KINDS.get(notice.kind)
    return str(kind.title) if kind else gettext("Something happened that concerns you")


def text(notice: Notice) -> str:
    """What happened, in the reader's language. A notice of a kind that no longer exists keeps its link."""
    kind = KINDS.get(notice.kind)
    return str(kind.text) % defaultdict(lambda: "–", _words(notice.params)) if kind else ""


def _words(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: in_language(value["ja"], value["en"]) if isinstance(value, dict) else value
        for name, value in params.items()
    }


def read(notices: Any) -> int:
    """Mark those that are unread among the notices; returns how many."""
    return int(notices.unread().update(read_at=timezone.now()))


def wish(person: User, by_mail: str) -> None:
    """Take the person's wish about mails; it holds for what waits already too."""
    person.notices_by_mail = by_mail
    person.save(update_fields=["notices_by_mail"])
    waiting = Notice.objects.filter(person=person, mailed_at=None, mail_due_at__isnull=False)
    waiting.update(mail_due_at=mail_due(by_mail, timezone.now()))


def mail_due(by_mail: str, now: datetime) -> datetime | None:
    """When a notice of now is mailed to somebody with this wish; None when it never is."""
    if by_mail == ByMail.NEVER:
        return None
    if by_mail == ByMail.ONCE:
        return now
    local = timezone.localtime(now)
    morning = local.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)
    return morning if local < morning else morning + timedelta(days=1)


def send_due() -> int:
    """Mail what is due, one mail for each person; returns how many went out. Safe to run twice at once."""
    now = timezone.now()
    people = Notice.objects.to_mail(now).order_by("person").values_list("person", flat=True).distinct()[:MOST_PEOPLE]
    return sum(_send(person_id, now) for person_id in list(people))


def _send(person_id: int, now: datetime) -> bool:
    """Claim the person's rows by moving their date on, then mail. Who claims none has been overtaken."""
    due = Notice.objects.to_mail(now).filter(person=person_id)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:MOST_IN_A_MAIL])
    before = list(Notice.objects.filter(pk__in=ids).values_list("attempts", flat=True))
    if not before:
        return False
    until = timezone.now() + WAITS[min(max(before), len(WAITS) - 1)]  # of this worker alone
    Notice.objects.to_mail(now).filter(pk__in=ids).update(mail_due_at=until, attempts=F("attempts") + 1)
    claimed = list(Notice.objects.filter(pk__in=ids, mail_due_at=until).select_related("person").order_by("pk"))
    if not claimed:
        return False
    mine = Notice.objects.filter(pk__in=[notice.pk for notice in claimed])
    try:
        _mail(claimed).send()
    except (OSError, ValueError) as problem:  # SMTPException is an OSError; an address may be refused as a value
        log.warning("Mail of %d notices failed: %s", len(claimed), type(problem).__name__)
        mine.filter(attempts__gt=len(WAITS)).update(mail_due_at=None)
        return False
    mine.update(mailed_at=timezone.now())
    return True


def _mail(notices: list[Notice]) -> EmailMessage:
    """In both languages, since nobody knows which one the person reads at home."""
    parts, subjects = [], []
    for language in ("ja", "en"):
        with override(language):
            lines = [(title(notice), _address(notice.get_absolute_url())) for notice in notices]
            wishes = _address(reverse("registry:notice-wishes"))
            parts.append(render_to_string("registry/notice_mail.txt", {"lines": lines, "wishes": wishes}).strip())
            many = ngettext("%(count)d notice", "%(count)d notices", len(lines)) % {"count": len(lines)}
            subjects.append(lines[0][0] if len(lines) == 1 else many)
    subject = settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " / ".join(subjects)
    return EmailMessage(subject, "\n\n----\n\n".join(parts) + "\n", to=[notices[0].person.email])


def _address(path: str) -> str:
    return settings.SITE_URL + path


def forget() -> int:
    """Delete what nobody needs any more: read ones after 90 days, all after a year. Returns how many."""
    now, gone = timezone.now(), 0
    for old in (
        Notice.objects.filter(at__lt=now - KEPT_READ, read_at__isnull=False),
        Notice.objects.filter(at__lt=now - KEPT),
    ):
        ids = list(old.order_by("pk").values_list("pk", flat=True)[:MOST_FORGOTTEN])
        gone += Notice.objects.filter(pk__in=ids).delete()[0]
    return gone
