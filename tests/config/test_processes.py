import os
import sys
import time
from pathlib import Path

import pytest

from config.local.processes import AlreadyRunning, Fell, Group, only_one

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FALL = [sys.executable, "-c", "import sys; print('out of luck', flush=True); sys.exit(3)"]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_stopping_leaves_no_process_and_no_pid_file(tmp_path: Path) -> None:
    group = Group(tmp_path, tmp_path, print)
    pids = [group.start(name, SLEEP).process.pid for name in ("one", "two")]
    assert (tmp_path / "one.pid").read_text() == f"{pids[0]}\n"
    group.stop()
    assert all(map(gone, pids))
    assert list(tmp_path.glob("*.pid")) == []


def test_fallen_process_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    group = Group(tmp_path, tmp_path, said.append)
    child = group.start("one", SLEEP)
    first = child.process.pid
    child.process.kill()
    child.process.wait()
    group.watch()
    assert child.process.pid != first
    assert "starting it again" in said[0]
    group.stop()


def test_process_that_falls_again_and_again_is_reported_with_its_last_words(tmp_path: Path) -> None:
    group = Group(tmp_path, tmp_path, print)
    child = group.start("one", FALL)
    for _ in range(2):
        child.process.wait()
        group.watch()
    child.process.wait()
    with pytest.raises(Fell, match="out of luck"):
        group.watch()
    group.stop()


def test_child_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.local.processes.GRACE", 0.2)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    group = Group(tmp_path, tmp_path, print)
    child = group.start("one", [sys.executable, "-c", stubborn])
    while "deaf" not in child.log.read_text():
        time.sleep(0.02)
    group.stop()
    assert gone(child.process.pid)


def test_second_start_is_told_of_the_first(tmp_path: Path) -> None:
    told = pytest.raises(AlreadyRunning, match=rf"http://127.0.0.1:8000/, process {os.getpid()}")
    with only_one(tmp_path, "http://127.0.0.1:8000/"), told, only_one(tmp_path, "another"):
        pass
    with only_one(tmp_path, "later"):
        pass
