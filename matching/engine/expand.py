"""A need's vector: its own words, what the term table links them to, and what goes with them in the register.

Everything that is known beyond the words themselves goes into the need, never into a firm: scores stay plain cosines
of sparse vectors, the k nearest firms stay exact, and each term of a reason can say where it comes from.

- stated: the words of the need
- linked: the term table (terms.TermTable)
- related: terms that stand in the same firms, found by latent semantic analysis (Deerwester et al., JASIS 41, 1990)
  and by the firms that come first on a first look (Rocchio feedback; Manning et al. (2008), chapter 9)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from threadpoolctl import threadpool_limits

from matching.engine import weigh
from matching.engine.settings import Settings
from matching.engine.terms import TermTable

_MOST_FIRMS = 50_000  # more do not change what goes with what
_RAREST = 20_000


@dataclass(frozen=True, slots=True)
class LinkedTerm:
    """A term that the table adds to a need: how strongly, and for which words of the need."""

    weight: float
    via: str


@dataclass(frozen=True, slots=True)
class Latent:
    """Directions in which the firms of a register differ.

    directions  float32[d, u], orthonormal rows; u terms that stand in enough firms to say what goes with what
    columns     int64[u], ascending: which terms of the vocabulary these are
    """

    directions: NDArray[np.float32]
    columns: NDArray[np.int64]


def latent(firms: csr_array, dimensions: int) -> Latent:
    """Truncated singular value decomposition of the firms, or of an even sample of them when they are very many.

    firms  float32[n, v], any row norms

    d is at most `dimensions`, a fifth of the firms (fewer show nothing in common) and u - 1. Terms of fewer firms than
    one in 20,000 are left out. The same firms give the same directions.
    """
    document_frequencies = np.bincount(firms.indices, minlength=firms.shape[1])
    columns = np.flatnonzero(document_frequencies > firms.shape[0] / _RAREST)
    filled = np.flatnonzero(np.diff(firms.indptr))
    sample = filled[:: max(1, -(-len(filled) // _MOST_FIRMS))]
    size = min(dimensions, len(sample) // 5, len(columns) - 1)
    if size < 1:
        return Latent(np.zeros((0, 0), dtype=np.float32), np.empty(0, dtype=np.int64))
    rows = csr_array(firms[sample][:, columns], dtype=np.float64)
    rows = weigh.scale_rows(rows, weigh.row_norms(rows))
    with threadpool_limits(1):  # the factors are narrow: threads only wait for each other, on busy cores for seconds
        found = TruncatedSVD(size, n_iter=5, power_iteration_normalizer="QR", random_state=0).fit(rows).components_
    # Rounded, so that the last bits, which hang on the processor, do not make another index of the same firms.
    return Latent(np.round(found, 5).astype(np.float32) + np.float32(0), columns)


def linked_terms(
    fields: Mapping[str, Sequence[str]], table: TermTable, weights: Mapping[str, float], known: Mapping[str, int]
) -> dict[int, LinkedTerm]:
    """What the table adds to a need, by column. A target of several words shares its weight among them."""
    found: dict[int, LinkedTerm] = {}
    for name, terms in fields.items():
        for link in table.links(terms):
            weight = weights.get(name, 0.0) * link.weight / len(link.target)
            for term in link.target:
                column = known.get(term)
                if column is None or term in link.source or weight <= 0:
                    continue
                if column not in found or found[column].weight < weight:
                    found[column] = LinkedTerm(weight, " ".join(link.source))
    return found


def with_linked(
    stated: csr_array, linked: Sequence[Mapping[int, LinkedTerm]], idf: NDArray[np.float64], settings: Settings
) -> csr_array:
    """float64[m, v]: stated weights plus those of the linked terms, saturated and weighed as words of the need are."""
    data: list[float] = []
    columns: list[int] = []
    pointers = [0]
    for row in linked:
        columns.extend(sorted(row))
        data.extend(row[column].weight for column in sorted(row))
        pointers.append(len(columns))
    extra = csr_array(
        (np.array(data), np.array(columns, dtype=np.int32), np.array(pointers, dtype=np.int32)), shape=stated.shape
    )
    extra = weigh.saturate(extra, settings.saturation)
    extra.data = settings.table_share * extra.data * idf[extra.indices]
    return csr_array(stated + extra)


def with_related(needs: csr_array, space: Latent, settings: Settings) -> csr_array:
    """float64[m, v]: needs plus the strongest terms of their image in the latent space, as long as related_share.

    Each need is projected by itself: it gets the same vector alone and among others.
    """
    if not len(space.directions) or not settings.related_share:
        return needs
    place = np.full(needs.shape[1], -1, dtype=np.int64)
    place[space.columns] = np.arange(len(space.columns))
    rows = []
    for row in range(needs.shape[0]):
        part = slice(needs.indptr[row], needs.indptr[row + 1])
        places = place[needs.indices[part]]
        known = places >= 0
        weights = needs.data[part][known].astype(np.float32)
        image = (space.directions[:, places[known]] @ weights) @ space.directions
        rows.append(_strongest(image, space.columns, settings.kept_terms))
    return _added(needs, _stacked(rows, needs.shape[1]), settings.related_share)


def with_feedback(
    needs: csr_array, firms: csr_array, nearest: Sequence[Sequence[tuple[int, float]]], settings: Settings
) -> csr_array:
    """float64[m, v]: needs plus the strongest terms of the firms that come first, as long as feedback_share.

    nearest  for each need (row of firms, score) of its first firms
    """
    pairs = [
        (row, place, score)
        for row, found in enumerate(nearest)
        for place, score in found
        if score >= settings.feedback_floor * found[0][1]
    ]
    rows, places, scores = zip(*pairs, strict=True) if pairs else ((), (), ())
    if not rows or not settings.feedback_share:
        return needs
    shares = csr_array((scores, (rows, places)), shape=(needs.shape[0], firms.shape[0]))
    pooled = csr_array(shares @ firms)
    pooled.sort_indices()
    strongest = [
        _strongest(pooled.data[part], pooled.indices[part], settings.kept_terms)
        for part in map(slice, pooled.indptr[:-1], pooled.indptr[1:])
    ]
    return _added(needs, _stacked(strongest, needs.shape[1]), settings.feedback_share)


def _strongest(weights: NDArray[Any], columns: NDArray[Any], kept: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The `kept` greatest positive weights and their columns, columns ascending."""
    chosen = np.argpartition(weights, -kept)[-kept:] if len(weights) > kept else np.arange(len(weights))
    chosen = np.sort(chosen[weights[chosen] > 0])
    return weights[chosen], columns[chosen]


def _stacked(rows: Sequence[tuple[NDArray[Any], NDArray[Any]]], width: int) -> csr_array:
    """float64[m, width] of (weights, columns) rows."""
    pointers = np.concatenate([[0], np.cumsum([len(weights) for weights, _ in rows])]).astype(np.int32)
    data = np.concatenate([np.empty(0), *(weights for weights, _ in rows)]).astype(np.float64)
    columns = np.concatenate([np.empty(0, np.int32), *(columns for _, columns in rows)]).astype(np.int32)
    return csr_array((data, columns, pointers), shape=(len(rows), width))


def _added(needs: csr_array, extra: csr_array, share: float) -> csr_array:
    """Each row plus its extra row, the latter as long as `share` of the former."""
    extra = weigh.scale_rows(extra, weigh.row_norms(extra))
    extra.data = share * extra.data * np.repeat(weigh.row_norms(needs), np.diff(extra.indptr))
    summed = csr_array(needs + extra)
    summed.sort_indices()
    return summed
