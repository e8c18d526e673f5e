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


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of an installation and what `up` said when it made it."""
    var = tmp_path_factory.mktemp("installed")
    code, said = result(up(var, "--no-serve"))
    assert code == 0, said
    return var, said


def test_up_is_ready_with_the_demonstration_and_leaves_no_process(installed: tuple[Path, str]) -> None:
    var, said = installed
    assert "331 firms" in said
    assert len(list((var / "lists").glob("*.xlsx"))) == 1
    assert processes_of(var) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_nothing_is_left_when_up_itself_is_killed(installed: tuple[Path, str]) -> None:
    var, _said = installed
    process = up(var, "--no-serve")
    until = time.monotonic() + 60
    while not any("worker" in command for command in processes_of(var)):
        assert time.monotonic() < until, result(process)
        time.sleep(0.1)
    process.kill()
    process.wait()
    while processes_of(var):
        assert time.monotonic() < until, processes_of(var)
        time.sleep(0.2)


def test_up_again_is_ready_and_changes_nothing(installed: tuple[Path, str]) -> None:
    """Also after one that was killed."""
    var, first = installed
    code, second = result(up(var, "--no-serve"))
    assert code == 0, second
    assert counts(second) == counts(first)
    assert len(list((var / "lists").glob("*.xlsx"))) == 1
    assert processes_of(var) == []


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
