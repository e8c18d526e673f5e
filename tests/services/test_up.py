"""`manage.py up` for real, in a folder of its own."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.on_sqlite  # it starts a database of its own
ROOT = Path(__file__).resolve().parent.parent.parent


def up(var: Path, *words: str) -> subprocess.Popen[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(var), "NO_BOOTSTRAP": "1", "ENISHI_VAR": str(var)}
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", *words],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=240)
    return process.returncode, said


def processes_of(var: Path) -> list[str]:
    """Those whose environment names the folder; Linux alone lets us look."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"ENISHI_VAR={var}".encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def counts(said: str) -> str:
    found = re.search(r"Register.*", said)
    assert found, said
    return found[0]


def test_up_twice_is_ready_both_times_and_changes_nothing(tmp_path: Path) -> None:
    code, first = result(up(tmp_path, "--no-serve"))
    assert code == 0, first
    assert "331 firms" in first
    assert len(list((tmp_path / "lists").glob("*.xlsx"))) == 1
    assert processes_of(tmp_path) == []
    code, second = result(up(tmp_path, "--no-serve"))
    assert code == 0, second
    assert counts(second) == counts(first)
    assert len(list((tmp_path / "lists").glob("*.xlsx"))) == 1
    assert processes_of(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_nothing_is_left_when_up_itself_is_killed(tmp_path: Path) -> None:
    process = up(tmp_path, "--no-serve")
    until = time.monotonic() + 60
    while not any("worker" in command for command in processes_of(tmp_path)):
        assert time.monotonic() < until, result(process)
        time.sleep(0.1)
    process.kill()
    process.wait()
    while processes_of(tmp_path):
        assert time.monotonic() < until, processes_of(tmp_path)
        time.sleep(0.2)


def test_busy_port_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        code, said = result(up(tmp_path, f"--port={port}"))
    assert code == 1
    assert said.count("\n") == 1
    assert f"Port {port} is taken" in said
    assert "--port" in said


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, said = result(up(tmp_path / "file" / "var"))
    assert code == 1
    assert said.count("\n") == 1
    assert "ENISHI_VAR" in said
