"""Thirty proposals are decided by keyboard alone; nothing jumps, and a colleague's decision shows up in its row."""

import time

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Page, expect

from matching.models import Decision, Proposal
from matching.review import take
from tests.browser.test_walk import sign_in
from tests.factories import PASSWORD, CoordinatorFactory, FirmFactory, NeedFactory, ProposalFactory
from tests.services.browser import assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.on_sqlite]
MINUTES = 3


def test_thirty_proposals_are_decided_by_keyboard(page: Page) -> None:
    akita, colleague = CoordinatorFactory("05", name="工藤 健"), CoordinatorFactory("05", name="佐藤 幸")
    EmailAddress.objects.create(user=akita, email=akita.email, verified=True, primary=True)
    firm, rows = FirmFactory(), []
    for n in range(31):
        rows.append(ProposalFactory(need=NeedFactory(), firm=firm, score=1 - n / 100))
    sign_in(page, akita.email, PASSWORD)
    page.goto("/proposals/")
    status, pressed, started = page.locator("#status"), 0, time.monotonic()

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    press("j")
    expect(page.locator(f"#row-{rows[0].pk} .title-link")).to_be_focused()
    for n, row in enumerate(rows[:30]):
        expect(page.locator(f"#row-{row.pk} .title-link")).to_be_focused()
        if n % 3 == 0:
            press("h")
        else:
            press("s" if n % 3 == 1 else "r", "4", "Enter")
        expect(page.locator(f"#row-{row.pk}.decided")).to_contain_text("工藤 健")
    took = time.monotonic() - started
    assert took < MINUTES * 60
    assert pressed == 1 + 10 * 1 + 20 * 3
    assert page.locator("#results tr[data-row]").evaluate_all("rows => rows.map(row => Number(row.dataset.row))") == [
        row.pk for row in rows
    ]
    assert Decision.objects.filter(by=akita, step="reject", reason="distance").count() == 10
    assert Decision.objects.count() == 30
    assert_accessible(page)

    last = rows[30]
    take("reject", Proposal.objects.get(pk=last.pk), by=colleague, reason="capacity")
    press("h")
    expect(page.locator(f"#row-{last.pk}.decided")).to_contain_text("佐藤 幸")  # 409: who decided
    expect(status).to_contain_text("佐藤 幸")

    waiting = ProposalFactory(need=NeedFactory(), firm=firm)
    page.goto("/proposals/")
    take("reject", Proposal.objects.get(pk=waiting.pk), by=colleague, reason="distance")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(f"#row-{waiting.pk}.decided")).to_contain_text("佐藤 幸")

    press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    assert_accessible(page)
    page.locator("#keys-switch").uncheck()
    press("Escape", "?")
    expect(page.locator("#keys-help")).not_to_be_visible()
