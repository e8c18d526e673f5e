"""What programs do about the register itself: claims, erasures, duplicates, notices, what is confirmed of a profile."""

from typing import Any

import pytest

from registry.models import DuplicatePair, Firm, Notice
from registry.notices import tell
from tests.api.conftest import Program, send
from tests.factories import CoordinatorFactory, FirmFactory, FirmUserFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


def test_a_firm_is_claimed_by_what_one_knows_of_it_and_an_office_decides(program: Program) -> None:
    firm, twin = FirmFactory(name="㈱男鹿メッキ"), FirmFactory(name="男鹿めっき㈱", corporate_number=None)
    other, akita = FirmFactory(name="株式会社男鹿めっき"), CoordinatorFactory("05", name="工藤")
    sato, office = program(UserFactory()), program(akita)
    by_name = {"name": "男鹿メッキ株式会社", "prefecture": "05"}
    for body, status, named in [
        ({"firm": firm.pk}, 422, "name"),
        ({"name": firm.name}, 422, "name"),
        (by_name | {"corporate_number": firm.corporate_number}, 422, "corporate_number"),
        ({"corporate_number": "7000012050002"}, 422, "corporate_number"),
        ({"name": "無い会社", "prefecture": "05"}, 422, "name"),
        ({"corporate_number": firm.corporate_number, "firm": other.pk}, 422, "corporate_number"),
        ({"corporate_number": firm.corporate_number, "user": 1}, 400, "user"),
    ]:
        answer = send(sato, "/api/claims/", body, etag=None)
        assert (answer.status_code, list(answer.json()["errors"])) == (status, [named]), body
    assert str(twin.pk) in send(sato, "/api/claims/", by_name, etag=None).json()["errors"]["firm"][0]
    made = send(sato, "/api/claims/", by_name | {"firm": twin.pk, "message": "総務の佐藤です"}, etag=None)
    assert (made.status_code, made.json()["firm_id"], made.json()["state"]) == (201, twin.pk, "pending")
    again = send(sato, "/api/claims/", {"corporate_number": firm.corporate_number}, etag=None)
    assert again.status_code == 409  # one at a time
    url = f"/api/claims/{made.json()['id']}/"
    assert office.get(url).json()["message"] == "総務の佐藤です"
    assert program(UserFactory()).get(url).status_code == 404
    assert send(sato, f"{url}steps/", {"step": "approve"}).status_code == 403
    assert send(office, f"{url}steps/", {"step": "refuse", "reason": " "}).status_code == 422
    assert send(office, f"{url}steps/", {"step": "approve"}).json()["decided_by"] == "工藤"
    read = sato.get(url).json()
    assert [read[name] for name in ("state", "applicant", "message", "decided_by")] == ["approved", "", "", ""]
    assert sato.get(f"/api/firms/{twin.pk}/").status_code == 200
    assert send(office, f"{url}steps/", {"step": "refuse", "reason": "x"}).status_code == 409


def test_a_firm_asks_for_erasure_and_reads_what_came_of_it(program: Program) -> None:
    firm = FirmFactory(contact_name="担当")
    person, office = FirmUserFactory(firm), program(CoordinatorFactory("05"))
    owner = program(person)
    assert send(owner, "/api/erasures/", {"firm": FirmFactory().pk}, etag=None).status_code == 422
    made = send(owner, "/api/erasures/", {"firm": firm.pk}, etag=None)
    assert made.status_code == 201
    assert send(owner, "/api/erasures/", {"firm": firm.pk}, etag=None).status_code == 409
    url = f"/api/erasures/{made.json()['id']}/"
    assert send(office, f"{url}steps/", {"step": "keep"}).status_code == 422
    assert send(office, f"{url}steps/", {"step": "keep", "reason": "契約中"}).json()["state"] == "refused"
    (read,) = owner.get("/api/erasures/?state=refused").json()["results"]
    assert (read["reason"], read["decided_by"]) == ("契約中", "")
    person.firm_memberships.update(role="member")
    assert send(owner, "/api/erasures/", {"firm": firm.pk}, etag=None).status_code == 409  # an owner alone asks
    person.firm_memberships.update(role="owner")
    url = f"/api/erasures/{send(owner, '/api/erasures/', {'firm': firm.pk}, etag=None).json()['id']}/"
    assert send(office, f"{url}steps/", {"step": "erase"}).json()["state"] == "erased"
    assert Firm.objects.get(pk=firm.pk).contact_name == ""
    assert owner.get(url).status_code == 404  # nobody speaks for the firm any more


def test_an_office_merges_two_records_by_what_it_read_of_them_and_splits_them_again(program: Program) -> None:
    one = FirmFactory(name="㈱男鹿メッキ", employees=30, products=["めっき"], contact_phone="0185-00-0001")
    two = FirmFactory(name="男鹿めっき㈱", employees=41, corporate_number=None, contact_phone="0185-00-0002")
    pair = DuplicatePair.objects.create(first=one, second=two, score=90, reasons=["name"])
    akita = CoordinatorFactory("05")
    office, url = program(akita), f"/api/duplicates/{pair.pk}/"
    shown = office.get(url)
    said, differs = shown.json(), {line["part"]: line for line in shown.json()["differences"]}
    assert (differs["employees"]["first"], differs["employees"]["second"]) == ("30", "41")
    assert (differs["contact"]["first"], "0185" in shown.text, "place" in differs) == (None, False, False)
    assert (said["united"][0]["first"], said["survivor"], said["refusal"]) == (["めっき"], one.pk, "")
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({}, 422, "survivor"),
        ({"survivor": 10**9}, 422, "survivor"),
        ({"survivor": one.pk, "place": two.pk}, 422, "place"),
        ({"survivor": one.pk, "employees": "41"}, 400, "employees"),
        ({"survivor": one.pk, f"seen-{one.pk}": ""}, 400, f"seen-{one.pk}"),
    ]
    for body, status, named in refused:
        answer = send(office, f"{url}steps/", {"step": "merge"} | body)
        assert (answer.status_code, list(answer.json()["errors"])) == (status, [named]), body
    merge = {"step": "merge", "survivor": two.pk, "employees": one.pk, "name": two.pk}
    Firm.objects.get(pk=one.pk).save()
    assert send(office, f"{url}steps/", merge, etag=shown["ETag"]).status_code == 412
    merged = send(office, f"{url}steps/", merge).json()
    assert (merged["state"], merged["survivor"]) == ("merged", two.pk)
    two.refresh_from_db()
    assert (two.employees, two.name, two.corporate_number) == (30, "男鹿めっき㈱", one.corporate_number)
    assert send(office, f"{url}steps/", {"step": "different"}).status_code == 409
    assert send(office, f"{url}steps/", {"step": "split"}).json()["state"] == "open"
    assert send(office, f"{url}steps/", {"step": "different"}).json()["state"] == "different"
    assert send(office, f"{url}steps/", {"step": "reopen"}).json()["state"] == "open"
    two.memberships.create(user=akita)
    assert "Ask a colleague" in office.get(url).json()["refusal"]
    assert send(office, f"{url}steps/", {"step": "different"}).status_code == 409
    assert send(program(CoordinatorFactory("02")), f"{url}steps/", merge).status_code == 404


def test_notices_are_marked_as_read_and_the_wish_about_mails_is_changed(program: Program) -> None:
    person, other = UserFactory(), UserFactory()
    first, *_more, foreign = [tell([one], "claim.approve", "/", firm="能代")[0] for one in (person, person, other)]
    client, url = program(person), f"/api/notices/{first.pk}/"
    assert client.get(url).json()["read_at"] is None  # looking is not reading
    assert send(client, f"{url}steps/", {"step": "read"}).json()["read_at"] is not None
    assert send(client, f"/api/notices/{foreign.pk}/steps/", {"step": "read"}, etag='"x"').status_code == 404
    assert send(client, "/api/notices/read/", {"ids": []}).status_code == 400
    assert [send(client, "/api/notices/read/", {}).json()["read"] for _ in range(2)] == [1, 0]
    assert [row.person for row in Notice.objects.unread()] == [other]
    wish = "/api/notices/wish/"
    assert send(client, wish, {"by_mail": "never"}, method="patch").json() == {"by_mail": "never"}
    assert send(client, wish, {"by_mail": "weekly"}, method="patch").status_code == 422
    assert client.get(wish).json() == {"by_mail": "never"}
    assert not Notice.objects.filter(person=person, mail_due_at__isnull=False).exists()
    assert send(program(person, "read"), "/api/notices/read/", {}).status_code == 403


def test_a_profile_its_english_and_a_certificate_are_confirmed(program: Program) -> None:
    firm = FirmFactory(name_en="Oga Plating", english_origin="machine")
    held = firm.firm_certifications.create(stated="ISO 9001")
    own, office = program(FirmUserFactory(firm)), program(CoordinatorFactory("05"))
    url = f"/api/firms/{firm.pk}/"
    before = office.get(url)
    (certificate,) = before.json()["certifications"]
    assert send(office, f"{url}steps/", {"step": "confirm"}).status_code == 403  # the firm alone says so
    assert send(own, f"{url}steps/", {"step": "confirm"}).json()["confirmed_on"] is not None
    assert send(office, f"{url}steps/", {"step": "confirm_english"}, etag=before["ETag"]).status_code == 412
    assert send(office, f"{url}steps/", {"step": "confirm_english"}).json()["english"] == "confirmed"
    body = {"step": "confirm", "certificate": held.pk}
    assert send(own, f"{url}certificates/", body).status_code == 403
    assert send(office, f"{url}certificates/", {"step": "confirm"}).status_code == 404
    assert send(office, f"{url}certificates/", body, etag=None).status_code == 428
    read = office.get(url)["ETag"]
    firm.firm_certifications.update(scan="other.pdf")
    assert send(office, f"{url}certificates/", body, etag=read).status_code == 412
    (confirmed,) = send(office, f"{url}certificates/", body).json()["certifications"]
    assert [one["confirmed_at"] is None for one in (certificate, confirmed)] == [True, False]
    assert send(office, f"{url}certificates/", body).status_code == 409
    taken_back = send(office, f"{url}certificates/", body | {"step": "unconfirm"}).json()["certifications"]
    assert taken_back[0]["confirmed_at"] is None
    assert send(office, f"{url}official/", {}).status_code == 409  # none is connected
