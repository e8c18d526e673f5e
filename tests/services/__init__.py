"""pytest plugin (-p tests.services): real services, started before Django reads its settings; conftest.py is too late.

Redis is Debian's when it is there, else the packaged Valkey (TEST_REDIS_URL: yours). The database is SQLite, or with
ENISHI_TEST_DATABASE=postgres the packaged PostgreSQL (TEST_DATABASE_URL: yours).
"""

import atexit
import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config.local import valkey
from tests.services.browser import browser, new_page, page
from tests.services.postgres import Postgres
from tests.services.worker import start_worker

__all__ = ["browser", "new_page", "page", "start_worker"]

in_use: list[str] = []


def start_redis(folder: Path) -> str:
    binary = valkey.system() or valkey.packaged()
    socket = folder / "redis.sock"
    url = f"unix://{socket}"
    process = subprocess.Popen(valkey.command(binary, socket, folder), stdout=subprocess.DEVNULL)
    atexit.register(process.wait, 10)
    atexit.register(process.terminate)  # the last registered runs first
    valkey.wait(url, process)
    in_use.append(f"Redis: {binary}")
    return url


def start_postgres(folder: Path) -> str:
    server = Postgres(folder / "postgres")
    atexit.register(server.stop)
    url = server.start()
    in_use.append(f"database: {server.version}")
    return url


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """A wrapper runs before pytest-django's own hook, which reads the settings."""
    gc.set_threshold(1_000_000, 20, 50)  # a tenth of the time of all tests went into looking for garbage
    folder = Path(tempfile.mkdtemp(prefix="enishi-test-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when the tests run as root
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(ENISHI_MODE="local", ENISHI_VAR=str(folder), DJANGO_ALLOW_ASYNC_UNSAFE="1")
    os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or start_redis(folder)
    os.environ.pop("DATABASE_URL", None)
    if yours := os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = yours
        in_use.append("database: TEST_DATABASE_URL")
    elif os.environ.get("ENISHI_TEST_DATABASE") == "postgres":
        os.environ["DATABASE_URL"] = start_postgres(folder)
    else:
        in_use.append("database: SQLite")
    return (yield)


def pytest_report_header() -> list[str]:
    return in_use
