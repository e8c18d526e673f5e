"""The page of groups in Chromium: composed, kept, proposed; every state is held against WCAG 2.2 AA by axe."""

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

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_postgres]


def test_a_coordinator_keeps_and_proposes_a_group(page: Page, settings: LazySettings, tmp_path: object) -> None:
    settings.VAR = tmp_path
    weld = CapabilityFactory("welding")
    for place, capacity in [("05202", 8), ("02202", 3), ("05210", 9)]:
        FirmFactory(municipality=MunicipalityFactory(place), monthly_capacity=capacity, capabilities=[weld])
    need = NeedFactory()
    need.capabilities.set([weld, CapabilityFactory("coating", name="塗装", name_en="Coating")])
    CriterionFactory(need, kind="volume", number=12)
    CriterionFactory(need, kind="distance", number=80, place=PlaceFactory())
    store.rebuild()
    akita = CoordinatorFactory("05")
    EmailAddress.objects.create(user=akita, email=akita.email, verified=True, primary=True)
    sign_in(page, akita.email, PASSWORD)
    page.goto(need.get_absolute_url())
    page.get_by_role("link", name="グループ", exact=True).click()
    expect(page.locator("main")).to_contain_text("月1個不足")
    expect(page.locator("main")).to_contain_text("青森県内の企業")
    assert_accessible(page)
    page.get_by_role("button", name="このグループを保存する").first.click()
    expect(page.locator("#group-1")).to_be_visible()
    page.get_by_role("button", name="グループを提案する").click()
    expect(page.locator("#group-1")).to_contain_text("提案済み")
    assert_accessible(page)
    assert Group.objects.get().state == Group.State.PROPOSED
