"""When a person was last at the first page, so that it can say what changed since."""

from datetime import datetime, timedelta

from django.utils import timezone

from registry.models import User

PAUSE = timedelta(minutes=30)
"""Who was away for so long begins a new visit."""
FRESH = timedelta(minutes=5)
"""Within a visit the row is written at most so often."""
AT_FIRST = timedelta(days=7)
"""What the first visit looks back on."""


def begin(user: User) -> datetime:
    """Note that the person is here; returns since when changes are new to them, the same through one visit.

    Of two windows at once one writes.
    """
    now, last = timezone.now(), user.visited_at
    before = user.before_visit_at or now - AT_FIRST
    if last is not None and now - last > PAUSE:
        before = last
    if last is None or now - last > FRESH:
        User.objects.filter(pk=user.pk, visited_at=last).update(visited_at=now, before_visit_at=before)
        user.visited_at, user.before_visit_at = now, before
    return before
