from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from kombu import Connection

from config.celery import app
from matching import jobs, store, work
from matching.jobs import Overtaken
from matching.models import IndexBuild, Job, MatchRun, NeedMatch, Proposal
from matching.propose import rank_many
from registry import changes
from registry.models import Firm, Need
from tests.factories import BureauFactory, FirmFactory, NeedFactory
from tests.matching.conftest import Sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_var")]
QUEUED, DONE, PARKED = Job.State.QUEUED, Job.State.DONE, Job.State.PARKED


def fail(*_args: Any, **_kwargs: Any) -> Any:
    raise ValueError("不正な本文 (bad text)")


def test_a_request_is_one_row_and_one_hint(need: Need, sent: Sent) -> None:
    job = jobs.request_need(need.pk)
    assert (job.state, job.asked, sent) == (QUEUED, 2, [([job.pk], jobs.FIRST)])
    assert jobs.request_need(need.pk).asked == 3
    assert Job.objects.count() == 1


def test_a_request_counts_once_its_transaction_commits(need: Need, sent: Sent) -> None:
    def saved_and_failed() -> None:
        with transaction.atomic():
            jobs.request_need(need.pk)
            raise LookupError

    with pytest.raises(LookupError):
        saved_and_failed()
    assert not Job.objects.exists()
    assert sent == []


def test_what_the_register_saves_is_asked_for(need: Need, firms: list[Firm], sent: Sent) -> None:
    changes.changed(need)
    changes.changed(firms[0])
    changes.changed(NeedFactory(state=Need.State.DRAFT))
    assert set(Job.objects.values_list("kind", "need", "firm")) == {
        ("need", need.pk, None),
        ("firm", None, firms[0].pk),
    }
    assert len(sent) == 2


def test_a_job_is_done_once_however_often_it_is_delivered(need: Need, sent: Sent) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)
    assert [work.work([job.pk]) for _ in range(3)] == [1, 0, 0]
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (DONE, 1, "")
    assert NeedMatch.objects.get(need=need).serial == 1


def test_of_two_workers_at_one_job_one_takes_effect(need: Need, sent: Sent) -> None:
    """Both have computed; the second finds the row claimed and writes nothing."""
    store.rebuild()
    jobs.request_need(need.pk)
    first, second = Job.objects.get(), Job.objects.get()
    with transaction.atomic():
        jobs.claim(first)
    with pytest.raises(Overtaken), transaction.atomic():
        jobs.claim(second)


def test_what_is_asked_for_while_a_worker_computes_is_computed_again(
    need: Need, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)

    def edited_meanwhile(*args: Any) -> Any:
        ranking = rank_many(*args)
        need.text = "真空部品の切削加工"
        need.save()
        changes.changed(need)
        return ranking

    monkeypatch.setattr(work, "rank_many", edited_meanwhile)
    assert work.work([job.pk]) == 0
    monkeypatch.undo()
    job.refresh_from_db()
    assert (job.state, job.attempts, Proposal.objects.count()) == (QUEUED, 0, 0)
    assert work.work([job.pk]) == 1
    assert need.proposals.get(rank=1).firm.name == "北上精密"


def test_a_failing_job_is_tried_three_times_with_pauses_and_then_parked(
    need: Need, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)
    monkeypatch.setattr(work, "rank_many", fail)
    pauses = []
    for _ in range(3):
        work.work([job.pk])
        job.refresh_from_db()
        pauses.append(round((job.due_at - timezone.now()).total_seconds()))
    assert (job.state, job.attempts, job.error) == (PARKED, 3, "ValueError: 不正な本文 (bad text)")
    assert pauses[:2] == [15, 60]
    assert work.work([job.pk]) == 0
    monkeypatch.undo()
    again = jobs.request_need(need.pk)
    assert again.pk != job.pk
    assert work.work([again.pk]) == 1


def test_a_job_that_ended_its_worker_three_times_is_parked(need: Need, sent: Sent) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)
    for _ in range(3):
        assert jobs.begin(job), "and then the worker is gone"
    assert work.work([job.pk]) == 0
    job.refresh_from_db()
    assert job.state == QUEUED, "the third attempt may still be at work"
    Job.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    assert work.work([job.pk]) == 0
    job.refresh_from_db()
    assert (job.state, job.error) == (PARKED, Job.WORKER_LOST)
    assert job.trouble != job.error


def test_matching_waits_for_an_index_and_counts_no_attempt(need: Need, sent: Sent) -> None:
    job = jobs.request_need(need.pk)
    assert work.work([job.pk]) == 0
    job.refresh_from_db()
    index = Job.objects.get(kind=Job.Kind.INDEX)
    assert (job.state, job.attempts) == (QUEUED, 0)
    sent.clear()
    assert work.work([index.pk]) == 1
    assert sent == [([job.pk], jobs.FIRST)], "who waited is told"
    assert work.work([job.pk]) == 1


def test_a_hint_during_a_build_costs_nothing(need: Need, sent: Sent) -> None:
    job = jobs.request_index()
    with store.building():
        assert work.work([job.pk]) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts) == (QUEUED, 0)
    assert work.work([job.pk]) == 1
    assert IndexBuild.objects.count() == 1


def test_an_index_is_published_although_it_was_asked_for_again_meanwhile(need: Need, sent: Sent) -> None:
    job = jobs.request_index()
    jobs.request_index()
    jobs.claim(job)
    job.refresh_from_db()
    assert job.state == DONE


def test_an_index_that_failed_three_times_is_not_asked_for_in_a_loop(need: Need, sent: Sent) -> None:
    Job.objects.create(kind="index", state=PARKED, finished_at=timezone.now())
    job = jobs.request_need(need.pk)
    assert work.work([job.pk]) == 0
    assert not jobs.waits_for_index()


def test_a_changed_firm_asks_for_the_needs_that_it_meets(need: Need, sent: Sent) -> None:
    store.rebuild()
    work.work([jobs.request_need(need.pk).pk])
    newcomer = FirmFactory(capability_text="架台の溶接と塗装")
    stranger = FirmFactory(capability_text="帳簿", name="経理代行")
    for firm, meets in ((newcomer, True), (stranger, False)):
        job = jobs.request_firm(firm.pk)
        assert work.work([job.pk]) == 1
        assert Job.objects.filter(need=need, state=QUEUED).exists() == meets
        work.work(list(Job.objects.filter(state=QUEUED).values_list("pk", flat=True)))
    assert need.proposals.filter(firm=newcomer).exists()


# ---- runs ------------------------------------------------------------------------------------------------------------
def work_all() -> None:
    while queued := list(Job.objects.filter(state=QUEUED).values_list("pk", flat=True)):
        work.work(queued)


def test_a_run_matches_every_open_need_and_ends(need: Need, sent: Sent) -> None:
    needs = [need, *(NeedFactory() for _ in range(44))]
    NeedFactory(state=Need.State.CLOSED)
    store.rebuild()
    run = jobs.start_rematch(by=BureauFactory())
    assert run.progress() == (0, 45)
    assert [len(ids) for ids, _ in sent] == [45]
    work.work(sent[0][0][:20])
    assert run.progress() == (20, 45)
    work_all()
    run.refresh_from_db()
    assert (run.state, run.progress(), run.failed) == ("finished", (45, 45), 0)
    assert NeedMatch.objects.filter(serial=1).count() == len(needs)


def test_a_run_over_nothing_ends_at_once(db: None, sent: Sent) -> None:
    assert jobs.start_rematch().progress() == (0, 0)
    assert MatchRun.objects.get().state == "finished"


def test_a_run_waits_for_the_index_when_the_register_changed(need: Need, sent: Sent) -> None:
    run = jobs.start_rematch()
    index = Job.objects.get(kind=Job.Kind.INDEX)
    assert sent == [([index.pk], jobs.FIRST)]
    [late] = run.jobs.all()
    assert work.work([late.pk]) == 0
    assert work.work([index.pk]) == 1
    assert sent[-1] == ([late.pk], jobs.LAST)


def test_a_second_run_joins_the_first(need: Need, sent: Sent) -> None:
    store.rebuild()
    NeedFactory()
    first = jobs.start_rematch()
    work.work([first.jobs.get(need=need).pk])
    second = jobs.start_rematch()
    assert second == first
    assert second.progress() == (1, 3), "what was done already is queued again"


def test_a_single_request_is_adopted_by_a_run(need: Need, sent: Sent) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)
    run = jobs.start_rematch()
    assert run.jobs.get() == job


def test_cancelling_takes_back_what_was_not_begun(need: Need, sent: Sent) -> None:
    NeedFactory()
    store.rebuild()
    run = jobs.start_rematch()
    work.work([run.jobs.earliest("pk").pk])
    call_command("rematch", cancel=True)
    run.refresh_from_db()
    assert (run.state, run.progress()) == ("cancelled", (2, 2))
    assert set(run.jobs.values_list("state", flat=True)) == {DONE, "cancelled"}
    assert not jobs.cancel(run)
    with pytest.raises(CommandError, match="No run is under way"):
        call_command("rematch", cancel=True)
    work_all()
    assert NeedMatch.objects.filter(serial__gt=0).count() == 1


def test_a_run_ends_although_a_job_was_parked(need: Need, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    NeedFactory()
    store.rebuild()
    run = jobs.start_rematch()
    monkeypatch.setattr(work, "rank_many", lambda pks, seen: fail() if need.pk in pks else rank_many(pks, seen))
    work_all()
    run.refresh_from_db()
    assert (run.state, run.total, run.failed) == ("finished", 2, 1)


# ---- the broker ------------------------------------------------------------------------------------------------------
def test_without_a_broker_a_save_is_kept_and_quick(
    need: Need, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = partial(Connection, "redis+socket:///nowhere/redis.sock")
    monkeypatch.setattr(app, "connection_for_write", away)
    before = timezone.now()
    job = jobs.request_need(need.pk)
    assert (timezone.now() - before).total_seconds() < 3
    assert job.state == QUEUED
    assert "No hint for 1 jobs" in caplog.text


def test_rows_that_were_set_into_the_future_by_a_wrong_clock_are_due(need: Need, sent: Sent) -> None:
    jobs.request_need(need.pk)
    sent.clear()
    assert jobs.hint_due(10) == 0
    Job.objects.update(due_at=timezone.now() + timedelta(days=400))
    assert jobs.hint_due(10) == 1
