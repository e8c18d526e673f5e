"""The register as the matcher sees it at one moment: the current index with the firms changed since it was built.

Matching a need and matching a changed firm both rank on a Snapshot, so that a firm edited a second ago counts with its
new words (weighed by the index's frozen idf), a new one is found, and a withdrawn one is not, whichever way a need came
to be matched. Building the index anew then only brings new words and new idf.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from scipy.sparse import csr_array

from matching import words
from matching.documents import firm_document, firms_for_matching, need_document, needs_for_matching
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index
from matching.engine.reverse import NeedMatrix
from matching.engine.update import updated
from matching.models import IndexBuild
from matching.store import IndexMissing, changed_since, load
from registry.models import Firm, Need

MOST_CHANGED = 500
"""Firms. With more the index is built first: reading their words takes as long as building it."""

MOST_READ = 20_000
"""Documents of firms that a process keeps, some 3 kB each."""

AT_ONCE = 500


class IndexBehind(IndexMissing):
    """So many firms changed since the index was built that it must be built anew first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index and, read when first asked for, the published firms that it names.

    base     the index as it was built
    changed  the vectors of the firms that were put in or replaced since, by id
    """

    build: IndexBuild
    index: Index
    base: Index
    changed: Mapping[int, csr_array] = field(default_factory=dict)
    read: dict[int, FirmDocument] = field(default_factory=dict)

    def firms(self, ids: Sequence[int]) -> Mapping[int, FirmDocument]:
        """The documents of those firms that are published."""
        missing = [firm_id for firm_id in ids if firm_id not in self.read]
        for start in range(0, len(missing), AT_ONCE):
            self.read.update(_documents.of(self.build, missing[start : start + AT_ONCE]))
        return {firm_id: self.read[firm_id] for firm_id in ids if firm_id in self.read}


class _Documents:
    """Documents of firms that this process has read, each good while its firm is as it was; for one build and day."""

    def __init__(self) -> None:
        self._of: tuple[str, date] | None = None
        self._read: dict[int, tuple[datetime, FirmDocument]] = {}
        self._lock = threading.Lock()

    def of(self, build: IndexBuild, ids: Sequence[int]) -> dict[int, FirmDocument]:
        states = dict(Firm.objects.published().filter(pk__in=ids).values_list("pk", "updated_at"))
        key = (build.folder, timezone.localdate())  # a certificate counts until the day it runs out
        with self._lock:
            if self._of != key or len(self._read) > MOST_READ:
                self._of, self._read = key, {}
            read = self._read
            found = {pk: read[pk][1] for pk, state in states.items() if pk in read and read[pk][0] == state}
        new = firms_for_matching().filter(pk__in=[pk for pk in states if pk not in found])
        for firm in new if len(found) < len(states) else ():
            found[firm.pk] = firm_document(firm)
            read[firm.pk] = (firm.updated_at, found[firm.pk])
        return found


_documents = _Documents()


@dataclass(frozen=True, slots=True)
class _Overlay:
    build_id: int
    changed: dict[int, int]
    index: Index
    vectors: Mapping[int, csr_array]


_last: _Overlay | None = None
_updating = threading.Lock()


def snapshot() -> Snapshot:
    """Read now. Raises IndexMissing when there is no index, IndexBehind when it is too old to be mended."""
    global _last
    loaded = load()
    changed = changed_since(loaded)
    if not changed:
        return Snapshot(loaded.build, loaded.index, loaded.index)
    if len(changed) > MOST_CHANGED:
        raise IndexBehind(f"{len(changed)} firms changed since the index was built; it is built anew first.")
    with _updating:
        if _last is None or (_last.build_id, _last.changed) != (loaded.build.pk, changed):
            analyses = words.of_firms(changed)
            vectors = {firm.id: loaded.index.firm_vector(firm) for firm in analyses}
            _last = _Overlay(loaded.build.pk, changed, updated(loaded.index, analyses), vectors)
        return Snapshot(loaded.build, _last.index, loaded.index, _last.vectors)


# ---- the open needs, for the question which of them a firm meets -----------------------------------------------------
@dataclass(frozen=True, slots=True)
class OpenNeeds:
    """Every open need: its state, its document and its place in the matrix, in the order of `states`."""

    states: dict[int, datetime]
    documents: dict[int, NeedDocument]
    matrix: NeedMatrix


_open: OpenNeeds | None = None
_opening = threading.Lock()


def open_needs(seen: Snapshot) -> OpenNeeds:
    """Kept by the process for the build used last; only needs that changed since are read and worked out again."""
    global _open
    states = dict(Need.objects.open().order_by("pk").values_list("pk", "updated_at"))
    with _opening:
        held = _open if _open and _open.matrix.index is seen.base else None
        if held is None or held.states != states:
            known = held.states if held else {}
            read = _read([pk for pk, state in states.items() if known.get(pk) != state])
            documents = (held.documents if held else {}) | {document.id: document for document in read}
            states = {pk: state for pk, state in states.items() if pk in documents}  # some were closed meanwhile
            matrix = held.matrix if held else NeedMatrix.of(seen.base, [])
            matrix = matrix.renewed(list(states), words.of_needs(read))
            _open = OpenNeeds(states, {pk: documents[pk] for pk in states}, matrix)
        assert _open is not None
        return _open


def _read(ids: Sequence[int]) -> list[NeedDocument]:
    return [
        need_document(need)
        for start in range(0, len(ids), AT_ONCE)
        for need in needs_for_matching().filter(pk__in=ids[start : start + AT_ONCE])
    ]
