"""Possible duplicates: found, called different, merged with a choice, led on to, split again."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from matching.models import FirmTerms
from registry import imports
from registry.append_only import AppendOnly
from registry.duplicates import merge as merging
from registry.duplicates.find import search
from registry.duplicates.merge import Choice, call_different, merge, reopen, split
from registry.erasure import decide
from registry.models import DuplicatePair, Equipment, ErasureRequest, Firm, FirmMembership, Merge, User
from registry.steps import StepRefused
from tests import factories as make

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are read in English here."""
    with override("en"):
        yield


@pytest.fixture
def twins(settings: LazySettings, tmp_path: Path) -> list[Firm]:
    """Story 3: two records of one firm, as two offices had it."""
    settings.MEDIA_ROOT = tmp_path
    number, oga = make.corporate_number(), make.MunicipalityFactory("05206")
    kept = make.FirmFactory(name="㈱男鹿メッキ", name_kana="オガメッキ", corporate_number=number, municipality=oga)
    other = make.FirmFactory(
        name="男鹿めっき株式会社", corporate_number=number, municipality=oga, duplicate_of=kept, employees=41
    )
    return [kept, other]


def pair_of(one: Firm, other: Firm) -> DuplicatePair:
    first, second = sorted((one, other), key=lambda firm: firm.pk)
    made: DuplicatePair = DuplicatePair.objects.create(first=first, second=second, score=100, reasons=["number"])
    return made


def choice(survivor: Firm, loser: Firm, *from_loser: str) -> Choice:
    fresh = Firm.objects.in_bulk([survivor.pk, loser.pk])
    return Choice(survivor.pk, frozenset(from_loser), {pk: firm.updated_at for pk, firm in fresh.items()})


def columns(firm: Firm) -> dict[str, Any]:
    return Firm.objects.filter(pk=firm.pk).values().get() | {"updated_at": None}


# ---- the search ------------------------------------------------------------------------------------------------------
def test_the_search_finds_a_pair_once_and_looks_again_only_at_what_was_saved(twins: list[Firm]) -> None:
    make.FirmFactory()
    first = search()
    assert first is not None
    assert (first.found, first.firms) == (1, 3)
    pair = DuplicatePair.objects.get()
    assert ([pair.first, pair.second], pair.score, pair.reasons) == (twins, 100, ["number"])
    assert search() is None
    known = {"name_kana": twins[1].name_kana, "municipality": twins[1].municipality}
    third = make.FirmFactory(name="男鹿メッキ㈱", corporate_number=None, **known)
    again = search()
    assert again is not None
    assert set(DuplicatePair.objects.exclude(pk=pair.pk).values_list("second", flat=True)) == {third.pk}


def test_what_was_called_different_does_not_come_back_and_what_was_corrected_goes(twins: list[Firm]) -> None:
    search()
    pair = DuplicatePair.objects.get()
    call_different(pair, by=make.BureauFactory())
    Firm.objects.filter(pk=twins[1].pk).update(updated_at=timezone.now())
    search()
    search(anew=True)
    pair.refresh_from_db()
    assert (pair.state, pair.reasons, DuplicatePair.objects.open().count()) == ("different", ["number"], 0)
    reopen(pair, by=make.BureauFactory())
    assert DuplicatePair.objects.open().count() == 1
    twins[1].corporate_number = make.corporate_number()
    twins[1].save()
    search()
    assert not DuplicatePair.objects.exists()


def test_a_pair_is_one_row_with_the_lower_firm_first(twins: list[Firm]) -> None:
    pair = pair_of(*twins)
    for first, second in [(pair.first, pair.second), (pair.second, pair.first)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            DuplicatePair.objects.create(first=first, second=second, score=1)


def test_the_command_searches_and_says_what_it_found(twins: list[Firm], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("find_duplicates", all=True)
    assert "1 new pairs among 2 firms" in capsys.readouterr().out


# ---- merging ---------------------------------------------------------------------------------------------------------
def test_a_merge_takes_what_was_chosen_and_unites_the_lists(twins: list[Firm]) -> None:
    kept, other = twins
    nine, fourteen = make.CertificationFactory("iso-9001"), make.CertificationFactory("iso-14001")
    kept.firm_certifications.create(stated="ISO9001", certification=nine, valid_until=date(2026, 3, 31))
    renewed = {"certification": nine, "valid_until": date(2029, 3, 31), "number": "Q-2"}
    other.firm_certifications.create(stated="ISO 9001", **renewed).scan.save("scan.pdf", ContentFile(b"%PDF-"))
    other.firm_certifications.create(stated="ISO 14001", certification=fourteen)
    Equipment.objects.create(firm=other, name="亜鉛めっき槽")
    other.capabilities.set([make.CapabilityFactory()])
    person = make.FirmUserFactory(other)
    by = make.CoordinatorFactory(name="工藤 健")
    merge(pair_of(*twins), choice(kept, other, "employees", "name"), by=by)
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.name, kept.employees, kept.name_kana) == ("男鹿めっき株式会社", 41, "オガメッキ")
    assert (other.state, other.duplicate_of, kept.duplicate_of) == ("merged", kept, None)
    assert "男鹿めっき" in kept.search
    held = {one.certification_id: one for one in kept.firm_certifications.all()}
    assert (held["iso-9001"].valid_until, held["iso-9001"].number) == (date(2029, 3, 31), "Q-2")
    assert held["iso-9001"].scan
    assert held.keys() == {"iso-9001", "iso-14001"}
    assert [one.name for one in kept.equipment.all()] == ["亜鉛めっき槽"]
    assert kept.capabilities.count() == 1
    assert FirmMembership.objects.get(user=person).firm == kept
    assert person.notices.get().kind == "firm.merged"
    event = kept.events.get()
    assert (event.kind, event.by, "employees" in {name for name, *_ in event.changes}) == ("merge", by, True)
    assert other.events.get().kind == "merge"


def test_undoing_gives_both_records_back_to_the_letter(twins: list[Firm]) -> None:
    kept, other = twins
    other.contact_phone, other.products = "0185-23-1111", ["めっき"]
    other.save()
    for firm, until in ((kept, date(2026, 3, 31)), (other, date(2029, 3, 31))):
        firm.firm_certifications.create(stated="ISO 9001", valid_until=until)
    other.capabilities.set([make.CapabilityFactory()])
    member = make.FirmUserFactory(other)
    waiting = make.ClaimFactory(firm=other)
    before = [columns(firm) for firm in twins]
    pair = pair_of(*twins)
    merge(pair, choice(other, kept, "employees"), by=make.BureauFactory())
    assert Firm.objects.get(pk=other.pk).duplicate_of is None
    pair.refresh_from_db()
    split(pair, by=make.BureauFactory())
    assert [columns(firm) for firm in twins] == before
    held = [firm.firm_certifications.get().valid_until for firm in twins]
    assert held == [date(2026, 3, 31), date(2029, 3, 31)]
    assert ([firm.capabilities.count() for firm in twins], list(other.memberships.all())) == (
        [0, 1],
        list(FirmMembership.objects.filter(user=member)),
    )
    waiting.refresh_from_db()
    assert waiting.firm == other
    assert [event.kind for event in kept.events.all()] == ["split", "merge"]
    assert Merge.objects.get().journal == []


def test_undoing_is_refused_once_somebody_corrected_what_was_taken_over(twins: list[Firm]) -> None:
    kept, other = twins
    pair = pair_of(*twins)
    merge(pair, choice(kept, other, "employees"), by=make.BureauFactory())
    Firm.objects.filter(pk=kept.pk).update(employees=50)
    pair.refresh_from_db()
    with pytest.raises(StepRefused, match="employees"):
        split(pair, by=make.BureauFactory())
    other.refresh_from_db()
    assert (other.state, DuplicatePair.objects.get().state) == ("merged", "merged")


def test_a_chain_of_merges_leads_to_the_last_and_is_undone_from_its_end(twins: list[Firm]) -> None:
    kept, other = twins
    third, by = make.FirmFactory(), make.BureauFactory()
    first, second = pair_of(kept, other), pair_of(kept, third)
    merge(first, choice(kept, other), by=by)
    merge(second, choice(third, kept), by=by)
    browser = make.sign_in(by)
    for firm in twins:
        assert browser.get(firm.get_absolute_url())["Location"] == third.get_absolute_url()
    first.refresh_from_db()
    with pytest.raises(StepRefused, match="itself was merged"):
        split(first, by=by)
    second.refresh_from_db()
    split(second, by=by)
    first.refresh_from_db()
    split(first, by=by)
    assert Firm.objects.exclude(state="merged").count() == 3


@pytest.mark.parametrize("act", ["merge", "different"])
def test_who_speaks_for_one_of_the_firms_does_not_decide_alone(twins: list[Firm], act: str) -> None:
    by, pair = make.CoordinatorFactory("05"), pair_of(*twins)
    FirmMembership.objects.create(user=by, firm=twins[1])
    with pytest.raises(StepRefused, match="Ask a colleague"):
        merge(pair, choice(twins[0], twins[1]), by=by) if act == "merge" else call_different(pair, by=by)
    assert DuplicatePair.objects.get().state == "open"


def test_an_office_decides_only_where_it_covers_both_firms(twins: list[Firm]) -> None:
    abroad = make.FirmFactory(prefecture=make.PrefectureFactory("02"), municipality=None)
    pair = pair_of(twins[0], abroad)
    with pytest.raises(StepRefused, match="outside your office's scope"):
        merge(pair, choice(twins[0], abroad), by=make.CoordinatorFactory("05"))
    assert merge(pair, choice(twins[0], abroad), by=make.CoordinatorFactory("05", "02")).survivor == twins[0]


def test_an_edit_since_the_page_was_opened_stops_the_merge(twins: list[Firm]) -> None:
    seen, pair = choice(twins[0], twins[1]), pair_of(*twins)
    twins[1].save()
    with pytest.raises(StepRefused, match="Somebody else saved this"):
        merge(pair, seen, by=make.BureauFactory())
    assert (DuplicatePair.objects.get().state, twins[1].events.count()) == ("open", 0)


def test_a_firm_that_asked_for_erasure_is_not_merged_and_erasing_forgets_the_journal(twins: list[Firm]) -> None:
    kept, other = twins
    owner = make.FirmUserFactory(kept)
    asked = ErasureRequest.objects.create(firm=kept, made_by=owner, due_on=timezone.localdate())
    pair, by = pair_of(*twins), make.BureauFactory()
    with pytest.raises(StepRefused, match="erasure"):
        merge(pair, choice(twins[0], twins[1]), by=by)
    ErasureRequest.objects.filter(pk=asked.pk).update(state="refused")
    Firm.objects.filter(pk=kept.pk).update(contact_phone="018-111-1111")
    Firm.objects.filter(pk=other.pk).update(contact_phone="018-222-2222")
    pair.refresh_from_db()
    merge(pair, choice(kept, other, "contact"), by=by)
    again = ErasureRequest.objects.create(firm=kept, made_by=owner, due_on=timezone.localdate())
    decide("erase", again, by=by)
    assert set(Firm.objects.filter(pk__in=[kept.pk, other.pk]).values_list("contact_phone", flat=True)) == {""}
    assert "018-111" not in str(Merge.objects.get().journal)
    assert Firm.objects.get(pk=other.pk).state == "merged"


def test_every_row_that_hangs_on_a_firm_is_moved_or_known_to_stay() -> None:
    """A new model with a foreign key to a firm has to be thought of: hidden relations are not moved by themselves."""
    hanging = {
        model
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Firm and not issubclass(model, (AppendOnly, *merging._STAY))
    }
    moved = {one.related_model for one in Firm._meta.related_objects if one.one_to_many}
    assert hanging - moved == {FirmTerms}


# ---- pages -----------------------------------------------------------------------------------------------------------
def test_the_page_marks_what_differs_merges_and_leads_the_old_address_on(twins: list[Firm], sign_in: SignIn) -> None:
    kept, other = twins
    pair, browser = pair_of(*twins), sign_in(make.CoordinatorFactory("05"))
    page = browser.get(pair.get_absolute_url(), headers={"accept-language": "en"})
    form = page.context["form"]
    assert {"survivor", "name", "name_kana", "employees"} <= form.fields.keys()
    assert "corporate_number" not in form.fields
    sent = {name: form[name].value() for name in form.fields} | {"survivor": kept.pk, "employees": other.pk}
    answer = browser.post(f"{pair.get_absolute_url()}merge/", sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Firm.objects.get(pk=kept.pk).employees == 41
    again = browser.post(f"{pair.get_absolute_url()}merge/", sent)
    assert again.status_code == 409
    moved = browser.get(other.get_absolute_url())
    assert (moved.status_code, moved["Location"]) == (302, kept.get_absolute_url())
    api = browser.get(f"/api/firms/{other.pk}/")
    assert (api.status_code, api["Location"].endswith(f"/firms/{kept.pk}/")) == (301, True)
    for tail in ("edit/basics/", "history/?page=1", "people/", "contacts/", "official/"):
        assert browser.get(f"/firms/{other.pk}/{tail}")["Location"] == f"/firms/{kept.pk}/{tail}"
    assert browser.post(f"/firms/{other.pk}/edit/basics/", {}).status_code == 404
    assert [firm.pk for firm in browser.get("/firms/").context["page_obj"]] == [kept.pk]
    undone = browser.post(f"{pair.get_absolute_url()}split/")
    assert undone.status_code == 302
    assert browser.get(other.get_absolute_url()).status_code == 200


def test_who_may_not_see_the_survivor_is_not_led_to_it(twins: list[Firm], sign_in: SignIn) -> None:
    kept, other = twins
    merge(pair_of(*twins), choice(kept, other), by=make.BureauFactory())
    stranger = sign_in(make.CoordinatorFactory("02"))
    assert [stranger.get(f"/firms/{other.pk}/{page}").status_code for page in ("", "history/")] == [404, 404]
    assert sign_in(make.FirmUserFactory(kept)).get(other.get_absolute_url()).status_code == 302


def test_profile_home_and_list_tell_of_an_open_pair(twins: list[Firm], sign_in: SignIn) -> None:
    pair, akita = pair_of(*twins), sign_in(make.CoordinatorFactory("05"))
    assert pair.get_absolute_url() in akita.get(twins[0].get_absolute_url()).content.decode()
    assert (
        pair.get_absolute_url()
        not in sign_in(make.FirmUserFactory(twins[0])).get(twins[0].get_absolute_url()).content.decode()
    )
    assert '"/duplicates/"' in akita.get("/").content.decode()
    assert list(akita.get("/duplicates/").context["page_obj"]) == [pair]
    assert list(akita.get("/duplicates/?score=100&q=男鹿").context["page_obj"]) == [pair]
    assert not sign_in(make.CoordinatorFactory("02")).get("/duplicates/").context["page_obj"].object_list
    assert "男鹿" in b"".join(akita.get("/duplicates/export.csv")).decode()


def test_the_list_takes_as_many_queries_for_twenty_pairs_as_for_two(
    sign_in: SignIn, query_counter: Callable[[], Any]
) -> None:
    browser, counts = sign_in(make.BureauFactory()), []
    for _ in range(2):
        for _ in range(10):
            pair_of(make.FirmFactory(), make.FirmFactory())
        browser.get("/duplicates/")
        with query_counter() as counted:
            browser.get("/duplicates/")
        counts.append(len(counted))
    assert counts[0] == counts[1] < 14


def test_an_old_file_that_names_the_merged_record_changes_the_firm_it_is_today(twins: list[Firm]) -> None:
    kept, other = twins
    merge(pair_of(*twins), choice(kept, other), by=make.BureauFactory())
    batch = imports.upload("a.csv", f"ID,従業員数\n{other.pk},77\n".encode(), by=make.BureauFactory(), source="x")
    imports.confirm(batch, batch.by, batch.mapping)
    imports.work()
    assert [(row.firm, row.changes["employees"]) for row in batch.rows.all()] == [(kept, [30, 77])]
