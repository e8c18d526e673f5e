"""The processes that `up` starts beside itself: restarted when they fall, ended in order with it, never left behind."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

GRACE = 20  # seconds that a child has to finish what it does
FALLS = 3  # in this many seconds ...
WITHIN = 60
LOG_LIMIT = 5_000_000


class Fell(Exception):
    """A process ended again and again; the message names its log."""


class AlreadyRunning(Exception):
    """Another `up` works on the same folder; the message names it."""


@dataclass
class Child:
    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes]
    fallen: list[float] = field(default_factory=list)


def end_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel ends a child whose parent was killed with -9. Other systems: see `leftover`."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask


class Group:
    """Children by name, started in order and stopped in the opposite order."""

    def __init__(self, folder: Path, cwd: Path, say: Callable[[str], None]) -> None:
        self.folder, self.cwd, self.say = folder, cwd, say
        self.children: list[Child] = []

    def start(self, name: str, command: list[str]) -> Child:
        """Its output goes to NAME.log. A child of its own session does not hear the terminal's Ctrl-C: we end it."""
        stop_leftover(self.folder / f"{name}.pid", command)
        log = self.folder / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        child = Child(name, command, log, self._spawn(name, command, log))
        self.children.append(child)
        return child

    def _spawn(self, name: str, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=end_with_parent(),
            )
        (self.folder / f"{name}.pid").write_text(f"{process.pid}\n")
        return process

    def watch(self) -> None:
        """Start again what fell; what falls again and again is reported."""
        for child in self.children:
            if child.process.poll() is None:
                continue
            now = time.monotonic()
            child.fallen = [at for at in child.fallen if at > now - WITHIN] + [now]
            if len(child.fallen) >= FALLS:
                raise Fell(f"The {child.name} ended {FALLS} times within a minute. Its last words: {last_words(child)}")
            self.say(f"The {child.name} ended (exit code {child.process.returncode}); starting it again.")
            child.process = self._spawn(child.name, child.command, child.log)

    def stop(self) -> None:
        for child in reversed(self.children):
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self.say(f"The {child.name} did not end within {GRACE} s; ending it at once.")
            except KeyboardInterrupt:
                self.say(f"Ending the {child.name} at once.")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
            (self.folder / f"{child.name}.pid").unlink(missing_ok=True)
        self.children.clear()


def last_words(child: Child) -> str:
    lines = [line for line in child.log.read_text(errors="replace").splitlines() if line.strip()]
    return f"{lines[-1].strip()[:300] if lines else 'none'} ({child.log})"


def stop_leftover(pid_file: Path, command: list[str]) -> None:
    """End what a killed earlier run left, where the kernel does not (macOS)."""
    try:
        pid = int(pid_file.read_text())
        shown = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if command[-1] not in shown.stdout:
            return
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            time.sleep(0.1)
            os.kill(pid, 0)
    except (OSError, ValueError):
        return


@contextlib.contextmanager
def only_one(folder: Path, what: str) -> Iterator[None]:
    """Hold the folder for this process. The lock ends with the process however it ends: nothing stale is left."""
    path = folder / "up.pid"
    with path.open("a+") as file:
        claim(file, path)
        file.truncate(0)
        file.write(f"{os.getpid()} {what}\n")
        file.flush()
        os.set_inheritable(file.fileno(), False)
        try:
            yield
        finally:
            file.truncate(0)


def claim(file: IO[str], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid, _, what = file.read().strip().partition(" ")
        raise AlreadyRunning(
            f"Enishi is already running in {path.parent} ({what}, process {pid}). Use that, or end it first: kill {pid}"
        ) from None
