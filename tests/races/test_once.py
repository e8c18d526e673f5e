"""Two requests with one Idempotency-Key at the same moment have one effect and one answer; a mail waits for both."""

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import connection
from django.test import Client
from django.urls import reverse

from matching.models import Contact, ListLink
from matching.release import make_list, release
from registry.models import KeptAnswer
from registry.tokens import make as make_token
from tests import factories as make
from tests.races.test_decide import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def test_twins_are_answered_once() -> None:
    firm, akita = make.FirmFactory(), make.CoordinatorFactory("05")
    _token, secret = make_token(akita, name="twins", access="write", resources=[], days=1)
    body = {"firm": firm.pk, "day": "2026-04-01", "kind": "call", "whom": "総務", "minutes": 5}

    def send(number: int) -> tuple[int, bytes]:
        headers = {"authorization": f"Bearer {secret}", "idempotency-key": f"twin-{number}"}
        said = body | {"summary": f"増産 {number}"}
        answer = Client().post("/api/contacts/", said, content_type="application/json", headers=headers)
        return answer.status_code, answer.content

    answers = together(send, send, rounds=ROUNDS)
    assert all(one == other and one[0] == 201 for one, other in zip(*answers, strict=True))
    assert Contact.objects.count() == KeptAnswer.objects.count() == ROUNDS


class Postman(BaseEmailBackend):
    """Takes mails, or does not, and notes whether the database was held meanwhile."""

    away: ClassVar[bool] = True
    held: ClassVar[list[bool]] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.held.append(connection.in_atomic_block)
        if self.away:
            raise ConnectionRefusedError
        return len(email_messages)


@pytest.mark.on_sqlite
def test_a_link_is_mailed_after_the_commit_and_ends_when_its_mail_is_refused(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "tests.races.test_once.Postman"
    akita, proposal = make.CoordinatorFactory("05"), make.ProposalFactory(state="shortlisted")
    make.ConsentFactory(proposal)
    made = make_list(proposal.need, by=akita, recipient="Holm A/S")
    release(made, akita)
    browser, form = make.sign_in(akita), {"email": "holm@example.dk", "language": "en", "days": "14"}

    def ask() -> int:
        said = form | {"list": made.pk, "days": 14}
        return browser.post("/api/links/", said, "application/json", headers={"idempotency-key": "k"}).status_code

    assert browser.post(reverse("matching:link-new", args=[made.pk]), form).status_code == 409
    assert (ask(), ListLink.objects.filter(revoked_at=None).count()) == (409, 0)
    assert not KeptAnswer.objects.exists()  # what was refused may be tried again
    monkeypatch.setattr(Postman, "away", False)
    assert ([ask(), ask()], ListLink.objects.filter(revoked_at=None).count()) == ([201, 201], 1)
    assert Postman.held == [False] * 3
