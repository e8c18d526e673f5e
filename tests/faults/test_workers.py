"""Real workers, a real broker and kill -9. Afterwards every need is matched, nothing twice, and nobody was needed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from celery import current_app
from django.db import connections
from django.db.models import Count, F
from django.utils import timezone

from matching import jobs, store
from matching.models import Decision, IndexBuild, Job, MatchRun, NeedMatch, Proposal
from matching.review import take
from registry.models import Firm, Need
from tests.factories import BureauFactory, FirmFactory, NeedFactory, ProjectFactory
from tests.faults.poison import TITLE
from tests.services.worker import ROOT, StartWorker, Worker, database_url

pytestmark = pytest.mark.django_db(transaction=True)
NEEDS = 200
TRADES = ["溶接と塗装", "5軸切削加工", "港湾荷役と輸送", "制御盤の設計", "真空部品の洗浄", "非破壊検査"]


def wait_until(true: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"after {seconds} s still not: {what}. Waiting: {waiting()}"
        time.sleep(0.05)


def waiting() -> list[tuple[object, ...]]:
    rows = Job.objects.filter(state=Job.State.QUEUED)
    return list(rows.values_list("kind", "need", "asked", "attempts", "error", "started_at", "due_at")[:5])


@pytest.fixture
def register() -> list[Firm]:
    return [FirmFactory(capability_text=f"{trade}を行う") for trade in TRADES * 2]


def make_needs(number: int) -> list[Need]:
    project = ProjectFactory()
    return [NeedFactory(project=project, text=f"{TRADES[n % len(TRADES)]}を頼みたい") for n in range(number)]


def assert_sound(needs: list[Need], *, times: int = 1) -> None:
    """Every need is matched exactly so many times, with one proposal per pair and a rank for each, nothing parked."""
    serials = dict(NeedMatch.objects.values_list("need", "serial"))
    assert {need.pk: serials.get(need.pk, 0) for need in needs} == {need.pk: times for need in needs}
    assert not Proposal.objects.values("need", "firm").annotate(n=Count("pk")).filter(n__gt=1).exists()
    for need in needs:
        ranks = need.proposals.filter(dropped_at=None).order_by("rank").values_list("rank", flat=True)
        assert list(ranks) == list(range(1, len(ranks) + 1))
        assert ranks
    assert not Job.objects.filter(state=Job.State.PARKED).exists()


@pytest.mark.on_postgres
def test_a_worker_killed_five_times_loses_nothing_and_does_nothing_twice(
    register: list[Firm], start_worker: StartWorker
) -> None:
    needs = make_needs(NEEDS)
    worker = start_worker(processes=2, beat=True)
    started = time.monotonic()
    run = jobs.start_rematch()
    for kill in range(1, 6):
        wait_for_progress(run, 15 * kill)
        worker.kill()
        assert run.progress()[0] < len(needs), "the kill must hit a worker that works"
        worker.start()
    wait_until(lambda: run.progress() == (NEEDS, NEEDS), 120 - (time.monotonic() - started), "all needs matched")
    wait_until(lambda: has_ended(run), 20, "the run ended")
    assert_sound(needs)
    assert (run.state, run.failed) == ("finished", 0)


def wait_for_progress(run: MatchRun, needs: int) -> None:
    wait_until(lambda: run.progress()[0] >= needs, 60, f"{needs} needs matched")


def has_ended(run: MatchRun) -> bool:
    run.refresh_from_db()
    return run.state != MatchRun.State.RUNNING


@pytest.mark.on_postgres
def test_a_child_killed_in_the_middle_is_replaced_and_its_work_done(
    register: list[Firm], start_worker: StartWorker
) -> None:
    """Only the process that works, not its parent: the message comes back at once."""
    needs = make_needs(60)
    store.rebuild()
    worker = start_worker(processes=1)
    run = jobs.start_rematch()
    for goal in (5, 20, 35):
        wait_for_progress(run, goal)
        for child in children_of(worker.pid):
            os.kill(child, signal.SIGKILL)
    wait_until(lambda: run.progress()[0] == 60, 60, "all needs matched")
    assert_sound(needs)


def children_of(pid: int) -> list[int]:
    shown = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in shown.stdout.split()]


@pytest.mark.on_postgres
def test_every_hint_delivered_three_times_to_two_workers_has_one_effect(
    register: list[Firm], start_worker: StartWorker
) -> None:
    needs = make_needs(60)
    store.rebuild()
    run = jobs.start_rematch()
    ids = list(run.jobs.values_list("pk", flat=True))
    for _ in range(2):
        jobs.hint(ids, jobs.LAST)
    for _ in range(2):
        start_worker(processes=2)
    wait_until(lambda: run.progress() == (60, 60), 30, "all needs matched")
    wait_until(queue_is_empty, 10, "the queue is empty")
    assert_sound(needs)


def queue_is_empty() -> bool:
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return not any(channel.client.llen(channel._q_for_pri("celery", step)) for step in channel.priority_steps)


@pytest.mark.on_postgres
def test_what_no_message_told_is_found_by_the_sweep(register: list[Firm], start_worker: StartWorker) -> None:
    """The broker lost everything, or the site died between its commit and the hint: there are rows and no message."""
    needs = make_needs(3)
    jobs.start_rematch()
    current_app.control.purge()
    Job.objects.update(due_at=timezone.now())
    start_worker()
    current_app.send_task("matching.tasks.sweep")
    wait_until(lambda: not Job.objects.filter(state=Job.State.QUEUED).exists(), 20, "all done")
    assert_sound(needs)


@pytest.mark.on_postgres
def test_a_need_that_ends_its_worker_is_parked_and_the_others_are_matched(
    register: list[Firm], start_worker: StartWorker
) -> None:
    needs = make_needs(5)
    poison = NeedFactory(title=TITLE, text=needs[0].text)
    store.rebuild()
    run = jobs.start_rematch()
    worker = Worker(
        "worker", ["--concurrency=1", "--without-gossip", "--without-mingle", "-I", "tests.faults.poison"], {}
    )
    try:
        wait_until(lambda: run.progress()[0] == 5, 30, "the others matched")
        wait_until(lambda: run.jobs.get(need=poison).attempts == 3, 30, "three attempts")
        Job.objects.filter(need=poison).update(started_at=F("started_at") - jobs.PATIENCE, due_at=timezone.now())
        current_app.send_task("matching.tasks.sweep")
        wait_until(lambda: has_ended(run), 20, "the poison parked")
    finally:
        worker.kill()
    parked = Job.objects.get(state=Job.State.PARKED)
    assert (parked.need, parked.attempts, parked.error) == (poison, 3, Job.WORKER_LOST)
    assert (run.state, run.failed) == ("finished", 1)


def test_deciding_while_the_same_needs_are_matched_changes_no_decision(
    register: list[Firm], start_worker: StartWorker
) -> None:
    needs = make_needs(20)
    start_worker(processes=2)
    by = BureauFactory()
    run = jobs.start_rematch()
    wait_until(lambda: run.progress() == (20, 20), 30, "first matching")
    decided: dict[int, str] = {}
    for proposal in Proposal.objects.order_by("?")[:150]:
        if len(decided) % 25 == 0:
            jobs.start_rematch()
        step, reason = ("shortlist", "fit") if proposal.pk % 2 else ("reject", "capacity")
        decided[proposal.pk] = take(step, proposal, by=by, reason=reason).target
    wait_until(lambda: not Job.objects.filter(state=Job.State.QUEUED).exists(), 30, "all matched again")
    assert dict(Proposal.objects.exclude(state="proposed").values_list("pk", "state")) == decided
    assert Decision.objects.count() == len(decided)
    assert Proposal.objects.count() == len(needs) * len(register)


@pytest.mark.on_postgres
def test_a_builder_killed_with_the_lock_in_hand_keeps_nobody_out(register: list[Firm]) -> None:
    code = (
        "import django; django.setup()\n"
        "from matching import store\n"
        "with store.building():\n"
        "    print('built', flush=True)\n"
        "    input()\n"
    )
    env = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    builder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert builder.stdout is not None
    assert builder.stdout.readline() == "built\n"
    with pytest.raises(store.AnotherBuilds):
        store.rebuild()
    builder.kill()
    builder.wait(10)
    assert store.rebuild() == IndexBuild.objects.current()


@pytest.fixture
def threads() -> Callable[[Callable[[], object], int], None]:
    def run(act: Callable[[], object], number: int) -> None:
        problems: list[BaseException] = []

        def safely() -> None:
            try:
                act()
            except BaseException as problem:  # a thread's failure must fail the test
                problems.append(problem)
            finally:
                connections.close_all()

        started = [Thread(target=safely) for _ in range(number)]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join(60)
        assert problems == []

    return run


def test_four_rematches_at_once_are_one_run(register: list[Firm], threads: Callable[..., None]) -> None:
    needs = make_needs(30)
    store.rebuild()
    threads(jobs.start_rematch, 4)
    assert Job.objects.filter(kind="need", state=Job.State.QUEUED).count() == len(needs)
    assert Job.objects.values("run").distinct().count() == 1


def test_four_requests_for_one_need_at_once_are_one_row(register: list[Firm], threads: Callable[..., None]) -> None:
    [need] = make_needs(1)
    threads(lambda: [jobs.request_need(need.pk) for _ in range(25)], 4)
    assert Job.objects.get().asked >= 100
