"""Stories 4, 7 and the first half of 8 in Chromium: a group of two prefectures, a buyer abroad, a NewSpace engineer."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from matching import consent, links, parts
from matching.models import Answer, CandidateList, DisclosureConsent, Group, GroupMember
from matching.release import make_list, release
from registry.models import Need, NeedDrawing
from tests.browser.conftest import PageOf
from tests.browser.test_walk import submit
from tests.factories import (
    AnchorFactory,
    CertificationFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    SectorFactory,
)
from tests.matching.story import firms_of_story, kept_by, need_of_story
from tests.services.browser import PHONE, NewPage, assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_sqlite]


def test_story_4_two_prefectures_make_a_group(page_of: PageOf, settings: LazySettings, tmp_path: Path) -> None:
    settings.VAR = tmp_path
    firms = firms_of_story()
    akita, aomori = CoordinatorFactory("05"), CoordinatorFactory("02")
    group = kept_by(akita, need_of_story())
    parts.take("propose", group, by=akita)
    office = page_of(akita)
    for page, count in ((office, 2), (page_of(aomori, locale="en-US"), 1)):
        page.goto(group.get_absolute_url())
        assert page.locator("form[action$='/accept/']").count() == count
        for _ in range(count):
            page.locator("form[action$='/accept/'] button").first.press("Enter")
            page.wait_for_load_state()
        assert_accessible(page)
    assert Group.objects.get().state == Group.State.ACCEPTED

    for name in ("能代臨海製缶", "大館塗工", "弘前鉄構"):
        office.goto(f"{group.get_absolute_url()}sheet/")
        expect(office.locator("main")).to_contain_text("青森県内企業")
        expect(office.locator("main")).not_to_contain_text("弘前鉄構")
        member = GroupMember.objects.get(firm__name=name)
        hers = page_of(FirmUserFactory(member.firm), PHONE)
        hers.goto("/concerns/")
        hers.locator(f"a[href='{member.get_absolute_url()}']").first.press("Enter")
        hers.locator("form[action$='/join/'] [value=identity]").check()
        submit(hers)
    office.reload()
    expect(office.locator("main")).to_contain_text("弘前鉄構")
    expect(office.locator("main")).not_to_contain_text("青森県内企業")

    given = DisclosureConsent.objects.get(firm=firms["大館塗工"], recipient="partners")
    hers = page_of(given.by)
    hers.on("dialog", lambda dialog: dialog.accept())
    hers.goto("/consents/")
    hers.locator(f"form[action='/consents/{given.pk}/revoke/'] button").press("Enter")
    hers.wait_for_load_state()
    assert_accessible(hers)
    office.goto(group.get_absolute_url())
    expect(office.locator("main")).to_contain_text("11個")
    expect(office.locator("main .badge-warning").first).to_contain_text("不足")
    assert_accessible(office)


# ---- story 7 --------------------------------------------------------------------------------------------------------
@pytest.fixture
def shared() -> tuple[CandidateList, str]:
    """L-…: nine firms that consent, two that do not, and the address that Ms Holm got by mail."""
    office, need = CoordinatorFactory("05"), NeedFactory()
    for n in range(11):
        firm = FirmFactory(name_en=f"Noshiro Works {n}", monthly_capacity=8, certifications=[CertificationFactory()])
        proposal = ProposalFactory(need=need, firm=firm, state="shortlisted", score=1 - n / 100)
        if n < 9:
            ConsentFactory(proposal, by=FirmUserFactory(firm))
    made = make_list(need, by=office, recipient="Holm A/S")
    release(made, office)
    _link, secret = links.make(made, by=office, email="holm@example.dk", language="en", days=14, overseas=True)
    return made, f"/shared/{secret}/"


def test_story_7_a_buyer_abroad_reads_answers_and_downloads(
    new_page: NewPage, page_of: PageOf, shared: tuple[CandidateList, str], tmp_path: Path
) -> None:
    made, address = shared
    holm = new_page(locale="da-DK")
    enter(holm, address)
    expect(holm.locator(".candidate-card")).to_have_count(9)
    expect(holm.locator("main")).to_contain_text(re.compile("More firms that did not consent\\s*2"))
    assert_accessible(holm)

    entries = list(made.entries.all())
    for entry in entries[:3]:
        say(holm, entry.pk, "shortlist")
    translate(holm)
    expect(holm.locator("main")).to_contain_text(entries[0].firm.name)  # what is marked so is no text to translate
    expect(holm.locator("main")).not_to_contain_text("Answer for this firm")
    for entry in entries[3:5]:
        say(holm, entry.pk, "more", note="Which crane?")
    say(holm, entries[5].pk, "reject")
    expect(holm.locator(f"#firm-{entries[5].pk} .field-error")).to_contain_text("Choose why")
    assert_accessible(holm)
    for entry in entries[5:]:
        say(holm, entry.pk, "reject", code="CERT_MISSING", detail="EN 1090-2 EXC3")
    answered = Answer.objects.values_list("verdict", flat=True)
    assert sorted(answered) == ["more"] * 2 + ["reject"] * 4 + ["shortlist"] * 3

    cells = downloaded(holm, tmp_path)
    assert {entries[0].firm.name, "Noshiro Works 0", entries[0].firm.corporate_number} <= cells
    assert not any(str(cell).startswith("=") for cell in cells)
    gone = entries[0].firm
    consent.revoke(DisclosureConsent.objects.get(firm=gone), by=gone.memberships.get().user)
    assert not {gone.name, "Noshiro Works 0"} & downloaded(holm, tmp_path)
    office = page_of(made.made_by)
    office.goto(made.get_absolute_url())
    office.locator("details:has-text('閲覧') > summary").last.press("Enter")
    expect(office.locator("main")).to_contain_text("holm@example.dk")
    assert_accessible(office)

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        dead = holm.goto(address)
    assert dead
    assert dead.status == 404
    expect(holm.locator("main")).not_to_contain_text(made.number)
    assert_accessible(holm)


def translate(page: Page) -> None:
    """What a browser's translation does to a page: text that is not marked becomes other words in an element."""
    page.evaluate("""() => {
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        while (texts.nextNode()) found.push(texts.currentNode);
        for (const text of found) {
            if (!text.data.trim() || text.parentElement.closest("[translate=no], script, style")) continue;
            const words = document.createElement("font");
            words.textContent = "ord";
            text.replaceWith(words);
        }
    }""")


def enter(page: Page, address: str) -> None:
    """Through the door of a link, with the code that comes by mail."""
    page.goto(address)
    assert_accessible(page)
    page.get_by_role("button", name="Send me a code").press("Enter")
    page.wait_for_load_state()
    code = re.search(r"^ +(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.fill("[name=code]", code[1])
    page.keyboard.press("Enter")


def say(page: Page, entry: int, verdict: str, **more: str) -> None:
    """Answer for one firm, by keyboard, on a page that the browser has translated."""
    translate(page)
    card = page.locator(f"#firm-{entry}")
    if not card.locator("details[open]").count():
        card.locator("summary").press("Enter")
    card.locator(f"[value={verdict}]").check()
    for name, value in more.items():
        control = card.locator(f"[name$='-{name}']")
        control.select_option(value) if name == "code" else control.fill(value)
    card.locator(".button-primary").press("Enter")
    page.wait_for_load_state()


def downloaded(page: Page, folder: Path) -> set[object]:
    with page.expect_download() as download:
        page.locator("a[href$='file.xlsx']").first.click()
    download.value.save_as(folder / "list.xlsx")
    sheet = CalamineWorkbook.from_path(folder / "list.xlsx").get_sheet_by_index(0)
    return {cell for row in sheet.to_python() for cell in row}


# ---- story 8 --------------------------------------------------------------------------------------------------------
S_007 = {
    "en": ("Turbopump impeller", "Impeller of a propellant turbopump, milled from solid on five axes."),
    "ja": ("ターボポンプのインペラ", "推進剤ターボポンプの羽根車。5軸切削による一体加工。"),
}


@pytest.mark.parametrize("language", S_007)
def test_story_8_an_engineer_posts_a_need_and_its_drawing_opens_after_the_nda(
    page_of: PageOf, language: str, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    project = ProjectFactory(sector=SectorFactory("space", name="宇宙"), municipality=MunicipalityFactory("07212"))
    abe = page_of(AnchorFactory(project), locale={"en": "en-US", "ja": "ja-JP"}[language])
    abe.goto("/needs/new/")
    write(abe, *S_007[language])
    submit(abe)
    need = Need.objects.get()
    assert (need.language, need.nda_first, need.phases.count(), need.criteria.count()) == (language, True, 2, 2)
    main = abe.locator("main")
    expect(main).to_contain_text({"en": "60 a year", "ja": "60個／年"}[language])
    expect(main).to_contain_text("JIS Q 9100")
    add_drawing(abe)
    abe.goto(need.get_absolute_url())
    abe.locator("button[formaction$='/submit/']").press("Enter")
    abe.wait_for_load_state()
    assert_accessible(abe)

    office, firm = CoordinatorFactory("07", "05"), FirmFactory(name="花巻ターボ精工株式会社")
    Need.objects.update(state="open", office=office.offices.get())
    inquiry = InquiryFactory(need=Need.objects.get(), firm=firm, asked_by=office)
    hers, review = page_of(FirmUserFactory(firm), PHONE), page_of(office)
    drawing = f"{inquiry.get_absolute_url()}drawings/{NeedDrawing.objects.get().pk}/"
    assert hers.goto(inquiry.get_absolute_url())
    assert not hers.locator(f"a[href='{drawing}']").count()
    assert hers.request.get(drawing).status == 404
    review.goto(inquiry.get_absolute_url())
    review.locator("details:has(form[action$='/nda/record/']) > summary").press("Enter")
    review.fill("[name=signed_on]", timezone.localdate().isoformat())
    review.locator("form[action$='/nda/record/'] button").press("Enter")
    expect(review.locator("#nda ~ p .badge-success")).to_be_visible()
    assert_accessible(review)
    hers.reload()
    expect(hers.locator(f"a[href='{drawing}']")).to_be_visible()
    assert_accessible(hers)
    assert hers.request.get(drawing).status == 200


def write(page: Page, title: str, text: str) -> None:
    """The guided fields: the text, the specification, how many by phase, what a firm must hold."""
    page.locator("[name=project]").select_option(index=1)
    page.fill("[name=title]", title)
    page.fill("[name=text]", text)
    closed = page.locator("main form details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.press("Enter")
    fields = {
        "material": "Inconel 718",
        "diameter": "120",
        "tolerance": "0.01",
        "phases-0-lot": "2",
        "phases-0-since": "2026-11",
        "phases-1-lot": "60",
        "phases-1-since": "2029-01",
        "criteria-0-stated": "ISO 9001",
        "criteria-1-stated": "JIS Q 9100",
        "criteria-1-by_year": "2028",
    }
    choices = {
        "export_control": "subject",
        "phases-0-kind": "prototype",
        "phases-0-per": "once",
        "phases-1-kind": "volume",
        "phases-1-per": "year",
        "criteria-0-kind": "certification",
        "criteria-1-kind": "certification",
        "criteria-1-hard": "wish",
    }
    for name, value in choices.items():
        page.select_option(f"[name={name}]", value)
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator("[name=nda_first]").check()
    assert_accessible(page)


def add_drawing(page: Page) -> None:
    """From the need to its drawings: one that falls under export control."""
    page.locator("a[href$='/drawings/']").press("Enter")
    page.fill("[name=title]", "Impeller S-007")
    page.locator("[name=flagged]").check()
    file = {"name": "S-007.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.set_input_files("[name=file]", file)  # type: ignore[arg-type]
    submit(page)
    expect(page.locator("main")).to_contain_text("Impeller S-007")
