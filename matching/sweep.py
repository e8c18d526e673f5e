"""What the beat has done every few seconds: whatever was lost, changed unseen or left behind is taken up again.

Everything here compares rows and makes requests, which are conditional; two sweeps at once, or two beats, are harmless.
The register never pushes: what it tells by registry.changes only makes things quicker.
"""

import logging
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from matching import jobs, store
from matching.models import IndexBuild, Job, MatchRun, Proposal
from registry.models import Firm, Need

log = logging.getLogger(__name__)

MOST_FORGOTTEN = 5_000
FEW = 20
"""Needs or firms that are asked for one by one; more become a run, or wait for the new index."""

QUIET = timedelta(seconds=20)  # an import or a busy hour of edits is waited for, so that one build serves them all ...
AT_LATEST = timedelta(minutes=5)  # ... but never longer than this
KEPT = timedelta(days=1)  # settled jobs


def sweep() -> None:
    _index()
    _firms()
    _needs()
    jobs.hint_due(jobs.MOST_HINTS)
    jobs.finish_runs()
    _forget()


def _index() -> None:
    """Have a stale index built once the register is quiet."""
    now = timezone.now()
    if jobs.waits_for_index() or not store.is_stale():
        return
    build = IndexBuild.objects.current()
    settled = (
        build is None
        or not store.is_behind()
        or store.register_quiet_for(now) > QUIET
        or abs(now - build.published_at) > AT_LATEST
    )
    if settled:
        jobs.ensure_index()


def _firms() -> None:
    """Firms saved since the index was built that nobody asked for: a few are matched now, many by the new index."""
    try:
        changed = store.changed_since(store.load())
    except store.IndexMissing:
        return
    asked = Job.objects.filter(kind=Job.Kind.FIRM, firm=OuterRef("pk"), queued_at__gte=OuterRef("updated_at"))
    unasked = Firm.objects.filter(~Exists(asked), pk__in=list(changed)[: 10 * FEW]).values_list("pk", flat=True)
    if len(unasked) <= FEW:
        for firm_id in unasked:
            jobs.request_firm(firm_id)


def _needs() -> None:
    build = IndexBuild.objects.current()
    if build is None:
        return
    stale = list(stale_needs(build).values_list("pk", flat=True))
    if len(stale) <= FEW:
        for need_id in stale:
            jobs.request_need(need_id)
    else:
        jobs.start_rematch(reason=MatchRun.Reason.INDEX, needs=stale)


def stale_needs(build: IndexBuild) -> QuerySet[Need]:
    """Open needs that were not matched as they are now, with this index, or whose firms were withdrawn since.

    A need whose job was parked or cancelled after both the need and the index had changed last is left to people:
    it would only fail, or start, again.
    """
    its_jobs = Job.objects.filter(kind=Job.Kind.NEED, need=OuterRef("pk"))
    settled = its_jobs.filter(
        state__in=[Job.State.PARKED, Job.State.CANCELLED],
        finished_at__gt=build.published_at,
        queued_at__gte=OuterRef("updated_at"),
    )
    withdrawn = Proposal.objects.filter(need=OuterRef("pk"), dropped_at=None).exclude(firm__state=Firm.State.PUBLISHED)
    unmatched = Q(match=None) | Q(match__build=None) | ~Q(match__build=build)
    unmatched |= ~Q(match__need_updated_at=F("updated_at")) | Q(match__need_updated_at=None)
    return (
        Need.objects.open()
        .filter(unmatched | Exists(withdrawn))
        .filter(~Exists(its_jobs.filter(state=Job.State.QUEUED)), ~Exists(settled))
        .order_by("pk")
    )


def _forget() -> None:
    """Settled jobs are of no use after a day; what matters of them stands on the run and the need."""
    old = Job.objects.filter(finished_at__lt=timezone.now() - KEPT).exclude(state=Job.State.PARKED)
    old = old.exclude(run__state=MatchRun.State.RUNNING)
    Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()
