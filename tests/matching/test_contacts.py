"""The log of calls and visits: added, corrected, never changed, never outside."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from matching.contacts import log
from matching.models import Contact
from matching.review import take
from registry.append_only import AppendOnlyError
from registry.models import User
from registry.steps import StepRefused
from tests.factories import AnchorFactory, CoordinatorFactory, FirmUserFactory, ProposalFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
SECRET = "社長は来期の増産を心配している"


def entry(**fields: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    return {"day": today, "kind": "visit", "whom": "営業部", "minutes": "９０", "summary": SECRET} | fields


def test_a_visit_is_logged_corrected_and_seen_by_offices_alone(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    akita, row = CoordinatorFactory("05", name="工藤 健"), ProposalFactory()
    browser, url = sign_in(akita), f"/proposals/{row.pk}/contacts/"
    assert [browser.post(url, entry()).status_code for _click in range(2)] == [302, 302]
    first = Contact.objects.get()
    assert (first.minutes, first.firm_id, first.proposal_id, first.by) == (90, row.firm_id, row.pk, akita)
    for name, wrong in (("day", "2999-01-01"), ("minutes", "0"), ("minutes", "1441"), ("summary", "あ" * 2001)):
        answer = browser.post(url, entry(**{name: wrong}))
        assert answer.status_code in {409, 422}
        assert "営業部" in answer.content.decode()  # what was typed is kept
    assert Contact.objects.count() == 1
    assert browser.post(f"{url}?corrects={first.pk}", entry(minutes="60")).status_code == 302
    assert browser.post(f"{url}?corrects={first.pk}", entry()).status_code == 404  # it is corrected already
    assert browser.get(f"{url}?corrects=x").status_code == 404
    assert list(Contact.objects.standing().values_list("minutes", flat=True)) == [60]
    for n in range(60):
        log(row.firm, akita, proposal=row, **entry(day=timezone.localdate(), minutes=n + 1))
    for path in (row.get_absolute_url(), url, f"/firms/{row.firm_id}/contacts/"):
        with django_assert_max_num_queries(35):
            page = browser.get(path).content.decode()
        assert SECRET in page
    for outside in (FirmUserFactory(row.firm), AnchorFactory(row.need.project)):
        client = sign_in(outside)
        assert client.get(url).status_code == 403
        for path in (row.firm.get_absolute_url(), row.need.get_absolute_url(), "/", "/notices/"):
            assert SECRET not in client.get(path).content.decode()


def test_another_office_reads_what_belongs_to_a_proposal_it_was_given(db: None) -> None:
    akita, aomori = CoordinatorFactory("05"), CoordinatorFactory("02")
    row = ProposalFactory()
    log(row.firm, akita, proposal=row, **entry(day=timezone.localdate(), minutes=5))
    log(row.firm, akita, **entry(day=timezone.localdate(), minutes=6))
    assert Contact.objects.visible_to(akita).count() == 2
    assert Contact.objects.visible_to(aomori).count() == 0
    with override("en"), pytest.raises(StepRefused, match="outside"):
        log(row.firm, aomori, proposal=row, **entry(day=timezone.localdate(), minutes=5))
    take("hand_over", row, by=akita, office=aomori.offices.get())
    fresh = User.objects.get(pk=aomori.pk)
    assert [contact.minutes for contact in Contact.objects.visible_to(fresh)] == [5]
    assert sign_in(fresh).get(f"/firms/{row.firm_id}/contacts/").status_code == 404


def test_nothing_is_changed_afterwards(db: None) -> None:
    row = ProposalFactory()
    made = log(row.firm, CoordinatorFactory("05"), proposal=row, **entry(day=timezone.localdate(), minutes=5))
    with pytest.raises(AppendOnlyError):
        made.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matching_contact SET minutes = 1")
