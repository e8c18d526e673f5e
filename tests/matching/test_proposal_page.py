import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching.highlight import highlight
from matching.models import Decision, Proposal
from matching.review import take
from registry.models import FirmMembership, User
from tests.factories import (
    BureauFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    PlaceFactory,
    PrefectureFactory,
    ProposalFactory,
    check,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


@pytest.fixture
def browser(akita: User) -> Client:
    return sign_in(akita)


def url(row: Proposal, step: str) -> str:
    return reverse("matching:step", args=[row.pk, step])


# ---- highlights -----------------------------------------------------------------------------------------------------
def test_terms_are_marked_where_they_stand() -> None:
    assert highlight("アルミの溶接と塗装", {"溶接"}) == "アルミの<mark>溶接</mark>と塗装"


def test_width_and_spelling_do_not_move_the_mark() -> None:
    text = "ﾒｯｷ㈱は①ﾀｰﾎﾞを𠮷"
    marked = str(highlight(text, {"めっき", "鍍金", "ターボ", "メッキ"}))
    assert marked.replace("<mark>", "").replace("</mark>", "") == text
    assert "<mark>ﾀｰﾎﾞ</mark>" in marked


@pytest.mark.parametrize(
    "text",
    ["<script>溶接</script>", "<scr溶接ipt>alert(1)</scr溶接ipt>", '"><img src=x onerror=溶接(1)>', "溶<b>接</b>",
     "&lt;溶接&gt;", "</mark><svg/onload=1>溶接", "\x00溶接\ud83d<x>"],
)  # fmt: skip
def test_markup_in_a_text_stays_text(text: str) -> None:
    marked = str(highlight(text, {"溶接"}))
    bare = marked.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert ">" not in bare
    assert '"' not in bare


def test_a_hostile_record_is_shown_harmless(browser: Client) -> None:
    bad = "<scr溶接ipt>window.__x=1</script><img src=x onerror=alert(1)>{{ 7|add:7 }}"
    row = ProposalFactory(
        firm=FirmFactory(name=bad, capability_text=bad, summary_en=bad, products=[bad], other_memberships=[bad]),
        need=NeedFactory(title=bad, text=bad),
        terms=[["溶接", 0.4], [bad, 0.1]],
        checks=[check("certification", "fail", asked=bad, found=[bad])],
    )
    take("note", row, by=BureauFactory(name=bad), note=bad)
    for page in (row.get_absolute_url(), "/proposals/", f"/needs/{row.need_id}/lists/new/"):
        text = browser.get(page).content.decode()
        assert "<img src=x" not in text
        assert "<scr" not in re.sub(r"<script src=[^>]*></script>", "", text.replace("<script src", "<script src"))
        assert "window.__x=1</script>" not in text


# ---- the page -------------------------------------------------------------------------------------------------------
def test_checks_are_told_in_words(browser: Client) -> None:
    need = NeedFactory()
    CriterionFactory(need, kind="distance", number=80, place=PlaceFactory())
    PrefectureFactory("02")
    row = ProposalFactory(
        need=need,
        verdict="fail",
        checks=[
            check("volume", "fail", asked=12, found=8),
            check("distance", "pass", asked=80, found=2.3),
            check("prefecture", "pass", hard=False, asked=["02", "05"], found="05"),
            check("certification", "unknown", asked="EN 1090-2 EXC3", found=None),
        ],
    )
    page = browser.get(row.get_absolute_url()).content.decode()
    for words in (
        "at least 12 a month", "8 a month", "at most 80 km from Noshiro port", "2.3 km", "Aomori, Akita", "not stated",
        "Misses a must", "wish",
    ):  # fmt: skip
        assert words in page, words


def test_terms_come_with_words_not_with_a_percentage(browser: Client) -> None:
    row = ProposalFactory(score=0.42, band="strong", terms=[["溶接", 0.3], ["塗装", 0.12]])
    page = browser.get(row.get_absolute_url()).content.decode()
    assert "decisive" in page
    assert re.search(r"Strong candidate</strong>:\s+in past evaluation \d+ of 10 such firms fitted", page)
    assert "%" not in re.sub(r"<[^>]*>", "", page)


def test_buttons_come_from_the_table(browser: Client) -> None:
    row = ProposalFactory(state=Proposal.State.REJECTED)
    page = browser.get(row.get_absolute_url()).content.decode()
    assert url(row, "reopen") in page
    assert url(row, "shortlist") not in page
    assert url(row, "add") not in page


def test_who_speaks_for_the_firm_gets_no_buttons(browser: Client, akita: User) -> None:
    row = ProposalFactory()
    FirmMembership.objects.create(user=akita, firm=row.firm)
    assert url(row, "shortlist") not in browser.get(row.get_absolute_url()).content.decode()
    answer = browser.post(url(row, "shortlist"), {"seen": "proposed", "reason": "fit"})
    assert answer.status_code == 409
    assert Decision.objects.count() == 0


def test_previous_and_next_keep_the_filter(browser: Client) -> None:
    rows = [ProposalFactory(score=score) for score in (0.9, 0.8, 0.8, 0.7, 0.1)]
    answer = browser.get(f"{rows[2].get_absolute_url()}?sort=-score&score=50")
    assert answer.context["before"] == f"{rows[1].get_absolute_url()}?sort=-score&score=50"
    assert answer.context["after"] == f"{rows[3].get_absolute_url()}?sort=-score&score=50"
    assert browser.get(f"{rows[3].get_absolute_url()}?sort=-score&score=50").context["after"] is None
    assert browser.get(f"{rows[0].get_absolute_url()}?score=nonsense").context["after"] is None


def test_walking_next_meets_every_row_of_the_queue_in_order(browser: Client) -> None:
    for score in (0.5, 0.5, 0.2, 0.9, 0.2):
        ProposalFactory(score=score)
    for sort in ("", "sort=-score", "sort=score", "sort=firm", "sort=-need", "sort=state"):
        listed = [row.pk for row in browser.get(f"/proposals/?{sort}").context["page_obj"]]
        walked, page = [listed[0]], f"/proposals/{listed[0]}/?{sort}"
        while page := browser.get(page).context["after"]:
            walked.append(int(page.split("/")[2]))
        assert walked == listed, sort


def test_a_decision_stands_in_the_history(browser: Client, akita: User) -> None:
    row = ProposalFactory()
    data = {"seen": "proposed", "reason": "other", "note": "<b>廃業</b>"}
    answer = browser.post(url(row, "reject") + "?sort=-score", data)
    assert answer["Location"] == f"{row.get_absolute_url()}?sort=-score"
    page = browser.get(answer["Location"]).content.decode()
    assert "&lt;b&gt;廃業&lt;/b&gt;" in page
    assert "工藤 健" in page


def test_who_comes_too_late_is_told_and_keeps_the_input(browser: Client) -> None:
    row = ProposalFactory()
    take("reject", Proposal.objects.get(pk=row.pk), by=BureauFactory(name="鈴木 恵"), reason="distance")
    answer = browser.post(url(row, "shortlist"), {"seen": "proposed", "reason": "fit", "note": "長い所見"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "鈴木 恵" in page
    assert "長い所見" in page
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("reject", {"seen": "proposed"}),
        ("reject", {"seen": "proposed", "reason": "other"}),
        ("reject", {"seen": "proposed", "reason": "fit"}),
        ("reject", {"reason": "distance"}),
        ("reject", {"seen": "nonsense", "reason": "distance"}),
        ("note", {"seen": "proposed", "note": ""}),
        ("note", {"seen": "proposed", "note": "x" * 1001}),
        ("note", {"seen": "proposed", "note": "\x00"}),
        ("assign", {"seen": "proposed", "assignee": "999"}),
    ],
)
def test_a_wrong_form_is_shown_again(browser: Client, step: str, data: dict[str, Any]) -> None:
    row = ProposalFactory()
    assert browser.post(url(row, step), data).status_code == 422
    assert Decision.objects.count() == 0


def test_only_whitelisted_fields_change(browser: Client) -> None:
    row = ProposalFactory()
    extra = {"state": "shortlisted", "score": "1", "firm": "1", "by": "1", "at": "2000-01-01", "due_on": "2000-01-01"}
    assert browser.post(url(row, "note"), {"seen": "proposed", "note": "x"} | extra).status_code == 302
    before = Proposal.objects.values().get(pk=row.pk)
    assert (before["state"], before["score"], before["due_on"]) == ("proposed", row.score, row.due_on)


def test_csrf_is_required(akita: User) -> None:
    row, browser = ProposalFactory(), Client(enforce_csrf_checks=True)
    browser.force_login(akita)
    for path in (url(row, "hold"), "/proposals/bulk/"):
        assert browser.post(path, {"seen": "proposed"}, headers={"HX-Request": "true"}).status_code == 403
    assert Decision.objects.count() == 0


# ---- adding by hand -------------------------------------------------------------------------------------------------
def test_a_firm_is_added_by_number_or_name(browser: Client) -> None:
    need, firm = NeedFactory(), FirmFactory(name="男鹿めっき株式会社")
    FirmFactory(name="男鹿鉄工株式会社")
    page = reverse("matching:proposal-add", args=[need.pk])
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"q": "男鹿", "reason": "実績"}).status_code == 422
    assert browser.post(page, {"q": "どこにもない", "reason": "実績"}).status_code == 422
    assert browser.post(page, {"q": "\x00", "reason": "実績"}).status_code == 422
    assert browser.post(page, {"q": "男鹿", "firm": firm.pk, "reason": "実績"}).status_code == 302
    assert browser.post(page, {"q": firm.corporate_number, "reason": "実績"}).status_code == 409
    assert Proposal.objects.get().origin == "person"


def test_firms_out_of_scope_are_not_found(browser: Client) -> None:
    need, far = NeedFactory(), FirmFactory(municipality=MunicipalityFactory("02201"), name="青森製作所")
    page = reverse("matching:proposal-add", args=[need.pk])
    answer = browser.post(page, {"q": "青森製作所", "firm": far.pk, "reason": "実績"})
    assert answer.status_code == 422
    assert Proposal.objects.count() == 0


# ---- a firm's own fit -----------------------------------------------------------------------------------------------
def test_a_firm_sees_asked_and_found_and_nothing_of_the_ranking() -> None:
    need, firm = NeedFactory(), FirmFactory(monthly_capacity=8, employees=46)
    CriterionFactory(need, kind="volume", number=12)
    CriterionFactory(need, kind="distance", number=80, place=PlaceFactory())
    CriterionFactory(need, kind="certification", stated="EN 1090-2 EXC3")
    ProposalFactory(need=need, firm=firm, score=0.77193, rank=3)
    ProposalFactory(need=need, firm=FirmFactory(name="よその会社"))
    page = sign_in(FirmUserFactory(firm)).get(reverse("matching:fit", args=[need.pk])).content.decode()
    for words in ("at least 12 a month", "8 a month", "EN 1090-2 EXC3", "Not met", "Met", "km"):
        assert words in page, words
    for secret in ("7719", "rank", "Rank", "よその会社", "溶接</mark>", "shortlist"):
        assert secret not in page, secret


def test_fit_is_for_public_open_needs_and_firms() -> None:
    browser = sign_in(FirmUserFactory(FirmFactory()))
    for hidden in (NeedFactory(visibility="coordinators"), NeedFactory(visibility="nda"), NeedFactory(state="draft")):
        assert browser.get(reverse("matching:fit", args=[hidden.pk])).status_code == 404
    public = reverse("matching:fit", args=[NeedFactory().pk])
    assert browser.get(public).status_code == 200
    assert sign_in(FirmUserFactory()).get(public).status_code == 200
    assert sign_in(CoordinatorFactory()).get(public).status_code == 403
