"""The Celery tasks of the register. Each calls one verb."""

from celery import shared_task

from registry import notices


@shared_task
def mail_notices() -> int:
    """Mail the notices that are due."""
    return notices.send_due()


@shared_task
def forget_notices() -> int:
    """Delete old notices."""
    return notices.forget()
