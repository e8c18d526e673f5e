"""Who speaks for a firm, how a firm leaves the register, and what is erased of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from registry import erasure, people
from registry.models import ErasureRequest, Firm, FirmEvent, FirmInvitation, FirmMembership, User
from registry.steps import StepRefused
from tests.factories import BureauFactory, ClaimFactory, CoordinatorFactory, FirmFactory, FirmUserFactory, UserFactory
from tests.registry.importing import read

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def invited(firm: Firm, owner: User, email: str) -> FirmInvitation:
    return people.invite(firm, email, "member", by=owner)


def test_an_invitation_is_taken_up_once_by_its_own_address(
    sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    firm = FirmFactory(name="能代試作株式会社")
    sato, ito, other = FirmUserFactory(firm, name="佐藤"), UserFactory(email="ito@example.jp"), UserFactory()
    hers = sign_in(sato)
    with django_capture_on_commit_callbacks(execute=True):
        hers.post(f"/firms/{firm.pk}/people/invite/", {"email": " ITO@example.jp", "role": "member"})
    [sent] = mail.outbox
    assert sent.to == ["ito@example.jp"]
    path = re.findall(r"/invitations/\S+", str(sent.body))[0]
    his, stranger = sign_in(ito), sign_in(other)
    wrong = stranger.get(path)
    assert wrong.status_code == 404
    assert firm.name not in wrong.content.decode()
    assert path.split(":")[0] in his.get("/").content.decode()  # also without the mail, signed anew
    assert firm.name in his.get(path).content.decode()
    assert his.get(f"/firms/{firm.pk}/").status_code == 404
    assert his.post(path).status_code == 302
    assert his.get(f"/firms/{firm.pk}/").status_code == 200
    assert his.post(path).status_code == 404
    assert firm.memberships.get(user=ito).role == "member"
    assert [event.kind for event in FirmEvent.objects.all()] == ["join"]
    for broken in (path[:-2] + "xy/", "/invitations/x/"):
        assert his.get(broken).status_code == 404


def test_an_older_link_and_an_expired_one_are_dead(sign_in: SignIn) -> None:
    firm, ito = FirmFactory(), UserFactory(email="ito@example.jp")
    owner = FirmUserFactory(firm)
    older = people.link(invited(firm, owner, ito.email))
    newer = invited(firm, owner, ito.email)
    client = sign_in(ito)
    assert client.get(older).status_code == 404
    assert client.get(people.link(newer)).status_code == 200
    FirmInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(people.link(newer)).status_code == 404
    assert not ito.firm_memberships.exists()


def test_nobody_writes_to_strangers_without_end(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = FirmFactory()
    monkeypatch.setattr(people, "MOST_A_DAY", 0)
    sent = sign_in(FirmUserFactory(firm)).post(
        f"/firms/{firm.pk}/people/invite/", {"email": "ito@example.jp", "role": "member"}
    )
    assert (sent.status_code, FirmInvitation.objects.count()) == (409, 0)


def test_owners_decide_and_the_last_one_stays(sign_in: SignIn) -> None:
    firm = FirmFactory()
    sato, ito = FirmUserFactory(firm), FirmUserFactory(firm)
    FirmMembership.objects.filter(user=ito).update(role="member")
    hers, his = sign_in(sato), sign_in(ito)
    owner, member = firm.memberships.order_by("pk")
    base = f"/firms/{firm.pk}/people"
    assert his.post(f"{base}/invite/", {"email": "a@example.jp", "role": "owner"}).status_code == 409
    assert his.post(f"{base}/{member.pk}/owner/").status_code == 409
    assert his.post(f"{base}/{owner.pk}/remove/").status_code == 409
    assert hers.post(f"{base}/{owner.pk}/remove/").status_code == 409
    assert hers.post(f"{base}/{owner.pk}/member/").status_code == 409
    assert hers.post(f"{base}/{member.pk}/owner/").status_code == 302
    assert hers.post(f"{base}/{owner.pk}/remove/").status_code == 302
    assert hers.get(f"/firms/{firm.pk}/").status_code == 404
    assert [event.kind for event in firm.events.all()] == ["leave", "role"]
    office = sign_in(CoordinatorFactory()).get(f"{base}/").content.decode()
    assert ito.email in office
    assert sato.email not in office


def test_a_firm_withdraws_and_comes_back(sign_in: SignIn) -> None:
    firm = FirmFactory(capability_text="溶接")
    client = sign_in(FirmUserFactory(firm))
    assert client.get(f"/firms/{firm.pk}/leave/").status_code == 200
    for step, state in (("archive", "archived"), ("publish", "published")):
        client.post(f"/firms/{firm.pk}/{step}/")
        firm.refresh_from_db()
        assert firm.state == state


def test_an_office_erases_what_is_personal_and_keeps_what_is_public(sign_in: SignIn) -> None:
    firm = FirmFactory(contact_name="担当", contact_email="t@example.jp", capability_text="溶接", monthly_capacity=8)
    sato = FirmUserFactory(firm)
    ClaimFactory(firm=firm, user=sato, state="approved", message="canary")
    invited(firm, sato, "ito@example.jp")
    akita = CoordinatorFactory("05")
    sheet = f"企業名,県,担当者,電話\n{firm.name},秋田県,佐藤,0185-00-0000\n"
    assert read(akita, sheet).rows.get().values.keys() >= {"contact_name", "contact_phone"}
    hers, his = sign_in(sato), sign_in(akita)
    assert hers.post(f"/firms/{firm.pk}/leave/erasure/").status_code == 302
    assert hers.post(f"/firms/{firm.pk}/leave/erasure/").status_code == 409
    asked = ErasureRequest.objects.get()
    assert "/erasures/" in his.get("/").content.decode()
    assert sign_in(CoordinatorFactory("02")).post(f"/erasures/{asked.pk}/erase/").status_code == 404
    for stranger in (CoordinatorFactory("02"), sato):
        with pytest.raises(StepRefused):
            erasure.decide("erase", asked, by=stranger)
    assert his.post(f"/erasures/{asked.pk}/keep/", {"reason": " "}).status_code == 409
    assert his.post(f"/erasures/{asked.pk}/erase/").status_code == 302
    assert his.post(f"/erasures/{asked.pk}/erase/").status_code == 409
    firm.refresh_from_db()
    assert (firm.contact_name, firm.contact_email, firm.state) == ("", "", "archived")
    assert (firm.capability_text, firm.monthly_capacity) == ("溶接", 8)
    line = firm.import_rows.get()
    assert "contact_name" not in line.values | line.changes
    assert not any(rows.exists() for rows in (firm.memberships, firm.claims, firm.invitations))
    assert [event.kind for event in firm.events.all()] == ["erase", "ask_erasure"]
    assert hers.get(f"/firms/{firm.pk}/").status_code == 404
    assert sato.notices.get().kind == "firm.erase"


def test_only_an_owner_asks_for_erasure() -> None:
    firm = FirmFactory()
    ito = FirmUserFactory(firm)
    FirmMembership.objects.update(role="member")
    with pytest.raises(StepRefused):
        erasure.ask(firm, by=ito)
    with pytest.raises(StepRefused):
        erasure.ask(firm, by=BureauFactory())
