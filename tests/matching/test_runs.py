from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from matching import jobs
from matching.models import IndexBuild, Job, MatchRun
from registry.models import Need
from tests.factories import AnchorFactory, BureauFactory, CoordinatorFactory, FirmUserFactory, NeedFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var", "sent"), pytest.mark.on_postgres]


@pytest.fixture
def coordinator(client: Client) -> Client:
    client.force_login(CoordinatorFactory())
    client.cookies["enishi_language"] = "en"
    return client


def test_starting_leads_to_the_run(coordinator: Client, need: Need) -> None:
    answer = coordinator.post("/runs/start/")
    run = MatchRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/runs/{run.pk}/")
    page = coordinator.get(f"/runs/{run.pk}/").content.decode()
    assert "0 of 1 needs" in page
    assert 'hx-trigger="every 2s"' in page
    assert "The index is being prepared" in page


def test_pressing_twice_starts_once(coordinator: Client, need: Need) -> None:
    assert coordinator.post("/runs/start/")["Location"] == coordinator.post("/runs/start/")["Location"]
    assert MatchRun.objects.count() == 1


def test_the_fragment_stops_asking_once_the_run_ended(coordinator: Client, need: Need) -> None:
    run = jobs.start_rematch()
    jobs.cancel(run)
    answer = coordinator.get(f"/runs/{run.pk}/", headers={"HX-Request": "true", "HX-Target": "run"})
    fragment = answer.content.decode()
    assert "<html" not in fragment
    assert "hx-get" not in fragment
    assert "HX-Request" in answer["Vary"]


def test_cancelling(coordinator: Client, need: Need) -> None:
    run = jobs.start_rematch()
    page = coordinator.post(f"/runs/{run.pk}/cancel/", follow=True).content.decode()
    assert "1 need was left as it is" in page
    assert "had ended already" in coordinator.post(f"/runs/{run.pk}/cancel/", follow=True).content.decode()


def test_what_failed_is_named_only_to_those_who_see_the_need(coordinator: Client) -> None:
    run = MatchRun.objects.create()
    secret = NeedFactory(title="秘密の需要", visibility=Need.Visibility.NDA)
    for need in (NeedFactory(title="公開の需要"), secret):
        Job.objects.create(kind="need", need=need, run=run, state=Job.State.PARKED, error=Job.WORKER_LOST)
    page = coordinator.get(f"/runs/{run.pk}/").content.decode()
    assert "公開の需要" in page
    assert "The worker ended each time" in page
    assert "秘密の需要" not in page
    assert "1 need outside your scope" in page


def test_silent_workers_are_spoken_of(coordinator: Client, need: Need) -> None:
    IndexBuild.objects.create(folder="x", fingerprint="", text_version=1, checksum="", firms=0, terms=0)
    run = jobs.start_rematch()
    Job.objects.filter(kind="index").delete()
    assert "No worker" not in coordinator.get(f"/runs/{run.pk}/").content.decode()
    MatchRun.objects.update(started_at=timezone.now() - timedelta(minutes=2))
    assert "No worker has taken up anything" in coordinator.get(f"/runs/{run.pk}/").content.decode()


def test_the_list_has_pages(coordinator: Client) -> None:
    by = BureauFactory()
    for _ in range(60):
        MatchRun.objects.create(requested_by=by, state="finished", finished_at=timezone.now())
    assert [coordinator.get(f"/runs/?page={number}").status_code for number in (1, 2, 3)] == [200, 200, 404]


def test_a_need_is_matched_by_hand_when_it_is_open_and_seen(coordinator: Client, need: Need) -> None:
    closed = NeedFactory(state=Need.State.CLOSED)
    hidden = NeedFactory(visibility=Need.Visibility.NDA)
    assert coordinator.post(f"/needs/{need.pk}/match/").status_code == 302
    assert coordinator.post(f"/needs/{closed.pk}/match/").status_code == 302
    assert coordinator.post(f"/needs/{hidden.pk}/match/").status_code == 404
    assert list(Job.objects.values_list("need", flat=True)) == [need.pk]


@pytest.mark.parametrize("path", ["/runs/start/", "/runs/1/cancel/", "/needs/1/match/"])
def test_reading_changes_nothing(coordinator: Client, path: str) -> None:
    assert coordinator.get(path).status_code == 405


@pytest.mark.parametrize("person", [FirmUserFactory, AnchorFactory])
def test_runs_are_for_offices(client: Client, person: Callable[[], object]) -> None:
    client.force_login(person())  # type: ignore[arg-type]
    assert client.get("/runs/").status_code == 403
    assert client.post("/runs/start/").status_code == 403
