"""Once a year a firm says that its profile is still right; it is asked when it has not. English that a machine may have
made is confirmed once, by the firm or its office."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history, notices
from registry.models import Firm, FirmEvent, User
from registry.models.firm import year_ago
from registry.steps import StepRefused

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


@transaction.atomic
def confirm_english(firm: Firm, *, by: User, seen: datetime | None) -> None:
    """A person has read the English name and summary and calls them right. Saying so twice changes nothing.

    seen  when the profile that the person read was last saved; StepRefused when it was saved again since
    """
    waiting = Firm.objects.filter(pk=firm.pk, english_confirmed_on=None)
    waiting = waiting.exclude(english_origin=Firm.EnglishOrigin.PERSON)
    today = timezone.localdate()
    if seen and waiting.filter(updated_at=seen).update(english_confirmed_on=today, english_confirmed_by=by):
        history.record(firm, FirmEvent.Kind.ENGLISH, by)
    elif waiting.exists():
        raise StepRefused(
            _("The profile was saved since you opened this page. Read its English again, then confirm it.")
        )


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
