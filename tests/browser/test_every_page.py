"""One page of each kind for each role: it answers, axe finds nothing, it fits 320 px, and all of it is translated.

Two people of one role see nearly the same pages; between them they have both languages, light and dark. What does not
depend on these, axe asks of the first of them alone.
"""

import gettext
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as site
from playwright.sync_api import Page

from matching import store
from tests.browser.conftest import PageOf
from tests.browser.pages import ENTRANCES, ONWARD, kind, walk
from tests.security.world import world
from tests.services.browser import CONTRAST, DESKTOP, NARROW, RULES, violations
from tests.shared import in_turn

pytestmark = pytest.mark.django_db(transaction=True)
LIBRARIES = re.compile(r"/admin/|/api/docs/")
"""Pages whose looks are those of Django's administration and of Swagger UI."""
LOCALES = {"ja": "ja-JP", "en": "en-US"}
TEXTS = """() => {
  const texts = [...document.querySelectorAll("[aria-label], [placeholder], [data-label], [alt]")].flatMap(element =>
    ["aria-label", "placeholder", "data-label", "alt"].map(name => element.getAttribute(name)))
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode
    if (!text.parentElement.closest("script, style, :not(html)[lang]")) texts.push(text.data)
  }
  return texts.filter(text => text).map(text => text.trim())
}"""
"""Every piece of text on a page, but what says itself in which language it is."""


@pytest.fixture(scope="module")
def foreign() -> dict[str, set[str]]:
    """Words of the interface by the language whose pages must not show them: before translation, or after it."""
    with (Path(site.LOCALE_PATHS[0]) / "ja/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    pairs = [(key.split("\4")[-1], said) for key, said in catalogue.items() if isinstance(key, str) and key != said]
    return {
        "ja": {key for key, _ in pairs if re.search("[a-z]{2}", key)},
        "en": {said for key, said in pairs} - {key for key, _ in pairs},
    }


def wrong_with(page: Page, language: str, foreign: set[str], rules: Sequence[str]) -> Iterator[str]:
    if (said := page.locator("html").get_attribute("lang")) != language:
        yield f"says it is in {said}"
    if LIBRARIES.search(page.url):
        return
    yield from violations(page, rules)
    texts = page.evaluate(TEXTS)
    if untranslated := foreign.intersection(texts):
        yield f"not in {language}: {sorted(untranslated)}"
    if any(text.startswith("---") for text in texts):
        yield "offers dashes for a choice"
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    if over > 0:
        yield f"{over} px too wide at 320 px"


MAY_BE_GONE = ("/no-such-page", "/notices/")
"""A notice may be of a list that was withdrawn since; the page that says so answers 404."""
READERS = {
    "offices": [("akita", "ja", "light"), ("bureau", "en", "dark"), ("admin", "ja", "light")],
    "firms": [("own_firm", "ja", "dark"), ("other_firm", "en", "light")],
    "strangers": [("anonymous", "en", "dark")],
    "buyers": [("anchor", "en", "light"), ("other_anchor", "ja", "dark")],
}


@pytest.mark.parametrize("readers", in_turn(READERS))
def test_every_kind_of_page_is_fit_to_use(
    readers: str,
    foreign: dict[str, set[str]],
    page_of: PageOf,
    settings: LazySettings,
    tmp_path: Path,
) -> None:
    settings.VAR = tmp_path
    people = world()
    store.rebuild()
    wrong, met = [], set[str]()
    for person, language, scheme in READERS[readers]:
        page = page_of(people.get(person), DESKTOP, locale=LOCALES[language], color_scheme=scheme)
        for path, answer in walk(page, ENTRANCES if person == "anonymous" else ["/", *ONWARD]):
            if answer and answer.status >= 400 and not path.startswith(MAY_BE_GONE):
                wrong.append(f"{person} {path}: {answer.status}")
            rules = CONTRAST if kind(path) in met else RULES
            met.add(kind(path))
            wrong += [f"{person} {path}: {what}" for what in wrong_with(page, language, foreign[language], rules)]
    assert not wrong, "\n".join(wrong)
