"""Measure the whole site under a light mixed load against a bare Django list of the same rows, in the same run."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.models import Q
from django.http import HttpResponseBase
from django.test import Client

from matching.bench import bare, rows
from matching.bench.bare import p95
from matching.models import CandidateList, Proposal
from registry.listing import PAGE_SIZE
from registry.models import Firm, Need, Role
from registry.page_weight import weight

Send = Callable[[Client], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Request:
    kind: str
    role: str
    name: str
    send: Send


MIX = {"list": 60, "detail": 20, "api": 10, "candidate list": 5, "write": 5}
"""Of a hundred requests, by kind. Dashboards and files are measured too, outside the mix."""

_OFFICES = ("bureau", "coordinator")
LISTS = {
    (*_OFFICES, "firm"): ("/", "/needs/", "/needs/?q=溶接", "/projects/", "/firms/"),
    _OFFICES: (
        "/firms/?q=溶接",
        "/firms/?q=鍛造",
        "/firms/?q=放電加工",
        "/firms/?q=試験99",
        "/firms/?prefecture=05&q=塗装",
        "/firms/?sort=-employees",
        "/firms/?page=40",
        "/proposals/",
        "/proposals/?q=鍛造",
        "/proposals/?q=めっき",
        "/proposals/?state=shortlisted&sort=-score",
        "/inquiries/",
        "/decisions/",
        "/lists/",
    ),
    ("anchor",): ("/", "/needs/", "/projects/?q=試験計画1", "/lists/"),
    ("firm",): ("/concerns/", "/consents/"),
    ("admin",): ("/", "/firms/?q=鍛造", "/needs/"),
}
API = {
    _OFFICES: ("firms", "needs", "projects", "proposals", "lists"),
    ("firm",): ("firms", "needs"),
    ("anchor",): ("lists",),
}
BOARDS = ("/figures/", "/exposure/", "/exposure/?by=prefecture", "/map/", "/map/?cluster=semiconductor", "/consortia/")
FILES = ("/firms/export.csv?prefecture=05", "/proposals/export.csv", "/needs/export.xlsx")
WORDS = ("溶", "溶接", "熱処理", "溶接、塗装", "鍛", "鍛造", "DLC", "放電加工")
LIMIT = 150_000
"""Bytes that a page may weigh."""


class Command(BaseCommand):
    help = (
        "Fill an EMPTY, migrated database (the one that DATABASE_URL names; use a scratch one) with invented rows, "
        "then send a light mixed load by every role and print the server's times, and what each page weighs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firms", type=int, default=100_000)
        parser.add_argument("--proposals", type=int, default=50_000)
        parser.add_argument("--requests", type=int, default=600, help="of the mix (default 600)")
        parser.add_argument("--seconds", type=int, default=300, help="end the mix after so long (default 300)")
        parser.add_argument("--filled", action="store_true", help="take the database as an earlier run left it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["filled"]:
            rows.fill_empty(options["firms"], options["proposals"], self.stderr.write)
        self.stdout.write(f"{connection.vendor}: {Firm.objects.count()} firms, {Proposal.objects.count()} proposals")
        with bare.site():
            self.clients = {str(role): bare.browser(rows.email(role)) for role in Role}
            self.floor = _times(lambda: bare.seconds(self.clients["bureau"], bare.URL), 20)
            requests = list(_requests())
            self.mix(requests, options["requests"], options["seconds"])
            self.boards()
            self.pages([one for one in requests if one.kind not in {"api", "write"}])
        self.words()

    def mix(self, requests: Sequence[Request], count: int, seconds: int) -> None:
        dice = random.Random(2)  # noqa: S311  nothing secret
        by_kind = {kind: [one for one in requests if one.kind == kind] for kind in MIX}
        times: dict[str, list[float]] = defaultdict(list)
        each: dict[str, list[float]] = defaultdict(list)
        failed = 0
        until = time.monotonic() + seconds
        for _ in range(count):
            one = dice.choice(by_kind[dice.choices(list(MIX), list(MIX.values()))[0]])
            took, answer = self.timed(one.role, one.send)
            failed += answer.status_code >= 400
            times[one.kind].append(took)
            each[f"{one.role} {one.name}"].append(took)
            self.floor.append(bare.seconds(self.clients["bureau"], bare.URL))
            if time.monotonic() > until:
                break
        everything = [took for found in times.values() for took in found]
        self.table("the mix", {"bare list": self.floor, **times, "all of the mix": everything})
        self.stdout.write(f"answered with an error: {failed}")
        slowest = sorted(each, key=lambda name: -statistics.median(each[name]))[:12]
        self.table("slowest of the mix", {name: each[name] for name in slowest})

    def boards(self) -> None:
        """Dashboards, and the first byte of files."""
        found = {
            f"{role} {url}": [self.timed(role, partial(_get, url))[0] for _ in range(5)]
            for url in (*BOARDS, *FILES)
            for role in _OFFICES
        }
        self.table("dashboards, and files to their first byte", found)

    def pages(self, requests: Sequence[Request]) -> None:
        weights = {one.name: weight(one.send(self.clients[one.role]).content) for one in requests}  # type: ignore[attr-defined]
        heaviest = sorted(weights, key=lambda name: -weights[name])[:5]
        said = ", ".join(f"{name} {weights[name] / 1000:.1f} kB" for name in heaviest)
        self.stdout.write(f"\n{len(weights)} pages weighed with their files, compressed; the heaviest: {said}")
        if weights[heaviest[0]] > LIMIT:
            self.stdout.write(f"more than {LIMIT / 1000:.0f} kB")

    def words(self) -> None:
        """The ids of a page of firms and their number, by the index of grams and by reading every text."""
        self.stdout.write(f"\n{'a search of firms, ms':24}{'found':>8}{'by index':>10}{'read through':>14}{'×':>7}")
        for word in WORDS:
            ways = [Firm.objects.filter(Q(**{f"search__{way}": word.lower()})) for way in ("holds", "contains")]
            by_index, read = (statistics.median(_times(partial(_search, found), 5)) * 1000 for found in ways)
            self.stdout.write(f"{word:24}{ways[0].count():8}{by_index:10.1f}{read:14.1f}{read / by_index:7.1f}")

    def timed(self, role: str, send: Send) -> tuple[float, HttpResponseBase]:
        """Seconds to the first byte of a file, to the last one of a page."""
        start = time.perf_counter()
        answer = send(self.clients[role])
        if answer.streaming:
            next(iter(answer.streaming_content))  # type: ignore[attr-defined]
        took = time.perf_counter() - start
        answer.close()
        return took, answer

    def table(self, title: str, times: dict[str, list[float]]) -> None:
        half, most = statistics.median(self.floor), p95(self.floor)
        self.stdout.write(f"\n{title:60}{'n':>5}{'p50 ms':>9}{'× bare':>8}{'p95 ms':>9}{'× bare':>8}")
        for name, values in times.items():
            middle, high = statistics.median(values), p95(values)
            self.stdout.write(
                f"{name:60}{len(values):5}{middle * 1000:9.1f}{middle / half:8.2f}{high * 1000:9.1f}{high / most:8.2f}"
            )


def _times(act: Callable[[], Any], count: int) -> list[float]:
    found = []
    for _ in range(count):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return found


def _search(found: Any) -> None:
    found.count()
    list(found.values_list("pk", flat=True)[:PAGE_SIZE])


def _get(url: str, client: Client) -> HttpResponseBase:
    return client.get(url)


def _requests() -> Iterator[Request]:
    for roles, urls in LISTS.items():
        for role in roles:
            yield from (Request("list", role, url, partial(_get, url)) for url in urls)
    for roles, names in API.items():
        for role in roles:
            yield from (Request("api", role, f"/api/{name}/", partial(_get, f"/api/{name}/")) for name in names)
    firms = {role: _seen(Firm, role) for role in (*_OFFICES, "firm")}
    needs = {role: _seen(Need, role) for role in (*_OFFICES, "firm", "anchor")}
    for kind, keys in (
        ("firms", firms),
        ("needs", needs),
        ("proposals", {role: _seen(Proposal, role) for role in _OFFICES}),
    ):
        for role, found in keys.items():
            yield from (
                Request("detail", role, f"/{kind}/{key}/", partial(_get, f"/{kind}/{key}/")) for key in found[:3]
            )
    for role, found in {role: _seen(CandidateList, role) for role in ("bureau", "anchor")}.items():
        yield from (
            Request("candidate list", role, f"/lists/{key}/", partial(_get, f"/lists/{key}/")) for key in found[:3]
        )
    for role in _OFFICES:
        waiting = Proposal.objects.visible_to(_person(role)).waiting().order_by("pk" if role == "bureau" else "-pk")
        yield Request("write", role, "shortlist a proposal", partial(_decide, iter(list(waiting[:500]))))
        yield Request("write", role, "log a contact", partial(_contact, iter(firms[role])))
    yield Request("write", "firm", "change a profile", partial(_profile, firms["firm"][0]))


def _person(role: str) -> Any:
    return bare.person(rows.email(role))


def _seen(model: Any, role: str) -> list[int]:
    seen: list[int] = list(model.objects.visible_to(_person(role)).order_by("pk").values_list("pk", flat=True)[:200])
    return seen


def _decide(waiting: Iterator[Proposal], client: Client) -> HttpResponseBase:
    one = next(waiting)
    return client.post(f"/proposals/{one.pk}/shortlist/", {"seen": one.state, "reason": "fit"})


def _contact(firms: Iterator[int], client: Client) -> HttpResponseBase:
    said = {"day": "2026-04-01", "kind": "call", "whom": "担当者", "minutes": "10", "summary": "設備の空きを聞いた。"}
    return client.post(f"/firms/{next(firms)}/contacts/", said)


def _profile(firm: int, client: Client) -> HttpResponseBase:
    text = "、".join(random.choices(rows.WORDS, k=30))  # noqa: S311  nothing secret
    seen = Firm.objects.values_list("updated_at", flat=True).get(pk=firm).isoformat()
    return client.post(f"/firms/{firm}/edit/text/", {"capability_text": text, "version": seen})
