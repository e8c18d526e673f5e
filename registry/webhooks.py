"""Telling programs what happened: thin, signed messages, delivered from rows until they arrive or are given up.

`announce` writes rows in the transaction of the act, for those who subscribed and see the object. The beat has what is
due sent. Headers and signature are those of Standard Webhooks 1.0; the message names the object and where to read it,
nothing else, so that whoever reads it on the way learns nothing.
"""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import outgoing
from registry.access import can
from registry.models import Need, User, Webhook, WebhookDelivery
from registry.notices import tell
from registry.steps import StepRefused

State = WebhookDelivery.State
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
"""After an attempt that failed, or whose worker fell; then it is given up."""
LASTING = timedelta(hours=24)
"""A webhook that failed for so long is switched off with the next message that is given up."""
BOTH_SECRETS = timedelta(hours=24)
MOST, MOST_AT_ONCE, SECONDS_AT_ONCE = 10, 20, 120
SLOW = 3.0
"""Seconds after which an answer is slow."""
KEPT, MOST_FORGOTTEN = timedelta(days=30), 5_000
PING = "webhook.ping"


@dataclass(frozen=True, slots=True)
class Event:
    """`sees` tells whether a person may read the object with this id; `route` is where the API shows it.

    `last` events tell that the object is gone for its reader, who therefore does not see it any more when it is sent.
    """

    label: str | Promise
    route: str
    sees: Callable[[User, int], bool]
    last: bool = False


def sees_need(user: User, pk: int) -> bool:
    return Need.objects.visible_to(user).filter(pk=pk).exists()


EVENTS: dict[str, Event] = {
    "need.opened": Event(gettext_lazy("a need was opened"), "need-detail", sees_need),
    "need.changed": Event(gettext_lazy("a need was changed"), "need-detail", sees_need),
}
"""Every kind of event. Apps above the register add theirs when they are ready."""


# ---- subscribing -----------------------------------------------------------------------------------------------------
def subscribe(owner: User, *, url: str, events: Iterable[str]) -> tuple[Webhook, str]:
    """A new webhook and its secret. Raises StepRefused for an address that must not be called."""
    try:
        outgoing.addresses_of(outgoing.check(url))
    except outgoing.NotAllowed as refused:
        raise StepRefused(str(refused)) from None
    if owner.webhooks.count() >= MOST:
        raise StepRefused(_("You have %(most)d webhooks already. Remove one first.") % {"most": MOST})
    try:
        with transaction.atomic():
            made: Webhook = Webhook.objects.create(owner=owner, url=url, events=sorted(events))
    except IntegrityError:
        raise StepRefused(_("You have a webhook for this address already.")) from None
    return made, secret_of(made.salt)


def rotate(hook: Webhook) -> str:
    """A new secret; messages carry both signatures for a day."""
    old, hook.old_salt, hook.old_until = hook.salt, hook.salt, timezone.now() + BOTH_SECRETS
    hook.salt = Webhook._meta.get_field("salt").get_default()
    if Webhook.objects.filter(pk=hook.pk, salt=old).update(
        salt=hook.salt, old_salt=hook.old_salt, old_until=hook.old_until
    ):
        return secret_of(hook.salt)
    raise StepRefused(_("Somebody else was faster. Nothing was changed."))


def switch(hook: Webhook, *, on: bool) -> None:
    Webhook.objects.filter(pk=hook.pk).update(active=on, failing_since=None)


def ping(hook: Webhook) -> WebhookDelivery:
    """A message that says nothing, to try the address with. As long as one waits there is no second."""
    with transaction.atomic():
        Webhook.objects.select_for_update().get(pk=hook.pk)  # the second of two clicks waits for the first
        waiting: WebhookDelivery | None = hook.deliveries.filter(event=PING, state=State.WAITING).first()
        return waiting or _row(hook, PING, 0, {})


def again(delivery: WebhookDelivery) -> None:
    """Send a settled message once more, now; what still waits is only hurried."""
    changes: dict[str, Any] = {"state": State.WAITING, "due_at": timezone.now(), "attempts": 0, "settled_at": None}
    WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=State.DROPPED).update(**changes)


# ---- what happened ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Happening:
    """An object's id, which `sees` of the event is asked about; `at` is the id in the address, where it is another's.

    `facts` are codes and ids only: no name, no text.
    """

    pk: int
    at: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def announce(event: str, *happened: Happening) -> None:
    """Tell those who subscribed and see the objects. Call it in the transaction of the act."""
    kind, hooks = EVENTS[event], Webhook.objects.filter(active=True).select_related("owner") if happened else ()
    for hook in hooks:
        if event in hook.events and _may(hook.owner):
            for one in happened:
                if kind.sees(hook.owner, one.pk):
                    path = reverse(kind.route, args=[one.at or one.pk])
                    _row(hook, event, one.pk, {"id": one.pk, "url": settings.SITE_URL + path, **one.facts})


def _may(owner: User) -> bool:
    return can(owner, "api.webhook")


def _row(hook: Webhook, event: str, pk: int, data: dict[str, Any]) -> WebhookDelivery:
    now = timezone.now()
    payload = {"type": event, "timestamp": now.isoformat(), "data": data}
    made: WebhookDelivery = WebhookDelivery.objects.create(
        webhook=hook, event=event, row=pk, message=f"msg_{uuid.uuid4().hex}", payload=payload, made_at=now, due_at=now
    )
    return made


# ---- delivering ------------------------------------------------------------------------------------------------------
def send_due() -> int:
    """Send what is due; returns how many arrived. Safe to run twice at once, and never longer than a task may be."""
    until, arrived = time.monotonic() + SECONDS_AT_ONCE, 0
    due = WebhookDelivery.objects.filter(state=State.WAITING, due_at__lte=timezone.now(), webhook__active=True)
    for pk in list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if time.monotonic() < until:
            arrived += _send(pk)
    return arrived


def _send(pk: int) -> bool:
    """Claim the row by moving its date on, then send. Who does not claim it has been overtaken."""
    now = timezone.now()
    row = WebhookDelivery.objects.select_related("webhook__owner").get(pk=pk)
    wait = WAITS[min(row.attempts, len(WAITS) - 1)]
    claim = WebhookDelivery.objects.filter(pk=pk, state=State.WAITING, due_at=row.due_at)
    if row.due_at is None or row.due_at > now or not claim.update(due_at=now + wait, attempts=F("attempts") + 1):
        return False
    if not _still_theirs(row):
        _settle(row, State.DROPPED, outgoing.Answer(0))
        return False
    body = json.dumps(row.payload, separators=(",", ":")).encode()
    began = time.monotonic()
    answer = outgoing.post(row.webhook.url, body, signed(row.webhook, row.message, now, body))
    if not answer.is_good or time.monotonic() - began > SLOW:
        _let_others_pass(row)
    if answer.is_good:
        _settle(row, State.DELIVERED, answer)
        Webhook.objects.filter(pk=row.webhook_id).update(failing_since=None)
    else:
        _failed(row, answer, now)
    return answer.is_good


def _let_others_pass(row: WebhookDelivery) -> None:
    """What else waits for a webhook that fails or is slow waits a little longer: nobody fills the queue for all."""
    now = timezone.now()
    waiting = WebhookDelivery.objects.filter(webhook=row.webhook_id, state=State.WAITING, due_at__lte=now)
    waiting.update(due_at=now + WAITS[0])


def _still_theirs(row: WebhookDelivery) -> bool:
    owner, kind = row.webhook.owner, EVENTS.get(row.event)
    if not _may(owner) or (kind is None and row.event != PING):
        return False
    return kind is None or kind.last or kind.sees(owner, row.row)


def _failed(row: WebhookDelivery, answer: outgoing.Answer, now: datetime) -> None:
    Webhook.objects.filter(pk=row.webhook_id, failing_since=None).update(failing_since=now)
    if row.attempts < len(WAITS):
        WebhookDelivery.objects.filter(pk=row.pk).update(status=answer.status or None, detail=answer.detail[:200])
        return
    with transaction.atomic():
        _settle(row, State.FAILED, answer)
        lasting = Webhook.objects.filter(pk=row.webhook_id, active=True, failing_since__lte=now - LASTING)
        if lasting.update(active=False):
            tell([row.webhook.owner], "webhook.off", reverse("registry:webhook", args=[row.webhook_id]))


def _settle(row: WebhookDelivery, state: str, answer: outgoing.Answer) -> None:
    WebhookDelivery.objects.filter(pk=row.pk).update(
        state=state, due_at=None, settled_at=timezone.now(), status=answer.status or None, detail=answer.detail[:200]
    )


# ---- signing ---------------------------------------------------------------------------------------------------------
def signed(hook: Webhook, message: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks, one signature for each secret that holds now."""
    stamp = str(int(now.timestamp()))
    salts = [hook.salt, *([hook.old_salt] if hook.old_until and hook.old_until > now else [])]
    secrets = [secret_of(salt, key) for salt in salts for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Enishi-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signature(secret, message, stamp, body) for secret in secrets),
    }


def secret_of(salt: str, key: str | None = None) -> str:
    made = salted_hmac("registry.webhooks", salt, secret=key, algorithm="sha256").digest()
    return "whsec_" + base64.b64encode(made).decode()


def signature(secret: str, message: str, stamp: str, body: bytes) -> str:
    """Source: Standard Webhooks 1.0, "Signature scheme": HMAC-SHA256 over id.timestamp.body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, b".".join([message.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


def forget() -> int:
    """Delete old settled deliveries. Returns how many."""
    old = WebhookDelivery.objects.filter(settled_at__lt=timezone.now() - KEPT)
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()[0]
