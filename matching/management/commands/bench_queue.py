"""Measure the queue page against a bare Django list of the same rows, in the same run, on the configured database."""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from matching.models import Proposal
from registry.access import allow
from registry.models import AnchorProject, Firm, Municipality, Need, Office, Prefecture, Role, Sector, User

WORDS = (
    "溶接", "塗装", "切削", "めっき", "鋳造", "組立", "検査", "設計", "輸送", "洗浄", "製缶", "熱処理", "基板",
    "樹脂", "金型", "制御", "配線", "計測", "保守", "防食",
)  # fmt: skip
PER_NEED = 50

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
    ("bureau, exposure", "bureau", "/exposure/"),
    ("bureau, by prefecture", "bureau", "/exposure/?by=prefecture"),
    ("coordinator, exposure", "coordinator", "/exposure/"),
)
BARE = ("bare list", "bureau", "/bare/")

_TEMPLATE = """<!DOCTYPE html><title>Bare</title><p>{{ user.email }} {{ page.paginator.count }}<table>
{% for row in page %}<tr><td>{{ row.pk }}<td>{{ row.firm.name }}<td>{{ row.need.title }}<td>{{ row.need.project.name }}
<td>{{ row.get_state_display }}<td>{{ row.score }}<td>{{ row.due_on }}{% endfor %}</table>"""


@require_safe
@allow("matching.view_proposal")
def bare(request: HttpRequest) -> HttpResponse:
    """What Django alone costs: signed in by session, counted, 50 rows with their relations, a plain template."""
    rows = Proposal.objects.select_related("need__project", "firm").order_by("due_on", "-score", "pk")
    page = Paginator(rows, 50).page(request.GET.get("page", "1"))
    return HttpResponse(_template().render(Context({"page": page, "user": request.user})))


@cache
def _template() -> Template:
    return Template(_TEMPLATE)


urlpatterns = [path("bare/", bare), path("", include(settings.ROOT_URLCONF))]


class Command(BaseCommand):
    help = (
        "Fill an EMPTY, migrated database (the one that DATABASE_URL names; use a scratch one) with invented firms and "
        "proposals, then time the queue page against a bare Django list of the same rows, alternating."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firms", type=int, default=100_000)
        parser.add_argument("--proposals", type=int, default=50_000)
        parser.add_argument("--requests", type=int, default=60, help="of each view (default 60)")

    def handle(self, *args: Any, **options: Any) -> None:
        if any(model.objects.exists() for model in (User, Firm, Need, Proposal)):
            raise CommandError("This database has rows. Name an empty, migrated scratch database in DATABASE_URL.")
        started = time.perf_counter()
        for done in fill(options["firms"], options["proposals"]):
            self.stderr.write(f"{time.perf_counter() - started:6.1f} s  {done}")
        # the test client's host is not in ALLOWED_HOSTS, and its answers are not for outside
        with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False):
            self.measure(options["requests"])

    def measure(self, requests: int) -> None:
        users = {role: Client() for role in ("bureau", "coordinator")}
        for role, client in users.items():
            client.force_login(User.objects.get(email=f"{role}@example.jp"))
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
                times[BARE[0]].append(_seconds(users[BARE[1]], BARE[2]))
                times[name].append(_seconds(users[role], url))
        floor50, floor95 = statistics.median(times[BARE[0]]), _p95(times[BARE[0]])
        self.stdout.write(f"{connection.vendor}: {Firm.objects.count()} firms, {Proposal.objects.count()} proposals")
        self.stdout.write(f"{'view':28}{'p50 ms':>8}{'× bare':>8}{'p95 ms':>8}{'× bare':>8}{'queries':>9}")
        for name, values in times.items():
            p50, p95 = statistics.median(values), _p95(values)
            self.stdout.write(
                f"{name:28}{p50 * 1000:8.1f}{p50 / floor50:8.2f}{p95 * 1000:8.1f}{p95 / floor95:8.2f}{queries[name]:9}"
            )


def _seconds(client: Client, url: str) -> float:
    start = time.perf_counter()
    client.get(url)
    return time.perf_counter() - start


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def fill(firms: int, proposals: int) -> Iterator[str]:
    """Invented rows, the same every time. Yields what is done."""
    dice = random.Random(1)  # noqa: S311  nothing secret
    prefectures = _catalogue()
    users = _people()
    yield "catalogue and people"
    for start in range(0, firms, 10_000):
        Firm.objects.bulk_create(
            _firm(dice, number, prefectures) for number in range(start, min(start + 10_000, firms))
        )
    yield f"{firms} firms"
    needs = _needs(dice, -(-proposals // PER_NEED))
    firm_ids = list(Firm.objects.values_list("pk", flat=True))
    for need in needs:
        chosen = dice.sample(firm_ids, PER_NEED)
        Proposal.objects.bulk_create(
            _proposal(dice, need, firm, rank, users) for rank, firm in enumerate(chosen, start=1)
        )
    yield f"{Proposal.objects.count()} proposals for {len(needs)} needs"
    if connection.vendor == "postgresql":  # its autovacuum would do so by itself a minute later; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield "analysed"


def _catalogue() -> list[Municipality]:
    Sector.objects.get_or_create(code="bench", defaults={"name": "試験", "cluster_id": "bench"})
    made = []
    for code in ("02", "03", "04", "05", "06", "07"):
        prefecture = Prefecture.objects.get_or_create(code=code, defaults={"name": f"県{code}", "in_tohoku": True})[0]
        place = {"name": f"市{code}", "prefecture": prefecture, "latitude": 39.0, "longitude": 140.0}
        made.append(Municipality.objects.get_or_create(code=f"{code}201", defaults=place)[0])
    return made


def _people() -> list[User]:
    User.objects.create_user("bureau@example.jp", role=Role.BUREAU, name="局")
    office = Office.objects.create(code="bench-akita", name="秋田", kind=Office.Kind.PREFECTURE)
    office.prefectures.set(Prefecture.objects.filter(pk="05"))
    people = [User(email=f"c{n}@example.jp", role=Role.COORDINATOR, name=f"担当{n:02d}") for n in range(20)]
    people.append(User(email="coordinator@example.jp", role=Role.COORDINATOR, name="工藤"))
    made = User.objects.bulk_create(people)
    office.members.set(made)
    return made


def _firm(dice: random.Random, number: int, places: list[Municipality]) -> Firm:
    place = dice.choice(places)
    return Firm(
        name=f"試験{number}製作所株式会社",
        name_kana="シケン" + "".join(dice.choices("アイウエオカキクケコサシスセソタチツテト", k=6)),
        prefecture_id=place.prefecture_id,
        municipality=place,
        employees=dice.randrange(5, 300),
        capability_text="、".join(dice.choices(WORDS, k=30)),
        state=Firm.State.PUBLISHED,
        is_sample=True,
    )


def _needs(dice: random.Random, count: int) -> list[Need]:
    projects = AnchorProject.objects.bulk_create(
        AnchorProject(
            code=f"bench-{n}", name=f"試験計画{n}", kind="fab", sector_id="bench", municipality_id=f"0{2 + n % 6}201"
        )
        for n in range(60)
    )
    return Need.objects.bulk_create(
        Need(
            project=dice.choice(projects),
            title=f"試験ニーズ {n} {dice.choice(WORDS)}",
            text="、".join(dice.choices(WORDS, k=60)),
            visibility=dice.choices(["public", "coordinators", "nda"], [6, 3, 1])[0],
            state=dice.choices(["open", "filled"], [9, 1])[0],
            is_sample=True,
        )
        for n in range(count)
    )


def _proposal(dice: random.Random, need: Need, firm_id: int, rank: int, users: list[User]) -> Proposal:
    asked: list[dict[str, Any]] = [
        {"kind": "employees", "hard": True, "asked": 30, "found": 46, "outcome": "pass"},
        {"kind": "certification", "hard": True, "asked": "ISO 9001", "found": None, "outcome": "unknown"},
        {"kind": "distance", "hard": False, "asked": 80, "found": 41.5, "outcome": "pass"},
    ]
    score = dice.random() * 0.6
    return Proposal(
        need=need,
        firm_id=firm_id,
        score=score,
        rank=rank,
        state=dice.choices(["proposed", "held", "shortlisted", "rejected"], [60, 10, 15, 15])[0],
        verdict=dice.choice(["pass", "unknown", "fail"]),
        terms=[[word, round(score / 20, 6)] for word in WORDS],
        checks=asked,
        assignee=dice.choice(users) if dice.random() < 0.3 else None,
        dropped_at=timezone.now() if dice.random() < 0.05 else None,
        due_on=timezone.localdate() + timedelta(days=dice.randrange(-10, 20)),
    )
