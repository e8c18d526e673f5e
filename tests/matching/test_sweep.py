"""The sweep finds by itself whatever no hint told it; `sent` swallows every hint here."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from matching import jobs, store, work
from matching.models import IndexBuild, Job, MatchRun, NeedMatch
from matching.sweep import KEPT, QUIET, sweep
from registry.models import Firm, Need
from tests.factories import FirmFactory, NeedFactory
from tests.matching.conftest import Sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_var", "sent")]
QUEUED = Job.State.QUEUED


def age_register() -> None:
    """As if the last firm was saved a while ago; the index is not told."""
    Firm.objects.update(updated_at=F("updated_at") - QUIET - timedelta(seconds=1))


def let_time_pass() -> None:
    Job.objects.filter(state=QUEUED).update(due_at=timezone.now())


def work_off() -> None:
    """Deliver hints as a worker and sweep until nothing waits."""
    for _ in range(10):
        sweep()
        queued = list(Job.objects.filter(state=QUEUED).values_list("pk", flat=True))
        if not queued:
            return
        work.work(queued)
    raise AssertionError("the sweep never comes to rest")


def waiting() -> set[tuple[str, int | None]]:
    return {(job.kind, job.need_id or job.firm_id) for job in Job.objects.filter(state=QUEUED)}


@pytest.fixture
def settled(need: Need) -> Need:
    """Index built, need matched, nothing to do."""
    age_register()
    work_off()
    assert NeedMatch.objects.get(need=need).serial == 1
    return need


def test_from_nothing_to_matched_without_any_request(need: Need) -> None:
    work_off()
    assert need.proposals.exists()


def test_a_settled_register_is_left_alone(settled: Need) -> None:
    before = Job.objects.count()
    sweep()
    sweep()
    assert Job.objects.count() == before


def test_a_lost_hint_is_sent_again(need: Need, sent: Sent) -> None:
    store.rebuild()
    job = jobs.request_need(need.pk)
    sent.clear()
    sweep()
    assert sent == []
    let_time_pass()
    sweep()
    sweep()
    assert sent == [([job.pk], jobs.FIRST)]


UNSEEN: dict[str, Callable[[Need], object]] = {
    "edited": lambda need: need.save(),
    "closed and opened elsewhere": lambda need: NeedMatch.objects.filter(need=need).delete(),
    "index restored from elsewhere": lambda need: NeedMatch.objects.filter(need=need).update(build=None),
}


@pytest.mark.parametrize("change", UNSEEN)
def test_a_need_changed_unseen_is_matched(settled: Need, change: str) -> None:
    UNSEEN[change](settled)
    sweep()
    assert waiting() == {("need", settled.pk)}


def test_a_firm_changed_unseen_is_matched_and_then_indexed(settled: Need) -> None:
    firm = FirmFactory(capability_text="架台の溶接と塗装")
    sweep()
    assert waiting() == {("firm", firm.pk)}
    work_off()
    assert settled.proposals.filter(firm=firm).exists()
    assert IndexBuild.objects.count() == 1, "the register is not quiet yet"
    age_register()
    work_off()
    assert IndexBuild.objects.count() == 2
    assert not store.is_stale()
    assert NeedMatch.objects.get(need=settled).build == IndexBuild.objects.current()


def test_a_firm_withdrawn_unseen_drops_out(settled: Need, firms: list[Firm]) -> None:
    held = settled.proposals.get(firm=firms[0])
    Firm.objects.filter(pk=firms[0].pk).update(state=Firm.State.ARCHIVED)
    work_off()
    held.refresh_from_db()
    assert held.dropped_at is not None


def test_a_busy_register_is_indexed_at_the_latest_after_five_minutes(settled: Need) -> None:
    FirmFactory()
    sweep()
    assert ("index", None) not in waiting()
    IndexBuild.objects.update(published_at=timezone.now() - timedelta(minutes=6))
    sweep()
    assert ("index", None) in waiting()


def test_a_damaged_index_is_built_again(settled: Need) -> None:
    build = IndexBuild.objects.current()
    assert build is not None
    for path in store.folder_of(build).iterdir():
        path.write_bytes(b"")
    work_off()
    assert store.current()[0].pk > build.pk
    assert not store.is_stale()


def test_a_new_index_matches_many_needs_as_one_run(settled: Need) -> None:
    for _ in range(25):
        NeedFactory()
    sweep()
    run = MatchRun.objects.get()
    assert (run.reason, run.progress()) == ("index", (0, 25))
    sweep()
    assert run.progress() == (0, 25)


def test_parked_and_cancelled_needs_are_left_to_people_until_something_changes(settled: Need) -> None:
    settled.save()
    sweep()
    for state in (Job.State.PARKED, Job.State.CANCELLED):
        Job.objects.filter(state=QUEUED).update(state=state, finished_at=timezone.now())
        sweep()
        assert waiting() == set()
        settled.save()
        sweep()
        assert waiting() == {("need", settled.pk)}


def test_a_parked_index_is_tried_again_after_ten_minutes(need: Need) -> None:
    Job.objects.create(kind="index", state=Job.State.PARKED, finished_at=timezone.now())
    age_register()
    sweep()
    assert waiting() == set()
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=11))
    sweep()
    assert waiting() == {("index", None)}


def test_a_run_whose_last_worker_died_before_closing_it_is_closed(settled: Need) -> None:
    run = MatchRun.objects.create()
    Job.objects.create(kind="need", need=settled, run=run, state=Job.State.DONE, finished_at=timezone.now())
    sweep()
    run.refresh_from_db()
    assert (run.state, run.total) == ("finished", 1)


def test_old_settled_jobs_are_forgotten_and_the_run_keeps_its_figures(settled: Need) -> None:
    run = jobs.start_rematch()
    work_off()
    Job.objects.update(finished_at=timezone.now() - KEPT - timedelta(seconds=1))
    parked = Job.objects.create(
        kind="need", need=settled, state=Job.State.PARKED, finished_at=timezone.now() - timedelta(days=9)
    )
    sweep()
    assert list(Job.objects.all()) == [parked]
    run.refresh_from_db()
    assert run.progress() == (1, 1)
