"""A real Celery worker (and beat) on the test database: start_worker() → Worker with kill(), stop(), pid."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from config.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent
StartWorker = Callable[..., "Worker"]


def database_url() -> str:
    """The test database, as another process is told of it."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    user = quote(at["USER"], safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    return f"postgres://{user}@/{at['NAME']}?host={at['HOST']}" + (f"&port={at['PORT']}" if at["PORT"] else "")


class Worker:
    """The process group of one worker or beat."""

    def __init__(self, program: str, words: list[str], env: dict[str, str]) -> None:
        self.command = [sys.executable, "-m", "celery", "-A", "config.celery", program, "--loglevel=INFO", *words]
        self.env = os.environ | {"DATABASE_URL": database_url(), "PYTHONUNBUFFERED": "1"} | env
        self.ready_word = "ready." if program == "worker" else "beat: Starting"
        self.start()

    def start(self) -> None:
        """Start it and wait until it takes messages; also after kill()."""
        self.log = settings.VAR / f"test-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 30
        while self.ready_word not in self.log.read_text(errors="replace"):
            if time.monotonic() > until or self.process.poll() is not None:
                self.kill()
                raise RuntimeError(f"{self.command} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """kill -9 of parent and children at once, as when the machine loses power."""
        self._signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """As an administrator stops it: running tasks are finished, at most 20 s."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@pytest.fixture
def start_worker(transactional_db: None) -> Iterator[StartWorker]:
    """start_worker(beat=False, processes=1, **environment): all are stopped and the queue is emptied at the end."""
    started: list[Worker] = []

    def start(*, beat: bool = False, processes: int = 1, **env: str) -> Worker:
        worker = Worker("worker", [f"--concurrency={processes}", "--without-gossip", "--without-mingle"], env)
        started.append(worker)
        if beat:
            started.append(Worker("beat", [], env))
        return worker

    app.control.purge()
    yield start
    for worker in reversed(started):
        worker.stop()
    app.control.purge()
