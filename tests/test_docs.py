"""The documents say what is so: links lead somewhere, commands exist and are described, no machine shows through."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from registry.access import Role
from registry.intake import sample

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
OURS = {"config", "registry", "matching"}
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")


def our_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app in OURS)


def text_of_all() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def tracked_files() -> Iterator[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in names.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in {".mo", ".png", ".ttf", ".ico"}:
            yield path


pytestmark = pytest.mark.on_sqlite


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("command", our_commands())
def test_a_command_is_described_and_explains_itself(command: str) -> None:
    assert re.search(rf"\b{command}\b", text_of_all()), f"docs/ do not mention manage.py {command}"
    assert load_command_class(get_commands()[command], command).help


def test_every_command_that_the_documents_name_exists() -> None:
    assert set(COMMAND.findall(text_of_all())) <= set(get_commands())


def test_every_room_of_the_readme_exists_and_every_package_is_there() -> None:
    rooms = set(re.findall(r"^    ((?:[a-z]+/ ?)+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    named = {room for line in rooms for room in line.split()}
    assert {room for room in named if not (ROOT / room).is_dir()} == set()
    assert {f"{name}/" for name in OURS} <= named


@pytest.mark.parametrize("room", ["registry", "matching"])
def test_the_map_names_every_module_and_nothing_else(room: str) -> None:
    """Forms have the names of their views; empty modules and migrations say nothing."""
    page = (ROOT / "docs" / "map.md").read_text(encoding="utf-8").split(f"\n## {room}:")[1].split("\n## ")[0]
    named = set(re.findall(r"`([\w/]+(?:\.py|/))`", page)) | {"urls.py", "forms/", "migrations/"}
    assert {name for name in named if not (ROOT / room / name).exists()} == set()
    folders = tuple(name for name in named if name.endswith("/"))
    modules = {path.relative_to(ROOT / room) for path in (ROOT / room).rglob("*.py") if path.name != "__init__.py"}
    assert {str(path) for path in modules if not str(path).startswith(folders)} - named == set()
    engine = {path.stem for path in (ROOT / room / "engine").glob("[a-z]*.py")}
    assert {name for name in engine if f"`{name}`" not in page} == set()


@pytest.mark.django_db
def test_the_readme_names_every_demo_account() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    accounts = list(sample.load_accounts())
    assert {account.role for account in accounts} == set(Role)
    assert [account.email for account in accounts if account.email not in readme] == []
    assert sample.PASSWORD in readme


def test_no_file_shows_the_machine_or_the_registry_it_came_from() -> None:
    telltale = re.compile(r"/(?:root|home)/\w|https?://[a-z0-9.:-]+/(?:simple/|packages/[0-9a-f]{2}/)")
    found = {
        str(path.relative_to(ROOT)): telltale.findall(path.read_text(encoding="utf-8", errors="replace"))
        for path in tracked_files()
        if path != Path(__file__)
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
