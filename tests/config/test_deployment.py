"""What is shipped for production agrees with itself: settings, documentation, sample environment, compose file."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "ENISHI_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "enishi.example.jp",
    "DATABASE_URL": "postgres://enishi@localhost/enishi",
    "REDIS_URL": "redis://localhost:6379/0",
}
READS = re.compile(r'\b(?:env|flag|number|share_or_count|one_of|listed|required)\(\s*"([A-Z_]+)"')


def manage(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_BOOTSTRAP": "1"}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=clean | env, capture_output=True, text=True, check=False)


def read_by_settings() -> set[str]:
    return set(READS.findall((ROOT / "config" / "settings.py").read_text()))


def read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()))


def test_production_settings_pass_djangos_deployment_check(tmp_path: Path) -> None:
    done = manage("check", "--deploy", "--fail-level=WARNING", **GOOD, ENISHI_VAR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_production_does_not_start_without(name: str, tmp_path: Path) -> None:
    done = manage("check", **(GOOD | {name: "", "ENISHI_VAR": str(tmp_path)}))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


@pytest.mark.parametrize("wrong", [{"DEBUG": "1"}, {"ALLOWED_HOSTS": "*"}, {"SECRET_KEY": "change-me"}])
def test_production_does_not_start_with(wrong: dict[str, str], tmp_path: Path) -> None:
    done = manage("check", **(GOOD | wrong | {"ENISHI_VAR": str(tmp_path)}))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert next(iter(wrong)) in done.stderr


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    assert {name for name in read_by_settings() if f"`{name}`" not in text} == set()


def test_every_line_of_the_sample_environment_is_read() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert names - read_by_settings() - read_by_compose() == set()
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= names


def test_compose_file_runs_every_process_once() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert set(compose["services"]) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    for name in ("web", "worker", "beat"):
        waits_for = compose["services"][name]["depends_on"]
        assert waits_for["migrate"]["condition"] == "service_completed_successfully"


def test_image_holds_what_runs_and_nothing_else() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert kept == {"config", "registry", "matching", "templates", "manage.py", "requirements.lock"}
    assert all((ROOT / name).exists() for name in kept)


def test_locks_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_anybody(db: None, client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/no-such-page", "/static/admin/css/base.css"])
def test_every_answer_carries_the_security_headers(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
