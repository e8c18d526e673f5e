"""Two requests with one Idempotency-Key at the same moment have one effect and one answer."""

import pytest
from django.test import Client

from matching.models import Contact
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
