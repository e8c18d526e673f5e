"""A first-time user registers and publishes a complete profile in Chromium: under 8 minutes at a person's pace."""

import io
from pathlib import Path

import pytest
from django.conf import LazySettings
from PIL import Image
from playwright.sync_api import Page, expect

from registry.completeness import completeness
from registry.models import Firm
from tests.browser.test_walk import NUMBER, sign_in, sign_up
from tests.factories import CapabilityFactory, CertificationFactory, MunicipalityFactory
from tests.services.browser import PHONE, NewPage, assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_sqlite]

TEXT = (
    "タワー内部架台の製缶溶接。SS400、SUS304の板厚60mmまで、公差±0.5mm、"
    "1個から月8基まで。天井クレーン30t、防食塗装まで一貫。"
)
PRESS, LETTER = 4.0, 0.9
"""Seconds: finding and pressing something; typing and converting one letter, slowly."""


class Person:
    """Presses and types as a person would, and counts what it costs."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.letters = page, 0, 0

    def fill(self, name: str, value: str) -> None:
        self.page.fill(f"[name={name}]", value)
        self.presses, self.letters = self.presses + 1, self.letters + len(value)

    def choose(self, name: str, value: str) -> None:
        self.page.select_option(f"[name={name}]", value)
        self.presses += 2

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.presses += 1

    def on(self) -> None:
        """Save and continue; the next page is held against axe."""
        self.page.locator("main form .button-primary, main a.button-primary").last.click()
        self.page.wait_for_load_state()
        self.presses += 1
        assert_accessible(self.page)

    @property
    def seconds(self) -> float:
        return self.presses * PRESS + self.letters * LETTER


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (80, 60), "navy").save(written, "JPEG")
    return written.getvalue()


def test_a_first_time_user_publishes_a_complete_profile(
    new_page: NewPage, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    MunicipalityFactory("05202")
    CertificationFactory(name="ISO 3834-2")
    CapabilityFactory()
    page = new_page(PHONE)
    sign_up(page, "suzuki@example.jp")
    if "/login/" in page.url:
        sign_in(page, "suzuki@example.jp", "縁-long-enough-42")
    page.goto("/register/")
    her = Person(page)
    her.fill("corporate_number", NUMBER)
    her.on()
    her.fill("name", "能代臨海製缶株式会社")
    her.choose("prefecture", "05")
    her.choose("municipality", "05202")
    her.fill("employees", "46")
    her.on()
    her.page.fill(".picker input[type=search]", "weld")
    her.press("input[value=welding]")
    expect(page.locator("[data-chosen]")).to_contain_text("溶接")
    her.on()
    _write_the_text_through_an_expired_session(her)
    her.press("main summary")
    for name, value in {"name": "天井クレーン", "count": "1", "size": "30"}.items():
        her.fill(f"rows-0-{name}", value)
    her.choose("rows-0-unit", "t")
    her.on()
    her.fill("products", "タワー内部架台")
    her.on()
    her.press("main summary")
    her.fill("rows-0-stated", "ISO 3834-2")
    her.fill("rows-0-valid_until", "2027-03-31")
    her.on()
    her.fill("monthly_capacity", "8")
    her.fill("lead_time_days", "60")
    her.on()
    her.fill("alt", "工場の外観")
    page.set_input_files("[name=photo]", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    her.press("form[action$='/photos/add/'] button")
    expect(page.locator(".photos img")).to_have_attribute("alt", "工場の外観")
    her.on()
    her.fill("name_en", "Noshiro Rinkai Seikan")
    her.fill("summary_en", "Welded structures up to 30 t, plate to 60 mm, ISO 3834-2.")
    her.on()
    her.fill("contact_phone", "0185000000")
    her.on()
    her.press("form[action$='/publish/'] button")
    page.wait_for_load_state()
    assert_accessible(page)
    firm = Firm.objects.get(corporate_number=NUMBER)
    assert (firm.state, completeness(firm).percent) == ("published", 100)
    assert her.seconds < 8 * 60, f"{her.presses} presses, {her.letters} letters: {her.seconds:.0f} s"


def _write_the_text_through_an_expired_session(her: Person) -> None:
    page = her.page
    her.fill("capability_text", TEXT)
    expect(page.locator("#wording .verdict-pass")).to_have_count(5)  # hints while writing
    cookies = [cookie for cookie in page.context.cookies() if "session" not in str(cookie.get("name"))]
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they came
    page.locator("main form .button-primary").click()
    page.wait_for_selector("[name=login]")
    page.fill("[name=login]", "suzuki@example.jp")
    page.fill("[name=password]", "縁-long-enough-42")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=capability_text]")).to_have_value(TEXT)
    her.on()
