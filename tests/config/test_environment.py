from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

VAR = Path("/var/lib/enishi")


def test_postgres_url_becomes_a_pooled_database() -> None:
    made = environment.database("postgres://u:p%40ss@db:5433/enishi?sslmode=require", VAR)
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == ("u", "p@ss", "db", "5433")
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["pool"]


def test_postgres_by_socket_takes_its_folder_as_host() -> None:
    assert environment.database("postgres://postgres@/enishi?host=/run/postgresql", VAR)["HOST"] == "/run/postgresql"


def test_sqlite_waits_for_writers_instead_of_failing() -> None:
    made = environment.database("sqlite:////data/enishi.sqlite3", VAR)
    assert made["NAME"] == Path("/data/enishi.sqlite3")
    assert made["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in made["OPTIONS"]["init_command"]


@pytest.mark.parametrize("url", ["mysql://u@h/n", "postgres://u@h:port/n", "postgres://u@h", "sqlite://", "enishi"])
def test_database_url_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        environment.database(url, VAR)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://h", 25, False, False),
        ("smtp+tls://u:p@h", 587, True, False),
        ("smtps://h", 465, False, True),
        ("smtp://h:2525", 2525, False, False),
    ],
)
def test_mail_server_url(url: str, port: int, tls: bool, ssl: bool) -> None:
    made = environment.mail(url)
    assert (made["EMAIL_PORT"], made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"]) == (port, tls, ssl)


@pytest.mark.parametrize("url", ["mail.example.jp", "smtp://", "http://mail"])
def test_mail_url_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        environment.mail(url)


@pytest.mark.parametrize("key", ["", "short", "a" * 60, "django-insecure-" + "0123456789abc" * 5, "change-me" * 9])
def test_weak_secret_keys_are_refused(key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.checked_secret_key(key)


def test_local_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    first = environment.kept_secret_key(path)
    assert environment.kept_secret_key(path) == first
    assert environment.checked_secret_key(first)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [path] == list(path.parent.iterdir())


def test_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="ENISHI_VAR"):
        environment.kept_secret_key(tmp_path / "file" / "secret_key")


def test_socket_moves_where_its_path_is_too_long() -> None:
    assert environment.embedded_socket(VAR) == VAR / "redis.sock"
    far = environment.embedded_socket(Path("/" + "x" * 120))
    assert len(bytes(far)) <= 100
    assert far == environment.embedded_socket(Path("/" + "x" * 120))


def test_flags_and_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENISHI_X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="ENISHI_X"):
        environment.flag("ENISHI_X")
    with pytest.raises(ImproperlyConfigured, match="ENISHI_X"):
        environment.number("ENISHI_X", 0)
    monkeypatch.setenv("ENISHI_X", "")  # as compose files pass what is not set
    assert environment.flag("ENISHI_X", True)
    assert environment.number("ENISHI_X", 3) == 3
