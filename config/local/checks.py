"""The checks that `verify` runs, in order: cheap ones first."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.local import translations

MANAGE = [sys.executable, "manage.py"]
PYTEST = [sys.executable, "-m", "pytest", "-q"]
NO_DATABASE = [f"--ignore=tests/{folder}" for folder in ("config", "engine")]
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Check:
    """A command, or a question that answers with its complaints."""

    headline: str
    command: list[str] = field(default_factory=list)
    question: Callable[[Path], list[str]] | None = None
    env: Mapping[str, str] = field(default_factory=dict)


CHECKS = [
    Check("Format (ruff)", [sys.executable, "-m", "ruff", "format", "--check", "--quiet", "."]),
    Check("Lint (ruff)", [sys.executable, "-m", "ruff", "check", "--quiet", "."]),
    Check("Imports (import-linter)", [sys.executable, "-c", LINT_IMPORTS, "--no-logo"]),
    Check("Migrations are complete", [*MANAGE, "makemigrations", "--check", "--dry-run", "--verbosity=1"]),
]
TRANSLATIONS = Check("Translations are complete", question=translations.problems)
TYPES = Check("Types (mypy --strict)", [sys.executable, "-m", "mypy", "."])
UNITS = Check("Unit tests", [*PYTEST, "--ignore=tests/services", "-m", "not django_db and not on_postgres"])
"""What asks no database, browser or service."""
TESTS = Check("Tests on SQLite", [*PYTEST, "-m", "not on_postgres"])
POSTGRES = Check(
    "Tests on PostgreSQL", [*PYTEST, *NO_DATABASE, "-m", "not on_sqlite"], env={"ENISHI_TEST_DATABASE": "postgres"}
)
"""What asks no database, or of which its kind makes no difference, is tested once: the two runs share it by marks.

More runs than cores were tried: with three or four, each test takes so much longer that the whole does too.
"""


def environment(check: Check, var: Path) -> dict[str, str]:
    """The checks see neither this installation's data nor its services; the tests start their own."""
    ours = {"DATABASE_URL", "REDIS_URL", "ENISHI_MODE", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"}
    if "ENISHI_TEST_DATABASE" not in check.env:
        ours |= {"ENISHI_TEST_DATABASE", "TEST_DATABASE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "ENISHI_VAR": str(var), "NO_BOOTSTRAP": "1", "PYTHONUNBUFFERED": "1", **check.env}
