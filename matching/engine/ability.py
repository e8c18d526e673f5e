"""Which firms can do a step of a process chain: those that say so in the catalogue's words, and those near in text.

A step is looked for like a need of its own: its name, its other names, and the need's title for what it is about. A
firm that states the step itself can do it, whatever its text; its nearness is ½ + ½ · cosine. Any other firm can do it
as far as its words say: from `FLOOR` of the best firm's cosine, with a nearness of ½ · cosine; and only where its
cosine with the step's own names, without the title, is at least `LEAST`: who speaks of towers does not thereby coat.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from matching.engine import groups
from matching.engine.criteria import Check, Criterion, Outcome, check, kilometres, verdict
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, Index, analyse
from matching.engine.match import Firms, place

DEPTH = 100
"""Firms looked at per step, the nearest."""

KEPT = 10
"""Firms in reach that are kept per step, the nearest; of a step with a volume also the `LARGEST` of those looked at."""

LARGEST = 5
FLOOR = 0.7
LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Sought:
    """A step in words. `stated`: ids of the firms that name the step among their capabilities."""

    code: str
    name: str
    other_names: Sequence[str] = ()
    about: str = ""
    stated: Collection[int] = ()

    def documents(self) -> tuple[NeedDocument, NeedDocument]:
        """The step's own names with and without what it is about."""
        bare = NeedDocument(id=0, title=self.name, text="\n".join(self.other_names))
        return replace(bare, sector=self.about), bare


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What holds for all firms: `criteria` each has to meet itself, the site in degrees, km, pieces a month."""

    criteria: Sequence[Criterion] = ()
    site: tuple[float, float] | None = None
    max_km: float | None = None
    volume: float | None = None


def suppliers(
    index: Index,
    sought: Sequence[Sought],
    firms: Firms,
    asked: Asked,
    analysed: Callable[[NeedDocument], Analysis] = analyse,
    also: Collection[int] = (),
) -> list[groups.Supplier]:
    """The firms worth composing groups of, by id, and the firms `also`, whether or not they can do a step.

    Firms out of reach that stand among those kept are returned too, so that it can be said why they are left out.
    `analysed` gives a document's terms, when the caller keeps them.
    """
    vectors = index.need_vectors(analysed(document) for step in sought for document in step.documents())
    documents: dict[int, FirmDocument] = dict(_found(firms, also))
    able: dict[int, dict[str, float]] = {firm_id: {} for firm_id in documents}
    for row, step in enumerate(sought):
        nearness = _nearness(index, vectors[[2 * row]], vectors[[2 * row + 1]], step, also)
        known = _found(firms, nearness)
        documents |= known
        for firm_id in {*_kept(index, nearness, known, asked), *(known.keys() & set(also))}:
            able.setdefault(firm_id, {})[step.code] = nearness[firm_id]
    return [_supplier(documents[firm_id], able[firm_id], asked) for firm_id in sorted(able)]


def _found(firms: Firms, ids: Collection[int]) -> dict[int, FirmDocument]:
    known = firms if isinstance(firms, Mapping) else firms(sorted(ids))
    return {firm_id: known[firm_id] for firm_id in ids if firm_id in known}


def _nearness(
    index: Index, vector: csr_array, bare: csr_array, step: Sought, also: Collection[int]
) -> dict[int, float]:
    """Of the firms that can do a step: how surely. The best `DEPTH` in words, as many that state it, and `also`."""
    found = _cosines(index, vector, also) | dict(next(iter(index.nearest(vector, DEPTH))))
    own = _cosines(index, bare, found)
    cosines = {firm_id: cosine for firm_id, cosine in found.items() if own[firm_id] >= LEAST}
    least = FLOOR * max(cosines.values(), default=0.0)
    stating = _cosines(index, vector, step.stated)
    nearest = sorted(stating, key=lambda firm_id: (-stating[firm_id], firm_id))[:DEPTH]
    nearest += [firm_id for firm_id in also if firm_id in stating]
    near = {firm_id: round(cosine / 2, 6) for firm_id, cosine in cosines.items() if cosine >= least}
    return near | {firm_id: round(0.5 + stating[firm_id] / 2, 6) for firm_id in nearest}


def _cosines(index: Index, vector: csr_array, ids: Collection[int]) -> dict[int, float]:
    known = np.intersect1d(np.array(sorted(ids), dtype=np.int64), index.ids)
    if not len(known):
        return {}
    products = index.by_firm[np.searchsorted(index.ids, known)] @ vector.T
    return dict(zip(known.tolist(), np.asarray(products.todense()).ravel().tolist(), strict=True))


def _kept(
    index: Index, nearness: Mapping[int, float], documents: Mapping[int, FirmDocument], asked: Asked
) -> list[int]:
    """The nearest in reach, with those out of reach that stand before the last of them, and the largest."""

    def standing(firm_id: int) -> tuple[float, int]:
        return -place(nearness[firm_id], _checks(documents[firm_id], asked), index.settings), firm_id

    kept: list[int] = []
    in_reach: list[int] = []
    for firm_id in sorted(documents, key=standing):
        near_enough = _in_reach(documents[firm_id], asked)
        if len(in_reach) < KEPT:
            kept.append(firm_id)
        if near_enough:
            in_reach.append(firm_id)
    if asked.volume is not None:
        sizes = {firm_id: documents[firm_id].monthly_capacity or 0 for firm_id in in_reach[KEPT:]}
        kept += sorted(sizes, key=lambda firm_id: (-sizes[firm_id], firm_id))[:LARGEST]
    return kept


def _checks(firm: FirmDocument, asked: Asked) -> list[Check]:
    return [check(criterion, firm) for criterion in asked.criteria]


def _in_reach(firm: FirmDocument, asked: Asked) -> bool:
    distance = _distance(firm, asked)
    return asked.max_km is None or (distance is not None and distance <= asked.max_km)


def _distance(firm: FirmDocument, asked: Asked) -> float | None:
    if asked.site is None or firm.latitude is None or firm.longitude is None:
        return None
    return round(kilometres(*asked.site, firm.latitude, firm.longitude), 1)


def _supplier(firm: FirmDocument, nearness: Mapping[str, float], asked: Asked) -> groups.Supplier:
    return groups.Supplier(
        id=firm.id,
        nearness=nearness,
        capacity=firm.monthly_capacity,
        latitude=firm.latitude,
        longitude=firm.longitude,
        distance=_distance(firm, asked),
        verdict=verdict(_checks(firm, asked)) if asked.criteria else Outcome.PASS,
    )
