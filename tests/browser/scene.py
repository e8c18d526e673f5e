"""What the sample register leaves empty, entered by the demo accounts through the site's own forms.

Each scene answers with the addresses worth a look that no link on a home page leads to. What is there already stays:
a second run adds a second one of each.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Locator, Page

SHEET = """企業名,都道府県,市区町村,従業員数,郵便番号,認証,備考
雄物川精密株式会社（架空）,秋田県,横手市,42,0130060,ISO 9001（2027-03-31）,新規
男鹿めっき株式会社（架空）,秋田県,男鹿市,十八,0100511,,従業員数が読めない
米代鉄工有限会社（架空）,秋田県,能代町,12,016-0,,市区町村と郵便番号が違う
"""
NEED = {
    "title": "真空チャンバー部品の切削と陽極酸化（架空）",
    "text": "A5052の真空チャンバー部品。5軸加工、Ra 0.4以下、陽極酸化、クラス1000の清浄梱包。月180個。",
    "phases-0-kind": "prototype",
    "phases-0-lot": "2",
    "phases-1-kind": "volume",
    "phases-1-lot": "180",
}
Typed = dict[str, str | FilePayload]


def send(page: Page, path: str, typed: Typed, form: str = "form.form[method=post]") -> None:
    """Open a page, unfold its parts, type into its form and send it."""
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    fields = page.locator(f"main {form}").first
    for name, value in typed.items():
        enter(fields.locator(f"[name$='{name}']"), value)
    with page.expect_navigation():
        fields.locator("button").last.click()


def enter(fields: Locator, value: str | FilePayload) -> None:
    kind = fields.first.evaluate("field => field.type")
    if not isinstance(value, str):
        fields.first.set_input_files(value)
    elif kind in {"checkbox", "radio"}:
        fields.and_(fields.page.locator(f"[value='{value}']")).check()
    elif kind == "select-one":
        fields.first.select_option(value)
    else:
        fields.first.fill(value)


def leads_to(page: Page, path: str, pattern: str) -> str:
    """Open a page; the first address on it that fits the pattern as a whole."""
    page.goto(path)
    addresses = page.locator("main a[href]").evaluate_all("all => all.map(link => link.getAttribute('href'))")
    found = next((address for address in addresses if re.fullmatch(pattern, address)), None)
    if found is None:
        raise LookupError(f"{path} leads nowhere like {pattern}")
    return str(found)


def picture(page: Page) -> FilePayload:
    return {"name": "picture.png", "mimeType": "image/png", "buffer": page.screenshot()}


def press(page: Page, path: str, button: str) -> str:
    """Open a page and press the button if it is there; the path of the page that one is on then."""
    page.goto(path)
    found = page.locator(f"main {button}").first
    if found.count():
        with page.expect_navigation():
            found.click()
    return urlsplit(page.url).path


def keep_group(page: Page, needs: list[str]) -> str:
    """The page of a group for the first of the needs whose steps somebody can do; it is kept if none is yet."""
    for need in needs:
        made = press(page, f"{need}groups/", "form[action$='/groups/new/'] button")
        if made.startswith("/groups/"):
            return made
        if page.locator("main a[href^='/groups/']").count():
            return leads_to(page, f"{need}groups/", r"/groups/\d+/")
    raise LookupError("No group can be composed for any of these needs.")


def coordinator(page: Page, _mail: Path) -> list[str]:
    send(page, "/tokens/", {"name": "当課の台帳"})
    sheet: FilePayload = {"name": "会員企業.csv", "mimeType": "text/csv", "buffer": SHEET.encode("cp932")}
    send(page, "/imports/", {"file": sheet, "source": "架空の会員名簿", "kind": "firms"})
    brought = urlsplit(page.url).path
    send(page, brought, {}, "form[action$='/columns/']")
    proposal = leads_to(page, "/proposals/", r"/proposals/\d+/.*")
    firm = leads_to(page, proposal, r"/firms/\d+/")
    task = leads_to(page, proposal, r"/tasks/new/.*")
    send(
        page, f"{urlsplit(proposal).path}contacts/", {"whom": "営業課長", "summary": "工場を見学し、空き能力を聞いた。"}
    )
    send(page, task, {"side": "firm", "title": "EN 1090-2 EXC3の取得", "due_on": "2027-02-28"})
    link = {"email": "holm@example.dk", "days": "14"}
    send(page, leads_to(page, "/lists/", r"/lists/\d+/"), dict(link), "form[action$='/links/new/']")
    page.goto("/needs/new/")
    project = page.locator("[name=project] option").nth(1).get_attribute("value") or ""
    send(page, "/needs/new/", {"project": project, **NEED})
    need = urlsplit(page.url).path
    send(page, f"{need}drawings/", {"title": "組立図", "file": picture(page)})
    page.goto("/needs/")
    group = keep_group(page, re.findall(r'href="(/needs/\d+/)"', page.content()))
    for step in ("propose", "accept"):
        press(page, group, f"form[action$='/{step}/'] button")
    part = leads_to(page, group, r"/parts/\d+/")
    own = [f"{need}{word}/" for word in ("edit", "history", "volume", "drawings")]
    return [brought, proposal, f"{firm}official/", need, *own, group, f"{group}sheet/", part]


def firm(page: Page, _mail: Path) -> list[str]:
    profile = leads_to(page, "/", r"/firms/\d+/")
    send(page, f"{profile}people/", {"email": "newfirm@example.jp"})
    send(page, f"{profile}edit/photos/", {"alt": "工場の全景", "photo": picture(page)}, "form[action$='/photos/add/']")
    page.goto("/consents/")
    if not page.locator("main a[href$='/change/']").count():
        need = leads_to(page, "/needs/", r"/needs/\d+/")
        send(page, f"{need}offer/", {"step": "accept", "fields_": "identity"})
    return [leads_to(page, "/consents/", r"/consents/\d+/change/")]


def anchor(page: Page, _mail: Path) -> list[str]:
    listed = leads_to(page, "/lists/", r"/lists/\d+/")
    said = {"verdict": "reject", "code": "CERT_MISSING", "detail": "EN 1090-2 EXC3"}
    send(page, listed, dict(said), "form[action*='/answers/']")
    return [listed]


def newfirm(page: Page, mail: Path) -> list[str]:
    return ["/register/", "/register/new/", newest(page, mail, r"/invitations/[^/\s]+/")]


def nobody(page: Page, mail: Path) -> list[str]:
    """The reader of a link, let in by the code that was mailed."""
    shared = newest(page, mail, r"/shared/[^/\s]+/")
    press(page, shared, "form[action$='/code/'] button")
    send(page, shared, {"code": newest(page, mail, r"\b\d{6}\b")}, "form[action$='/enter/']")
    return [shared]


SCENES: dict[str, Callable[[Page, Path], list[str]]] = {
    "coordinator": coordinator, "firm": firm, "newfirm": newfirm, "anchor": anchor, "nobody": nobody,
}  # fmt: skip


def newest(page: Page, mail: Path, pattern: str) -> str:
    """What fits the pattern in the newest mail that has it; mail may be some seconds on its way."""
    for _wait in range(20):
        for file in sorted(mail.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True):
            if found := re.findall(pattern, file.read_text()):
                return str(found[-1])
        page.wait_for_timeout(500)
    raise LookupError(f"No mail in {mail} has {pattern}.")
