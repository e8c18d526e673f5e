"""Keeping, opening and dropping a person's filters of the queue."""

from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from matching.filters import QueueFilter
from matching.models import Proposal, SavedFilter
from matching.models.saved import QUERY_LIMIT
from registry.listing import query_problems
from registry.models import User
from registry.steps import StepRefused

MOST = 30
RENAMED = {"since": "proposed_from", "until": "proposed_to"}
"""Parameters as filters were kept with them, and what they are called since."""


def cleaned(request: HttpRequest, query: str) -> str:
    """The filled parameters of a query string; empty when one of them means nothing (any more)."""
    try:
        given = QueryDict(query[: 2 * QUERY_LIMIT])
    except ValueError:
        return ""
    kept = QueryDict(mutable=True)
    for name in given:
        if name != "page" and given[name]:
            kept.setlist(RENAMED.get(name, name), given.getlist(name))
    filterset = QueueFilter(kept, Proposal.objects.none(), request=request)
    return "" if query_problems(filterset, kept) else kept.urlencode()


def start_of(request: HttpRequest, user: User) -> str:
    """The query string that the person's queue opens with, while it is still valid; else empty."""
    start = SavedFilter.objects.filter(person=user, is_start=True).only("query").first()
    return cleaned(request, start.query) if start else ""


def keep(request: HttpRequest, user: User, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name again replaces it. Raises StepRefused for what cannot be kept."""
    valid = cleaned(request, query)
    if not valid or len(valid) > QUERY_LIMIT:
        raise StepRefused(_("There is no filter to save. Set one in the queue first, then come back here."))
    if SavedFilter.objects.filter(person=user).exclude(name=name).count() >= MOST:
        raise StepRefused(_("You have %(count)d saved filters. Delete one first.") % {"count": MOST})
    made, _created = SavedFilter.objects.update_or_create(person=user, name=name, defaults={"query": valid})
    return made


def act(name: str, chosen: SavedFilter) -> None:
    """`start` lets the queue open with it, `stop` no longer, `delete` drops it."""
    if name == "delete":
        chosen.delete()
        return
    try:
        with transaction.atomic():
            SavedFilter.objects.filter(person=chosen.person_id, is_start=True).update(is_start=False)
            if name == "start":
                SavedFilter.objects.filter(pk=chosen.pk).update(is_start=True)
    except IntegrityError:  # two windows at once: the other one's choice stands
        return
