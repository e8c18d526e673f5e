"""The main job in Chromium, with a real worker: register, need, shortlist, inquiry, answer and consent, list, T1.

Every page on the way is held against WCAG 2.2 AA by axe.
"""

import io
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from matching.models import Proposal
from registry.intake.sample import PASSWORD
from registry.models import Firm, Need
from tests.services.browser import PHONE, NewPage, assert_accessible
from tests.services.worker import StartWorker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]

NUMBER = "8999900000001"  # a test value with a right check digit
TEXT = "洋上風力タワー内部架台の製缶溶接。板厚60mmまで、クレーン30t、溶接施工管理。月8基。"


@pytest.fixture
def register(transactional_db: None, settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    call_command("load_sample", verbosity=0, stdout=io.StringIO())


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    assert_accessible(page)
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".user-menu")).to_be_visible()
    assert_accessible(page)


def sign_up(page: Page, email: str) -> None:
    page.goto("/account/signup/")
    assert_accessible(page)
    page.fill("[name=email]", email)
    page.fill("[name=name]", "佐藤 花子")
    page.fill("[name=password1]", "縁-long-enough-42")
    if page.locator("[name=password2]").count():
        page.fill("[name=password2]", "縁-long-enough-42")
    page.locator("main form button").last.click()
    page.wait_for_url("**/confirm-email/**")
    link = re.search(r"/account/confirm-email/\S+", str(mail.outbox[-1].body))
    assert link, mail.outbox[-1].body
    page.goto(link[0])
    assert_accessible(page)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def submit(page: Page) -> None:
    """Press the page's main button and hold the next page against axe."""
    page.locator("main form .button-primary").last.click()
    page.wait_for_load_state()
    assert_accessible(page)


def register_firm(page: Page) -> Firm:
    sign_up(page, "sato@example.jp")
    if "/login/" in page.url:
        sign_in(page, "sato@example.jp", "縁-long-enough-42")
    page.goto("/register/")
    page.fill("[name=corporate_number]", "7.00001E+12")
    page.locator("main form .button-primary").click()
    expect(page.locator(".error-summary")).to_contain_text("7.00001E+12")  # what a spreadsheet made of it
    assert_accessible(page)
    page.fill("[name=corporate_number]", "８９９９９－００００－０００１")
    submit(page)
    page.fill("[name=name]", "能代臨海製缶株式会社")
    page.fill("[name=name_kana]", "ノシロリンカイセイカン")
    page.select_option("[name=prefecture]", "05")
    page.select_option("[name=municipality]", "05202")
    page.fill("[name=employees]", "４６")
    submit(page)
    submit(page)  # capabilities: none of the catalogue's
    page.fill("[name=capability_text]", TEXT)
    submit(page)
    page.goto(page.url.replace("equipment", "capacity"))
    page.fill("[name=monthly_capacity]", "8")
    submit(page)
    page.goto(re.sub(r"edit/.*", "preview/", page.url))
    submit(page)  # publish
    return Firm.objects.get(corporate_number=NUMBER)


def post_need(page: Page) -> Need:
    sign_in(page, "anchor@example.jp")
    page.goto("/needs/new/")
    assert_accessible(page)
    page.locator("[name=project]").select_option(index=1)
    page.fill("[name=title]", "タワー内部架台 126基")
    page.fill("[name=text]", "洋上風力タワーの内部架台（製缶・溶接）。月12基、能代港まで納入。")
    page.locator("details:has([name=visibility]) > summary").click()
    page.select_option("[name=visibility]", "public")
    page.locator("details:has([name=criteria-0-kind]) summary").click()
    page.select_option("[name=criteria-0-kind]", "employees")
    page.fill("[name=criteria-0-number]", "30")
    submit(page)
    page.locator("button[formaction$='/submit/']").click()
    page.wait_for_load_state()
    assert_accessible(page)
    return Need.objects.latest("pk")


def open_and_shortlist(page: Page, need: Need, firm: Firm) -> None:
    sign_in(page, "bureau@example.jp")
    page.goto(f"/needs/{need.pk}/")
    page.locator("button[formaction$='/open/']").click()
    page.wait_for_load_state()
    for _ in range(60):  # the worker matches meanwhile; a coordinator would reload too
        if Proposal.objects.filter(need=need, firm=firm).exists():
            break
        page.wait_for_timeout(500)
    page.goto(f"/proposals/?need={need.pk}")
    assert_accessible(page)
    page.locator("main table a", has_text=firm.name).first.click()
    page.wait_for_load_state()
    assert_accessible(page)
    expect(page.locator("mark").first).to_be_visible()
    page.locator("form[action*='/shortlist/'] [name$=reason]").select_option("fit")
    page.locator("form[action*='/shortlist/'] button").click()
    page.wait_for_load_state()
    assert_accessible(page)
    proposal = Proposal.objects.get(need=need, firm=firm)
    assert (proposal.state, proposal.decisions.get().reason) == ("shortlisted", "fit")


def ask(page: Page, need: Need) -> None:
    page.goto(f"/inquiries/new/?need={need.pk}")
    assert_accessible(page)
    page.fill("[name=message]", "月にどのくらい対応できますか。")
    submit(page)


def answer_in_part_and_consent(page: Page) -> None:
    """The firm finds the inquiry on its page, offers a part and says what the buyer may read."""
    page.goto("/concerns/")
    assert_accessible(page)
    page.locator("main article .button-primary").first.click()
    page.wait_for_load_state()
    assert_accessible(page)
    page.locator("[name=step][value=part]").check()
    page.fill("[name=volume]", "８")
    for field in ("identity", "capacity", "criteria"):
        page.locator(f"[name=fields_][value={field}]").check()
    submit(page)
    expect(page.locator("main")).to_contain_text("一部対応可")
    page.goto("/consents/")
    assert_accessible(page)


def make_and_release(page: Page, need: Need) -> None:
    page.goto(f"/needs/{need.pk}/lists/new/")
    assert_accessible(page)
    if not page.input_value("[name=recipient]"):
        page.fill("[name=recipient]", "Karen Holm")
    submit(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("form[action*='/release/'] button").click()
    page.wait_for_load_state()
    assert_accessible(page)


def read_list(page: Page, need: Need, firm: Firm, folder: Path) -> None:
    sign_in(page, "anchor@example.jp")
    page.goto("/lists/")
    assert_accessible(page)
    page.locator("main table a[href^='/lists/']").first.click()
    page.wait_for_load_state()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    file = folder / "list.xlsx"
    download.value.save_as(file)
    cells = [cell for row in CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python() for cell in row]
    assert firm.name in cells
    assert NUMBER in cells  # as text, all thirteen digits
    assert any(need.title in str(cell) for cell in cells)


def test_from_an_empty_browser_to_a_list_in_the_buyers_hands(
    register: None, new_page: NewPage, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker(beat=True)
    phone = new_page(PHONE)
    firm = register_firm(phone)
    assert (firm.state, firm.employees, firm.municipality_id) == ("published", 46, "05202")
    need = post_need(new_page(locale="en-US"))
    assert need.state == Need.State.REVIEW
    office = new_page()
    open_and_shortlist(office, need, firm)
    ask(office, need)
    answer_in_part_and_consent(phone)
    make_and_release(office, need)
    read_list(new_page(locale="en-US"), need, firm, tmp_path)
