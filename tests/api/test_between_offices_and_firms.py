"""What offices and firms tell each other through the API: tasks, parts of groups, feedback, NDAs."""

from typing import Any

import pytest

from matching.consent import a_year_from_now
from matching.models import DisclosureConsent, Group, GroupMember, Task, TaskEvent
from registry.models import Nda
from tests.api.conftest import Program, send
from tests.factories import (
    AnchorFactory,
    ConsentFactory,
    CoordinatorFactory,
    CriterionFactory,
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
    told = program(task.made_by).get(f"/api/tasks/{task.pk}/").json()["events"]
    assert (told[0]["step"], told[0]["note"]) == ("report", "取得しました")
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
    assert [one["consents"] for one in kept.json()["members"]] == [False] * len(kept.json()["members"])
    for odd, status in (({"key": key}, 409), ({"key": "x"}, 409), ({"key": key, "volume": 0}, 422)):
        assert send(client, "/api/groups/", {"need": need.pk} | odd, etag=None).status_code == status, odd
    group = Group.objects.get()
    url = f"/api/groups/{group.pk}/members/"
    first = client.get(f"/api/groups/{group.pk}/")["ETag"]

    def led() -> list[str]:
        return [row["name"] for row in client.get(f"/api/groups/{group.pk}/").json()["members"]]

    assert send(client, url, {"step": "add", "key": str(firms[FAR].pk)}).status_code == 200
    assert FAR in led()
    assert send(client, url, {"step": "add", "key": str(firms[FAR].pk)}, etag=first).status_code == 412
    assert send(client, url, {"step": "add", "key": str(firms[FAR].pk)}).status_code == 409
    assert send(client, url, {"step": "lead", "member": member(group, C).pk}).json()["members"][0]["name"] == C
    shares = {"step": "share", "member": member(group, A).pk}
    assert send(client, url, shares | {"amount": 9}).status_code == 409
    assert send(client, url, shares | {"amount": 7}).json()["volume"] is not None
    assert member(group, A).amounts == {"welding": 7}
    assert send(client, url, {"step": "remove", "member": member(group, B).pk}).status_code == 200
    assert send(client, url, {"step": "add", "key": str(firms[B].pk)}).status_code == 409  # outside the office's scope
    offered = client.get(f"/api/groups/{group.pk}/candidates/").json()["offered"]
    hidden = next(one for one in offered if one["firm"] is None)
    assert B not in str(offered)
    assert send(client, url, {"step": "add", "key": hidden["key"]}).status_code == 200  # unnamed, as by the page
    assert send(client, url, {"step": "remove", "member": member(group, B).pk}).status_code == 200
    assert send(client, url, {"step": "remove", "member": member(group, FAR).pk}).status_code == 200
    beside = client.get(f"/api/groups/{group.pk}/candidates/?q={FAR}&member={member(group, C).pk}").json()
    assert beside["found"][0]["key"] == str(firms[FAR].pk)
    swapped = {"step": "swap", "member": member(group, C).pk, "key": beside["found"][0]["key"]}
    assert send(client, url, swapped).status_code == 200
    assert sorted(led()) == sorted([A, FAR])
    assert led()[0] == FAR
    done = client.get(f"/api/groups/{group.pk}/history/").json()["results"]
    assert (done[0]["act"], done[0]["firm"], done[0]["other"], done[-1]["act"]) == ("swap", FAR, C, "keep")
    assert B not in str(done)
    assert send(client, url, shares | {"member": 10**9}).status_code == 404
    assert send(client, url, {"step": "add", "firm": firms[B].pk}).status_code == 400
    assert "key" in send(client, url, {"step": "add"}).json()["errors"]
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
    assert (read["need"], read["detail"], "by" in read, read["programmes"]) == (proposal.need_id, "ISO 9001", False, [])
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


def test_a_firm_reads_how_it_fits_offers_itself_and_asks_for_the_nda(program: Program) -> None:
    need = NeedFactory()
    CriterionFactory(need, kind="volume", number=12)
    firm = FirmFactory(monthly_capacity=8)
    client, url = program(FirmUserFactory(firm)), f"/api/needs/{need.pk}"
    [fit] = client.get(f"{url}/fit/").json()["results"]
    [volume] = fit["criteria"]
    assert (fit["firm"], volume["found"], volume["outcome"]) == (firm.pk, "8 a month", "fail")
    body = {"firm": firm.pk, "step": "part", "volume": 8}
    wrong: list[tuple[dict[str, Any], int]] = [
        ({"firm": FirmFactory().pk}, 422),
        ({"step": "decline"}, 422),
        ({"volume": 12}, 409),
        ({"channel": "x"}, 400),
    ]
    for odd, status in wrong:
        assert send(client, f"{url}/offer/", body | odd, etag=None).status_code == status, odd
    consent = {"fields": ["identity"], "until": a_year_from_now().isoformat()}
    made = send(client, f"{url}/offer/", body | consent, etag=None)
    assert (made.status_code, made.json()["state"], made.json()["origin"]) == (201, "partial", "firm")
    read = client.get(f"/api/concerns/{made.json()['id']}/")
    assert (read["ETag"], read.json()["standing"]) == (made["ETag"], "received")
    assert [(one["step"], one["volume"], "by" in one) for one in read.json()["events"]] == [("offer", 8, False)]
    office = program(CoordinatorFactory("05")).get(f"/api/inquiries/{made.json()['id']}/").json()
    assert (office["events"][0]["step"], office["consents"][0]["fields"]) == ("offer", ["identity"])
    assert DisclosureConsent.objects.get().fields == ["identity"]
    assert send(client, f"{url}/offer/", body, etag=None).status_code == 409
    secret = NeedFactory(nda_first=True)
    asked = send(client, f"/api/needs/{secret.pk}/nda/", {"firm": firm.pk}, etag=None)
    assert (asked.status_code, asked.json()["state"]) == (201, "sent")
    assert send(client, f"/api/needs/{secret.pk}/nda/", {"firm": firm.pk}, etag=None).status_code == 409


def test_a_firm_reads_what_matches_it_and_what_was_passed_on_and_the_office_who_read_it(program: Program) -> None:
    akita, found = CoordinatorFactory("05"), ProposalFactory(band="strong", terms=[["溶接", 0.5, "", ""]])
    firm, office = program(FirmUserFactory(found.firm)), program(akita)
    [match] = firm.get("/api/matches/").json()["results"]
    assert (match["need"], match["words"]) == (found.need_id, ["溶接"])
    proposal = ProposalFactory(firm=found.firm, state="shortlisted")
    ConsentFactory(proposal, fields=["identity"], told="買い手")
    without = ProposalFactory(need=proposal.need, state="shortlisted")
    preview = office.get(f"/api/needs/{proposal.need_id}/list/").json()
    assert [(one["firm"], one["row"]["name"]) for one in preview["results"]] == [(found.firm_id, found.firm.name)]
    assert (preview["without_consent"][0]["firm"], preview["latest"]) == (without.firm_id, 0)
    group = proposal.need.groups.create(number=1, made_by=akita)
    body = {"need": proposal.need_id, "recipient": "Holm A/S", "latest": 0}
    assert (
        send(office, "/api/lists/", body | {"groups": [group.pk]}, etag=None).status_code == 409
    )  # it is not complete
    assert send(office, "/api/lists/", body | {"groups": [2**70]}, etag=None).status_code == 422
    made = send(office, "/api/lists/", body | {"groups": []}, etag=None)
    url = f"/api/lists/{made.json()['id']}/"
    assert send(office, f"{url}steps/", {"step": "release"}).status_code == 200
    assert program(AnchorFactory(proposal.need.project)).get(f"{url}entries/").status_code == 200
    [reading] = office.get(f"{url}ledger/").json()["readings"]
    [passed] = firm.get("/api/disclosures/").json()["results"]
    assert (reading["firm"], reading["fields"], reading["act"]) == (found.firm_id, ["identity"], "api")
    assert (passed["recipient"], passed["list"], passed["fields"]) == ("買い手", made.json()["number"], ["identity"])
