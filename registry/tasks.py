"""The Celery tasks of the register. Each calls one verb."""

from celery import shared_task

from registry import confirmation, imports, notices, webhooks
from registry.api import once
from registry.duplicates.find import search


@shared_task
def mail_notices() -> int:
    """Mail the notices that are due."""
    return notices.send_due()


@shared_task
def forget_notices() -> int:
    """Delete old notices."""
    return notices.forget()


@shared_task
def ask_for_confirmation() -> int:
    """Ask firms whose profile nobody has confirmed for a year."""
    return confirmation.ask()


@shared_task
def work_imports() -> int:
    """Read or take over the files that wait."""
    return imports.work()


@shared_task
def forget_imports() -> int:
    """Delete the files of old imports."""
    return imports.forget()


@shared_task
def forget_answers() -> int:
    """Delete the answers that were kept for repeated requests."""
    return once.forget()


@shared_task
def find_duplicates() -> int:
    """Look for firms listed twice among what was saved lately."""
    done = search()
    return done.found if done else 0


@shared_task
def send_webhooks() -> int:
    """Send the messages that are due to programs."""
    return webhooks.send_due()


@shared_task
def forget_webhooks() -> int:
    """Delete old messages to programs."""
    return webhooks.forget()
