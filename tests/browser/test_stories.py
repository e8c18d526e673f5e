"""Stories 1 to 3 in Chromium: a firm claims its row and offers a part, a no comes back as work, an office's Monday.

The rows are made by the verbs; what the story is about is walked, much of it by keyboard.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Page, expect

from matching import store
from matching.models import Answer, CandidateList, Decision, Feedback, Inquiry, Proposal, Task
from matching.propose import propose
from matching.review import take
from registry.duplicates.find import search
from registry.models import Firm, FirmCertification, Need, Notice, User
from tests.browser.conftest import PageOf
from tests.browser.test_walk import NUMBER, submit
from tests.factories import (
    BureauFactory,
    CapabilityFactory,
    CertificationFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    PlaceFactory,
    ProposalFactory,
    UserFactory,
    corporate_number,
)
from tests.services.browser import PHONE, assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_sqlite]
EXC3 = "EN 1090-2 EXC3"


@pytest.fixture
def kudo(transactional_db: None) -> User:
    return CoordinatorFactory("05", name="工藤 健")


@pytest.fixture
def need(kudo: User) -> Need:
    """W-014: tower internal platforms, 12 a month, near the port, with a certificate that few firms hold."""
    made = NeedFactory(title="タワー内部架台 126基", text="鋼製架台の製缶と溶接", office=kudo.offices.get())
    made.capabilities.set([CapabilityFactory("welding")])
    wanted = CertificationFactory("en1090-exc3", name=EXC3)
    CriterionFactory(made, kind="certification", certification=wanted, stated=EXC3)
    CriterionFactory(made, kind="distance", number=80, place=PlaceFactory(latitude=40.2085, longitude=140.004))
    CriterionFactory(made, kind="volume", number=12)
    return made


@pytest.fixture
def firm() -> Firm:
    return FirmFactory(
        name="能代臨海製缶㈱",
        corporate_number=NUMBER,
        municipality=MunicipalityFactory("05202"),
        capability_text="鋼構造物の製缶と溶接。大型架台。",
        monthly_capacity=8,
        capabilities=[CapabilityFactory("welding")],
        certifications=[CertificationFactory("iso-3834-2", name="ISO 3834-2")],
    )


def claim(page: Page, message: str) -> None:
    page.goto("/register/")
    page.fill("[name=corporate_number]", NUMBER)
    page.keyboard.press("Enter")
    page.wait_for_url("**/claim/**")
    expect(page.locator("main")).to_contain_text("能代臨海製缶㈱")
    if page.locator("[name=message]").count():
        page.fill("[name=message]", message)
        submit(page)


def test_story_1_a_firm_claims_its_row_and_offers_a_part(page_of: PageOf, kudo: User, need: Need, firm: Firm) -> None:
    sato, office = page_of(UserFactory(name="佐藤 花子"), PHONE), page_of(kudo, locale="en-US")
    claim(sato, "総務の佐藤です")
    answer = sato.goto(f"/firms/{firm.pk}/edit/")
    assert answer
    assert answer.status == 404
    office.goto("/claims/")
    expect(office.locator("main")).to_contain_text("総務の佐藤です")
    office.get_by_role("button", name="Approve").press("Enter")
    expect(office.locator("[data-state=approved]")).to_be_visible()
    assert_accessible(office)

    sato.goto(need.get_absolute_url())
    sato.locator("a[href$='/offer/']").press("Enter")
    chips = sato.locator(".chips li")
    expect(chips).to_have_text(["溶接: 満たす", f"{EXC3}: 満たさない", "距離 2 km: 満たす", "月産数 8/12: 満たさない"])
    sato.locator("[name=step][value=part]").check()
    sato.fill("[name=volume]", "8")
    submit(sato)
    inquiry = Inquiry.objects.get()
    assert (inquiry.state, inquiry.volume, inquiry.origin) == ("partial", 8, "firm")
    sato.goto("/concerns/")
    expect(sato.locator("main")).to_contain_text("受付済")
    expect(sato.locator("main")).not_to_contain_text(need.project.organisation)

    late = page_of(UserFactory())
    claim(late, "")
    expect(late.get_by_role("alert")).to_contain_text("既に")
    assert_accessible(late)


def test_story_2_a_no_comes_back_as_work(
    page_of: PageOf, kudo: User, need: Need, firm: Firm, settings: LazySettings, tmp_path: Path
) -> None:
    settings.VAR = settings.MEDIA_ROOT = tmp_path
    row = matched(need)
    take("shortlist", row, by=kudo, reason="fit")
    made = CandidateList.objects.create(number="L-X", need=need, recipient="Holm A/S", made_by=kudo)
    entry = made.entries.create(position=1, firm=firm, row={})
    buyer = BureauFactory(name="Karen Holm")
    Answer.objects.create(entry=entry, number=1, verdict="reject", code="CERT_MISSING", detail=EXC3, by=buyer)

    office, hers = page_of(kudo), page_of(FirmUserFactory(firm), PHONE)
    tell_why(office, row)
    hers.goto("/notices/")
    hers.get_by_role("link", name=re.compile("見送り")).press("Enter")
    expect(hers.locator("main")).to_contain_text(f"{EXC3} 取得")
    for hidden in ("Holm", "Karen", "工藤"):
        expect(hers.locator("main")).not_to_contain_text(hidden)
    assert_accessible(hers)
    held = add_certificate(hers, firm)

    assert matched(need).state == "shortlisted"  # nothing comes back before the office has looked
    office.goto(firm.get_absolute_url())
    office.locator(f"form[action$='/{held.pk}/confirm/'] button").press("Enter")
    expect(office.locator("main")).to_contain_text("確認済み")
    assert_accessible(office)
    assert Task.objects.get().state == "done"
    assert matched(need).state == "proposed"
    office.goto("/proposals/")
    expect(office.locator(f"#row-{row.pk}")).to_contain_text(f"{EXC3} の確認により再開")
    office.goto(row.get_absolute_url())
    expect(office.locator("main")).to_contain_text(re.compile("必須条件.*→"))
    assert_accessible(office)


def tell_why(page: Page, row: Proposal) -> None:
    """The office releases the reason in softened words, and sets the firm the task that is suggested."""
    page.goto(row.get_absolute_url())
    page.locator("details:has(form[action$='/feedback/']) > summary").press("Enter")
    form = page.locator("form[action$='/feedback/']")
    form.locator("[name=code]").select_option("certification")
    form.locator("[name=detail]").fill(EXC3)
    form.locator("[name=due_on]").fill((timezone.localdate() + timedelta(days=90)).isoformat())
    form.locator("button").press("Enter")
    expect(page.locator("#feedback ~ div")).to_contain_text(f"{EXC3} 取得")
    assert_accessible(page)


def add_certificate(page: Page, firm: Firm) -> FirmCertification:
    """From the task to the profile: the certificate, then its scan."""
    page.locator("a[href$='/edit/certificates/']").first.press("Enter")
    page.locator("details:has([name=rows-1-stated]) > summary").press("Enter")
    page.fill("[name=rows-1-stated]", EXC3)
    page.fill("[name=rows-1-valid_until]", "2040-02-27")
    submit(page)
    held: FirmCertification = firm.firm_certifications.get(stated=EXC3)
    page.goto(f"/firms/{firm.pk}/edit/certificates/")
    scan = {"name": "exc3.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}
    page.set_input_files(f"#scan-{held.pk}", scan)  # type: ignore[arg-type]
    page.locator(f"form[action$='/{held.pk}/scan/put/'] button").press("Enter")
    page.wait_for_load_state()
    assert_accessible(page)
    return held


def matched(need: Need) -> Proposal:
    """What the worker does after a change."""
    store.rebuild()
    propose(Need.objects.get(pk=need.pk))
    found: Proposal = Proposal.objects.get(need=need)
    return found


@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_story_3_a_monday_in_the_queue(page_of: PageOf, kudo: User, locale: str) -> None:
    aomori, today, need = CoordinatorFactory("02"), timezone.localdate(), NeedFactory()
    rows = [
        ProposalFactory(need=need, score=1 - n / 100, due_on=today + timedelta(days=-3 if n < 5 else 9))
        for n in range(37)
    ]
    person = FirmUserFactory(rows[5].firm)
    page = page_of(kudo, locale=locale)
    page.goto("/proposals/?overdue=true")
    expect(page.locator("#results [data-row]")).to_have_count(5)
    tick(page, rows[:3])
    step(page, "shortlist", reason="fit")
    expect(page.locator("#results [data-row]")).to_have_count(2)
    tick(page, rows[3:5])
    step(page, "hand_over", office=str(aomori.offices.get().pk))
    expect(page.locator("#results [data-row]")).to_have_count(0)
    assert_accessible(page)

    page.goto("/proposals/")
    tick(page, rows[5:14])
    step(page, "reject", note="片道3時間")
    expect(page.locator(".field-error, .error-summary").first).to_be_visible()
    assert_accessible(page)
    assert not Decision.objects.filter(step="reject").exists()
    page.goto("/proposals/")
    tick(page, rows[5:14])
    page.locator("[name=reject-tell]").evaluate("box => box.checked = true")
    step(page, "reject", reason="distance")
    assert Decision.objects.count() == 14
    assert Feedback.objects.count() == Notice.objects.filter(kind="feedback.released").count() + 8 == 9
    expect(page.locator("#results [data-row]")).to_have_count(23)

    hers = page_of(person)
    hers.goto("/concerns/")
    expect(hers.locator("#feedback ~ article")).to_contain_text("近い")
    assert_accessible(hers)
    theirs = page_of(User.objects.get(pk=aomori.pk), locale=locale)
    theirs.goto("/proposals/")
    expect(theirs.locator("#results [data-row]")).to_have_count(2)


def tick(page: Page, rows: list[Proposal]) -> None:
    for row in rows:
        page.locator(f"#row-{row.pk} [name=ids]").press("Space")


def step(page: Page, name: str, **fields: str) -> None:
    """One step of the bar below the queue, by keyboard."""
    page.locator(f"details:has([name=step][value={name}]) > summary").press("Enter")
    for field, value in fields.items():
        control = page.locator(f"[name={name}-{field}]")
        control.select_option(value) if field in {"reason", "office"} else control.fill(value)
    page.locator(f"[name=step][value={name}]").press("Enter")
    page.wait_for_load_state()


def test_story_3_one_firm_listed_twice_is_merged(page_of: PageOf, kudo: User) -> None:
    number, oga = corporate_number(), MunicipalityFactory("05206")
    first = FirmFactory(name="㈱男鹿メッキ", corporate_number=number, municipality=oga)
    second = FirmFactory(
        name="男鹿めっき株式会社", corporate_number=number, municipality=oga, duplicate_of=first, employees=41
    )
    for firm, stated in ((first, "ISO 9001"), (second, "ISO 14001")):
        firm.firm_certifications.create(stated=stated)
    search()
    page = page_of(kudo)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/duplicates/")
    page.locator("#results .title-link").press("Enter")
    expect(page.locator("main")).to_contain_text("㈱男鹿メッキ")
    assert_accessible(page)
    page.locator("form[action$='/merge/'] .button-primary").press("Enter")
    expect(page.locator(".notice-success").first).to_be_visible()
    assert_accessible(page)
    kept = Firm.objects.get(state="published")
    gone = {first.pk, second.pk} - {kept.pk}
    page.goto(f"/firms/{gone.pop()}/")
    assert page.url.endswith(kept.get_absolute_url())
    for certificate in ("ISO 9001", "ISO 14001"):
        expect(page.locator("main")).to_contain_text(certificate)
