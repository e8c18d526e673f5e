"""The reader's side of a list: answers firm by firm, the link with a one-time code, and the record of who read what."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from matching import consent, links
from matching.answers import Reader, answer
from matching.models import Answer, CandidateList, DisclosureConsent, ListAccess, ListLink
from matching.release import make_list, release, withdraw
from registry import drawings
from registry.models import Need, Notice
from registry.steps import StepRefused
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


@pytest.fixture
def released() -> CandidateList:
    need = make.NeedFactory()
    for _ in range(2):
        make.ConsentFactory(make.ProposalFactory(need=need, state="shortlisted"))
    made = make_list(need, by=make.CoordinatorFactory("05"), recipient="Holm A/S")
    release(made, made.made_by)
    return made


def said(made: CandidateList, verdict: str, seen: int = 0, **fields: Any) -> dict[str, Any]:
    entry = made.entries.all()[0]
    return {f"firm{entry.pk}-{name}": value for name, value in ({"verdict": verdict, "seen": seen} | fields).items()}


def test_the_anchor_side_is_told_answers_firm_by_firm_and_the_office_reads_it(released: CandidateList) -> None:
    person = make.AnchorFactory(released.need.project)
    browser, entry = make.sign_in(person), released.entries.all()[0]
    assert Notice.objects.filter(kind="list.released").count() == 0  # nobody was there to be told when it was released
    path = reverse("matching:list-answer", args=[released.pk, entry.pk])
    assert browser.post(path, said(released, "reject")).status_code == 422
    assert browser.post(path, said(released, "reject", code="CERT_MISSING")).status_code == 422
    assert browser.post(path, said(released, "contract", value="多い")).status_code == 422
    assert browser.post(path, said(released, "more")).status_code == 422
    missing: dict[str, Any] = {"code": "CERT_MISSING", "detail": "EN 1090-2 EXC3"}
    assert browser.post(path, said(released, "reject", **missing)).status_code == 302
    assert ListAccess.objects.filter(act="page", by=person).count() == 4  # a refused answer shows the list again
    late = browser.post(path, said(released, "shortlist"))  # from a page that showed no answer yet
    assert (late.status_code, entry.answers.count()) == (409, 1)
    assert browser.post(path, said(released, "contract", 1, value="１２,０００,０００")).status_code == 302
    first, second = entry.answers.all()
    assert (first.coded, second.value, second.code, second.by) == (
        "CERT_MISSING:EN 1090-2 EXC3",
        12_000_000,
        "",
        person,
    )
    office = make.sign_in(released.made_by)
    page = office.get(released.get_absolute_url()).content.decode()
    assert "12,000,000" in page
    assert Notice.objects.filter(kind="list.answered", person=released.made_by).count() == 2


def test_an_answer_never_changes_and_a_withdrawn_list_takes_none(released: CandidateList) -> None:
    entry, reader = released.entries.all()[0], Reader(by=make.AnchorFactory(released.need.project))
    given = answer(entry, reader, 0, {"verdict": "shortlist"})
    with pytest.raises(TypeError):
        Answer.objects.filter(pk=given.pk).update(verdict="reject")
    withdraw(released, released.made_by)
    with pytest.raises(StepRefused):
        answer(entry, reader, 1, {"verdict": "reject"})


def invited(made: CandidateList) -> tuple[Client, str]:
    """A browser without an account, and the address that came by mail."""
    form = {"email": "holm@example.dk", "language": "en", "days": "14"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        sent = make.sign_in(made.made_by).post(reverse("matching:link-new", args=[made.pk]), form)
    assert (sent.status_code, mail.outbox[-1].subject) == (302, f"【Enishi】Candidate list {made.number} for you")
    found = re.search(r"http://testserver(/shared/\S+)", str(mail.outbox[-1].body))
    assert found
    return Client(), found[1]


def code_of_mail() -> str:
    found = re.search(r"^ +(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def test_a_reader_without_an_account_enters_with_the_code_and_everything_is_recorded(released: CandidateList) -> None:
    browser, address = invited(released)
    name = released.entries.all()[0].row["name"]
    door = browser.get(address)
    assert (name in door.content.decode(), door["X-Robots-Tag"]) == (False, "noindex, nofollow")
    assert "Open the candidate list" in door.content.decode()  # in the reader's language
    assert browser.get(f"{address}file.csv").status_code == 302  # to the door
    browser.post(f"{address}code/")
    code = code_of_mail()
    assert browser.post(f"{address}enter/", {"code": f"{(int(code) + 1) % 10**6:06d}"}).status_code == 422
    assert browser.post(f"{address}enter/", {"code": f" {code} "}).status_code == 302
    assert name in browser.get(address).content.decode()
    assert browser.get(f"{address}file.xlsx").status_code == 200
    entry = released.entries.all()[0]
    assert browser.post(f"{address}answers/{entry.pk}/", said(released, "more", note="Crane?")).status_code == 302
    assert entry.answers.get().author == "holm@example.dk"
    other = Client()
    assert other.post(f"{address}enter/", {"code": code}).status_code == 422  # a code opens once
    assert [row.act for row in ListAccess.objects.order_by("pk")] == ["code", "wrong", "entered", "page", "xlsx"]
    record = make.sign_in(released.made_by).get(released.get_absolute_url()).content.decode()
    assert record.count("holm@example.dk") >= 5


def test_a_code_dies_after_five_tries_or_ten_minutes_and_comes_once_a_minute(released: CandidateList) -> None:
    browser, address = invited(released)
    browser.post(f"{address}code/")
    code, sent = code_of_mail(), len(mail.outbox)
    browser.post(f"{address}code/")
    assert len(mail.outbox) == sent
    for _ in range(links.MOST_TRIES):
        browser.post(f"{address}enter/", {"code": "x"})
    assert browser.post(f"{address}enter/", {"code": code}).status_code == 422
    ListLink.objects.update(code_sent_at=timezone.now() - links.CODE_PAUSE)
    browser.post(f"{address}code/")
    ListLink.objects.update(code_sent_at=timezone.now() - links.CODE_LIVES)
    assert browser.post(f"{address}enter/", {"code": code_of_mail()}).status_code == 422


def test_a_second_click_sends_no_second_link(released: CandidateList) -> None:
    form, browser = {"email": "holm@example.dk", "language": "en", "days": "14"}, make.sign_in(released.made_by)
    path = reverse("matching:link-new", args=[released.pk])
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert [browser.post(path, form).status_code for _ in range(2)] == [302, 409]
    assert (ListLink.objects.count(), len(mail.outbox)) == (1, 1)


def test_an_account_abroad_is_abroad_by_a_link_too(released: CandidateList) -> None:
    to_holm: Any = {"by": released.made_by, "email": "Holm@example.dk", "language": "en", "days": 14}
    _link, secret = links.make(released, **to_holm)
    make.AnchorFactory(released.need.project, overseas=True, email="holm@example.dk")
    Need.objects.update(export_control="subject")
    assert links.find(secret) is None
    ListLink.objects.all().delete()
    with pytest.raises(StepRefused, match="輸出規制"):
        links.make(released, **to_holm)
    again = make_list(Need.objects.get(), by=released.made_by, recipient="Holm A/S")
    release(again, released.made_by)
    assert not Notice.objects.filter(kind="list.released").exists()  # it would lead to a list that is not there


@pytest.mark.parametrize("how", ["run out", "ended", "withdrawn"])
def test_a_dead_link_looks_like_one_that_never_was(released: CandidateList, how: str) -> None:
    browser, address = invited(released)
    browser.post(f"{address}code/")
    browser.post(f"{address}enter/", {"code": code_of_mail()})
    assert browser.get(address).status_code == 200
    if how == "run out":
        ListLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "ended":
        link = ListLink.objects.get()
        make.sign_in(released.made_by).post(reverse("matching:link-end", args=[link.pk]))
    else:
        withdraw(released, released.made_by)
    dead, never = browser.get(address), browser.get("/shared/nothing/")
    assert (dead.status_code, never.status_code) == (404, 404)
    assert "testserver" not in dead.content.decode()
    assert browser.get(f"{address}file.csv").status_code == 404


def let_in(address: str) -> Client:
    """A browser that has typed the code of the link."""
    browser = Client()
    browser.post(f"{address}code/")
    assert browser.post(f"{address}enter/", {"code": code_of_mail()}).status_code == 302
    return browser


def test_a_firm_that_revokes_on_day_6_is_gone_on_day_7_and_the_link_on_day_15(released: CandidateList) -> None:
    _browser, address = invited(released)
    start, (gone, stays) = timezone.now(), [entry.firm for entry in released.entries.all()]
    with time_machine.travel(start + timedelta(days=1), tick=False):
        assert gone.name in let_in(address).get(f"{address}file.csv").content.decode()
    with time_machine.travel(start + timedelta(days=6), tick=False):
        consent.revoke(DisclosureConsent.objects.get(firm=gone), by=make.FirmUserFactory(gone))
    with time_machine.travel(start + timedelta(days=7), tick=False):
        text = let_in(address).get(f"{address}file.csv").content.decode()
        assert (gone.name in text, stays.name in text) == (False, True)
        had = make.sign_in(released.made_by).get(released.get_absolute_url()).text
        assert gone.name in had
        assert list(gone.disclosures.values_list("access__act", "access__link__email")) == [("csv", "holm@example.dk")]
    with time_machine.travel(start + timedelta(days=15), tick=False):
        assert Client().get(address).status_code == 404


def test_a_need_under_export_control_reaches_a_reader_abroad_after_a_check_alone(released: CandidateList) -> None:
    need, office = released.need, released.made_by
    need.office = office.offices.get()
    need.export_control = "subject"
    need.save()
    holm = make.AnchorFactory(need.project, overseas=True, email="holm@example.dk")
    abroad, at_home = make.sign_in(holm), make.sign_in(make.AnchorFactory(need.project))
    form = {"email": "Holm@example.dk", "language": "en", "days": "14", "overseas": "on"}

    def reached() -> list[int]:
        addresses = [
            released.get_absolute_url(),
            f"/lists/{released.pk}/file.pdf",
            f"/api/lists/{released.pk}/entries/",
        ]
        return [browser.get(address).status_code for browser in (abroad, at_home) for address in addresses]

    def link() -> int:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return make.sign_in(office).post(reverse("matching:link-new", args=[released.pk]), form).status_code

    assert (reached(), link()) == ([404, 404, 404, 200, 200, 200], 409)
    again = make_list(need, by=office, recipient="Holm A/S")
    release(again, office)
    assert not Notice.objects.filter(person=holm).exists()  # what she may not read she is not told of
    said: dict[str, Any] = {"reader": "holm@example.dk", "checked_on": timezone.localdate(), "checker": "Export desk"}
    drawings.check(need, by=office, permitted=True, **said)
    assert (reached(), link()) == ([200] * 6, 302)
    found = re.search(r"http://testserver(/shared/\S+)", str(mail.outbox[-1].body))
    assert found
    assert let_in(found[1]).get(found[1]).status_code == 200
    drawings.check(need, by=office, permitted=False, **said)
    assert (reached()[0], Client().get(found[1]).status_code) == (404, 404)
