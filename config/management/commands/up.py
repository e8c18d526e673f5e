"""python3 manage.py up: from a clone to a running site with sample data, in one command."""

import contextlib
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from config.local import surroundings, valkey
from config.local.processes import AlreadyRunning, Fell, Group, last_words, only_one
from matching.jobs import start_rematch
from matching.models import Proposal
from matching.sample import write_sample_list
from registry.intake.sample import PASSWORD, load_accounts
from registry.models import AnchorProject, Firm, Need

STUCK = 300  # seconds without any progress
EMBEDDED = not os.environ.get("REDIS_URL")


class Command(BaseCommand):
    help = "Makes the database, loads the sample register, matches every open need and serves the site."

    def add_arguments(self, parser: ArgumentParser) -> None:
        processes = min(surroundings.processors(), 4)
        parser.add_argument("--no-serve", action="store_true", help="end after the candidate list is written")
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (8000)")
        parser.add_argument("--processes", type=int, default=processes, help=f"of the worker ({processes})")

    def handle(self, *args: Any, **options: Any) -> None:
        address = None if options["no_serve"] else (options["host"], options["port"])
        if settings.PRODUCTION:
            raise CommandError(
                "`up` loads sample data and demo accounts, which a production site must not have. "
                "Run migrate and start web, worker and beat as docs/operations.md says."
            )
        if options["processes"] < 1:
            raise CommandError(f"--processes {options['processes']} leaves nobody to work. Take 1 or more.")
        try:
            surroundings.writable(settings.VAR)
            with end_like_ctrl_c(), only_one(settings.VAR, url(address) if address else "without a site"):
                if address:
                    surroundings.port(*address)
                surroundings.database()
                if not EMBEDDED:
                    valkey.wait(settings.REDIS_URL, seconds=3)
                self.run(address, options["processes"])
        except (surroundings.Unfit, AlreadyRunning, Fell, valkey.BrokerAway) as problem:
            raise CommandError(str(problem)) from None

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def run(self, address: tuple[str, int] | None, processes: int) -> None:
        started = time.monotonic()
        group = Group(settings.VAR, settings.ROOT, self.say)
        serving = False
        try:
            self.make_database()
            self.start_background(group, processes)
            self.match(group)
            lists = write_sample_list(settings.VAR / "lists")
            connection.close()
            if address:
                start_web(group, *address)
            serving = address is not None
            self.summarise(lists, address, time.monotonic() - started)
            while serving:
                group.watch()
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.say("\nEnding …")
            if not serving:
                raise CommandError("Ended before it was ready. Run the same again; it goes on from here.") from None
        finally:
            group.stop()
        self.say("Everything is stopped.")

    def make_database(self) -> None:
        self.say("Database: making or updating the tables.")
        try:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("load_sample", stdout=self.stdout, stderr=self.stderr)
        except DatabaseError as problem:
            said = " ".join(str(problem).split())
            raise CommandError(
                f"The database refused: {said}. If it holds something else, set DATABASE_URL to an empty one; "
                "otherwise run: python3 manage.py doctor"
            ) from None

    def start_background(self, group: Group, processes: int) -> None:
        if EMBEDDED:
            socket = Path(settings.REDIS_URL.removeprefix("unix://"))
            valkey.prepare(socket)
            broker = group.start("broker", valkey.command(valkey.packaged(), socket, settings.VAR))
            try:
                valkey.wait(settings.REDIS_URL, broker.process)
            except valkey.BrokerAway as problem:
                raise Fell(f"{problem} Its last words: {last_words(broker)}") from None
        self.say(f"Broker: {'embedded Valkey' if EMBEDDED else 'the one in REDIS_URL'}.")
        celery = [sys.executable, "-m", "celery", "-A", "config.celery"]
        calm = ["--loglevel=INFO", "--without-gossip", "--without-mingle"]
        group.start("worker", [*celery, "worker", f"--concurrency={processes}", *calm])
        group.start("beat", [*celery, "beat", "--loglevel=INFO"])
        self.say(f"Worker: Celery with {processes} process{'es' if processes > 1 else ''}, and the beat.")

    def match(self, group: Group) -> None:
        run = start_rematch()
        shown, moved, last = 0.0, time.monotonic(), -1
        while True:
            done, total = run.progress()
            now = time.monotonic()
            if done != last:
                moved, last = now, done
            if done >= total or now - shown >= 2:
                self.say(f"Matching: {done} of {total} needs.")
                shown = now
            if done >= total:
                return
            if now - moved > STUCK:
                raise Fell(f"No need was matched for {STUCK} s. Look into {settings.VAR / 'worker.log'}; run doctor.")
            group.watch()
            time.sleep(0.2)

    def summarise(self, lists: list[Path], address: tuple[str, int] | None, seconds: float) -> None:
        rows = [
            "",
            f"Enishi is ready ({seconds:.0f} s).",
            f"  Register   {AnchorProject.objects.count()} anchor projects, {Need.objects.count()} needs, "
            f"{Firm.objects.count()} firms (架空のサンプル), {Proposal.objects.count()} proposals",
            *(f"  List       {path}" for path in lists),
            f"  Mail       {settings.EMAIL_URL.rpartition('@')[2]}",
            f"  Logs       {settings.VAR}/worker.log, beat.log" + (", web.log" if address else ""),
        ]
        if address:
            rows += [
                f"  Site       {url(address)}",
                f"  Password   {PASSWORD}   (of every demo account)",
                *(f"    {user.email:<26} {user.get_role_display()}" for user in load_accounts()),
            ]
            if address[0] not in {"127.0.0.1", "localhost", "::1"}:
                rows.append("  Take care  the demo accounts can be used from other machines; hosts: ALLOWED_HOSTS")
            rows.append("Ctrl-C ends it all.")
        self.say("\n".join(rows))


def url(address: tuple[str, int]) -> str:
    host, port = address
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def start_web(group: Group, host: str, port: int) -> None:
    bind = f"--bind={f'[{host}]' if ':' in host else host}:{port}"
    threads = ["--worker-class=gthread", "--workers=1", "--threads=8", "--no-control-socket"]
    web = group.start("web", [sys.executable, "-m", "gunicorn", "config.wsgi", *threads, bind])
    until = time.monotonic() + 30
    while surroundings.is_free(host, port):
        if web.process.poll() is not None or time.monotonic() > until:
            raise Fell(f"The site did not start. Look into {web.log}")
        time.sleep(0.1)


@contextlib.contextmanager
def end_like_ctrl_c() -> Iterator[None]:
    """SIGTERM (a service manager) and SIGHUP (a closed terminal) end everything in order too; nohup is respected."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if number != signal.SIGHUP or handler != signal.SIG_IGN:
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
