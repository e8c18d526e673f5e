"""What tests need and no wheel brings: Chromium, Japanese fonts, GNU gettext, a real Redis."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    debian: str
    homebrew: str
    purpose: str
    present: Callable[[], bool]


def program(*names: str) -> Callable[[], bool]:
    return lambda: any(map(shutil.which, names))


def japanese_fonts() -> bool:
    if not shutil.which("fc-list"):
        return os.path.isdir("/System/Library/Fonts")  # macOS brings them
    return bool(subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False).stdout.strip())


PACKAGES = [
    Package("chromium", "--cask chromium", "browser tests", program("chromium", "chromium-browser", "google-chrome")),
    Package("fonts-noto-cjk", "font-noto-sans-cjk-jp", "Japanese in the browser tests", japanese_fonts),
    Package("gettext", "gettext", "the translation check", program("msgfmt")),
    Package("redis-server", "redis", "tests on a real Redis (without: the packaged Valkey)", program("redis-server")),
]


def missing() -> list[Package]:
    return [package for package in PACKAGES if not package.present()]


def how_to_get(packages: list[Package]) -> str:
    if shutil.which("brew"):
        return "brew install " + " ".join(package.homebrew for package in packages)
    return "sudo apt-get install -y " + " ".join(package.debian for package in packages)


def add(packages: list[Package]) -> str:
    """Install by apt when that is allowed here. Returns what went wrong, or nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "only root on Debian or Ubuntu can have them installed"
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, capture_output=True, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *(package.debian for package in packages)]
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    return "" if not done.returncode else (done.stderr.strip().splitlines() or ["apt-get failed"])[-1]
