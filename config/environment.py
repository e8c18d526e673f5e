"""Environment variables turned into what settings.py needs. A bad value is answered with what to write instead."""

import hashlib
import json
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

NEW_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
SAMPLE_KEY = "change-me"
LONGEST_SOCKET = 100  # bytes; the system's limit is 104 on macOS and 108 on Linux
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=1073741824;PRAGMA cache_size=-20000;"
)


def env(name: str, default: str = "") -> str:
    """The variable's text; one that is set but empty counts as not set (compose files pass such)."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = env(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f'{name} is "{value}". Set it to 1 or 0.')


def number(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f'{name} is "{value}". Set it to a whole number of 0 or more.')
    return int(value)


def share_or_count(name: str) -> float:
    """A share below 1, a whole number from 1, or 0 for what is not set."""
    value = env(name, "0")
    if re.fullmatch(r"0?\.[0-9]{1,6}|[0-9]{1,6}", value):
        return float(value)
    raise ImproperlyConfigured(f'{name} is "{value}". Set it to a share such as 0.2 or to a whole number such as 15.')


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = env(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f'{name} is "{value}". Set it to one of: {", ".join(choices)}.')
    return value


def listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def index_storage(where: str, options: str) -> dict[str, Any]:
    """STORAGES["index"]: a folder, or the dotted path of a storage class with its options as JSON."""
    if where.startswith("/") and not options:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": where}}
    try:
        given = json.loads(options or "{}")
    except ValueError:
        given = None
    if "." not in where or where.startswith("/") or not isinstance(given, dict):
        raise ImproperlyConfigured(
            f'ENISHI_INDEX_STORE is "{where}" with the options "{options}". Set it to a folder that all machines share '
            "(from /, without options), or to the dotted path of a Django storage class, with its options as a JSON "
            'object in ENISHI_INDEX_STORE_OPTIONS: {"bucket_name": "…"}.'
        )
    return {"BACKEND": where, "OPTIONS": given}


def required(name: str, hint: str) -> str:
    value = env(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it: {hint}.")
    return value


def checked_secret_key(key: str) -> str:
    """The production key, refused when it is missing, the sample's or guessable."""
    if not key:
        raise ImproperlyConfigured(f"SECRET_KEY is not set. Make one and keep it: {NEW_KEY}")
    if SAMPLE_KEY in key:
        raise ImproperlyConfigured(f"SECRET_KEY is still the sample's. Make one and keep it: {NEW_KEY}")
    if len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"SECRET_KEY is too weak (50 characters or more, 10 different). Make one and keep it: {NEW_KEY}"
        )
    return key


def kept_secret_key(path: Path) -> str:
    """The local key: made once, readable by its owner alone. Of two processes that make it at once the first wins."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"Cannot use {path}: {problem.strerror}. Make the folder {path.parent} readable and writable "
            "for this user, or set ENISHI_VAR to a folder that is."
        ) from None


POSTGRES_OPTIONS = {
    "pool": {"min_size": 1, "max_size": 4, "timeout": 10},
    "connect_timeout": "5",
    # Starting helpers, or compiling a query, costs a page of 50 rows more than they save.
    "options": "-c max_parallel_workers_per_gather=0 -c jit=off",
}


def database(url: str, var: Path) -> dict[str, Any]:
    """Django's DATABASES entry for sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME?option=value."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path.removeprefix("/"))
        if not path:
            raise ImproperlyConfigured("DATABASE_URL names no file. Write sqlite:////absolute/path/enishi.sqlite3.")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(path),
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS},
            "TEST": {"NAME": var / "test.sqlite3"},  # a file: worker and server must see it
        }
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(parse_qsl(parts.query))
        try:
            port = parts.port
        except ValueError:
            raise ImproperlyConfigured("DATABASE_URL has a port that is not a number from 1 to 65535.") from None
        if not parts.path.strip("/"):
            raise ImproperlyConfigured("DATABASE_URL names no database. Write postgres://USER:PASSWORD@HOST:5432/NAME.")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", unquote(parts.hostname or "")),
            "PORT": str(port or ""),
            "CONN_MAX_AGE": 0,  # the pool keeps connections
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": POSTGRES_OPTIONS | options,
            "TEST": {"TEMPLATE": "template0"},
        }
    raise ImproperlyConfigured(
        f'DATABASE_URL starts with "{parts.scheme}". Use sqlite:////path or postgres://USER:PASSWORD@HOST:5432/NAME.'
    )


def embedded_socket(var: Path) -> Path:
    """The embedded broker's socket: below var, or in a short folder where that path is too long for a socket."""
    socket = var / "redis.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET:
        return socket
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"enishi-{os.getuid()}-{name}" / "redis.sock"


def redis_url(url: str) -> str:
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured(
            "REDIS_URL must start with redis://, rediss:// or unix://, as in redis://HOST:6379/0."
        )
    return url


def mail(url: str) -> dict[str, Any]:
    """Django's EMAIL_* for smtp://, smtp+tls:// or smtps://USER:PASSWORD@HOST:PORT, file:///FOLDER, console:."""
    parts = urlsplit(url)
    backend = "django.core.mail.backends"
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backend}.console.EmailBackend"}
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": f"{backend}.filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme in {"smtp", "smtp+tls", "smtps"} and parts.hostname:
        return {
            "EMAIL_BACKEND": f"{backend}.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 10,
        }
    raise ImproperlyConfigured(
        "EMAIL_URL is not understood. Use smtp+tls://USER:PASSWORD@HOST:587, smtps://…:465, smtp://HOST:25, "
        "file:///FOLDER or console:."
    )
