"""python3 manage.py verify: every check and every test, as on the build machine."""

import os
import subprocess
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.local import packages
from config.local.checks import CHECKS, QUICK, Check, environment


class Command(BaseCommand):
    help = "Runs every check and test; stops at the first that fails. With --fast: no browser, services or PostgreSQL."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fast", action="store_true", help="leave out browser, services, faults and PostgreSQL")

    def handle(self, *args: Any, **options: Any) -> None:
        fast = options["fast"]
        started = time.monotonic()
        lacking = self.packages()
        checks = [check for check in CHECKS if check.fast or not fast]
        try:
            with tempfile.TemporaryDirectory(prefix="enishi-verify-") as var:
                for place, check in enumerate(checks, start=1):
                    self.say(self.style.MIGRATE_HEADING(f"[{place}/{len(checks)}] {check.headline}"))
                    before = time.monotonic()
                    self.run(check, Path(var), fast)
                    self.say(f"      ok, {time.monotonic() - before:.0f} s")
        except KeyboardInterrupt:
            raise CommandError("verify was ended before all checks were made.") from None
        self.say(self.style.SUCCESS(f"All {len(checks)} checks passed in {time.monotonic() - started:.0f} s."))
        if lacking:
            self.say(f"Not everything was tested: {lacking}")

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

    def run(self, check: Check, var: Path, fast: bool) -> None:
        if check.question:
            complaints = check.question(settings.ROOT)
            for complaint in complaints:
                self.say(f"      {complaint}")
            failed = bool(complaints)
        else:
            command = [*check.command, *(QUICK if fast and "pytest" in check.command else [])]
            failed = (
                subprocess.run(command, cwd=settings.ROOT, env=environment(check, var), check=False).returncode != 0
            )
        if failed:
            raise CommandError(f"{check.headline}: failed, see above. Later checks were not made.")
