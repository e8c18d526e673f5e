"""Writing through the API: the verbs and forms of the pages, with ETags, idempotency keys and nothing else changed."""

import json
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone

from matching.consent import a_year_from_now
from matching.models import Contact, Decision, Job, Proposal
from registry.models import Firm, KeptAnswer, Need, Role
from tests.api.conftest import Program, send
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CapabilityFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    NeedFactory,
    OfficeFactory,
    PrefectureFactory,
    ProjectFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def patch(client: Client, url: str, body: Any, **options: Any) -> Any:
    return send(client, url, body, method="patch", **options)


# ---- firms -----------------------------------------------------------------------------------------------------------
def test_a_firm_registers_itself_fills_its_profile_and_publishes_it(program: Program) -> None:
    client, capability = program(UserFactory()), CapabilityFactory()
    PrefectureFactory("05")
    named = {"name": "風車製作所", "prefecture": "05", "employees": 12}
    made, again = (send(client, "/api/firms/", named, etag=None, key="k") for _ in range(2))
    assert (made.status_code, made.json()["state"], made.json()) == (201, "draft", again.json())
    url = f"/api/firms/{made.json()['id']}/"
    body = {
        "capabilities": [capability.pk],
        "capability_text": "SUS304の溶接",
        "products": ["架台", "梯子"],
        "monthly_capacity": 40,
        "equipment": [{"name": "NC旋盤", "count": 2, "size": 300, "unit": "mm"}, {"name": "溶接機"}],
        "certifications": [{"stated": "ISO 9001", "valid_until": "2030-03-31"}],
    }
    said = patch(client, url, body, etag=made["ETag"]).json()
    assert (said["products"], said["monthly_capacity"], said["employees"]) == (["架台", "梯子"], 40, 12)
    lathe, welder = said["equipment"]
    assert (lathe["size"], lathe["unit"], said["certifications"][0]["valid_until"]) == (300, "mm", "2030-03-31")
    said = patch(client, url, {"equipment": [{"id": welder["id"], "count": 3}, {"name": "曲げ機"}]}).json()
    assert [(row["name"], row["count"]) for row in said["equipment"]] == [("溶接機", 3), ("曲げ機", None)]
    assert send(client, f"{url}steps/", {"step": "publish"}).json()["state"] == "published"
    assert send(client, f"{url}steps/", {"step": "publish"}).status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"name": ""}, 422, "name"),
        ({"name": "x" * 201}, 422, "name"),
        ({"name": 7}, 400, "name"),
        ({"colour": "red"}, 400, "colour"),
        ({"contact_email": "a@example.jp"}, 400, "contact_email"),
        ({"employees": "12"}, 400, "employees"),
        ({"employees": -1}, 422, "employees"),
        ({"employees": 2**63}, 422, "employees"),
        ({"prefecture": "02"}, 422, "prefecture"),
        ({"capabilities": ["nothing"]}, 422, "capabilities"),
        ({"equipment": [{"name": "旋盤", "power": 3}]}, 400, "equipment.0.power"),
        ({"equipment": [{"name": "旋盤", "size": 3}]}, 422, "equipment.0.unit"),
        ({"equipment": [{"id": 999}]}, 422, "equipment.0.id"),
        ({"equipment": "旋盤"}, 400, "equipment"),
        ({"equipment": [{"name": str(n)} for n in range(41)]}, 422, "equipment"),
        ({}, 400, None),
    ],
)
def test_what_a_profile_cannot_take_is_named_and_changes_nothing(
    body: dict[str, Any], status: int, named: str | None, program: Program
) -> None:
    firm = FirmFactory(address="能代市1")
    before = Firm.objects.filter(pk=firm.pk).values().get()
    answer = patch(
        program(CoordinatorFactory("05")), f"/api/firms/{firm.pk}/", {"address": "男鹿市"} | body if body else {}
    )
    assert (answer.status_code, named is None or named in answer.json()["errors"]) == (status, True), answer.json()
    assert Firm.objects.filter(pk=firm.pk).values().get() == before


def test_a_row_of_another_firm_is_not_touched(program: Program) -> None:
    mine, other = FirmFactory(), FirmFactory()
    machine = other.equipment.create(name="五軸加工機")
    answer = patch(
        program(FirmUserFactory(mine)), f"/api/firms/{mine.pk}/", {"equipment": [{"id": machine.pk, "name": "x"}]}
    )
    assert answer.status_code == 422
    machine.refresh_from_db()
    assert (machine.name, machine.firm) == ("五軸加工機", other)


def test_only_the_office_changes_a_corporate_number(program: Program) -> None:
    firm = FirmFactory()
    number = {"corporate_number": "7000012050002"}
    assert patch(program(FirmUserFactory(firm)), f"/api/firms/{firm.pk}/", number).status_code == 422
    assert patch(program(CoordinatorFactory("05")), f"/api/firms/{firm.pk}/", number).status_code == 200


@pytest.mark.parametrize("model", [Firm, Need])
def test_no_field_of_the_model_can_be_set_that_a_form_does_not_have(
    model: type[models.Model], program: Program
) -> None:
    row = FirmFactory() if model is Firm else NeedFactory(office=OfficeFactory("05"))
    url = f"/api/{'firms' if model is Firm else 'needs'}/{row.pk}/"
    client = program(BureauFactory())
    allowed = set(client.get("/api/schema/?format=json").json()["paths"][url.replace(str(row.pk), "{id}")]["patch"]
                  ["requestBody"]["content"]["application/json"]["schema"]["properties"])  # fmt: skip
    closed = {field.name for field in model._meta.get_fields()} | {"pk", "id", "version", "seen"}
    before = model._default_manager.filter(pk=row.pk).values().get()
    for name in closed - allowed:
        assert patch(client, url, {name: 1}).status_code == 400, name
    assert model._default_manager.filter(pk=row.pk).values().get() == before
    assert not allowed & {"state", "updated_at", "is_sample", "source", "duplicate_of", "created_by", "search"}


# ---- lost updates and repeated requests ------------------------------------------------------------------------------
def test_of_two_who_edit_the_second_is_told(program: Program) -> None:
    firm = FirmFactory()
    url, one, two = f"/api/firms/{firm.pk}/", program(CoordinatorFactory("05")), program(FirmUserFactory(firm))
    etag = one.get(url)["ETag"]
    assert patch(one, url, {"address": "能代市1"}, etag=etag).status_code == 200
    assert patch(two, url, {"address": "能代市2"}, etag=etag).status_code == 412
    assert patch(two, url, {"address": "能代市2"}, etag=None).status_code == 428
    assert patch(two, url, {"address": "能代市2"}, etag="*").status_code == 428
    assert one.get(url).json()["address"] == "能代市1"


def test_a_repeated_request_has_one_effect_and_the_same_answer(program: Program) -> None:
    client, proposal = program(CoordinatorFactory()), ProposalFactory()
    url, body = f"/api/proposals/{proposal.pk}/steps/", {"step": "note", "note": "電話した"}
    etag = client.get(f"/api/proposals/{proposal.pk}/")["ETag"]
    first = send(client, url, body, etag=etag, key="a1")
    again = send(client, url, body, etag=etag, key="a1")
    assert (first.status_code, first.content, first["ETag"]) == (200, again.content, again["ETag"])
    assert again["Idempotency-Replayed"] == "true"
    assert Decision.objects.count() == 1
    assert send(client, url, body | {"note": "x"}, etag=etag, key="a1").status_code == 422
    assert send(client, url, body, etag=etag, key="a2").status_code == 412
    assert KeptAnswer.objects.get().person == Decision.objects.get().by
    Decision.objects.get().by.offices.clear()  # what was said then is not theirs to read any more
    assert send(client, url, body, etag=etag, key="a1").status_code == 422


def test_a_refused_request_may_be_tried_again_under_its_key(program: Program) -> None:
    client, proposal = program(CoordinatorFactory()), ProposalFactory()
    url = f"/api/proposals/{proposal.pk}/steps/"
    assert send(client, url, {"step": "reject"}, key="k").status_code == 422
    assert send(client, url, {"step": "reject", "reason": "other"}, key="k").status_code == 422
    assert send(client, url, {"step": "reject", "reason": "distance"}, key="k").status_code == 200
    assert send(client, url, {"step": "reject", "reason": "distance"}, key="k\u00e9").status_code == 400


def test_a_key_is_its_owners_own(program: Program) -> None:
    firm = FirmFactory()
    body = {"firm": firm.pk, "day": "2026-04-01", "kind": "call", "whom": "総務", "minutes": 5, "summary": "増産"}
    for client in (program(CoordinatorFactory()), program(CoordinatorFactory())):
        assert send(client, "/api/contacts/", body, etag=None, key="same").status_code == 201
    assert Contact.objects.count() == 2


# ---- tokens and roles ------------------------------------------------------------------------------------------------
def test_a_token_for_reading_writes_nothing(program: Program) -> None:
    firm = FirmFactory()
    client = program(CoordinatorFactory(), "read")
    assert patch(client, f"/api/firms/{firm.pk}/", {"address": "x"}).status_code == 403
    assert send(client, f"/api/firms/{firm.pk}/steps/", {"step": "archive"}).status_code == 403
    assert Firm.objects.get().state == "published"


# ---- needs and proposals ---------------------------------------------------------------------------------------------
def test_a_need_is_written_reviewed_opened_and_matched_again(program: Program, settings: Any) -> None:
    project = ProjectFactory()
    office = OfficeFactory("05")
    anchor, akita = program(AnchorFactory(project)), CoordinatorFactory("05")
    office.members.add(akita)
    body = {
        "project": project.pk,
        "title": "架台",
        "text": "架台の溶接と塗装",
        "visibility": "public",
        "criteria": [{"kind": "employees", "hard": "must", "number": 20}],
    }
    made = send(anchor, "/api/needs/", body, etag=None)
    url = f"/api/needs/{made.json()['id']}/"
    assert made.json()["criteria"][0]["number"] == 20
    assert send(anchor, "/api/needs/", body | {"office": office.pk}, etag=None).status_code == 400
    without = send(anchor, "/api/needs/", {"title": body["title"], "text": body["text"]}, etag=None)
    assert (without.status_code, list(without.json()["errors"])) == (
        422,
        ["project"],
    )  # a page would guess the only one
    wish = {"kind": "certification", "hard": "wish", "stated": "JIS Q 9100", "by_year": 2028, "confirmed": True}
    asked = patch(anchor, url, {"criteria": [wish]}).json()["criteria"][0]
    assert wish.items() <= asked.items()
    assert patch(anchor, url, {"quantity": 40, "criteria": []}).json()["criteria"] == []
    assert send(anchor, f"{url}steps/", {"step": "submit"}).json()["state"] == "review"
    assert patch(anchor, url, {"quantity": 41}).status_code == 409
    assert send(anchor, f"{url}steps/", {"step": "open"}).status_code == 403
    client = program(akita)
    assert send(client, f"{url}steps/", {"step": "return"}).status_code == 422
    assert send(client, f"{url}steps/", {"step": "open", "review": ["clear", "real"]}).json()["state"] == "open"
    assert send(client, f"{url}match/", {}, etag=None).status_code == 202
    assert Job.objects.filter(need=made.json()["id"]).exists()
    assert send(anchor, f"{url}match/", {}, etag=None).status_code == 403
    assert send(client, f"{url}steps/", {"step": "fill", "review": ["clear"]}).status_code == 400


def test_steps_on_many_proposals_are_told_one_by_one(program: Program) -> None:
    akita = CoordinatorFactory("05")
    mine, moved = ProposalFactory(), ProposalFactory(state="rejected")
    foreign = ProposalFactory(firm=FirmFactory(prefecture=PrefectureFactory("02"), municipality=None))
    ids = [f"{row.pk}:proposed" for row in (mine, moved, foreign)]
    body = {"step": "shortlist", "ids": ids, "reason": "fit"}
    answer = send(program(akita), "/api/proposals/bulk/", body, etag=None).json()
    assert [one["proposal"] for one in answer["taken"]] == [mine.pk]
    assert [one["proposal"] for one in answer["refused"]] == [moved.pk, foreign.pk]
    assert answer["refused"][-1]["why"] == "There is no such proposal."
    assert set(Proposal.objects.order_by("pk").values_list("state", flat=True)) == {
        "shortlisted",
        "rejected",
        "proposed",
    }


def test_proposals_are_assigned_handed_over_and_added(program: Program) -> None:
    akita, other = CoordinatorFactory("05"), OfficeFactory("02")
    other.members.add(UserFactory(Role.COORDINATOR))
    client, proposal = program(akita), ProposalFactory()
    url = f"/api/proposals/{proposal.pk}/steps/"
    assert send(client, url, {"step": "assign", "assignee": akita.pk}).json()["assignee"] == akita.pk
    assert send(client, url, {"step": "assign", "assignee": 10**12}).status_code == 422
    assert send(client, url, {"step": "hand_over", "office": other.pk}).json()["office"] == other.pk
    added = send(
        client, "/api/proposals/", {"need": proposal.need_id, "firm": FirmFactory().pk, "reason": "実績"}, etag=None
    )
    assert (added.status_code, added.json()["origin"]) == (201, "person")


# ---- inquiries, consents, contacts, lists ----------------------------------------------------------------------------
def test_a_firm_is_asked_answers_with_its_consent_and_stands_in_a_list_that_is_answered(program: Program) -> None:
    akita, firm = CoordinatorFactory("05"), FirmFactory()
    proposal = ProposalFactory(firm=firm, state="shortlisted")
    office, own = program(akita), program(FirmUserFactory(firm))
    asked = send(office, "/api/inquiries/", {"ids": [f"{proposal.pk}:shortlisted"], "message": "可能ですか"}, etag=None)
    assert asked.status_code == 201
    again = send(office, "/api/inquiries/", {"ids": [f"{proposal.pk}:shortlisted"], "message": "可能ですか"}, etag=None)
    assert again.status_code == 422
    url = f"/api/concerns/{asked.json()['sent'][0]}/"
    reply = {"step": "accept", "fields": ["identity", "size"], "until": a_year_from_now().isoformat()}
    assert send(own, f"{url}answer/", reply).json()["state"] == "interested"
    assert own.get("/api/consents/").json()["results"][0]["fields"] == ["identity", "size"]
    made = send(office, "/api/lists/", {"need": proposal.need_id, "recipient": "T1"}, etag=None)
    lists = f"/api/lists/{made.json()['id']}/"
    assert send(office, f"{lists}steps/", {"step": "release"}).json()["state"] == "released"
    reader = program(AnchorFactory(proposal.need.project))
    entry = reader.get(f"{lists}entries/").json()["results"][0]["id"]
    etag = reader.get(lists)["ETag"]
    said = {"entry": entry, "verdict": "reject", "code": "OTHER", "note": "時期が合わない"}
    first = send(reader, f"{lists}answers/", said, etag=etag)
    assert first.status_code == 200, first.json()["errors"]
    assert send(reader, f"{lists}answers/", said, etag=etag).status_code == 412
    assert office.get(f"{lists}entries/").json()["results"][0]["answers"][0]["code"] == "OTHER"
    consent = own.get("/api/consents/").json()["results"][0]["id"]
    wider = {"step": "change", "fields": ["identity", "capacity"], "until": a_year_from_now().isoformat()}
    assert send(own, f"/api/consents/{consent}/steps/", wider | {"fields": ["capacity"]}).status_code == 422
    assert send(own, f"/api/consents/{consent}/steps/", wider).json()["ended_why"] == "replaced"
    assert send(own, f"/api/consents/{consent}/steps/", wider).status_code == 409
    newer = next(row for row in own.get("/api/consents/").json()["results"] if row["ended_at"] is None)
    assert newer["fields"] == ["identity", "capacity"]
    assert send(own, f"/api/consents/{newer['id']}/steps/", {"step": "revoke"}).json()["ended_why"] == "revoked"
    assert reader.get(f"{lists}entries/").json()["results"] == []
    assert send(office, f"{lists}steps/", {"step": "withdraw"}).json()["state"] == "withdrawn"
    assert reader.get(lists).status_code == 404


def test_an_office_records_what_it_was_told_and_withdraws(program: Program) -> None:
    inquiry = InquiryFactory()
    office, url = program(CoordinatorFactory("05")), f"/api/inquiries/{inquiry.pk}/"
    said = {"step": "decline", "reason": "capacity", "channel": "phone", "said_by": "総務"}
    assert send(office, f"{url}answer/", said).json()["state"] == "declined"
    assert send(office, f"{url}steps/", {"step": "reopen"}).json()["state"] == "sent"
    assert send(office, f"{url}steps/", {"step": "withdraw", "note": "取り下げ"}).json()["state"] == "withdrawn"


def test_a_contact_is_logged_and_corrected_by_a_newer_one(program: Program) -> None:
    client, proposal = program(CoordinatorFactory("05")), ProposalFactory()
    body = {
        "proposal": proposal.pk,
        "day": "2026-04-01",
        "kind": "visit",
        "whom": "工場",
        "minutes": 60,
        "summary": "見学",
    }
    first = send(client, "/api/contacts/", body, etag=None).json()
    newer = send(client, "/api/contacts/", body | {"corrects": first["id"], "minutes": 90}, etag=None).json()
    assert (newer["firm"], newer["corrects"]) == (proposal.firm_id, first["id"])
    assert send(client, "/api/contacts/", body | {"firm": proposal.firm_id}, etag=None).status_code == 422
    assert send(client, "/api/contacts/", body | {"proposal": None}, etag=None).status_code == 422


# ---- bodies that nobody should send ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"x"', b"{", b"\xff", b'{"address": "\\u0000"}', b'{"address": "\\ud800"}', b'{"\\ud800": 1}',
     b'{"address": NaN}', b'{"employees": ' + b"9" * 5000 + b"}", b'{"employees": 1e999}',
     b'{"name": "a", "name": "b"}',
     b'{"a":' * 100_000,
     b'{"equipment": ' + b"[" * 500 + b"]" * 500 + b"}", json.dumps({"a" * 90_000: 1}).encode()],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused(body: bytes, program: Program) -> None:
    firm, client = FirmFactory(), program(BureauFactory())
    url = f"/api/firms/{firm.pk}/"
    etag = client.get(url)["ETag"]
    answer = client.patch(url, body, content_type="application/json", headers={"if-match": etag})
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_body_without_end_is_not_read(program: Program) -> None:
    answer = program(BureauFactory()).post("/api/contacts/", b" " * 1_100_000, content_type="application/json")
    assert answer.status_code == 413
    answer = program(BureauFactory()).post("/api/contacts/", {"a": "b"})
    assert answer.status_code == 415


def test_a_task_is_set_moved_and_dropped_with_a_word(program: Program) -> None:
    client, row = program(CoordinatorFactory()), ProposalFactory()
    wish = {"proposal": row.pk, "side": "firm", "title": "ISO 9001の取得", "due_on": a_year_from_now().isoformat()}
    made = send(client, "/api/tasks/", wish, etag=None)
    assert (made.status_code, made.json()["side"], made.json()["firm"]) == (201, "firm", row.firm_id)
    for odd, status in (({"need": row.need_id}, 422), ({"firm": 999_999}, 422), ({"key": "x"}, 400)):
        assert send(client, "/api/tasks/", wish | odd, etag=None).status_code == status, odd
    twice = send(client, "/api/tasks/", wish | {"firm": row.firm_id}, etag=None)
    assert twice.json()["errors"] == {"body": ["A task hangs on one thing at most."]}
    url = f"/api/tasks/{made.json()['id']}/"
    said = send(client, f"{url}steps/", {"step": "change", "due_on": timezone.localdate().isoformat()}).json()
    assert (said["due_on"], said["assignee"]) == (timezone.localdate().isoformat(), None)
    assert send(client, f"{url}steps/", {"step": "drop"}).status_code == 422
    assert send(client, f"{url}steps/", {"step": "drop", "note": "不要"}).json()["state"] == "dropped"
    assert send(client, f"{url}steps/", {"step": "done"}).status_code == 409
    assert program(CoordinatorFactory("02")).get(url).status_code == 404
