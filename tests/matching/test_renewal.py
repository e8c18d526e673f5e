"""Story 2: a no becomes a task, the task a certificate, and the confirmed certificate brings the proposal back."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from matching import store
from matching.models import Answer, CandidateList, Decision, Proposal, Task
from matching.propose import propose
from matching.renewal import due, reopen
from matching.review import take
from registry.models import Criterion, FirmCertification, Need, Notice, User
from tests.factories import (
    BureauFactory,
    CertificationFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    ProposalFactory,
    TaskFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var", "sent"), pytest.mark.on_postgres]
EXC3 = "EN 1090-2 EXC3"


def on(day: str) -> Any:
    """The site's clock, at nine in the morning in Japan."""
    return time_machine.travel(datetime.fromisoformat(day).replace(tzinfo=UTC))


@pytest.fixture
def need(db: None) -> Need:
    wanted = CertificationFactory("en1090-exc3", name=EXC3)
    made = NeedFactory(title="タワー内部架台", text="鋼製架台の溶接と塗装", visibility="public")
    CriterionFactory(made, kind=Criterion.Kind.CERTIFICATION, certification=wanted, stated=EXC3, hard=True)
    return made


@pytest.fixture
def kudo(need: Need) -> User:
    return CoordinatorFactory("05", name="工藤 健")


@pytest.fixture
def row(need: Need) -> Proposal:
    """The firm is found, and lacks the certificate."""
    firm = FirmFactory(name="能代臨海製缶", capability_text="鋼構造物の溶接と塗装。大型架台の製缶。")
    firm.firm_certifications.create(stated="ISO 3834-2", valid_until=date(2027, 3, 31))
    return run(need)


def run(need: Need) -> Proposal:
    store.rebuild()
    propose(Need.objects.get(pk=need.pk))
    found: Proposal = Proposal.objects.get(need=need)
    return found


def certificate_of(browser: Client, firm_id: int, **fields: str) -> FirmCertification:
    """The firm adds the certificate to its profile, and its scan."""
    url = reverse("registry:firm-section", args=[firm_id, "certificates"])
    page = browser.get(url)
    held = page.context["rows"]
    data = {"version": page.context["form"]["version"].value(), "rows-TOTAL_FORMS": "2", "rows-INITIAL_FORMS": "1"}
    first = held.initial_forms[0].instance
    data |= {"rows-0-id": str(first.pk), "rows-0-stated": first.stated, "rows-0-valid_until": "2027-03-31"}
    data |= {"rows-1-stated": "ＥＮ1090-2　EXC3", "rows-1-valid_until": "2030-02-27"} | fields
    assert browser.post(url, data).status_code == 302
    made = FirmCertification.objects.latest("pk")
    scan = SimpleUploadedFile("exc3.pdf", b"%PDF-1.7\n%%EOF")
    url = reverse("registry:scan-put", args=[firm_id, made.pk])
    assert browser.post(url, {"scan": scan}).status_code == 302
    made.refresh_from_db()
    return made


def confirm(browser: Client, held: FirmCertification, step: str = "confirm", **fields: str) -> int:
    url = reverse("registry:certificate-step", args=[held.firm_id, held.pk, step])
    return browser.post(url, {"seen": held.mark} | fields).status_code


def test_a_no_becomes_work_and_comes_back_when_the_certificate_is_confirmed(
    need: Need, kudo: User, row: Proposal, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    person, old = FirmUserFactory(row.firm), row.score
    with on("2026-12-01"):
        assert row.verdict == "fail"
        take("shortlist", Proposal.objects.get(pk=row.pk), by=kudo, reason="fit")
        made = CandidateList.objects.create(number="L-X", need=need, recipient="Holm A/S", made_by=kudo)
        entry = made.entries.create(position=1, firm=row.firm, row={})
        buyer = BureauFactory(name="Karen Holm")
        Answer.objects.create(entry=entry, number=1, verdict="reject", code="CERT_MISSING", detail=EXC3, by=buyer)
        office = sign_in(kudo)
        page = office.get(row.get_absolute_url()).content.decode()
        assert 'name="sets_task" id="id_sets_task" checked' in page.replace(
            'aria-describedby="id_sets_task_helptext" ', ""
        )
        assert f'value="{EXC3} 取得"' in page
        said = {"seen": "0", "code": "certification", "detail": EXC3, "note": "講習をご案内します。"}
        wish = {"sets_task": "on", "task": "EXC3 取得", "due_on": "2027-02-28"}
        url = reverse("matching:feedback", args=[row.pk])
        assert office.post(url, said | wish | {"task": ""}).status_code == 422
        assert office.post(url, said | wish).status_code == 302
        assert office.post(url, said | wish).status_code == 409  # a second click
    task = Task.objects.get()
    assert (task.side, task.due_on, task.firm, task.certificate) == ("firm", date(2027, 2, 28), row.firm, EXC3)
    with on("2027-02-15"):
        firm = sign_in(person)
        page = firm.get("/concerns/").content.decode()
        assert "EXC3 取得" in page
        assert not any(hidden in page for hidden in ("Holm", "Karen", "工藤"))
        assert Notice.objects.filter(person=person).count() == 1
        held = certificate_of(firm, row.firm_id)
        again = run(need)
        assert again.verdict == "pass"  # what a firm states counts ...
        assert again.state == "shortlisted"  # ... and reopens nothing
        assert confirm(firm, held) == 403
    with on("2027-02-20"):
        office = sign_in(kudo)
        assert "Confirm it" in office.get(row.firm.get_absolute_url()).content.decode()
        assert confirm(office, held, seen="") == 409
        assert confirm(office, held) == 302
        assert confirm(office, held) == 409  # a second click
        task.refresh_from_db()
        assert (task.state, task.events.latest("pk").by) == ("done", kudo)
        assert Proposal.objects.get(pk=row.pk).state == "shortlisted"
        back = run(need)
        assert (back.state, back.verdict, back.due_on) == ("proposed", "pass", date(2027, 3, 1))
        renewal = Decision.objects.get(step="renew")
        assert (renewal.by, renewal.source, renewal.note) == (kudo, "shortlisted", held.stated)
        assert renewal.judged is not None
        assert renewal.judged["before"]["verdict"] == "fail"
        assert renewal.judged["before"]["score"] == pytest.approx(old)
        page = office.get(row.get_absolute_url()).content.decode()
        assert f"misses a must ({EXC3}) →" in page
        assert "meets every must" in page
        assert f"{held.stated} (confirmed)" in page
        queue = office.get("/proposals/").content.decode()
        assert f"Reopened: {held.stated} is confirmed" in queue
        assert run(need).state == "proposed"
        take("reject", Proposal.objects.get(pk=row.pk), by=kudo, reason="capacity")
        assert run(need).state == "rejected"  # it comes back once
    assert Decision.objects.filter(step="renew").count() == 1


def rejected(row: Proposal, by: User, certificate: str = EXC3) -> Task:
    take("reject", Proposal.objects.get(pk=row.pk), by=by, reason="certification")
    return TaskFactory(proposal=row, side="firm", certificate=certificate, made_by=by)


def test_a_change_of_the_certificate_ends_its_confirmation_before_the_run(
    need: Need, kudo: User, row: Proposal, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    rejected(row, kudo)
    office, firm = sign_in(kudo), sign_in(FirmUserFactory(row.firm))
    held = certificate_of(firm, row.firm_id)
    assert confirm(office, held) == 302
    url = reverse("registry:scan-put", args=[row.firm_id, held.pk])
    assert firm.post(url, {"scan": SimpleUploadedFile("b.pdf", b"%PDF-1.7\n2")}).status_code == 302
    held.refresh_from_db()
    assert (held.confirmed_at, held.confirmed_by) == (None, None)
    assert run(need).state == "rejected"
    assert confirm(office, held) == 302
    assert confirm(office, held, "unconfirm") == 302
    assert run(need).state == "rejected"
    assert confirm(office, held) == 302
    assert run(need).state == "proposed"
    history = sign_in(kudo).get(reverse("registry:firm-history", args=[row.firm_id])).content.decode()
    assert "Confirmed certificate" in history


def test_another_certificate_or_a_dropped_task_brings_nothing_back(need: Need, kudo: User, row: Proposal) -> None:
    task = rejected(row, kudo, certificate="ISO 9001")
    held = row.firm.firm_certifications.create(stated=EXC3, valid_until=date(2999, 1, 1))
    assert confirm(sign_in(kudo), held) == 302
    task.refresh_from_db()
    assert task.state == "open"
    assert run(need).state == "rejected"
    Task.objects.update(certificate=EXC3, state="dropped")
    assert run(need).state == "rejected"
    Task.objects.update(state="open")
    take("reopen", Proposal.objects.get(pk=row.pk), by=kudo)  # by hand, and then no again
    take("reject", Proposal.objects.get(pk=row.pk), by=kudo, reason="capacity")
    assert run(need).state == "rejected"


def test_who_may_confirm_and_what(need: Need, kudo: User, row: Proposal) -> None:
    firm = row.firm
    expired = firm.firm_certifications.create(stated=EXC3, valid_until=date(2020, 1, 1))
    fine = firm.firm_certifications.create(stated="ISO 9001")
    office = sign_in(kudo)
    assert confirm(office, expired) == 409
    assert confirm(sign_in(CoordinatorFactory("02")), fine) == 404
    firm.memberships.create(user=kudo)
    assert confirm(sign_in(User.objects.get(pk=kudo.pk)), fine) == 409  # his own firm
    assert "Confirm it" not in office.get(firm.get_absolute_url()).content.decode()
    assert confirm(sign_in(BureauFactory()), fine) == 302


def test_a_run_asks_once_for_what_may_come_back(
    need: Need, row: Proposal, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        ProposalFactory(need=need, state="rejected")
    with django_assert_num_queries(1):
        reopen(due(need.pk))
