"""Is every text of code and templates translated into Japanese, and is the compiled catalogue the one of the source?"""

import gettext
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CATALOGUE = Path("config/locale/ja/LC_MESSAGES/django.po")
SOURCES = ("config", "registry", "matching", "templates", "manage.py")
EXTRACT = ("makemessages", "--locale=ja", "--no-location", "--no-obsolete", "--verbosity=0")


def problems(root: Path) -> list[str]:
    """One line per fault, none when all is well. Works on a copy: nothing in the tree is written."""
    if not (root / CATALOGUE).exists():
        return [f"{CATALOGUE} is missing. Run: python3 manage.py makemessages -l ja"]
    with tempfile.TemporaryDirectory(prefix="enishi-translations-") as folder:
        copy = Path(folder)
        for name in SOURCES:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
            else:
                shutil.copy(source, copy / name)
        run([sys.executable, "manage.py", *EXTRACT], copy)
        catalogue = copy / CATALOGUE
        found = [f"not translated: {text}" for text in picked(catalogue, "--untranslated")]
        found += [f"marked fuzzy: {text}" for text in picked(catalogue, "--only-fuzzy")]
        run(["msgfmt", "--check-format", "-o", str(copy / "fresh.mo"), str(root / CATALOGUE)], copy)
        compiled = root / CATALOGUE.with_suffix(".mo")
        if not compiled.exists() or messages(compiled) != messages(copy / "fresh.mo"):
            found.append(f"{compiled.relative_to(root)} is not that of the .po. Run: python3 manage.py compilemessages")
    return found


def picked(catalogue: Path, which: str) -> list[str]:
    """The msgids that msgattrib picks, without the header that it always prints."""
    text = run(["msgattrib", which, "--no-obsolete", "--no-wrap", str(catalogue)], catalogue.parent)
    found = re.findall(r"^msgid (.*?)^msg", text, re.DOTALL | re.MULTILINE)
    texts = ["".join(line.strip('"') for line in entry.splitlines()) for entry in found]
    return [text for text in texts if text]


def messages(compiled: Path) -> dict[object, str]:
    with compiled.open("rb") as file:
        catalogue = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key: value for key, value in catalogue.items() if key}


def run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout
