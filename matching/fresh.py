"""The register as the matcher sees it at one moment: the current index with the firms changed since it was built.

Matching a need and matching a changed firm both rank on a Snapshot, so that a firm edited a second ago counts with its
new words (weighed by the index's frozen idf), a new one is found, and a withdrawn one is not, whichever way a need came
to be matched. Building the index anew then only brings new words and new idf.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from matching.documents import firm_document, firms_for_matching
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index, analyse
from matching.engine.update import updated
from matching.models import IndexBuild
from matching.store import IndexMissing, changed_since, load

MOST_CHANGED = 500
"""Firms. With more the index is built first: reading their words takes as long as building it."""

AT_ONCE = 500


class IndexBehind(IndexMissing):
    """So many firms changed since the index was built that it must be built anew first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index and, read when first asked for, the published firms that it names."""

    build: IndexBuild
    index: Index
    read: dict[int, FirmDocument] = field(default_factory=dict)

    def firms(self, ids: Sequence[int]) -> Mapping[int, FirmDocument]:
        """The documents of those firms that are published."""
        missing = [firm_id for firm_id in ids if firm_id not in self.read]
        for start in range(0, len(missing), AT_ONCE):
            for firm in firms_for_matching().filter(pk__in=missing[start : start + AT_ONCE]):
                self.read[firm.pk] = firm_document(firm)
        return {firm_id: self.read[firm_id] for firm_id in ids if firm_id in self.read}


@dataclass(frozen=True, slots=True)
class _Overlay:
    build_id: int
    changed: dict[int, int]
    index: Index


_last: _Overlay | None = None
_updating = threading.Lock()


def snapshot() -> Snapshot:
    """Read now. Raises IndexMissing when there is no index, IndexBehind when it is too old to be mended."""
    global _last
    loaded = load()
    changed = changed_since(loaded)
    if not changed:
        return Snapshot(loaded.build, loaded.index)
    if len(changed) > MOST_CHANGED:
        raise IndexBehind(f"{len(changed)} firms changed since the index was built; it is built anew first.")
    with _updating:
        if _last is None or (_last.build_id, _last.changed) != (loaded.build.pk, changed):
            firms = firms_for_matching().filter(pk__in=changed)
            analyses = [analysis_of(firm_document(firm)) for firm in firms]
            _last = _Overlay(loaded.build.pk, changed, updated(loaded.index, analyses))
        return Snapshot(loaded.build, _last.index)


@lru_cache(maxsize=5_000)
def analysis_of(document: FirmDocument | NeedDocument) -> Analysis:
    """The terms of a document, kept by the process as long as its text is the same."""
    return analyse(document)
