"""What `up` needs of the machine, asked before any work is done."""

import os
import socket
import tempfile
from pathlib import Path

import psycopg
from django.db import DatabaseError, connection


class Unfit(Exception):
    """The machine lacks something; the message says what to do."""


def writable(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise Unfit(
            f"Cannot write into {folder}: {problem.strerror}. Make it writable for this user, free some space, "
            "or set ENISHI_VAR to another folder."
        ) from None


def is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise Unfit(f'"{host}" is no address of this machine. Try --host 127.0.0.1 or --host 0.0.0.0.') from None
        except PermissionError:
            raise Unfit(f"Port {port} needs an administrator. Take one above 1023, as in --port 8000.") from None
        except OSError as problem:
            if problem.errno in {49, 99}:  # EADDRNOTAVAIL on macOS and Linux
                raise Unfit(f"{host} is no address of this machine. Try --host 127.0.0.1 or --host 0.0.0.0.") from None
            return False
    return True


def port(host: str, wanted: int) -> None:
    if not 0 < wanted < 65536:
        raise Unfit(f"{wanted} is no port. Take one from 1024 to 65535, as in --port 8000.")
    if not is_free(host, wanted):
        other = next((number for number in range(wanted + 1, min(wanted + 100, 65536)) if is_free(host, number)), None)
        hint = f" Run: python3 manage.py up --port {other}" if other else ""
        raise Unfit(f"Port {wanted} is taken by another program.{hint}")


def processors() -> int:
    """Those that this process may use: a container often has fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def database() -> None:
    """Reach the database once, past the pool, whose own message would only say that it waited."""
    at = connection.settings_dict
    where = (
        f"the file {at['NAME']}" if connection.vendor == "sqlite" else f"DATABASE_URL (host {at['HOST'] or 'local'})"
    )
    try:
        if connection.vendor == "postgresql":
            psycopg.connect(**connection.get_connection_params()).close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, psycopg.Error) as problem:
        said = " ".join(str(problem).split()).rstrip(".?") or type(problem).__name__
        raise Unfit(f"The database does not answer: {said}. Check {where}.") from None
