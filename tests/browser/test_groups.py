"""Groups in Chromium: composed, kept, adjusted, proposed, accepted; every state is held against WCAG 2.2 AA by axe."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from matching import store
from matching.models import Group
from tests.browser.test_walk import sign_in
from tests.factories import (
    PASSWORD,
    CapabilityFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    PlaceFactory,
)
from tests.services.browser import assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_sqlite]


def test_a_coordinator_composes_adjusts_by_keyboard_and_accepts(
    page: Page, settings: LazySettings, tmp_path: object
) -> None:
    settings.VAR = tmp_path
    weld = CapabilityFactory("welding")
    for place, capacity in [("05202", 8), ("02202", 3), ("05204", 1), ("05210", 9)]:
        FirmFactory(municipality=MunicipalityFactory(place), monthly_capacity=capacity, capabilities=[weld])
    need = NeedFactory()
    need.capabilities.set([weld, CapabilityFactory("coating", name="塗装", name_en="Coating")])
    CriterionFactory(need, kind="volume", number=11)
    CriterionFactory(need, kind="distance", number=80, place=PlaceFactory())
    store.rebuild()
    akita = CoordinatorFactory("05", "02")
    EmailAddress.objects.create(user=akita, email=akita.email, verified=True, primary=True)
    sign_in(page, akita.email, PASSWORD)
    page.goto(need.get_absolute_url())
    page.get_by_role("link", name="グループ", exact=True).click()
    page.get_by_role("link", name="グループを組む").click()
    expect(page.locator("main")).to_contain_text("月11個")
    assert_accessible(page)
    page.get_by_role("button", name="このグループを保存する").first.click()
    expect(page.locator("main")).to_contain_text("圏外")
    assert_accessible(page)

    page.set_viewport_size({"width": 390, "height": 844})
    share = page.locator("summary", has_text="担当分を決める").first
    share.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("必要数 月11個のうち10個 · 月1個不足")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_role("button", name="グループを提案する").click()
    for accepted in (1, 2):
        page.get_by_role("button", name="この担当分を了承する").first.press("Enter")
        expect(page.locator("article [data-state=accepted]")).to_have_count(accepted)
    expect(page.locator("main")).to_contain_text("支援機関が了承済み")
    assert_accessible(page)
    assert Group.objects.get().state == Group.State.ACCEPTED
