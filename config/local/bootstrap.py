"""Makes .venv from the lock files before anything else is imported. Standard library only: it runs on a bare machine.

A half-finished installation carries the word UNFINISHED instead of the locks' checksums and is made anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "enishi-locks"
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"  # holds everything of the runtime lock too
OLDEST = (3, 11)
UNFINISHED = "unfinished"
VENV_MISSING = (
    "This Python has no venv. Run: sudo apt-get install -y python3-venv   (or install uv), then the same again."
)


def ensure(argv: list[str]) -> None:
    """Return when this interpreter has what the command needs; otherwise install it and start again inside .venv."""
    if sys.version_info < OLDEST:
        stop(too_old(argv))
    if os.environ.get("NO_BOOTSTRAP") == "1" or in_foreign_environment():
        return
    lock = DEVELOPMENT if "verify" in argv[1:2] else RUNTIME
    with only_one():
        if not is_installed(lock):
            install(lock)
            if inside():
                print("Packages were renewed; starting again with them.", flush=True)
                os.execv(PYTHON, [str(PYTHON), *argv])
    if not inside():
        os.execv(PYTHON, [str(PYTHON), *argv])


def stop(message: str) -> None:
    sys.exit("Enishi cannot start: " + message)


def too_old(argv: list[str]) -> str:
    have = "{}.{}".format(*sys.version_info[:2])
    newer = next((name for minor in range(20, 10, -1) for name in [f"python3.{minor}"] if shutil.which(name)), None)
    again = f"{newer} {' '.join(argv)}" if newer else f"uv run --no-project --python 3.12 {' '.join(argv)}"
    hint = "Run" if newer else "Install a newer Python, or uv and run"
    return f"it needs Python 3.11 or newer, and this is {have}. {hint}: {again}"


def inside() -> bool:
    return VENV.exists() and os.path.realpath(sys.prefix) == os.path.realpath(VENV)


def in_foreign_environment() -> bool:
    """Somebody's own virtual environment that has Django: theirs to keep, not ours to change."""
    return sys.prefix != sys.base_prefix and not inside() and importlib.util.find_spec("django") is not None


class only_one:  # noqa: N801 - reads as a sentence
    """Two first starts at once: the second waits for the first."""

    held: tuple[int, ...] = ()

    def __enter__(self) -> None:
        self.folder = os.open(ROOT, os.O_RDONLY)
        try:
            fcntl.flock(self.folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing packages here; waiting for it.", flush=True)
            fcntl.flock(self.folder, fcntl.LOCK_EX)
        only_one.held = (self.folder,)

    def __exit__(self, *_: object) -> None:
        only_one.held = ()
        os.close(self.folder)


def checksum(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_installed(lock: Path) -> bool:
    return PYTHON.exists() and STAMP.exists() and checksum(lock) in STAMP.read_text().split()


def install(lock: Path) -> None:
    started = time.monotonic()
    try:
        if STAMP.exists() and STAMP.read_text().strip() == UNFINISHED:
            print("An earlier installation was not finished; making it anew.", flush=True)
            shutil.rmtree(VENV)
        VENV.mkdir(exist_ok=True)
        STAMP.write_text(UNFINISHED)
        fill(lock)
        contained = [lock, RUNTIME] if lock == DEVELOPMENT else [lock]
        STAMP.write_text("\n".join(checksum(each) for each in contained) + "\n")
    except PermissionError as problem:
        stop(f"no permission to write {problem.filename}. Run as the owner of {ROOT}, or clone into a folder of yours.")
    except OSError as problem:
        stop(f"{problem.strerror}: {problem.filename or VENV}. Make room or repair that, then run the same again.")
    print(f"Packages ready in {time.monotonic() - started:.0f} s.", flush=True)


def fill(lock: Path) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    uv = shutil.which("uv")
    count = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    print(f"Installing about {count} packages into {VENV} with {'uv' if uv else 'pip'} (first start only).", flush=True)
    if uv:
        run([uv, "venv", "--quiet", "--allow-existing", "--python", base, str(VENV)])
        run([uv, "pip", "install", "--require-hashes", "--python", str(PYTHON), "-r", str(lock)])
        return
    installer = [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("ensurepip") is None and not add_venv_package():
        if importlib.util.find_spec("pip") is None:
            stop(VENV_MISSING)
        run([base, "-m", "venv", "--without-pip", str(VENV)])
        installer = [base, "-m", "pip", "--python", str(PYTHON)]
    else:
        run([base, "-m", "venv", str(VENV)])
    run(
        [
            *installer,
            "install",
            "--disable-pip-version-check",
            "--progress-bar=off",
            "--no-compile",
            "--require-hashes",
            "-r",
            str(lock),
        ]
    )
    compile_all()


def compile_all() -> None:
    """By every core, where pip takes one. A package may hold files for other Pythons: what fails is of no use here."""
    command = [str(PYTHON), "-m", "compileall", "-q", "-j0", str(VENV / "lib")]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def add_venv_package() -> bool:
    """Debian and Ubuntu keep venv in a package of its own; root may add it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("Adding Debian's python3-venv.", flush=True)
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
    added = subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, capture_output=True)
    importlib.invalidate_caches()
    return not added.returncode


def run(command: list[str]) -> None:
    """Run an installer, showing how far it is; its complaint becomes one line of ours.

    One that outlives us keeps the lock: the next start waits for it instead of working against it.
    """
    who = "pip" if "pip" in command else Path(command[0]).name
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=only_one.held,
        start_new_session=True,
    )
    try:
        complaint = follow(process, who)
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGTERM)  # venv runs pip in a process of its own
        raise
    if process.wait():
        stop(
            f"{who} failed: {complaint or f'exit code {process.returncode}'}. Check the network (the installer's own "
            "settings for a proxy or an index hold) and the free space; then run the same again."
        )


def follow(process: subprocess.Popen[str], who: str) -> str:
    """Show progress; return the first line that sounds like a complaint."""
    complaint = ""
    seen = 0
    assert process.stdout is not None
    for line in process.stdout:
        words = line.strip(" ×╰─▶├\n")
        if words.startswith("Collecting "):  # pip, one per package
            seen += 1
            if seen % 10 == 0:
                print(f"  {seen} packages fetched …", flush=True)
        elif words.startswith("Installing collected") or (
            who == "uv" and words.startswith(("Downloading ", "Prepared "))
        ):
            print(f"  {words.split(':')[0]} …", flush=True)
        elif words.lower().startswith(("error", "failed", "caused by", "no space")):
            complaint = complaint or words
    return complaint
