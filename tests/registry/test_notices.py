from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from registry import notices
from registry.models import Notice, User
from registry.register import decide_claim
from tests.factories import ClaimFactory, CoordinatorFactory, FirmUserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
FIRM = "能代臨海製缶株式会社"


def told(*people: User, **fields: Any) -> list[Notice]:
    rows = notices.tell(people, "claim.approve", "/firms/", firm=FIRM)
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    return rows


def test_a_person_reads_their_notices_and_nobody_elses() -> None:
    person, other = FirmUserFactory(), FirmUserFactory()
    claim = ClaimFactory(user=person)
    decide_claim("refuse", claim, by=CoordinatorFactory(), reason="別の企業です")
    [notice] = Notice.objects.all()
    browser, stranger = sign_in(person), sign_in(other)
    page = browser.get("/notices/").content.decode()
    assert f"{claim.firm.name}: 別の企業です" in page
    assert "1 not read" in page
    assert (
        "担当者申請は承認されませんでした"
        in browser.get("/notices/", headers={"accept-language": "ja"}).content.decode()
    )
    assert stranger.get(f"/notices/{notice.pk}/").status_code == 404
    assert claim.firm.name not in stranger.get("/notices/").content.decode()
    assert browser.get(f"/notices/{notice.pk}/").headers["Location"] == "/"
    assert "0 not read" in browser.get("/notices/?show=unread").content.decode()
    told(person, other)
    browser.post("/notices/read/")
    assert [row.person for row in Notice.objects.unread()] == [other]
    for nowhere in ("9", "0", "x", "0000000010", "9" * 30):
        assert browser.get(f"/notices/?page={nowhere}").status_code == 404


def test_a_notice_belongs_to_the_act_and_an_error_of_the_program_is_met_at_once() -> None:
    person = FirmUserFactory()
    with transaction.atomic():
        told(person)
        transaction.set_rollback(True)
    for kind in ("no.such.kind", "claim.approve"):
        with pytest.raises(KeyError):
            notices.tell([person], kind, "/")
    assert not Notice.objects.exists()
    told(person, kind="of.another.version")
    assert sign_in(person).get("/notices/").status_code == 200


def test_a_mail_says_what_kind_of_thing_happened_and_nothing_of_anybody() -> None:
    once, daily, never, left = (FirmUserFactory(notices_by_mail=wish) for wish in ("once", "daily", "never", "once"))
    told(once, daily, never, left)
    told(once)
    User.objects.filter(pk=left.pk).update(is_active=False)
    assert notices.send_due() == 1
    assert notices.send_due() == 0
    [sent] = mail.outbox
    assert sent.to == [once.email]
    assert "2 notices" in sent.subject
    assert FIRM not in str(sent.message())
    assert "担当者申請が承認されました" in sent.body
    assert f"http://127.0.0.1:8000/notices/{Notice.objects.filter(person=once).earliest('pk').pk}/" in sent.body
    due = Notice.objects.get(person=daily).mail_due_at
    assert due is not None
    assert (timezone.localtime(due).hour, due > timezone.now()) == (8, True)
    sign_in(daily).post("/notices/wishes/", {"by_mail": "once"})
    assert notices.send_due() == 1
    assert sign_in(daily).post("/notices/wishes/", {"by_mail": "hourly"}).status_code == 422


def test_a_mail_that_fails_is_tried_again_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    person, read = FirmUserFactory(), FirmUserFactory()
    told(person)
    told(read, read_at=timezone.now())

    def refuse(*_args: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "send_messages", refuse)
        for attempt in range(1, 6):
            Notice.objects.filter(mail_due_at__isnull=False).update(mail_due_at=timezone.now())
            assert notices.send_due() == 0
            notice = Notice.objects.get(person=person)
            assert (notice.attempts, notice.mailed_at) == (attempt, None)
    assert notice.mail_due_at is None
    notices.wish(person, "once")
    assert notices.send_due() == 0
    told(person)
    assert notices.send_due() == 1
    assert len(mail.outbox) == 1


def test_old_notices_are_forgotten() -> None:
    person, now = FirmUserFactory(), timezone.now()
    told(person, at=now - timedelta(days=91))
    told(person, at=now - timedelta(days=91), read_at=now)
    told(person, at=now - timedelta(days=366))
    assert notices.forget() == 2
    assert Notice.objects.get().read_at is None
