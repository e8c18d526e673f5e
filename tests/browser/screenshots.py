"""Pictures of every page of a running site with the sample register.

Pages are found by following links from each role's home page: one of each kind of address. With `--fill` the demo
accounts first enter what the sample leaves empty (scene.py), whose pages are then found too, also by later runs into
the same folder. The files are named role/page.width.scheme.language.png, a form that was sent empty page-refused;
pages that answered with an error they should not, scroll sideways or cut a text are told at the end.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser import scene
from tests.browser.pages import ENTRANCES, ONWARD, kind, walk
from tests.services.browser import DESKTOP, FLAGS, PHONE, chromium

PASSWORD = "enishi-demo-2026"  # of the demo accounts; read here, so that Django need not be set up
ROLES = ["coordinator", "firm", "newfirm", "bureau", "anchor", "admin", "nobody"]
"""In the order in which they fill the site: what one enters, the next finds."""
WIDE, NARROW = (ViewportSize(width=size["width"], height=size["height"]) for size in (DESKTOP, PHONE))
SIZES = {"1280": WIDE, "390": NARROW}
SCHEMES = ["light", "dark"]
LANGUAGES = {"ja": "ja-JP", "en": "en-US"}
PROBLEMS = ["/needs/export.csv?state=none", "/learning/", "/notices/read/"]
"""What answers 400, to some roles 403, and 405; 404 is among the entrances."""
MEANT = re.compile("|".join(map(re.escape, ["no-such-page", *PROBLEMS])))
REFUSED = re.compile(
    r"^(account-(login|signup)|needs-new|tasks-new|tokens|webhooks|imports|register(-new)?|needs-N-drawings)$"
)
"""Pages whose form is pictured once more after it was sent empty: each lacks something then, so nothing is written."""

CUT = """() => {
  const found = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode, here = text.parentElement, range = document.createRange()
    if (!text.data.trim() || !here.checkVisibility() || here.closest(".visually-hidden, textarea, svg")) continue
    range.selectNodeContents(text)
    const {left, right, width} = range.getBoundingClientRect()
    for (let box = here; width > 2 && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box), edges = box.getBoundingClientRect()
      if (["auto", "scroll"].includes(style.overflowX) || edges.width <= 1) break
      const shown = style.overflowX !== "visible" || style.borderRightWidth !== "0px"
      if (shown && (right > edges.right + 1 || left < edges.left - 1)) found.add(text.data.trim().slice(0, 40))
    }
  }
  return [...found]
}"""
"""Texts that leave a box which shows its edge, or hides what leaves it, and does not scroll."""


def sign_in(page: Page, role: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", f"{role}@example.jp")
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator(".user-menu").wait_for()


def find_pages(page: Page, role: str, more: list[str]) -> dict[str, str]:
    start = ENTRANCES if role == "nobody" else ["/", *ONWARD, *PROBLEMS]
    found: dict[str, str] = {}
    for path, _ in walk(page, [*start, *more]):
        name = kind(path.partition("?")[0])
        found[f"{name}-again" if name in found else name] = path
    return found


def settle(page: Page) -> None:
    """Bring every part into sight that loads only then, and wait for what is still under way."""
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.evaluate("document.querySelectorAll('[hx-trigger=revealed]').forEach(part => part.scrollIntoView())")
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")


def take(context: BrowserContext, pages: dict[str, str], folder: Path, variant: str) -> Iterator[str]:
    """One picture of each page; yields what is wrong with it."""
    page = context.new_page()
    for name, path in pages.items():
        answer = page.goto(path)
        settle(page)
        page.screenshot(path=folder / f"{name}.{variant}.png", full_page=True)
        if answer and answer.status >= 400 and not MEANT.search(path):
            yield f"{answer.status} {folder.name} {path}"
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            yield f"{over} px too wide: {folder.name} {path} ({variant})"
        yield from (f"cut: {text!r} {folder.name} {path} ({variant})" for text in page.evaluate(CUT))
        button = page.locator("main form.form[method=post] .button-primary")
        if REFUSED.search(name) and button.count():
            with page.expect_navigation():
                button.first.click()
            page.screenshot(path=folder / f"{name}-refused.{variant}.png", full_page=True)


def take_all(browser: Browser, url: str, out: Path, args: argparse.Namespace) -> Iterator[str]:
    memory = out / "found.json"
    more: dict[str, list[str]] = json.loads(memory.read_text()) if memory.exists() else {}
    for role in args.role:
        folder = out / role
        folder.mkdir(parents=True, exist_ok=True)
        context = browser.new_context(base_url=url, viewport=WIDE, locale="ja-JP")
        page = context.new_page()
        if role != "nobody":
            sign_in(page, role)
        if args.fill and role in scene.SCENES:
            more[role] = scene.SCENES[role](page, args.mail)
            memory.write_text(json.dumps(more))
        pages = find_pages(page, role, more.get(role, []))
        state = context.storage_state()
        context.close()
        for size, scheme, language in product(args.size, args.scheme, args.language):
            context = browser.new_context(
                base_url=url,
                viewport=SIZES[size],
                color_scheme=scheme,
                locale=LANGUAGES[language],
                timezone_id="Asia/Tokyo",
                storage_state=state,
            )
            variant = f"{size}.{scheme}.{language}"
            sys.stdout.write(f"{role} {variant}: {len(pages)} pages\n")
            sys.stdout.flush()
            yield from take(context, pages, folder, variant)
            context.close()


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUTDIR")
    parser.add_argument("url", metavar="URL")
    for option, known in {"role": ROLES, "size": [*SIZES], "scheme": SCHEMES, "language": [*LANGUAGES]}.items():
        parser.add_argument(f"--{option}", nargs="+", choices=known, default=known)
    parser.add_argument("--fill", action="store_true", help="enter first what the sample leaves empty")
    parser.add_argument("--mail", type=Path, default=Path("var/mail"), help="the folder that the site's mail goes to")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    args = parse(words)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *sandbox])
        wrong = list(take_all(browser, args.url, args.out, args))
        browser.close()
    sys.stdout.write("\n".join([*wrong, ""]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
