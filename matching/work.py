"""What a worker does with jobs: count the attempt, compute, claim and write, and note what went wrong."""

import logging
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from matching import jobs, store
from matching.fresh import Snapshot, snapshot
from matching.jobs import Overtaken
from matching.models import IndexBuild, Job
from matching.propose import needs_met_by, rank, write
from matching.store import AnotherBuilds, IndexMissing

log = logging.getLogger(__name__)


def work(job_ids: Sequence[int]) -> int:
    """Do those of these jobs that still wait; returns how many. Safe to call twice, at once, or with old ids."""
    waiting = list(Job.objects.filter(pk__in=job_ids, state=Job.State.QUEUED))
    done = 0
    for job in waiting:
        if job.kind == Job.Kind.INDEX:
            done += _build(job)
    matching = [job for job in waiting if job.kind != Job.Kind.INDEX]
    if matching and jobs.waits_for_index():
        late = [job for job in matching if job.run_id]
        jobs.postpone(late)
        matching = [job for job in matching if not job.run_id]
    if matching:
        done += _match(matching)
    jobs.finish_runs()
    return done


def _build(job: Job) -> bool:
    """The lock comes before the attempt is counted: hints that arrive while the index is built cost nothing."""
    try:
        with store.building():
            if not jobs.begin(job):
                return False
            store.build(claim=partial(jobs.claim, job))
    except AnotherBuilds:
        return False
    except Exception as problem:
        return _failed(job, problem)
    jobs.hint_due(jobs.MOST_HINTS, at_once=True)
    return True


def _match(waiting: list[Job]) -> int:
    """Load the index and read what changed first, without counting attempts: that is not the job's doing."""
    try:
        seen = snapshot()
    except IndexMissing as problem:
        log.info("Matching waits: %s", problem)
        jobs.ensure_index()
        jobs.postpone(waiting)
        return 0
    if seen.build != IndexBuild.objects.current():
        jobs.ensure_index()  # the newest one is damaged
    return sum(_do(job, seen) for job in waiting)


def _do(job: Job, seen: Snapshot) -> bool:
    if not jobs.begin(job):
        return False
    try:
        if job.kind == Job.Kind.NEED:
            _match_need(job, seen)
        else:
            _match_firm(job, seen)
    except Exception as problem:
        return _failed(job, problem)
    return True


def _match_need(job: Job, seen: Snapshot) -> None:
    assert job.need_id is not None
    ranking = rank(job.need_id, seen)
    if ranking is None:
        jobs.claim(job)
    else:
        write(ranking, claim=partial(jobs.claim, job))


def _match_firm(job: Job, seen: Snapshot) -> None:
    """Its effect is the requests for the needs that it meets, written with the claim."""
    assert job.firm_id is not None
    needs = needs_met_by(job.firm_id, seen)
    with transaction.atomic():
        jobs.claim(job)
        jobs.request_needs(needs)


def _failed(job: Job, problem: Exception) -> bool:
    if isinstance(problem, Overtaken):
        jobs.overtaken(job)
        return False
    log.error("Job %s (%s) failed.", job.pk, job, exc_info=problem)
    jobs.failed(job, problem)
    return False
