"""What firms let be passed on, and what a recipient is shown on the strength of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import override

from matching import consent
from matching.contents import as_consented, original
from matching.list_columns import FIELD_OF, LIST_COLUMNS
from matching.list_files import write_file
from matching.models import DISCLOSABLE, CandidateListEntry, ConsentEnd, Disclosure, DisclosureConsent, Proposal
from matching.release import make_list, release
from registry.append_only import AppendOnlyError
from registry.models import AnchorProject, Firm, Notice
from registry.steps import StepRefused
from tests.factories import (
    AnchorFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = pytest.mark.django_db
BLANK = "開示なし / not disclosed"


def proposals(*fields: Any) -> list[Proposal]:
    """Shortlisted firms of one need, each consenting to these fields; None is no consent."""
    need, rows = NeedFactory(), []
    for chosen in fields:
        firm = FirmFactory(contact_name="秘密の担当者", contact_phone="0185-00-0000", monthly_capacity=8)
        rows.append(ProposalFactory(need=need, firm=firm, state=Proposal.State.SHORTLISTED))
        if chosen is not None:
            ConsentFactory(rows[-1], fields=chosen)
    return rows


def today() -> Any:
    return timezone.localdate()


def test_every_field_has_its_columns_and_every_column_its_field() -> None:
    names = {column.name for column in LIST_COLUMNS}
    assert set(FIELD_OF.values()) == set(DISCLOSABLE)
    assert names - set(FIELD_OF) == {"position", "firm_id", "source", "as_of", "sample"}
    assert set(FIELD_OF) <= names


def test_a_list_holds_only_consenting_firms_and_what_they_consent_to() -> None:
    everything, little, nothing = proposals(list(DISCLOSABLE), ["identity", "capacity"], None)
    by = CoordinatorFactory()
    preview = sign_in(by).get(f"/needs/{nothing.need_id}/lists/new/").content.decode()
    assert "1 more firm did not consent" in preview
    made = make_list(nothing.need, by=by, recipient="Holm A/S")
    first, second = original(made).rows
    assert (first["contact"], first["monthly_capacity"]) == ("秘密の担当者\n0185-00-0000", 8)
    assert (second["contact"], second["employees"], second["monthly_capacity"]) == (BLANK, BLANK, 8)
    assert second["name"] == little.firm.name
    assert dict(made.heading["rows"])["同意のない企業（ほかに） / More firms that did not consent"] == 1
    release(made, by)
    page = sign_in(AnchorFactory(made.need.project)).get(made.get_absolute_url()).content.decode()
    assert everything.firm.name in page
    assert "More firms that did not consent" in page
    assert nothing.firm.name not in page


def test_nobody_consenting_makes_no_list() -> None:
    [row] = proposals(None)
    with override("en"), pytest.raises(StepRefused, match="consented"):
        make_list(row.need, by=CoordinatorFactory(), recipient="Holm A/S")


def test_a_revocation_takes_the_firm_out_of_what_the_recipient_is_shown() -> None:
    gone, stays = proposals(list(DISCLOSABLE), list(DISCLOSABLE))
    by, person = CoordinatorFactory(), FirmUserFactory(gone.firm)
    made = make_list(gone.need, by=by, recipient="Holm A/S")
    release(made, by)
    reader, office, firm = sign_in(AnchorFactory(made.need.project)), sign_in(by), sign_in(person)
    files = [f"/lists/{made.pk}/file.{extension}" for extension in ("csv", "xlsx")]
    before = [reader.get(url).content for url in files]
    assert before == [office.get(url).content for url in files]
    assert before == [reader.get(url).content for url in files]
    given, as_seen_before = (DisclosureConsent.objects.get(firm=gone.firm) for _window in range(2))
    assert as_seen_before.ended is None
    assert firm.post(f"/consents/{given.pk}/revoke/").status_code == 302
    assert firm.post(f"/consents/{given.pk}/revoke/").status_code == 409
    with pytest.raises(StepRefused):
        consent.change(as_seen_before, by=person, fields=["identity"], until=today())
    assert not DisclosureConsent.objects.filter(firm=gone.firm, end=None).exists()
    page = reader.get(made.get_absolute_url()).content.decode()
    assert gone.firm.name not in page
    assert stays.firm.name in page
    assert "consent ended" in page
    after = [reader.get(url).content for url in files]
    assert all(gone.firm.name.encode() not in content for content in after[:1])
    assert after != before
    assert [office.get(url).content for url in files] == before, "offices keep the original"
    assert gone.firm.name in office.get(made.get_absolute_url()).content.decode()
    assert Notice.objects.get(person=by).kind == "consent.revoked"
    ledger = Disclosure.objects.filter(firm=gone.firm).values_list("access__act", flat=True)
    assert sorted(ledger) == ["csv", "csv", "xlsx", "xlsx"], "what was read before stays written down"
    assert gone.firm.name in office.get(made.get_absolute_url()).content.decode()
    assert made.number in firm.get("/consents/").content.decode()
    ConsentFactory(gone)
    assert [reader.get(url).content for url in files] == before, "consenting again brings the same list back"


def test_fewer_fields_blank_their_cells_and_more_fields_add_nothing() -> None:
    less, more = proposals(list(DISCLOSABLE), ["identity"])
    made = make_list(less.need, by=CoordinatorFactory(), recipient="Holm A/S")
    for row, fields in ((less, ["size"]), (more, list(DISCLOSABLE))):
        given = DisclosureConsent.objects.get(firm=row.firm)
        person = sign_in(FirmUserFactory(row.firm))
        url = f"/consents/{given.pk}/change/"
        assert person.post(url, {"fields_": ["size"], "until": "2026-12-01"}).status_code == 422
        until = today() + timedelta(days=30)
        assert person.post(url, {"fields_": ["identity", *fields], "until": until}).status_code == 302
    shown = as_consented(made, today())
    assert [row["contact"] for row in shown.rows] == [BLANK, BLANK]
    assert [row["employees"] for row in shown.rows] == [30, BLANK]
    assert shown.heading[-1][1] == 1
    assert as_consented(made, today() + timedelta(days=31)).rows == []
    assert write_file(made, "csv", original(made)).count("秘密".encode()) == 1


def test_a_consent_is_for_one_organisation_and_counts_until_its_day() -> None:
    [row] = proposals(None)
    ConsentFactory(row, until=today())
    project = consent.Recipient.PROJECT
    assert consent.consented(row.need, project, today()) == {row.firm_id: frozenset(DISCLOSABLE)}
    assert consent.consented(row.need, project, today() + timedelta(days=1)) == {}
    assert consent.consented(row.need, consent.Recipient.PARTNERS, today()) == {}
    assert consent.consented(NeedFactory(), project, today()) == {}
    Firm.objects.update(state="archived")
    assert consent.consented(row.need, project, today()) == {}, "a withdrawn profile is nobody's to read"
    Firm.objects.update(state="published")
    AnchorProject.objects.filter(pk=row.need.project_id).update(organisation="別の会社")
    given = DisclosureConsent.objects.select_related("firm", "need__project").get()
    more = {"fields": ["contact"], "until": given.until}
    consent.change(given, by=FirmUserFactory(row.firm), **more)  # of what it consented to, not of to whom
    assert consent.consented(row.need, project, today()) == {}


def test_only_the_firm_consents_or_an_office_that_was_told() -> None:
    [row] = proposals(None)
    until = today() + timedelta(days=30)
    said: dict[str, Any] = {"fields": ["capacity"], "until": until, "told": "試作組合"}
    for by in (CoordinatorFactory(), FirmUserFactory(FirmFactory()), AnchorFactory(row.need.project)):
        with pytest.raises(StepRefused):
            consent.give(row.firm, row.need, by=by, **said)
    with pytest.raises(StepRefused):
        consent.give(row.firm, row.need, by=CoordinatorFactory("02"), channel="phone", **said)
    person = FirmUserFactory(row.firm)
    for wrong in ({"until": today() - timedelta(days=1)}, {"until": today() + timedelta(days=900)}, {"fields": ["x"]}):
        with pytest.raises(StepRefused):
            consent.give(row.firm, row.need, by=person, **said | wrong)
    first = consent.give(row.firm, row.need, by=CoordinatorFactory(), channel="phone", said_by="佐藤", **said)
    second = consent.give(row.firm, row.need, by=person, **said)
    assert first.end.why == ConsentEnd.Why.REPLACED
    assert second.fields == ["identity", "capacity"]


def test_the_history_is_never_changed() -> None:
    proposals(["identity"])
    given = DisclosureConsent.objects.get()
    ConsentEnd.objects.create(consent=given, why="revoked", by=given.by)
    for rows in (DisclosureConsent.objects, ConsentEnd.objects, Disclosure.objects, CandidateListEntry.objects):
        with pytest.raises(AppendOnlyError):
            rows.all().delete()
        table = rows.model._meta.db_table
        if rows.exists():
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET id = id + 1")
