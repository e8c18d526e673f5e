import pytest
from django.test import Client
from django.urls import reverse

from matching.models import CandidateList, Proposal
from matching.release import make_list, release, withdraw
from registry.models import Firm, User
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(akita: User) -> CandidateList:
    row = ProposalFactory(state=Proposal.State.SHORTLISTED)
    ConsentFactory(row)
    return make_list(row.need, by=akita, recipient="Holm A/S")


def statuses(browser: Client, made: CandidateList) -> set[int]:
    urls = (made.get_absolute_url(), *(reverse("matching:list-file", args=[made.pk, e]) for e in ("csv", "xlsx")),
            f"/api/lists/{made.pk}/", f"/api/lists/{made.pk}/files/csv/")  # fmt: skip
    return {browser.get(url).status_code for url in urls}


def test_preview_then_make_then_release(akita: User) -> None:
    row, archived = ProposalFactory(state="shortlisted"), FirmFactory(state=Firm.State.ARCHIVED, name="閉鎖株式会社")
    ConsentFactory(row)
    ProposalFactory(need=row.need, firm=archived, state="shortlisted")
    browser, page = sign_in(akita), reverse("matching:list-new", args=[row.need_id])
    preview = browser.get(page).content.decode()
    assert row.firm.name in preview
    assert "閉鎖株式会社" in preview
    assert browser.post(page, {"recipient": "", "latest": 0}).status_code == 422
    assert browser.post(page, {"recipient": "x" * 201, "latest": 0}).status_code == 422
    assert browser.post(page, {"recipient": "\x00", "latest": 0}).status_code == 422
    answer = browser.post(page, {"recipient": "Holm A/S", "latest": 0}, follow=True)
    made = CandidateList.objects.get()
    assert made.number in answer.content.decode()
    assert [entry.firm for entry in made.entries.all()] == [row.firm]
    answer = browser.post(reverse("matching:list-step", args=[made.pk, "release"]), follow=True)
    assert answer.status_code == 200
    made.refresh_from_db()
    assert (made.state, made.released_by) == ("released", akita)
    assert browser.post(reverse("matching:list-step", args=[made.pk, "release"])).status_code == 409


def test_without_shortlisted_firms_nothing_is_made(akita: User) -> None:
    need, browser = NeedFactory(), sign_in(akita)
    page = reverse("matching:list-new", args=[need.pk])
    assert "shortlisted" in browser.get(page).content.decode()
    assert browser.post(page, {"recipient": "Holm A/S", "latest": 0}).status_code == 409
    assert CandidateList.objects.count() == 0


def test_a_reader_meets_the_list_only_while_it_is_released(akita: User, made: CandidateList) -> None:
    reader, stranger = sign_in(AnchorFactory(made.need.project)), sign_in(AnchorFactory(ProjectFactory()))
    firm, other_office = sign_in(FirmUserFactory()), sign_in(CoordinatorFactory("05"))
    assert statuses(reader, made) == {404}
    release(made, akita)
    assert statuses(reader, made) == {200}
    assert statuses(stranger, made) == {404}
    assert statuses(other_office, made) == {404}
    assert statuses(firm, made) == {403}
    assert statuses(sign_in(BureauFactory()), made) == {200}
    assert "Holm A/S" in reader.get("/lists/").content.decode()
    withdraw(made, akita)
    assert statuses(reader, made) == {404}
    assert "The office withdrew this list" in reader.get(made.get_absolute_url()).text
    assert "withdrew" not in stranger.get(made.get_absolute_url()).text
    assert made.number not in reader.get("/lists/").content.decode()
    assert reader.get("/api/lists/").json()["results"] == []
    assert statuses(sign_in(akita), made) == {200}


def test_a_reader_can_neither_make_nor_release(akita: User, made: CandidateList) -> None:
    release(made, akita)
    reader = sign_in(AnchorFactory(made.need.project))
    assert reader.post(reverse("matching:list-step", args=[made.pk, "withdraw"])).status_code == 403
    assert reader.get(reverse("matching:list-new", args=[made.need_id])).status_code == 403
    page = reader.get(made.get_absolute_url()).content.decode()
    assert "Withdraw" not in page
    assert "工藤 健" not in page


def test_lists_are_never_cached_and_come_as_attachments(akita: User, made: CandidateList) -> None:
    answer = sign_in(akita).get(reverse("matching:list-file", args=[made.pk, "xlsx"]))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert made.number in answer["Content-Disposition"]
    again = sign_in(BureauFactory()).get(reverse("matching:list-file", args=[made.pk, "xlsx"]))
    assert answer.content == again.content


def test_a_program_gets_the_bytes_of_the_page_and_stands_in_the_same_record(akita: User, made: CandidateList) -> None:
    release(made, akita)
    reader = sign_in(AnchorFactory(made.need.project))
    for extension, language in (("csv", "both"), ("xlsx", "en")):
        page, file = (
            reverse("matching:list-file", args=[made.pk, extension]),
            f"/api/lists/{made.pk}/files/{extension}/",
        )
        shown, sent = (reader.get(f"{url}?language={language}", headers={"accept": "text/csv"}) for url in (page, file))
        assert (shown.status_code, shown.content) == (200, sent.content)
        assert shown["Content-Disposition"] == sent["Content-Disposition"]
        by_page, by_program = made.accesses.filter(act=extension)
        told = [[*access.disclosures.values_list("firm", "fields")] for access in (by_page, by_program)]
        assert told[0] == told[1] != []
    assert [reader.head(file).status_code, reader.get(f"{file}?language=de").status_code] == [405, 400]
    assert made.accesses.count() == 4


def test_lists_are_filtered_like_everything_else(akita: User, made: CandidateList) -> None:
    browser = sign_in(akita)
    for query, count in (
        ("", 1), ("?q=Holm", 1), (f"?q={made.number}", 1), ("?q=どこにもない", 0), ("?state=made", 1),
        ("?state=released", 0), (f"?need={made.need.number}", 1), (f"?project={made.need.project_id}", 1),
        ("?sort=-number", 1),
    ):  # fmt: skip
        assert len(browser.get(f"/lists/{query}").context["page_obj"]) == count, query
        assert len(browser.get(f"/api/lists/{query}").json()["results"]) == count, query
    assert browser.get("/api/lists/?nonsense=1").status_code == 400


def test_a_step_needs_post_and_a_known_name(akita: User, made: CandidateList) -> None:
    browser = sign_in(akita)
    assert browser.get(reverse("matching:list-step", args=[made.pk, "release"])).status_code == 405
    assert browser.post(f"/lists/{made.pk}/publish/").status_code == 404
