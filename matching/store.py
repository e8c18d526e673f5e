"""The index on disk: where it is, which one is current, whether it is stale, and how it is built anew.

Each build is a folder below VAR/index, written beside and renamed when complete, and then published by an IndexBuild
row: what has no row does not exist, whatever was killed meanwhile. The newest row whose folder can be read is current,
so a damaged index falls back to the one before it until the sweep has had it rebuilt. A lock that ends with its process
keeps two builds of one machine apart; two machines with a shared folder would only publish two good builds.

With a shared storage (matching.shelf) that folder is this machine's copy: what it lacks, or has damaged, it fetches.
A build is kept while a proposal in a ranking, a decision or a chosen group names it, and its row goes with its files: a
build that is named can be ranked with again.
"""

import contextlib
import fcntl
import hashlib
import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, Sum
from django.utils import timezone
from numpy.typing import NDArray

from matching import shelf, terms, transitions, words
from matching.documents import firms_for_matching
from matching.engine import artefact, bands, text
from matching.engine.artefact import IndexDamaged, IndexOutdated
from matching.engine.index import Index
from matching.engine.settings import Settings
from matching.models import Decision, Group, IndexBuild, Job, Proposal
from registry.models import Capability, Consortium, Firm, FirmCertification, Industry, Sector

log = logging.getLogger(__name__)
Stamps = NDArray[np.int64]

FETCHES = 2  # tries to bring a build whole from the shared storage
KEPT = 2  # builds: the current one, and the one that running workers may still be reading
LEFTOVER = 15 * 60  # seconds after which a folder without a row belongs to nobody
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IndexMissing(Exception):
    """No index can be read yet; it is being built, or the sweep will ask for it."""


class AnotherBuilds(Exception):
    """Another process of this machine builds the index already."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An index in memory (its arrays mapped from the files), and for each of its firms the state it was built from."""

    build: IndexBuild
    index: Index
    stamps: Stamps
    files: tuple[tuple[str, int, int, int], ...]


_held: Loaded | None = None
_loading = threading.Lock()


def folder_of(build: IndexBuild) -> Path:
    return _root() / build.folder


def _root() -> Path:
    return Path(settings.VAR) / "index"


def stamp(moment: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


# ---- which index -----------------------------------------------------------------------------------------------------
def current() -> tuple[IndexBuild, Index]:
    """The newest index that can be read, kept by this process. Raises IndexMissing when there is none."""
    loaded = load()
    return loaded.build, loaded.index


def load() -> Loaded:
    global _held
    problems = []
    for build in IndexBuild.objects.order_by("-pk")[:KEPT]:
        with _loading:
            held = _held
            if held and held.build.pk == build.pk and held.files == _files(folder_of(build)):
                return held
            try:
                _held = _load(build)
            except (IndexDamaged, IndexOutdated, OSError) as problem:
                problems.append(str(problem))
                log.warning("Index %s cannot be used: %s", build, problem)
            else:
                return _held
    raise IndexMissing("; ".join(problems) or "No index was built yet. Run: manage.py build_index")


def _load(build: IndexBuild) -> Loaded:
    """Raises IndexDamaged, IndexOutdated or OSError, when the storage does not have it whole either."""
    folder = folder_of(build)
    try:
        return _read(build, folder)
    except (IndexDamaged, OSError):
        if shelf.storage() is None:
            raise
    with _fetching():
        with contextlib.suppress(IndexDamaged, OSError):
            return _read(build, folder)  # another process has just fetched it
        _fetch(build)
        return _read(build, folder)


@contextlib.contextmanager
def _fetching() -> Iterator[None]:
    """One fetch at a time on this machine: nobody replaces a folder that another process reads as whole."""
    var = Path(settings.VAR)
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (var / "index-fetch.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_build(build: IndexBuild) -> Loaded:
    """Any build that is kept, for who wants to rank with it again. Raises as load does, IndexMissing for all causes."""
    try:
        return _load(build)
    except (IndexDamaged, IndexOutdated, OSError) as problem:
        raise IndexMissing(str(problem)) from problem


def _fetch(build: IndexBuild) -> None:
    """Fetch a build from the storage into its folder, checked before it gets its name."""
    for attempt in range(FETCHES):
        part = shelf.fetch(build.folder, _root())
        try:
            _read(build, part)
        except (IndexDamaged, IndexOutdated) as problem:
            shutil.rmtree(part, ignore_errors=True)
            log.warning("Build %s came damaged from the storage: %s", build, problem)
            if attempt == FETCHES - 1 or isinstance(problem, IndexOutdated):
                raise
        else:
            _put_in_place(part, folder_of(build))
            return


def _put_in_place(part: Path, folder: Path) -> None:
    """Rename; what stands there is damaged and goes. Who has it open keeps reading."""
    aside = part.with_name(f"{folder.name}.{secrets.token_hex(4)}.part")
    with contextlib.suppress(FileNotFoundError):
        folder.rename(aside)
    part.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _read(build: IndexBuild, folder: Path) -> Loaded:
    files = _files(folder)
    index = Index.load(folder)
    try:
        stamps = np.load(folder / "stamps.npy", allow_pickle=False)
    except ValueError as problem:
        raise IndexDamaged(f"{folder / 'stamps.npy'} cannot be read: {problem}") from problem
    if _checksum(index.version, stamps) != build.checksum:
        raise IndexDamaged(f"{folder} is not the index that was published as build {build.pk}")
    return Loaded(build, index, stamps, files)


def _files(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What tells one state of the files from another without reading them."""
    try:
        found = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    except OSError:
        return ()
    return tuple((name, facts.st_size, facts.st_mtime_ns, facts.st_ino) for name, facts in found)


def _checksum(version: str, stamps: Stamps) -> str:
    return hashlib.sha256(version.encode() + np.ascontiguousarray(stamps).tobytes()).hexdigest()


# ---- is it stale -----------------------------------------------------------------------------------------------------
def fingerprint() -> str:
    """Changes whenever the index would be built differently: another code version, catalogue or published firm.

    Deleted, withdrawn and added firms change the count and the sum of ids, edited ones the latest time, a certificate
    that ran out its own count.
    """
    firms = firms_for_matching().order_by().aggregate(count=Count("pk"), ids=Sum("pk"), latest=Max("updated_at"))
    run_out = FirmCertification.objects.filter(valid_until__lt=timezone.localdate()).count()
    catalogues = [
        list(model._default_manager.order_by("pk").values_list("pk", "name", "name_en"))
        for model in (Capability, Consortium, Industry, Sector)
    ]
    facts = [artefact.FORMAT, text.VERSION, Settings().to_json(), terms.fingerprint(), firms, run_out, catalogues]
    facts.extend([bands.shipped().to_json(), transitions.fingerprint()])
    return _sha(facts)


def _sha(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, default=str, ensure_ascii=False).encode()).hexdigest()


def is_behind() -> bool:
    """Whether the register is not the one that the newest index was built from. Reads no file."""
    build = IndexBuild.objects.current()
    return build is None or build.fingerprint != fingerprint()


def is_stale() -> bool:
    """Whether the index should be built anew: it is behind, or the newest one cannot be read."""
    if is_behind():
        return True
    try:
        return load().build != IndexBuild.objects.current()
    except IndexMissing:
        return True


def status() -> dict[str, Any]:
    """For doctor."""
    build = IndexBuild.objects.current()
    counts = dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))
    try:
        problem, used = "", load().build
    except IndexMissing as missing:
        problem, used = str(missing), None
    return {
        "build": build,
        "used": used,
        "stale": is_stale(),
        "problem": problem,
        "queued": counts.get(Job.State.QUEUED, 0),
        "parked": counts.get(Job.State.PARKED, 0),
    }


# ---- building --------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def building() -> Iterator[None]:
    """Be the only builder of this machine, or raise AnotherBuilds. The lock ends with the process, however it ends."""
    _root().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (_root() / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherBuilds("Another process builds the index at this moment.") from None
        yield


def rebuild(progress: words.Progress | None = None) -> IndexBuild:
    """Build the index from the register as it stands and publish it. Raises AnotherBuilds."""
    with building():
        return build(progress=progress)


def build(*, claim: Callable[[], None] | None = None, progress: words.Progress | None = None) -> IndexBuild:
    """As rebuild, for who holds `building()`. `claim` is called in the transaction that publishes; when it raises,
    nothing is published."""
    started = time.monotonic()
    seen = fingerprint()
    index, stamps = _index(progress)
    folder = _root() / f"{timezone.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    version = index.save(folder)
    try:
        with (folder / "stamps.npy").open("wb") as file:
            np.save(file, stamps, allow_pickle=False)
        shelf.put(folder)
        with transaction.atomic():
            if claim:
                claim()
            published = IndexBuild.objects.create(
                folder=folder.name,
                fingerprint=seen,
                text_version=text.VERSION,
                checksum=_checksum(version, stamps),
                table_fingerprint=_sha(index.table.to_json()),
                settings_fingerprint=_sha(index.settings.to_json()),
                firms=len(index.ids),
                terms=len(index.terms),
                seconds=round(time.monotonic() - started, 3),
            )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(Exception):
            shelf.remove(folder.name)
        raise
    _clean()
    return published


def _index(progress: words.Progress | None) -> tuple[Index, Stamps]:
    """Each firm is stamped with the state that its terms were read from: an edit meanwhile shows later."""
    analyses, stamps = [], []
    for analysis, state in words.of_register(progress):
        analyses.append(analysis)
        stamps.append(stamp(state))
    return Index.build(analyses, table=terms.current()), np.array(stamps, dtype=np.int64)


def _clean() -> None:
    """Remove builds that nobody names, row and files, and what killed builds left. With a shared storage this machine
    keeps only the newest ones; it fetches an older one when somebody asks for it."""
    newest = set(IndexBuild.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT])
    for build in IndexBuild.objects.exclude(pk__in=newest | _named()):
        build.delete()
        shelf.remove(build.folder)
    kept = IndexBuild.objects.filter(pk__in=newest) if shelf.storage() else IndexBuild.objects.all()
    folders = set(kept.values_list("folder", flat=True))
    for folder in _root().iterdir():
        if folder.name in folders or not folder.is_dir():
            continue
        with contextlib.suppress(FileNotFoundError):
            if not folder.name.endswith(".part") or time.time() - folder.stat().st_mtime > LEFTOVER:
                shutil.rmtree(folder, ignore_errors=True)


def _named() -> set[int]:
    """Builds by which a proposal stands in a ranking today, on which somebody decided, or that a chosen group has."""
    decided = Exists(Decision.objects.filter(proposal=OuterRef("pk")))
    proposals = Proposal.objects.filter(Q(dropped_at=None) | decided)
    return {
        build
        for rows in (proposals, Group.objects.all())
        for build in rows.exclude(build=None).order_by().values_list("build", flat=True).distinct()
    }


def changed_since(loaded: Loaded) -> dict[int, int]:
    """Published firms that are new or edited since the index was built: id → state.

    A transaction may commit a while after the time it wrote, so the look goes back a minute further than the newest
    firm of the index and compares states, not times.
    """
    rows = firms_for_matching().order_by("pk")
    if len(loaded.stamps):
        newest = _EPOCH + timedelta(microseconds=int(loaded.stamps.max()))
        rows = rows.filter(updated_at__gte=newest - timedelta(minutes=1))
    known = loaded.index.ids
    changed = {}
    for firm_id, updated_at in rows.values_list("pk", "updated_at"):
        place = int(np.searchsorted(known, firm_id))
        if place == len(known) or known[place] != firm_id or loaded.stamps[place] != stamp(updated_at):
            changed[firm_id] = stamp(updated_at)
    return changed


def register_quiet_for(now: datetime) -> timedelta:
    """How long no firm was saved; never negative, whatever the clocks did."""
    latest = Firm.objects.aggregate(latest=Max("updated_at"))["latest"]
    return abs(now - latest) if latest else timedelta.max
