"""An index on disk: .npy arrays, two JSON lists and manifest.json with the checksum of every file. Never pickle."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 3
_ARRAYS = (
    "ids", "idf", "means", "latent_directions", "latent_columns",
    "firm_indptr", "firm_indices", "firm_data",
    "term_indptr", "term_indices", "term_data",
)  # fmt: skip
_LISTS = ("terms", "table")
_REMEDY = "Run: manage.py build_index"


class IndexDamaged(Exception):
    """A file of the index is missing, altered or not what the manifest says."""


class IndexOutdated(Exception):
    """The index was written by another version of the code."""


def write(
    folder: Path, arrays: Mapping[str, NDArray[Any]], lists: Mapping[str, Sequence[Any]], facts: Mapping[str, Any]
) -> str:
    """Write to `folder`.part, flush to disk, then rename: the folder is there whole or not at all.

    Returns the version: the checksum of the manifest, the same for the same content. Raises FileExistsError
    when the folder is there already.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already; an index is never overwritten")
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    for name in _ARRAYS:
        with (part / f"{name}.npy").open("wb") as file:
            np.save(file, np.ascontiguousarray(arrays[name]), allow_pickle=False)
    for name in _LISTS:
        _write_json(part / f"{name}.json", list(lists[name]))
    manifest: dict[str, Any] = {
        "format": FORMAT,
        **facts,
        "firms": len(arrays["ids"]),
        "terms": len(lists["terms"]),
        "links": len(lists["table"]),
        "postings": len(arrays["firm_data"]),
        "files": {path.name: _facts(path) for path in sorted(part.iterdir())},
    }
    manifest["version"] = _version(manifest)
    _write_json(part / "manifest.json", manifest)
    for path in [*part.iterdir(), part]:
        _flush(path)
    part.rename(folder)
    _flush(folder.parent)
    return str(manifest["version"])


def read(folder: Path, *, text_version: int) -> tuple[dict[str, NDArray[Any]], dict[str, list[Any]], dict[str, Any]]:
    """The arrays (memory-mapped, read-only), lists and manifest of an index, every file checked.

    Raises IndexDamaged or IndexOutdated, both with the remedy.
    """
    manifest = _read_manifest(folder)
    if manifest.get("format") != FORMAT:
        raise IndexOutdated(
            f"{folder} has index format {manifest.get('format')}, this code reads format {FORMAT}. {_REMEDY}"
        )
    if manifest.get("text_version") != text_version:
        raise IndexOutdated(
            f"{folder} was written by text version {manifest.get('text_version')}, "
            f"this code reads version {text_version}. {_REMEDY}"
        )
    for name in (*(f"{name}.npy" for name in _ARRAYS), *(f"{name}.json" for name in _LISTS)):
        path = folder / name
        if not path.is_file():
            raise IndexDamaged(f"{path} is missing. {_REMEDY}")
        if _facts(path) != manifest["files"].get(name):
            raise IndexDamaged(f"{path} is not what manifest.json says: its checksum or size differs. {_REMEDY}")
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        lists = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in _LISTS}
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{folder} cannot be read: {error}. {_REMEDY}") from error
    return arrays, lists, manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{path} cannot be read: {error}. {_REMEDY}") from error
    if not isinstance(manifest, dict) or manifest.get("version") != _version(manifest):
        raise IndexDamaged(f"{path} is altered: it does not have the version that it states. {_REMEDY}")
    return manifest


def _version(manifest: Mapping[str, Any]) -> str:
    content = {name: value for name, value in manifest.items() if name != "version"}
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=True).encode()
    return hashlib.sha256(canonical).hexdigest()


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
