"""What a worker does with jobs: count the attempt, compute, claim and write, and note what went wrong."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from django.db import transaction

from matching import jobs, store
from matching.fresh import Snapshot, snapshot
from matching.jobs import Overtaken
from matching.models import IndexBuild, Job
from matching.propose import Ranking, needs_met_by, rank_many, write
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
    needs = [job for job in waiting if job.kind == Job.Kind.NEED]
    firms = jobs.gathered([job for job in waiting if job.kind == Job.Kind.FIRM])
    return _do(needs, seen, _match_needs) + _do(firms, seen, _match_firms)


Match = Callable[[Sequence[Job], Snapshot], list[Callable[[], None]]]
"""Computes the effects of some jobs; each is then written by itself."""


def _do(waiting: Sequence[Job], seen: Snapshot, match: Match) -> int:
    """Together what nobody tried before; one by one the rest, and all of it when something among it fails."""
    together = jobs.begin_first(waiting)
    done = 0
    try:
        effects = match(together, seen) if together else []
    except Exception:
        log.warning("%d jobs failed together; each is done by itself.", len(together), exc_info=True)
        done += sum(_alone(job, seen, match) for job in together)
    else:
        done += sum(_written(job, effect) for job, effect in zip(together, effects, strict=True))
    begun = {job.pk for job in together}
    return done + sum(_alone(job, seen, match) for job in waiting if job.pk not in begun and jobs.begin(job))


def _alone(job: Job, seen: Snapshot, match: Match) -> bool:
    try:
        [effect] = match([job], seen)
    except Exception as problem:
        return _failed(job, problem)
    return _written(job, effect)


def _written(job: Job, effect: Callable[[], None]) -> bool:
    try:
        effect()
    except Exception as problem:
        return _failed(job, problem)
    return True


def _match_needs(waiting: Sequence[Job], seen: Snapshot) -> list[Callable[[], None]]:
    rankings = rank_many([job.need_id for job in waiting if job.need_id], seen)
    return [partial(_write_need, job, rankings.get(job.need_id or 0)) for job in waiting]


def _write_need(job: Job, ranking: Ranking | None) -> None:
    if ranking is None:
        jobs.claim(job)
    else:
        write(ranking, claim=partial(jobs.claim, job))


def _match_firms(waiting: Sequence[Job], seen: Snapshot) -> list[Callable[[], None]]:
    met = needs_met_by([job.firm_id for job in waiting if job.firm_id], seen)
    return [partial(_write_firm, job, met[job.firm_id or 0]) for job in waiting]


def _write_firm(job: Job, needs: list[int]) -> None:
    """Its effect is the requests for the needs that it meets, written with the claim."""
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
