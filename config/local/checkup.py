"""The questions that `doctor` asks an installation."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.celery import app
from config.local import bootstrap, packages, surroundings, valkey
from matching import store
from registry.models import User

LEAST, COMFORTABLE = 200_000_000, 1_000_000_000  # bytes of free space
UP = "Run: python3 manage.py up"


class Level(StrEnum):
    OK = "OK"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    level: Level
    subject: str
    said: str
    remedy: str = ""


def checkup() -> Iterator[Finding]:
    yield python()
    yield locks()
    yield folder()
    yield space()
    yield secret_key()
    reached = database()
    yield reached
    if reached.level == Level.OK:
        migrated = migrations()
        yield migrated
        if migrated.level == Level.OK:
            matching = store.status()
            yield index(matching)
            yield jobs(matching)
            yield from demo_accounts()
    yield from background()
    yield static_files()
    yield mail()
    yield for_tests()


def python() -> Finding:
    return Finding(Level.OK, "Python", f"{platform.python_version()} ({sys.executable})")


def locks() -> Finding:
    if not bootstrap.inside():
        return Finding(Level.OK, "Packages", "kept by you: this Python is not .venv's")
    if bootstrap.is_installed(bootstrap.RUNTIME):
        return Finding(Level.OK, "Packages", "as in requirements.lock")
    return Finding(Level.FAIL, "Packages", "not those of requirements.lock", "Unset NO_BOOTSTRAP, then the same again")


def folder() -> Finding:
    try:
        surroundings.writable(settings.VAR)
    except surroundings.Unfit as problem:
        return Finding(Level.FAIL, "Folder", str(problem), "See there")
    if settings.VAR.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(Level.WARN, "Folder", f"{settings.VAR} is open to others", f"Run: chmod 700 {settings.VAR}")
    return Finding(Level.OK, "Folder", f"{settings.VAR} is writable, for this user alone")


def space() -> Finding:
    free = shutil.disk_usage(settings.VAR).free
    said = f"{free / 1e9:.1f} GB free for {settings.VAR}"
    level = Level.FAIL if free < LEAST else Level.WARN if free < COMFORTABLE else Level.OK
    return Finding(level, "Space", said, "" if level == Level.OK else "Make room on that disk; 1 GB is comfortable")


def secret_key() -> Finding:
    path = settings.VAR / "secret_key"
    if os.environ.get("SECRET_KEY"):
        return Finding(Level.OK, "SECRET_KEY", "from the environment")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(Level.FAIL, "SECRET_KEY", f"others can read {path}", f"Run: chmod 600 {path}")
    return Finding(Level.OK, "SECRET_KEY", f"kept in {path}")


def database() -> Finding:
    try:
        surroundings.database()
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA quick_check(1)")
                [said] = cursor.fetchone()
            if said != "ok":
                return Finding(Level.FAIL, "Database", f"damaged: {said}", "Restore a backup, see docs/operations.md")
    except surroundings.Unfit as problem:
        return Finding(Level.FAIL, "Database", str(problem), "See there")
    return Finding(Level.OK, "Database", f"{connection.vendor} {'.'.join(map(str, version()))} answers")


def version() -> tuple[int, ...]:
    return connection.get_database_version()


def migrations() -> Finding:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as problem:
        return Finding(Level.FAIL, "Tables", " ".join(str(problem).split()), "Check the database's rights")
    if waiting:
        return Finding(Level.FAIL, "Tables", f"{len(waiting)} migrations not applied", "Run: python3 manage.py migrate")
    return Finding(Level.OK, "Tables", "every migration is applied")


def index(status: dict[str, Any]) -> Finding:
    if status["problem"]:
        return Finding(Level.WARN, "Index", status["problem"], f"A worker builds it by itself. {UP}")
    if status["stale"]:
        return Finding(Level.WARN, "Index", "older than the register", "A worker renews it by itself within a minute")
    return Finding(Level.OK, "Index", f"current ({status['build']})")


def jobs(status: dict[str, Any]) -> Finding:
    if status["parked"]:
        remedy = "See why on the page of runs, or in the worker's log"
        return Finding(Level.FAIL, "Jobs", f"{status['parked']} given up after three attempts", remedy)
    return Finding(Level.OK, "Jobs", f"{status['queued']} waiting, none given up")


def demo_accounts() -> Iterator[Finding]:
    """Accounts whose password everybody knows must not exist where it matters."""
    if settings.PRODUCTION and User.objects.filter(email__endswith="@example.jp", is_active=True).exists():
        yield Finding(Level.FAIL, "Accounts", "demo accounts are active", "Deactivate them on the admin site")


def background() -> Iterator[Finding]:
    embedded = not os.environ.get("REDIS_URL")
    if not valkey.answers(settings.REDIS_URL):
        level, remedy = (Level.WARN, UP) if embedded else (Level.FAIL, "Start Redis, or correct REDIS_URL")
        yield Finding(level, "Broker", "does not answer", remedy)
        return
    yield Finding(Level.OK, "Broker", "answers")
    alive = {name.partition("@")[0] for reply in app.control.ping(timeout=2) or [] for name in reply}
    workers = alive - {"celerybeat"}
    for subject, lives in (("Worker", bool(workers)), ("Beat", "celerybeat" in alive)):
        if lives:
            yield Finding(Level.OK, subject, "answers")
        else:
            remedy = UP if embedded else f"Start the {subject.lower()}, see docs/operations.md"
            yield Finding(Level.WARN if embedded else Level.FAIL, subject, "does not answer", remedy)


def static_files() -> Finding:
    if settings.STATIC_ROOT:
        there = (settings.STATIC_ROOT / "staticfiles.json").exists()
        remedy = "Run: python3 manage.py collectstatic --no-input"
    else:
        there = all(finders.find(path) for path in ("admin/css/base.css", "css/base.css"))
        remedy = "The folder config/static/ is missing: take it from the repository"
    return Finding(Level.OK, "Static", "present") if there else Finding(Level.FAIL, "Static", "missing", remedy)


def mail() -> Finding:
    shown = settings.EMAIL_URL.rpartition("@")[2]
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        if settings.PRODUCTION:
            return Finding(Level.WARN, "Mail", f"goes to {shown}", "Set EMAIL_URL to a mail server")
        return Finding(Level.OK, "Mail", f"goes to {shown}")
    try:
        backend.open()
        backend.close()
    except OSError as problem:  # smtplib's own errors are OSErrors too
        return Finding(Level.FAIL, "Mail", f"{shown} does not answer: {problem}", "Correct EMAIL_URL")
    return Finding(Level.OK, "Mail", f"{shown} answers")


def for_tests() -> Finding:
    lacking = packages.missing()
    if not lacking:
        return Finding(Level.OK, "For tests", "Chromium, Japanese fonts, gettext and Redis are there")
    names = ", ".join(package.debian for package in lacking)
    return Finding(Level.OK, "For tests", f"not here, only `verify` wants it: {names}", packages.how_to_get(lacking))
