"""Measure the queue page against a bare Django list of the same rows, in the same run, on the configured database."""

import statistics
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching.bench import bare, rows
from matching.bench.bare import p95, seconds
from matching.models import Proposal
from registry.models import Firm

VIEWS = (
    ("bureau, what waits", "bureau", "/proposals/"),
    ("bureau, everything", "bureau", "/proposals/?state=all"),
    ("bureau, by nearness", "bureau", "/proposals/?state=all&sort=-score"),
    ("bureau, by firm (kana)", "bureau", "/proposals/?state=all&sort=firm"),
    ("bureau, page 400", "bureau", "/proposals/?state=all&page=400"),
    ("bureau, one cluster", "bureau", "/proposals/?cluster=bench"),
    ("bureau, words", "bureau", "/proposals/?q=めっき"),
    ("coordinator, what waits", "coordinator", "/proposals/"),
    ("coordinator, everything", "coordinator", "/proposals/?state=all"),
    ("coordinator, overdue", "coordinator", "/proposals/?overdue=true"),
    ("coordinator, one need", "coordinator", "/proposals/?need=1"),
    ("bureau, first page", "bureau", "/"),
    ("coordinator, first page", "coordinator", "/"),
    ("bureau, exposure", "bureau", "/exposure/"),
    ("bureau, by prefecture", "bureau", "/exposure/?by=prefecture"),
    ("coordinator, exposure", "coordinator", "/exposure/"),
)
BARE = ("bare list", "bureau", bare.URL)


class Command(BaseCommand):
    help = (
        "Fill an EMPTY, migrated database (the one that DATABASE_URL names; use a scratch one) with invented firms and "
        "proposals, then time the queue page against a bare Django list of the same rows, alternating."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firms", type=int, default=100_000)
        parser.add_argument("--proposals", type=int, default=50_000)
        parser.add_argument("--requests", type=int, default=60, help="of each view (default 60)")
        parser.add_argument("--filled", action="store_true", help="take the database as an earlier run left it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["filled"]:
            rows.fill_empty(options["firms"], options["proposals"], self.stderr.write)
        with bare.site():
            self.measure(options["requests"])

    def measure(self, requests: int) -> None:
        users = {role: bare.browser(rows.email(role)) for role in ("bureau", "coordinator")}
        times: dict[str, list[float]] = {name: [] for name, _role, _url in (BARE, *VIEWS)}
        queries: dict[str, int] = {}
        for name, role, url in (BARE, *VIEWS):  # the first of each warms caches and counts queries
            with CaptureQueriesContext(connection) as captured:
                answer = users[role].get(url)
            if answer.status_code != 200:
                raise CommandError(f"{url} answered {answer.status_code}.")
            queries[name] = len(captured)
        for _ in range(requests):
            for name, role, url in VIEWS:
                times[BARE[0]].append(seconds(users[BARE[1]], BARE[2]))
                times[name].append(seconds(users[role], url))
        floor50, floor95 = statistics.median(times[BARE[0]]), p95(times[BARE[0]])
        self.stdout.write(f"{connection.vendor}: {Firm.objects.count()} firms, {Proposal.objects.count()} proposals")
        self.stdout.write(f"{'view':28}{'p50 ms':>8}{'× bare':>8}{'p95 ms':>8}{'× bare':>8}{'queries':>9}")
        for name, values in times.items():
            half, most = statistics.median(values), p95(values)
            said = f"{half * 1000:8.1f}{half / floor50:8.2f}{most * 1000:8.1f}{most / floor95:8.2f}"
            self.stdout.write(f"{name:28}{said}{queries[name]:9}")
