"""Pictures of every page of a running site with the sample register.

Pages are found by following links from each role's home page: one of each kind of address. The files are named
role/page.width.scheme.language.png; pages that answered with an error or scroll sideways are told at the end.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser.pages import ENTRANCES, ONWARD, kind, walk
from tests.services.browser import DESKTOP, FLAGS, PHONE, chromium

PASSWORD = "enishi-demo-2026"  # of the demo accounts; read here, so that Django need not be set up
ROLES = ["nobody", "firm", "newfirm", "coordinator", "bureau", "anchor", "admin"]
WIDE, NARROW = (ViewportSize(width=size["width"], height=size["height"]) for size in (DESKTOP, PHONE))
SIZES = {"1280": WIDE, "390": NARROW}
SCHEMES = ["light", "dark"]
LANGUAGES = {"ja": "ja-JP", "en": "en-US"}


def sign_in(page: Page, role: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", f"{role}@example.jp")
    page.fill("[name=password]", PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator(".user-menu").wait_for()


def find_pages(context: BrowserContext, role: str) -> dict[str, str]:
    page = context.new_page()
    if role != "nobody":
        sign_in(page, role)
    return {kind(path): path for path, _ in walk(page, ENTRANCES if role == "nobody" else ["/", *ONWARD])}


def take(context: BrowserContext, pages: dict[str, str], folder: Path, variant: str) -> Iterator[str]:
    """One picture of each page; yields what is wrong with it."""
    page = context.new_page()
    for name, path in pages.items():
        answer = page.goto(path)
        page.screenshot(path=folder / f"{name}.{variant}.png", full_page=True)
        if answer and answer.status >= 400 and "no-such-page" not in path:
            yield f"{answer.status} {folder.name} {path}"
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            yield f"{over} px too wide: {folder.name} {path} ({variant})"


def take_all(browser: Browser, url: str, out: Path, args: argparse.Namespace) -> Iterator[str]:
    for role in args.role:
        folder = out / role
        folder.mkdir(parents=True, exist_ok=True)
        context = browser.new_context(base_url=url, viewport=WIDE, locale="ja-JP")
        pages = find_pages(context, role)
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
