"""Measure the files of long lists: the writer of XLSX beside openpyxl in the same run, and a whole export of firms."""

import itertools
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import openpyxl
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.http import HttpResponseBase
from django.test import RequestFactory

from config.management.commands.bench_rematch import INSIDE, fill, in_a_world_of_its_own, prepare
from matching import dossier
from matching.consent import a_year_from_now
from matching.contents import original
from matching.list_files import write_file
from matching.models import DISCLOSABLE, DisclosureConsent, Proposal
from matching.release import make_list
from registry.models import AnchorProject, Capability, Firm, Need, Role, User
from registry.tabular import Column, Value, rows, write_table
from registry.views.firms import FIRMS
from registry.views.sheets import CAPABILITIES

SAMPLED = 1_000
"""Real rows that the writers are given again and again."""
Write = Callable[[str, Iterator[list[Value]]], None]
RUNS = 3
EACH = 3
"""Capabilities of a firm."""
LISTED = (9, 300)
"""Firms of the candidate lists."""
SLOW = 10
"""openpyxl gets so many times fewer rows: its rate does not depend on their number."""


class Command(BaseCommand):
    help = (
        "Export invented firms in a folder and a database of their own, then write their rows as XLSX with the "
        "product's writer and with openpyxl (write-only), alternating, and print rows per second and memory."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firms", type=int, default=20_000, help="exported from the database")
        parser.add_argument("--rows", type=int, default=100_000, help="given to the writer")
        parser.add_argument(
            "--database", default="", metavar="URL", help="an EMPTY database that may be filled (default: SQLite)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        words = [f"--{name}={options[name]}" for name in ("firms", "rows")]
        stage = os.environ.get(INSIDE)
        if stage is None:
            in_a_world_of_its_own("bench_export", *words, database=options["database"])
        elif stage == "1":
            prepare()
            fill(options["firms"], 0)
            give_capabilities()
            measured = [sys.executable, "manage.py", "bench_export", *words]  # another process, for its memory
            subprocess.run(measured, cwd=settings.ROOT, env=os.environ | {INSIDE: "2"}, check=True)
        else:
            self.exports(options["firms"])
            self.writers(options["rows"])
            for count in LISTED:
                self.files_of_a_list(count)

    def exports(self, firms: int) -> None:
        """What a person of the bureau waits for, from the query to the last byte."""
        self.stdout.write(f"{connection.vendor}: {firms} firms, {peak()} MB before")
        request = RequestFactory().get("/firms/export.xlsx")
        request.user = User(role=Role.BUREAU, email="bureau@example.jp")
        for listing, lines in ((FIRMS, firms), (CAPABILITIES, firms * EACH)):
            for extension in ("csv", "xlsx"):
                started = time.perf_counter()
                size = length(listing.export(request, extension))
                what = f"{listing.stem}.{extension}, query included"
                self.report(what, lines, time.perf_counter() - started, size)

    def writers(self, count: int) -> None:
        columns = [*FIRMS.columns, *FIRMS.more_in_files]
        firms = Firm.objects.for_list().order_by("pk")[:SAMPLED]
        sample = list(rows(columns, firms))
        ready = [
            Column(str(place), column.heading, itemgetter(place), width=column.width, type=column.type)
            for place, column in enumerate(columns)
        ]

        def ours(path: str, lines: Iterator[list[Value]]) -> None:
            write_table(path, ready, lines, title="firms")

        def theirs(path: str, lines: Iterator[list[Value]]) -> None:
            with_openpyxl(path, ready, lines)

        runs = [
            (self.timed("rows to XLSX, write_table", ours, sample, count),
             self.timed("rows to XLSX, openpyxl write-only", theirs, sample, count // SLOW))
            for _ in range(RUNS)
        ]  # fmt: skip
        ratio = statistics.median(mine / other for mine, other in runs)
        self.stdout.write(f"{len(columns)} columns; write_table : openpyxl = {ratio:.1f} : 1 (median of {RUNS})")

    def files_of_a_list(self, count: int) -> None:
        """A candidate list from the making to its files; the typesetter works in a process of its own."""
        need, by = shortlist(count)
        started = time.perf_counter()
        made = make_list(need, by=by, recipient="Holm A/S")
        self.report("candidate list made", count, time.perf_counter() - started, 0)
        contents = original(made)
        for extension in ("xlsx", "csv"):
            started = time.perf_counter()
            size = len(write_file(made, extension, contents))
            self.report(f"candidate list, {extension}", count, time.perf_counter() - started, size)
        started = time.perf_counter()
        size, most = set_apart(dossier.job(made, contents))
        self.report("candidate list, pdf", count, time.perf_counter() - started, size)
        self.stdout.write(f"{'':36}the typesetter's own memory: {most} MB")

    def timed(self, what: str, write: Write, sample: Sequence[list[Value]], count: int) -> float:
        """Rows per second."""
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
            started = time.perf_counter()
            write(file.name, itertools.islice(itertools.cycle(sample), count))
            seconds = time.perf_counter() - started
            self.report(what, count, seconds, file.seek(0, os.SEEK_END))
        return count / seconds

    def report(self, what: str, count: int, seconds: float, size: int) -> None:
        rate = f"{count / seconds:9,.0f} rows/s"
        self.stdout.write(f"{what:36}{count:8} rows {seconds:7.1f} s {rate} {size / 1e6:7.1f} MB file, {peak()} MB")


def shortlist(count: int) -> tuple[Need, User]:
    """A need for which so many firms are shortlisted and let everything be passed on."""
    by = User.objects.get_or_create(email="bureau@example.jp", defaults={"role": Role.BUREAU})[0]
    project = AnchorProject.objects.exclude(municipality=None).order_by("pk")[0]
    need = Need.objects.create(project=project, title="架台", text="架台の溶接と塗装", state=Need.State.OPEN)
    firms = Firm.objects.order_by("pk")[:count]
    check = {"kind": "employees", "hard": True, "asked": 30, "found": 46, "outcome": "pass"}
    state, told, until = Proposal.State.SHORTLISTED, project.organisation, a_year_from_now()
    Proposal.objects.bulk_create(
        Proposal(need=need, firm=firm, state=state, due_on=until, terms=[["溶接", 0.2]], checks=[check] * 6)
        for firm in firms
    )
    DisclosureConsent.objects.bulk_create(
        DisclosureConsent(
            firm=firm, need=need, organisation=told, told=told, fields=list(DISCLOSABLE), until=until, by=by
        )
        for firm in firms
    )
    return need, by


def set_apart(job: bytes) -> tuple[int, int]:
    """Bytes of the PDF and the most memory, in MB, that the typesetter held (0 where the system does not say)."""
    most = 0
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        given.write(job)
        given.seek(0)
        with subprocess.Popen(dossier.SETTER, stdin=given, stdout=made) as setter:
            while setter.poll() is None:
                most = max(most, held(Path(f"/proc/{setter.pid}/status")))
                time.sleep(0.01)
        return made.seek(0, os.SEEK_END), most


def held(status: Path) -> int:
    """The most memory, in MB, of a process of Linux; 0 for one that has just ended or begun, and elsewhere."""
    said = status.read_text() if status.exists() else ""
    return int(said.partition("VmHWM:")[2].split()[0]) // 1024 if "VmHWM:" in said else 0


def give_capabilities() -> None:
    dice = random.Random(1)  # noqa: S311  nothing secret
    codes = list(Capability.objects.values_list("pk", flat=True))
    link = Firm.capabilities.through
    for firms in batches(Firm.objects.order_by("pk").values_list("pk", flat=True)):
        link._default_manager.bulk_create(
            link(firm_id=firm, capability_id=code) for firm in firms for code in dice.sample(codes, EACH)
        )


def batches(ids: Any) -> Iterator[Sequence[int]]:
    rest = iter(list(ids))
    while part := list(itertools.islice(rest, SAMPLED)):
        yield part


def length(answer: HttpResponseBase) -> int:
    size = sum(len(part) for part in answer)
    answer.close()
    return size


def with_openpyxl(path: str, columns: Sequence[Column], objects: Iterator[list[Value]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("firms")
    sheet.append([str(column.heading) for column in columns])
    for values in rows(columns, objects):
        sheet.append(values)
    book.save(path)


def peak() -> int:
    """The most memory that this process ever held, in MB; Linux alone tells it apart from its parent's."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held(Path("/proc/self/status")) or most // (1024 * 1024)
