"""What programs of offices do with the matcher: runs, learning, links to lists, why and what if, histories."""

from typing import Any

import pytest
from django.core import mail
from django.test import TestCase
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from matching import learning, store
from matching.models import Job, MatchRun, OrderModel
from matching.release import make_list, release
from registry.history import record
from registry.models import NeedPhase
from tests.access.world import NO_TRIAL, NO_WEIGHTS
from tests.api.conftest import Program, send
from tests.factories import (
    BureauFactory,
    ConsentFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    PrefectureFactory,
    ProposalFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


@pytest.fixture(autouse=True)
def own_var(settings: Any, tmp_path: Any) -> None:
    settings.VAR = tmp_path


def test_a_run_is_started_once_followed_and_cancelled(program: Program) -> None:
    akita, _open = CoordinatorFactory("05"), NeedFactory()
    client, hidden = program(akita), NeedFactory(visibility="nda")
    started, again = (send(client, "/api/runs/", {}, etag=None) for _ in range(2))
    assert (started.status_code, started.json()["id"]) == (202, again.json()["id"])
    assert send(client, "/api/runs/", {"needs": [1]}, etag=None).status_code == 400
    url = f"/api/runs/{started.json()['id']}/"
    Job.objects.filter(need=hidden).update(state="parked", error=Job.WORKER_LOST)
    shown = client.get(url).json()
    assert (shown["matched"], shown["asked"], shown["left_over"], shown["hidden"]) == (1, 2, [], 1)
    [parked] = program(BureauFactory()).get(url).json()["left_over"]
    assert (parked["need"], "ended each time" in parked["error"]) == (hidden.pk, True)
    assert client.get("/api/runs/now/").json() == {"index": None, "waits_for_index": True, "queued": 2}
    assert send(client, f"{url}steps/", {"step": "stop"}).status_code == 400
    assert send(client, f"{url}steps/", {"step": "cancel"}, etag=None).status_code == 428
    etag = client.get(url)["ETag"]
    Job.objects.filter(kind="need", state="queued").update(state="done")  # it moves on between reading and cancelling
    assert client.get(url, headers={"if-none-match": etag}).json()["matched"] == 2
    assert send(client, f"{url}steps/", {"step": "cancel"}, etag=etag).json()["state"] == "cancelled"
    assert send(client, f"{url}steps/", {"step": "cancel"}).status_code == 409
    assert [run["id"] for run in client.get("/api/runs/").json()["results"]] == [MatchRun.objects.get().pk]


def test_the_bureau_learns_and_uses_what_offices_read(program: Program) -> None:
    bureau, office = program(BureauFactory()), program(CoordinatorFactory())
    assert send(bureau, "/api/learning/", {}, etag=None).status_code == 409
    assert office.get("/api/learning/stock/").json() == {"decisions": 0, "accepted": 0, "least": learning.LEAST}
    weights = NO_WEIGHTS | {"names": ["near"], "mean": [0], "spread": [1], "weights": [0.5]}
    model = OrderModel.objects.create(weights=weights, trial=NO_TRIAL, decisions=200, better=True)
    worse = OrderModel.objects.create(weights=NO_WEIGHTS, trial=NO_TRIAL, decisions=200, better=False)
    url = f"/api/learning/{model.pk}/"
    assert send(office, f"{url}steps/", {"step": "activate"}).status_code == 403
    used = send(bureau, f"{url}steps/", {"step": "activate"}).json()
    assert (used["state"], [one["step"] for one in used["uses"]]) == ("active", ["activate"])
    assert send(bureau, f"/api/learning/{worse.pk}/steps/", {"step": "activate"}).status_code == 409
    assert [one["state"] for one in office.get("/api/learning/").json()["results"]] == ["tried", "active"]
    assert office.get(url).json()["weights"] == [{"fact": "short way to the site", "weight": 0.5}]
    assert send(bureau, f"{url}steps/", {"step": "deactivate"}).json()["state"] == "retired"


def test_a_link_is_mailed_to_its_reader_alone_and_ended(program: Program) -> None:
    akita, proposal = CoordinatorFactory("05"), ProposalFactory(state="shortlisted")
    ConsentFactory(proposal)
    made, client = make_list(proposal.need, by=akita, recipient="Holm A/S"), program(akita)
    body = {"list": made.pk, "email": "holm@example.dk", "days": 3}
    assert send(client, "/api/links/", body, etag=None).status_code == 409  # it is not released
    release(made, akita)
    assert send(client, "/api/links/", body | {"email": "holm"}, etag=None).status_code == 422
    with TestCase.captureOnCommitCallbacks(execute=True):
        link = send(client, "/api/links/", body, etag=None, key="k")
    assert (link.status_code, link.json()["open"], link.json()["language"]) == (201, True, "en")
    assert send(client, "/api/links/", body, etag=None, key="k").content == link.content
    assert [letter.to for letter in mail.outbox] == [["holm@example.dk"]]
    secret = mail.outbox[0].body.partition("/shared/")[2].partition("/")[0]
    assert len(secret) > 40
    assert secret not in link.text + client.get(f"/api/links/?list={made.pk}").text
    assert send(client, "/api/links/", body, etag=None).status_code == 409  # a moment ago
    assert client.get(f"/api/links/?list={made.pk + 1}").json()["results"] == []
    ended = send(client, f"/api/links/{link.json()['id']}/steps/", {"step": "end"}).json()
    assert (ended["open"], ended["ended_at"] is None) == (False, False)
    assert program(CoordinatorFactory("02")).get("/api/links/").json()["results"] == []


def test_why_not_and_what_if_are_answered_as_on_the_pages(program: Program) -> None:
    client, need = program(CoordinatorFactory("05")), NeedFactory(title="架台の溶接", text="鋼製架台の溶接")
    CriterionFactory(need, kind="employees", number=50)
    phase = NeedPhase.objects.create(need=need, kind="volume", lot=100)
    firm = FirmFactory(capability_text="鋼製架台の溶接", employees=5, monthly_capacity=40)
    url = f"/api/needs/{need.pk}"
    assert client.get(f"{url}/why/?firm={firm.pk}").status_code == client.get(f"{url}/volume/").status_code == 409
    store.rebuild()
    why = client.get(f"{url}/why/?firm={firm.pk}").json()
    assert (why["rank"], why["of"], why["proposal"], why["verdict"]) == (1, 1, None, "fail")
    assert [line["outcome"] for line in why["criteria"]] == ["fail", "fail"]
    assert sum(part["points"] for part in why["parts"]) == pytest.approx(why["points"])
    assert client.get(f"{url}/why/").status_code == 400
    hidden = FirmFactory(prefecture=PrefectureFactory("02"))
    assert client.get(f"{url}/why/?firm={hidden.pk}").status_code == 404
    [tried] = client.get(f"{url}/volume/?lots={phase.pk}:40").json()["results"]
    assert (tried["firm"], tried["rank"], tried["stored_rank"], tried["proposal"]) == (firm.pk, 1, None, None)
    for wrong in ("x", f"{phase.pk}:0", f"{phase.pk + 1}:5", f"{phase.pk}:" + "9" * 10):
        assert client.get(f"{url}/volume/?lots={wrong}").status_code == 400, wrong
    phase.refresh_from_db()
    assert phase.lot == 100


def test_histories_are_read_as_on_the_pages(program: Program) -> None:
    firm, akita = FirmFactory(contact_name="某"), CoordinatorFactory("05")
    record(firm, "change", akita, changes=[("address", "能代", "男鹿"), ("contact_name", None, None)])
    [entry] = program(akita).get(f"/api/firms/{firm.pk}/history/").json()["results"]
    assert [(line["before"], line["after"]) for line in entry["changes"]] == [("能代", "男鹿"), (None, None)]
    assert program(FirmUserFactory(firm)).get(f"/api/firms/{firm.pk}/history/").status_code == 403


def test_etags_are_described_where_they_are_sent_and_taken(program: Program) -> None:
    generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]
    paths = generator.get_schema(request=None, public=True)["paths"]
    client, firm, body = program(CoordinatorFactory("05")), FirmFactory(), {"kind": "call", "whom": "x", "minutes": 5}
    need, proposal = NeedFactory(), ProposalFactory(firm=firm)
    contact = body | {"firm": firm.pk, "day": "2026-04-01", "summary": "x"}
    asked: list[tuple[str, str, Any]] = [
        ("get", "/api/firms/", None),
        ("get", "/api/firms/{id}/", firm),
        ("get", "/api/firms/{id}/history/", firm),
        ("get", "/api/figures/", None),
        ("get", "/api/runs/{id}/", MatchRun.objects.create(state="finished", finished_at=timezone.now())),
        ("get", "/api/runs/now/", None),
        ("get", "/api/me/", None),
        ("post", "/api/needs/{id}/match/", need),
        ("post", "/api/proposals/bulk/", {"step": "hold", "ids": [f"{proposal.pk}:proposed"]}),
        ("post", "/api/contacts/", contact),
        ("post", "/api/runs/", {}),
    ]
    for method, path, what in asked:
        url = path.replace("{id}", str(getattr(what, "pk", "")))
        answer = client.get(url) if method == "get" else send(client, url, what if isinstance(what, dict) else {})
        described = paths[path][method]["responses"][str(answer.status_code)]
        assert ("ETag" in answer) == ("ETag" in described.get("headers", {})), (method, path)
        if method == "get":
            again = client.get(url, headers={"if-none-match": answer.headers.get("ETag", "*")})
            asks = {one["name"] for one in paths[path]["get"].get("parameters", ())}
            assert (again.status_code == 304) == ("If-None-Match" in asks), path
