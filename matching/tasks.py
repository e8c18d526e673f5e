"""The Celery tasks. Each parses its arguments and calls one verb; a message only says where to look."""

from celery import shared_task

from matching import partners, todo
from matching import sweep as sweeping
from matching import work as working


@shared_task
def work(job_ids: list[int]) -> int:
    """Do the jobs that still wait among these."""
    return working.work(job_ids)


@shared_task
def sweep() -> None:
    """Find and send what was lost, changed or left."""
    sweeping.sweep()


@shared_task
def remind_of_tasks() -> int:
    """Tell people of the tasks whose day has come."""
    return todo.remind()


@shared_task
def note_expired_consents() -> int:
    """Tell offices of groups that a member's consent has run out."""
    return partners.note_expired()
