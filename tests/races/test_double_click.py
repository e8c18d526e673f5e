"""A form sent twice at the same moment makes one row, whatever the browser's script does."""

from typing import Any

import pytest
from django.test import Client

from matching.models import CandidateList
from registry.models import Firm, Need, User
from tests import factories as make
from tests.needs import filled
from tests.races.test_decide import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 20


def browsers(people: list[User]) -> list[Client]:
    return [make.sign_in(person) for person in people]


def twice(clients: list[Client], path: str, data: dict[str, Any]) -> list[list[int]]:
    """The same form, sent by the same browser from two threads, once for each browser; the statuses in order."""

    def click(number: int) -> int:
        one = Client()
        one.cookies = clients[number].cookies
        words = {name: value for name, value in data.items() if isinstance(value, str)}
        numbered = {name: value.replace("#", str(number)) for name, value in words.items()}
        return one.post(path, data | numbered).status_code

    answers = together(click, click, rounds=len(clients))
    return [sorted(pair) for pair in zip(*answers, strict=True)]


def test_one_registration_begins() -> None:
    make.PrefectureFactory("05")
    people = [make.UserFactory() for _ in range(ROUNDS)]
    clients = browsers(people)
    for client in clients:
        assert client.post("/register/", {"none": "on"}).status_code == 302
    statuses = twice(clients, "/register/new/", {"name": "競走#製作所", "prefecture": "05"})
    assert {pair[0] for pair in statuses} == {302}
    assert Firm.objects.count() == ROUNDS
    assert [person.firm_memberships.count() for person in people] == [1] * ROUNDS


def test_one_need_is_written() -> None:
    project = make.ProjectFactory()
    people = [make.AnchorFactory(project) for _ in range(ROUNDS)]
    clients = browsers(people)
    told = {"project": project.pk, "title": "架台#", "text": "溶接", "visibility": "public"}
    statuses = twice(clients, "/needs/new/", filled(clients[0].get("/needs/new/"), **told))
    assert statuses == [[302, 302]] * ROUNDS  # both lead to the same need
    assert Need.objects.count() == ROUNDS


def test_one_list_is_made() -> None:
    chosen = make.ProposalFactory(state="shortlisted")
    make.ConsentFactory(chosen)
    need = chosen.need
    akita = make.CoordinatorFactory()
    path = f"/needs/{need.pk}/lists/new/"
    for number in range(ROUNDS):
        client = make.sign_in(akita)
        latest = client.get(path).context["form"]["latest"].value()
        assert twice([client], path, {"recipient": "T1", "latest": latest}) == [[302, 409]]
        assert CandidateList.objects.count() == number + 1
    told = make.sign_in(akita).post(path, {"recipient": "T1", "latest": latest})
    assert (told.status_code, told.context["form"]["latest"].value()) == (409, str(ROUNDS))
