"""Once a year a firm says that its profile is still right; it is asked when it has not."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from registry import history, notices
from registry.models import Firm, FirmEvent, User
from registry.models.firm import year_ago

MOST = 500
"""Firms asked in one run; the rest follow in the next."""


@transaction.atomic
def confirm(firm: Firm, *, by: User) -> None:
    """Still right as of today. The second of two clicks on one day changes nothing."""
    today = timezone.localdate()
    changed = Firm.objects.filter(pk=firm.pk).exclude(confirmed_on=today).update(confirmed_on=today)
    if changed:
        history.record(firm, FirmEvent.Kind.CONFIRM, by)
    firm.confirmed_on = today


def ask() -> int:
    """Tell those who speak for a published firm that was not confirmed for a year; once a year. Returns the firms.

    Safe to run twice at once: whoever moves the firm's date tells.
    """
    today = timezone.localdate()
    due = Firm.objects.published().unconfirmed().filter(memberships__isnull=False)
    due = due.exclude(asked_to_confirm_on__gte=year_ago()).distinct().order_by("pk")
    return sum(_ask(firm, today) for firm in due[:MOST])


@transaction.atomic
def _ask(firm: Firm, today: object) -> bool:
    unasked = Firm.objects.filter(pk=firm.pk, asked_to_confirm_on=firm.asked_to_confirm_on)
    if not unasked.update(asked_to_confirm_on=today):
        return False
    people = User.objects.filter(firm_memberships__firm=firm)
    notices.tell(people, "firm.confirm", reverse("registry:firm", args=[firm.pk]), firm=firm.name)
    return True
