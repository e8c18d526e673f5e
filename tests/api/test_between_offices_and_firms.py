"""What offices and firms tell each other through the API: tasks, parts of groups, feedback, NDAs."""

from typing import Any

import pytest

from matching.consent import a_year_from_now
from matching.models import Group, GroupMember, Task, TaskEvent
from registry.models import Nda
from tests.api.conftest import Program, send
from tests.factories import (
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    OfficeFactory,
    ProposalFactory,
    TaskFactory,
)
from tests.matching.story import FAR, A, B, C, firms_of_story, member, need_of_story

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


def test_a_firm_tells_the_office_that_its_task_is_done(program: Program) -> None:
    proposal = ProposalFactory()
    task = TaskFactory(proposal=proposal, side="firm", made_by=CoordinatorFactory("05"))
    TaskFactory(proposal=proposal, side="office", made_by=task.made_by)
    firm = program(FirmUserFactory(proposal.firm))
    (shown,) = firm.get("/api/own-tasks/").json()["results"]
    assert (shown["id"], shown.keys() & {"need", "proposal", "assignee", "made_by"}) == (task.pk, set())
    url = f"/api/own-tasks/{task.pk}/steps/"
    assert send(firm, url, {"step": "report", "note": "取得しました"}).status_code == 200
    assert TaskEvent.objects.filter(task=task, step="report").get().note == "取得しました"
    assert send(firm, url, {"step": "report"}).status_code == 409
    assert send(firm, url, {"step": "done"}).status_code == 400


def test_a_firm_answers_for_its_part_and_reads_the_others_once_all_consent(program: Program) -> None:
    akita = CoordinatorFactory("05")
    need = NeedFactory(office=OfficeFactory("05"))
    group = Group.objects.create(need=need, number=1, made_by=akita, state=Group.State.ACCEPTED)
    one, two = (
        GroupMember.objects.create(
            group=group, firm=FirmFactory(contact_name="某"), position=n, is_lead=n == 1, state="accepted"
        )
        for n in (1, 2)
    )
    firm, office, url = program(FirmUserFactory(one.firm)), program(akita), f"/api/parts/{one.pk}/steps/"
    assert [part["id"] for part in firm.get("/api/parts/").json()["results"]] == [one.pk]
    assert one.group.need.number in firm.get(f"/api/parts/{one.pk}/").json()["group"]
    consent = {"step": "join", "fields": ["identity", "contact"], "until": a_year_from_now().isoformat()}
    told = {"channel": "phone", "said_by": "総務"}
    assert send(firm, url, {"step": "join"}).status_code == 422
    assert send(firm, url, consent | told).status_code == 400
    joined = send(firm, url, consent).json()
    assert (joined["consents"], joined["all_consent"]) == (True, False)
    assert two.firm.name not in str(joined["others"])
    theirs = f"/api/parts/{two.pk}/steps/"
    assert send(office, theirs, consent).status_code == 422
    assert send(office, theirs, consent | told).json()["all_consent"] is True
    shown = firm.get(f"/api/parts/{one.pk}/")
    assert (shown.json()["others"][0]["name"], "某" in shown.text) == (two.firm.name, False)
    assert send(firm, url, {"step": "decline", "reason": "多忙"}).json()["state"] == "declined"
    assert office.get(f"/api/parts/{two.pk}/").json()["all_consent"] is True
    Group.objects.update(version=2)
    assert send(firm, url, consent, etag=shown["ETag"]).status_code == 412


def test_an_office_keeps_a_group_and_changes_its_members(program: Program, settings: Any, tmp_path: Any) -> None:
    settings.VAR = tmp_path
    firms, akita = firms_of_story(), CoordinatorFactory("05")
    client, need = program(akita), need_of_story()
    key = client.get(f"/api/needs/{need.pk}/compositions/").json()["results"][0]["key"]
    assert client.get(f"/api/needs/{need.pk}/compositions/?max_km=x").status_code == 400
    kept = send(client, "/api/groups/", {"need": need.pk, "key": key}, etag=None)
    assert (kept.status_code, kept.json()["state"], kept.json()["origin"]) == (201, "draft", "need")
    for odd, status in (({"key": key}, 409), ({"key": "x"}, 409), ({"key": key, "volume": 0}, 422)):
        assert send(client, "/api/groups/", {"need": need.pk} | odd, etag=None).status_code == status, odd
    group = Group.objects.get()
    url = f"/api/groups/{group.pk}/members/"
    first = client.get(f"/api/groups/{group.pk}/")["ETag"]

    def led() -> list[str]:
        return [row["name"] for row in client.get(f"/api/groups/{group.pk}/").json()["members"]]

    assert send(client, url, {"step": "add", "firm": firms[FAR].pk}).status_code == 200
    assert FAR in led()
    assert send(client, url, {"step": "add", "firm": firms[FAR].pk}, etag=first).status_code == 412
    assert send(client, url, {"step": "add", "firm": firms[FAR].pk}).status_code == 409
    assert send(client, url, {"step": "lead", "member": member(group, C).pk}).json()["members"][0]["name"] == C
    shares = {"step": "share", "member": member(group, A).pk}
    assert send(client, url, shares | {"amount": 9}).status_code == 409
    assert send(client, url, shares | {"amount": 7}).json()["volume"] is not None
    assert member(group, A).amounts == {"welding": 7}
    assert send(client, url, {"step": "remove", "member": member(group, B).pk}).status_code == 200
    assert send(client, url, {"step": "add", "firm": firms[B].pk}).status_code == 409  # outside the office's scope
    assert send(client, url, {"step": "remove", "member": member(group, FAR).pk}).status_code == 200
    swapped = {"step": "swap", "member": member(group, C).pk, "firm": firms[FAR].pk}
    assert send(client, url, swapped).status_code == 200
    assert sorted(led()) == sorted([A, FAR])
    assert led()[0] == FAR
    assert send(client, url, shares | {"member": 10**9}).status_code == 404
    assert send(client, url, {"step": "add", "key": "x"}).status_code == 400
    assert (
        send(program(CoordinatorFactory("02")), url, {"step": "lead", "member": member(group, A).pk}).status_code == 409
    )


def test_a_firm_is_told_why_it_was_not_chosen_with_a_task(program: Program) -> None:
    proposal = ProposalFactory(state="rejected")
    office, firm = program(CoordinatorFactory("05")), program(FirmUserFactory(proposal.firm))
    url = f"/api/proposals/{proposal.pk}/"
    etag = office.get(url)["ETag"]
    due = a_year_from_now().isoformat()
    said = {"code": "certification", "detail": "ISO 9001", "sets_task": True, "task": "ISO 9001の取得", "due_on": due}
    assert send(office, f"{url}feedback/", said | {"task": ""}).status_code == 422
    told = send(office, f"{url}feedback/", said, etag=etag).json()["feedback"]
    assert [(one["code"], one["detail"]) for one in told] == [("certification", "ISO 9001")]
    assert send(office, f"{url}feedback/", said, etag=etag).status_code == 412
    assert Task.objects.get().certificate == "ISO 9001"
    (read,) = firm.get("/api/feedback/").json()["results"]
    assert (read["need"], read["detail"], "by" in read) == (proposal.need_id, "ISO 9001", False)
    type(proposal.need).objects.update(visibility="coordinators")
    assert firm.get(f"/api/feedback/{read['id']}/").json()["need"] is None
    assert program(FirmUserFactory(FirmFactory())).get("/api/feedback/").json()["results"] == []


def test_the_office_in_charge_records_an_nda_and_ends_it(program: Program) -> None:
    akita = CoordinatorFactory("05")
    office = OfficeFactory("05")
    office.members.add(akita)
    inquiry = InquiryFactory(need=NeedFactory(office=office))
    client, url = program(akita), f"/api/inquiries/{inquiry.pk}/nda/"
    signed = {"step": "record", "signed_on": "2026-04-01"}
    assert send(client, url, {"step": "record"}).status_code == 422
    assert send(client, url, signed).json()["nda_signed_on"] == "2026-04-01"
    assert send(client, url, signed).status_code == 409
    assert send(client, url, {"step": "end"}).json()["nda_signed_on"] is None
    assert Nda.objects.get().ended_by == akita
