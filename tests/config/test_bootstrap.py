import sys
from pathlib import Path

import pytest

from config.local import bootstrap


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "enishi-locks")
    for name in ("RUNTIME", "DEVELOPMENT"):
        lock = tmp_path / f"{name}.lock"
        lock.write_text(name)
        monkeypatch.setattr(bootstrap, name, lock)
    return tmp_path


def pretend_to_install(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    installed: list[Path] = []

    def fill(lock: Path) -> None:
        assert bootstrap.STAMP.read_text() == bootstrap.UNFINISHED
        bootstrap.PYTHON.parent.mkdir()
        bootstrap.PYTHON.touch()
        installed.append(lock)

    monkeypatch.setattr(bootstrap, "fill", fill)
    return installed


def test_development_lock_covers_the_runtime_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_to_install(monkeypatch)
    bootstrap.install(bootstrap.DEVELOPMENT)
    assert bootstrap.is_installed(bootstrap.DEVELOPMENT)
    assert bootstrap.is_installed(bootstrap.RUNTIME)


def test_changed_lock_is_installed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_to_install(monkeypatch)
    bootstrap.install(bootstrap.RUNTIME)
    assert not bootstrap.is_installed(bootstrap.DEVELOPMENT)
    bootstrap.RUNTIME.write_text("newer")
    assert not bootstrap.is_installed(bootstrap.RUNTIME)


def test_half_finished_installation_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.STAMP.write_text(bootstrap.UNFINISHED)
    (bootstrap.VENV / "half a package").touch()
    assert not bootstrap.is_installed(bootstrap.RUNTIME)
    pretend_to_install(monkeypatch)
    bootstrap.install(bootstrap.RUNTIME)
    assert not (bootstrap.VENV / "half a package").exists()


def test_complaint_of_the_installer_is_one_line_with_a_remedy() -> None:
    with pytest.raises(SystemExit, match=r"ERROR: no such package.*run the same again") as stopped:
        bootstrap.run(
            [sys.executable, "-c", "import sys; print('ERROR: no such package'); print('noise'); sys.exit(1)"]
        )
    assert "\n" not in str(stopped.value)


def test_old_python_is_told_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/python3.13" if name == "python3.13" else None)
    assert bootstrap.too_old(["manage.py", "up"]).endswith("Run: python3.13 manage.py up")
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "uv run --no-project" in bootstrap.too_old(["manage.py", "up"])


def test_missing_permission_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(lock: Path) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(bootstrap, "fill", refuse)
    with pytest.raises(SystemExit, match="no permission to write /somewhere"):
        bootstrap.install(bootstrap.RUNTIME)
