"""python3 manage.py verify: every check and every test, as on the build machine."""

import os
import subprocess
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.local import packages
from config.local.checks import CHECKS, POSTGRES, TESTS, TRANSLATIONS, TYPES, UNITS, Check, environment


class Command(BaseCommand):
    help = "Runs every check and test; stops at the first that fails. With --fast: of the tests only the unit tests."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fast", action="store_true", help="only tests that ask no database, browser or service")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        fast = options["fast"]
        try:
            with tempfile.TemporaryDirectory(prefix="enishi-verify-") as folder, ThreadPoolExecutor(1) as aside:
                var, coming = Path(folder), aside.submit(self.packages)
                self.each(CHECKS, var)
                types_now = fast or not coming.done()  # they take about as long as Debian's packages
                self.each([TYPES] if types_now else [], var)
                lacking = coming.result()
                self.each([TRANSLATIONS, UNITS] if fast else [TRANSLATIONS], var)
                if not fast:
                    self.tests([POSTGRES] if types_now else [TYPES, POSTGRES], var)
        except KeyboardInterrupt:
            raise CommandError("verify was ended before all checks were made.") from None
        self.say(self.style.SUCCESS(f"All checks passed in {time.monotonic() - started:.0f} s."))
        if lacking:
            self.say(f"Not everything was tested: {lacking}")

    @contextmanager
    def timed(self, headline: str) -> Iterator[None]:
        self.say(self.style.MIGRATE_HEADING(headline))
        before = time.monotonic()
        yield
        self.say(f"      ok, {time.monotonic() - before:.0f} s")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def packages(self) -> str:
        """Install what tests need, or say what is missing; a build machine must not pass without it."""
        missing = packages.missing()
        if not missing:
            return ""
        names = ", ".join(f"{package.debian} ({package.purpose})" for package in missing)
        self.say(f"Missing: {names}. Installing …")
        problem = packages.add(missing)
        missing = packages.missing()
        if not missing:
            return ""
        advice = f"Missing: {names}; {problem}. Run: {packages.how_to_get(missing)}"
        if os.environ.get("CI") == "true" or any(package.debian == "gettext" for package in missing):
            raise CommandError(advice)
        self.say(self.style.WARNING(f"{advice} — going on without."))
        return advice

    def each(self, checks: list[Check], var: Path) -> None:
        for check in checks:
            with self.timed(check.headline):
                self.run(check, var)

    def run(self, check: Check, var: Path) -> None:
        if check.question:
            complaints = check.question(settings.ROOT)
            for complaint in complaints:
                self.say(f"      {complaint}")
            failed = bool(complaints)
        else:
            failed = start(check, var).wait() != 0
        if failed:
            raise CommandError(f"{check.headline}: failed, see above. Later checks were not made.")

    def tests(self, others: list[Check], var: Path) -> None:
        """Both databases at once, each on a core of its own, and the types while tests wait for browsers and workers;
        what is said beside the tests on SQLite is shown when all have ended."""
        with self.timed(f"{TESTS.headline}; beside them {', '.join(one.headline for one in others)}"):
            beside = [(check, var / f"{place}.txt") for place, check in enumerate(others)]
            running = [start(check, var, said) for check, said in beside]
            try:
                failed = [TESTS.headline] if start(TESTS, var).wait() else []
                failed += [
                    check.headline for (check, _), process in zip(beside, running, strict=True) if process.wait()
                ]
            finally:
                for process in running:
                    process.terminate()
            for check, said in beside:
                self.say(self.style.MIGRATE_HEADING(check.headline))
                self.say(said.read_text(errors="replace"))
            if failed:
                raise CommandError(f"{', '.join(failed)}: failed, see above.")


def start(check: Check, var: Path, said: Path | None = None) -> subprocess.Popen[bytes]:
    with said.open("wb") if said else nullcontext() as out:
        return subprocess.Popen(
            check.command,
            cwd=settings.ROOT,
            env=environment(check, var),
            stdout=out,
            stderr=subprocess.STDOUT if out else None,
        )
