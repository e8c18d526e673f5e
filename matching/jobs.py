"""What is to be matched. The Job row is the truth, the Celery message only a hint that a worker may look at it.

A request makes a queued row, or counts one more `asked` on the row that waits already, in the caller's transaction; the
hint follows on commit. A lost hint costs time, never work: the sweep sends every queued row again once it is `due_at`.

A worker counts the attempt in a commit of its own, computes without holding any lock, and then in one short
transaction claims the row and writes the effect. `claim` moves queued → done only while the row says `asked` as often
as it did before the worker read the register. So of two deliveries of one job a single one takes effect, and what was
changed and asked for while a worker computed is computed again: the row stays queued. On SQLite a transaction is
IMMEDIATE (writers wait for each other); on PostgreSQL the second UPDATE waits for the first one's row lock and then
hits no row.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from celery import current_app
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from matching import store
from matching.models import Job, MatchRun
from registry.models import Firm, Need, User

log = logging.getLogger(__name__)
Item = TypeVar("Item")

MOST_ATTEMPTS = 3
HINT_LIFE = timedelta(seconds=30)  # a hint that led to nothing for so long is sent again
PATIENCE = timedelta(seconds=30)  # an attempt that neither ended nor failed for so long has lost its worker
BACK_OFF = (timedelta(seconds=15), timedelta(seconds=60))  # after the first and the second failure
RETRY_INDEX = timedelta(minutes=10)
CLOCK_JUMP = timedelta(minutes=10)  # nothing is due later than this: a clock was set back
AT_ONCE = 20  # jobs in one hint: some tenths of a second of work, so that a single need never waits long behind many
MOST_GATHERED = 500  # firms that are matched together
FIRST, SOON, LAST = 0, 3, 6  # Redis priorities: one need, the needs of one firm, a run
ASK_AT_ONCE = 500
MOST_HINTS = 5_000
IMPATIENT = {"socket_timeout": 1, "socket_connect_timeout": 1}  # a page answers within 3 s without a broker too


class Overtaken(Exception):
    """Somebody else did the job, or it was asked for again meanwhile: what was computed must not be written."""


def request_need(need_id: int) -> Job:
    """Have one need matched. Safe to call for every save; inside a transaction it counts once that commits."""
    return _request(Job.Kind.NEED, need_id)


def request_firm(firm_id: int) -> Job:
    """Have one new, changed or withdrawn firm matched against all open needs."""
    return _request(Job.Kind.FIRM, firm_id)


def request_index() -> Job:
    """Have the index built anew."""
    return _request(Job.Kind.INDEX, None)


def ensure_index() -> None:
    """The same unless that is under way; after three failures only every ten minutes, not in a loop."""
    since = timezone.now() - RETRY_INDEX
    parked = Job.objects.filter(kind=Job.Kind.INDEX, state=Job.State.PARKED, finished_at__gt=since)
    if not waits_for_index() and not parked.exists():
        request_index()


def request_changed(row: models.Model) -> None:
    """What registry.changes calls when a firm or a need was saved."""
    if isinstance(row, Need) and row.state == Need.State.OPEN:
        request_need(row.pk)
    elif isinstance(row, Firm):
        request_firm(row.pk)


def request_needs(need_ids: Collection[int]) -> None:
    """Have many needs matched; single requests are served before them."""
    with transaction.atomic():
        jobs = ask(Job.Kind.NEED, need_ids)
        transaction.on_commit(partial(hint, jobs, SOON))


def _request(kind: Job.Kind, target: int | None) -> Job:
    with transaction.atomic():
        [job] = ask(kind, [target])
        transaction.on_commit(partial(hint, [job]))
    return Job.objects.get(pk=job)


def ask(kind: Job.Kind, targets: Collection[int | None], **columns: object) -> list[int]:
    """Make or touch one queued row per target and return their ids. Call it inside a transaction.

    The rows that wait are locked before they are touched, so that no worker claims one between; a row that somebody
    else adds at the same moment is found in the next round.
    """
    ids: list[int] = []
    for part in parts(sorted(targets, key=lambda target: target or 0), ASK_AT_ONCE):
        ids += _ask(kind, set(part), columns)
    return ids


def _ask(kind: Job.Kind, missing: set[int | None], columns: dict[str, object]) -> list[int]:
    column = None if kind == Job.Kind.INDEX else f"{kind}_id"
    ids: list[int] = []
    while missing:
        now = timezone.now()
        waiting = Job.objects.filter(kind=kind, state=Job.State.QUEUED)
        if column:
            waiting = waiting.filter(**{f"{column}__in": missing})
        found = {job.pk: getattr(job, column) if column else None for job in waiting.select_for_update().order_by("pk")}
        Job.objects.filter(pk__in=found).update(asked=F("asked") + 1, queued_at=now, due_at=now + HINT_LIFE, **columns)
        ids += found
        missing = missing - set(found.values())
        new = [
            Job(kind=kind, **({column: target} if column else {})) for target in sorted(missing, key=lambda t: t or 0)
        ]
        Job.objects.bulk_create(new, ignore_conflicts=True)
    return ids


def begin(job: Job) -> bool:
    """Count an attempt, committed before the effect: a job that ends its worker leaves a trace. False: leave it alone.

    When every attempt is used up, the last of them may still be at work in another process; only after PATIENCE is the
    job parked.
    """
    now = timezone.now()
    queued = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    begun = queued.filter(attempts__lt=MOST_ATTEMPTS).update(
        attempts=F("attempts") + 1, started_at=now, due_at=now + HINT_LIFE
    )
    if not begun:
        queued.filter(attempts__gte=MOST_ATTEMPTS, started_at__lt=now - PATIENCE).update(
            state=Job.State.PARKED, finished_at=now, error=Job.WORKER_LOST
        )
    return bool(begun)


def begin_first(jobs: Sequence[Job]) -> list[Job]:
    """Count the first attempt of jobs that are worked on together, by one statement, and return them. What was begun
    before is done alone, so that one job that ends its worker does not use up the attempts of its neighbours."""
    now = timezone.now()
    first = [job for job in jobs if not job.attempts]
    Job.objects.filter(pk__in=[job.pk for job in first], state=Job.State.QUEUED).update(
        attempts=F("attempts") + 1, started_at=now, due_at=now + HINT_LIFE
    )
    return first


def gathered(jobs: Sequence[Job]) -> list[Job]:
    """These jobs for firms and all others that wait and that nobody began: a burst of changes is one piece of work."""
    if not jobs:
        return []
    others = Job.objects.filter(kind=Job.Kind.FIRM, state=Job.State.QUEUED, attempts=0)
    return [*jobs, *others.exclude(pk__in=[job.pk for job in jobs]).order_by("pk")[:MOST_GATHERED]]


def claim(job: Job) -> None:
    """Take the job, in the transaction that writes its effect. Raises Overtaken, upon which nothing may be written.

    An index is published however often it was asked for meanwhile: it carries the fingerprint of what it was built
    from, and the sweep has it built again when the register is another by then.
    """
    queued = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if job.kind != Job.Kind.INDEX:
        queued = queued.filter(asked=job.asked)
    if not queued.update(state=Job.State.DONE, finished_at=timezone.now(), error=""):
        raise Overtaken(job.pk)


def overtaken(job: Job) -> None:
    """Give the attempt back: nothing went wrong."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, attempts__gt=0).update(attempts=F("attempts") - 1)


def failed(job: Job, problem: Exception) -> None:
    """Note what went wrong: the sweep tries again after a pause, and after the last attempt the job is parked."""
    now = timezone.now()
    job.refresh_from_db(fields=["attempts"])
    error = " ".join(f"{type(problem).__name__}: {problem}".split())[:500]
    queued = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if job.attempts >= MOST_ATTEMPTS:
        queued.update(state=Job.State.PARKED, finished_at=now, error=error)
    else:
        queued.update(due_at=now + BACK_OFF[max(job.attempts, 1) - 1], error=error)


def postpone(jobs: Iterable[Job]) -> None:
    """Leave jobs that cannot be done before the index is there; no attempt is counted."""
    Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.QUEUED).update(
        due_at=timezone.now() + HINT_LIFE
    )


def hint_due(most: int, *, at_once: bool = False) -> int:
    """Send hints for what is due, or for all that waits; returns for how many jobs."""
    now = timezone.now()
    queued = Job.objects.filter(state=Job.State.QUEUED)
    if not at_once:
        queued = queued.filter(Q(due_at__lte=now) | Q(due_at__gt=now + CLOCK_JUMP))
    due = list(queued.order_by("due_at", "pk").values_list("pk", "run_id")[:most])
    Job.objects.filter(pk__in=[pk for pk, _ in due]).update(due_at=now + HINT_LIFE)
    hint([pk for pk, run in due if run is None])
    hint([pk for pk, run in due if run is not None], LAST)
    return len(due)


def hint(job_ids: Sequence[int], priority: int = FIRST) -> None:
    """Tell the workers. When the broker is away, say so in the log and leave it to the sweep."""
    if not job_ids:
        return
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            for part in parts(job_ids, AT_ONCE):
                current_app.send_task(
                    "matching.tasks.work", args=[list(part)], priority=priority, connection=connection
                )
    except OperationalError as problem:
        log.warning("No hint for %d jobs: %s. The sweep sends it once the broker is back.", len(job_ids), problem)


# ---- runs ------------------------------------------------------------------------------------------------------------
def start_rematch(
    by: User | None = None, reason: str = MatchRun.Reason.PERSON, needs: Collection[int] | None = None
) -> MatchRun:
    """Match every open need (or those given) again. One run at a time: a second request joins the one that runs, and
    needs that it has done already are queued again.

    When the register changed since the index was built, the index comes first and the needs wait for it.
    """
    if store.is_behind():
        ensure_index()
    ids = list(Need.objects.open().values_list("pk", flat=True)) if needs is None else sorted(needs)
    with transaction.atomic():
        run = _running(by, reason)
        queued = ask(Job.Kind.NEED, ids, run=run)
        if not waits_for_index():
            transaction.on_commit(partial(hint, queued, LAST))
        transaction.on_commit(finish_runs)
    run.refresh_from_db()
    return run


def _running(by: User | None, reason: str) -> MatchRun:
    """The run that runs, or a new one, locked: it does not finish while jobs are added."""
    while True:
        try:
            with transaction.atomic():
                return MatchRun.objects.create(requested_by=by, reason=reason)
        except IntegrityError:
            run = MatchRun.objects.select_for_update().filter(state=MatchRun.State.RUNNING).first()
            if run:
                return run


def waits_for_index() -> bool:
    """Whether an index is being built or about to be; what belongs to a run waits for it."""
    return Job.objects.filter(kind=Job.Kind.INDEX, state=Job.State.QUEUED).exists()


def queued() -> int:
    """How much waits for a worker."""
    return Job.objects.filter(state=Job.State.QUEUED).count()


def finish_runs() -> None:
    """Close the run whose jobs are all settled. Call it after the commit of a job: of two last jobs one sees both."""
    for run in MatchRun.objects.filter(state=MatchRun.State.RUNNING):
        if not run.jobs.filter(state=Job.State.QUEUED).exists():
            with transaction.atomic():
                _close(run, MatchRun.State.FINISHED)


def cancel(run: MatchRun) -> bool:
    """Take back what was not begun; what a worker does at this moment is dropped too. False: it had ended already."""
    with transaction.atomic():
        return _close(run, MatchRun.State.CANCELLED)


def _close(run: MatchRun, state: str) -> bool:
    """The row is locked before its jobs are looked at, so that nobody adds some between."""
    if not MatchRun.objects.select_for_update().filter(pk=run.pk, state=MatchRun.State.RUNNING).exists():
        return False
    now = timezone.now()
    queued = run.jobs.filter(state=Job.State.QUEUED)
    if state == MatchRun.State.CANCELLED:
        queued.update(state=Job.State.CANCELLED, finished_at=now)
    elif queued.exists():
        return False
    counts = run.jobs.aggregate(total=Count("pk"), failed=Count("pk", filter=Q(state=Job.State.PARKED)))
    MatchRun.objects.filter(pk=run.pk).update(state=state, finished_at=now, unserved=run.without_a_firm(), **counts)
    run.refresh_from_db()
    return True


def parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
