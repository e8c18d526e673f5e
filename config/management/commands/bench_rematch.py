"""Measure the whole job: a register of any size, matched by a real worker over a real broker into a real database."""

import csv
import io
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.local import valkey
from config.local.processes import Group
from matching import jobs, store
from matching.models import IndexBuild, Job, MatchRun, NeedMatch, Proposal
from registry.changes import changed
from registry.intake.catalogue import DATA
from registry.models import AnchorProject, Criterion, Equipment, Firm, FirmCertification, Municipality, Need

INSIDE = "ENISHI_BENCH_INSIDE"
AT_ONCE = 1_000
SAVES = 10
LONGEST = 900  # seconds that one measurement may take
CERTIFICATES = ("ISO 9001", "JIS Q 9100", "ISO 14001", "IATF 16949", "ISO 13485")


class Command(BaseCommand):
    help = (
        "Match invented firms and needs with Celery workers, in a folder and a database of their own, and print the "
        "seconds with and without tokens and index, and from a save to its proposals."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firms", type=int, default=20_000)
        parser.add_argument("--needs", type=int, default=2_000)
        parser.add_argument("--processes", type=int, default=2, help="of the worker (default 2)")
        parser.add_argument(
            "--database", default="", metavar="URL", help="an EMPTY database that may be filled (default: SQLite)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get(INSIDE) != "1":
            words = [f"--{name}={options[name]}" for name in ("firms", "needs", "processes")]
            in_a_world_of_its_own("bench_rematch", *words, database=options["database"])
            return
        prepare()
        fill(options["firms"], options["needs"])
        self.stdout.write(f"{connection.vendor}: {options['firms']} firms, {options['needs']} needs")
        with workers(options["processes"]):
            self.measure()

    def measure(self) -> None:
        self.report("tokens, index and every need", self.rematch())
        firm = Firm.objects.earliest("pk")
        firm.save()
        self.report("index (terms are stored) and every need", self.rematch())
        self.report("every need", self.rematch())
        build = IndexBuild.objects.current()
        self.stdout.write(f"{'the index alone':44}{build.seconds if build else 0:8.1f} s")
        self.stdout.write(f"{'proposals':44}{Proposal.objects.count():8}")
        for name, rows in (("a need", Need.objects.order_by("pk")), ("a firm", Firm.objects.order_by("pk"))):
            seconds = [self.saved(row) for row in rows[: SAVES + 1]]  # the first fills caches of the worker
            self.stdout.write(
                f"{f'{name} saved, to visible proposals':44}{seconds[0] * 1000:8.0f} ms first, "
                f"p50 {statistics.median(seconds[1:]) * 1000:.0f} ms, most {max(seconds[1:]) * 1000:.0f} ms"
            )

    def report(self, what: str, seconds: float) -> None:
        needs = NeedMatch.objects.exclude(build=None).count()
        self.stdout.write(f"{what:44}{seconds:8.1f} s  {needs / seconds:8.0f} needs/s")
        self.stdout.flush()

    def rematch(self) -> float:
        started = time.monotonic()
        run = jobs.start_rematch()
        while run.state == MatchRun.State.RUNNING:
            patience(started)
            time.sleep(0.05)
            run.refresh_from_db()
        if run.failed or store.is_behind():
            raise CommandError(f"{run.failed} needs failed, or the index is behind.")
        return time.monotonic() - started

    def saved(self, row: Need | Firm) -> float:
        """Seconds from the save until its proposals are renewed, whichever needs that takes."""
        started = time.monotonic()
        row.save()
        changed(row)
        while Job.objects.filter(state=Job.State.QUEUED).exclude(kind=Job.Kind.INDEX).exists():
            patience(started)
            time.sleep(0.005)
        return time.monotonic() - started


def in_a_world_of_its_own(command: str, *words: str, database: str = "") -> None:
    """Run a command in a child with a folder and a database of its own: the settings of this process are bound to one
    already."""
    with tempfile.TemporaryDirectory(prefix="enishi-bench-") as folder:
        own = {"ENISHI_VAR": folder, "ENISHI_MODE": "local", INSIDE: "1", "DATABASE_URL": database}
        env = os.environ | own | {"REDIS_URL": "", "ENISHI_INDEX_STORE": "", "LOG_LEVEL": "WARNING"}
        started = [sys.executable, "manage.py", command, *words]
        if subprocess.run(started, cwd=settings.ROOT, env=env, check=False).returncode:
            raise CommandError("The measurement failed; see above.")


def prepare() -> None:
    """Tables and catalogues. Raises CommandError when the database is somebody's."""
    call_command("migrate", verbosity=0)
    if Firm.objects.exists() or Need.objects.exists():
        raise CommandError("This database has rows. Name an empty one.")
    call_command("load_sample", catalogues_only=True, stdout=io.StringIO())


def patience(started: float) -> None:
    if time.monotonic() - started > LONGEST:
        raise CommandError(f"Nothing came of it within {LONGEST} s.")


@contextmanager
def workers(processes: int) -> Iterator[None]:
    group = Group(settings.VAR, settings.ROOT, lambda _text: None)
    socket = Path(settings.REDIS_URL.removeprefix("unix://"))
    valkey.prepare(socket)
    binary = valkey.system() or valkey.packaged()
    try:
        group.start("broker", valkey.command(binary, socket, settings.VAR))
        valkey.wait(settings.REDIS_URL)
        celery = [sys.executable, "-m", "celery", "-A", "config.celery", "worker"]
        group.start("worker", [*celery, f"--concurrency={processes}", "--without-gossip", "--without-mingle"])
        yield
    finally:
        group.stop()


# ---- an invented register --------------------------------------------------------------------------------------------
def fill(firms: int, needs: int) -> None:
    """The same every time: phrases of the term table, the common ones in many firms, most in few."""
    dice = random.Random(1)  # noqa: S311  nothing secret
    phrases = _phrases(dice)
    places = list(Municipality.objects.order_by("pk"))
    for start in range(0, firms, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, firms))
        made = Firm.objects.bulk_create(_firm(dice, number, phrases, dice.choice(places)) for number in numbers)
        Equipment.objects.bulk_create(
            Equipment(firm=firm, name=name) for firm in made for name in sorted(set(phrases.some(dice, 3)))
        )
        FirmCertification.objects.bulk_create(
            FirmCertification(firm=firm, stated=stated) for firm in made for stated in dice.sample(CERTIFICATES, 1)
        )
    projects = list(AnchorProject.objects.order_by("pk"))
    made_needs = Need.objects.bulk_create(_need(dice, dice.choice(projects), phrases) for _ in range(needs))
    Criterion.objects.bulk_create(
        criterion
        for need in made_needs
        for criterion in (
            Criterion(need=need, kind=Criterion.Kind.CERTIFICATION, stated=dice.choice(CERTIFICATES), hard=True),
            Criterion(need=need, kind=Criterion.Kind.EMPLOYEES, number=dice.randrange(10, 100), hard=False),
        )
    )
    if connection.vendor == "postgresql":  # its autovacuum would do so by itself a minute later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


class _Phrases:
    """Words of the trades, the n-th as frequent as 1 / (n + 5)."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.weights = [1 / (rank + 5) for rank in range(len(words))]

    def some(self, dice: random.Random, number: int) -> list[str]:
        return dice.choices(self.words, self.weights, k=number)


def _phrases(dice: random.Random) -> _Phrases:
    with (DATA / "terms.csv").open(encoding="utf-8", newline="") as file:
        words = sorted({word for row in csv.DictReader(file) for word in (row["term"], row["target"])})
    dice.shuffle(words)
    return _Phrases(words)


def _firm(dice: random.Random, number: int, phrases: _Phrases, place: Municipality) -> Firm:
    said = phrases.some(dice, dice.randrange(8, 24))
    return Firm(
        name=f"試験{number}製作所株式会社",
        prefecture_id=place.prefecture_id,
        municipality=place,
        employees=dice.randrange(5, 300),
        capability_text="。".join(f"{one}と{other}に対応" for one, other in itertools.pairwise(said)),
        products=phrases.some(dice, 2),
        state=Firm.State.PUBLISHED,
        is_sample=True,
    )


def _need(dice: random.Random, project: AnchorProject, phrases: _Phrases) -> Need:
    return Need(
        project=project,
        title="、".join(phrases.some(dice, 2)),
        text="。".join(f"{word}をお願いしたい" for word in phrases.some(dice, dice.randrange(6, 14))),
        visibility=Need.Visibility.PUBLIC,
        state=Need.State.OPEN,
        is_sample=True,
    )
