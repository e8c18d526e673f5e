"""Finished indexes on a storage that all machines reach: STORAGES["index"], when one is configured.

A builder puts its folder there before the build is published, so a published build is there whole. A worker that does
not have a build, or has it damaged, fetches it into its own folder; who fetches (matching.store) checks every file
before it is used. Without such a storage the folder VAR/index is all there is.
"""

import contextlib
import secrets
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from matching.engine.artefact import IndexDamaged

ALIAS = "index"
_LAST = "manifest.json"  # written last: without it a folder is no index


def storage() -> Storage | None:
    return storages[ALIAS] if ALIAS in settings.STORAGES else None


def put(folder: Path) -> None:
    """Copy a finished folder to the storage, if there is one. Raises what the storage raises."""
    shelf = storage()
    for path in sorted(folder.iterdir(), key=lambda path: (path.name == _LAST, path.name)) if shelf else ():
        assert shelf is not None
        name = f"{folder.name}/{path.name}"
        with path.open("rb") as file:
            kept = shelf.save(name, File(file))
        if kept != name:
            raise FileExistsError(f"{name} stands in the storage of indexes already, and was not written by this build")


def fetch(name: str, into: Path) -> Path:
    """Copy a folder from the storage to a new one below `into`, not checked yet.

    Raises IndexDamaged when it is not there or cannot be read, whatever the storage's own error is.
    """
    shelf = storages[ALIAS]
    part = into / f"{name}.{secrets.token_hex(4)}.part"
    part.mkdir(parents=True, mode=0o700)
    try:
        for file in shelf.listdir(name)[1]:
            with shelf.open(f"{name}/{file}") as source, (part / Path(file).name).open("wb") as target:
                shutil.copyfileobj(source, target)
    except Exception as problem:
        shutil.rmtree(part, ignore_errors=True)
        raise IndexDamaged(f"{name} cannot be fetched from the storage of indexes: {problem}") from problem
    return part


def remove(name: str) -> None:
    """Take a folder from the storage. What is gone already is no error."""
    shelf = storage()
    if shelf is None:
        return
    with contextlib.suppress(FileNotFoundError):
        _, files = shelf.listdir(name)
        for file in files:
            shelf.delete(f"{name}/{file}")
        shelf.delete(name)  # a folder where the storage has such
