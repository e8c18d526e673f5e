"""Term weights: field-weighted, length-normalised, saturated frequency × inverse document frequency.

Fields are combined before the frequency is saturated, as in BM25F (Robertson, Zaragoza, Taylor, Simple BM25 extension
to multiple weighted fields, CIKM 2004); what comes out is used as a vector of unit length, so scores are cosines.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


def combine_fields(counts: csr_array, weights: Sequence[float], means: Floats, length_share: float) -> csr_array:
    """Add up the fields of each document into one pseudo frequency per term.

    counts        [n * f, v], the f fields of a document on f rows that follow each other
    weights       f, the weight of each field
    means         float64[f], the mean number of terms in each field; 0 where the field is always empty
    length_share  0 to 1, how far a long field is scaled down to the mean length

    Returns float64[n, v]. Raises ValueError when the rows are not a multiple of f.
    """
    fields = len(weights)
    if counts.shape[0] % fields:
        raise ValueError(f"{counts.shape[0]} rows are not a multiple of {fields} fields")
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).reshape(-1, fields)
    relative = np.divide(lengths, means, out=np.ones_like(lengths), where=means > 0)
    scale = np.asarray(weights) / (1 - length_share + length_share * np.maximum(relative, 1e-9))
    documents = lengths.shape[0]
    rows = np.repeat(np.arange(documents), fields)
    gather = csr_array((scale.ravel(), (rows, np.arange(documents * fields))), shape=(documents, documents * fields))
    combined = (gather @ counts).tocsr()
    combined.eliminate_zeros()
    combined.sort_indices()
    return combined


def field_means(counts: csr_array, fields: int) -> Floats:
    """float64[fields]: the mean number of terms of each field over the documents that fill it."""
    lengths = np.asarray(counts.sum(axis=1), dtype=np.float64).reshape(-1, fields)
    filled = np.maximum((lengths > 0).sum(axis=0), 1)
    means: Floats = lengths.sum(axis=0) / filled
    return means


def saturate(frequencies: csr_array, saturation: float) -> csr_array:
    """x (s + 1) / (x + s): a word said ten times is not ten times as telling. In place."""
    frequencies.data = frequencies.data * (saturation + 1) / (frequencies.data + saturation)
    return frequencies


def row_norms(matrix: csr_array) -> Floats:
    """float64[n]: the Euclidean length of each row."""
    norms: Floats = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64)).ravel()
    return norms


def scale_rows(matrix: csr_array, norms: Floats) -> csr_array:
    """Each row divided by its norm; a row of norm 0 stays empty."""
    factors = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
    matrix.data = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return matrix


def count(
    documents: Iterable[Mapping[str, Sequence[str]]], fields: Sequence[str], known: Mapping[str, int]
) -> csr_array:
    """float64[n * f, v]: how often each known term stands in each field; other terms are left out."""
    data: list[int] = []
    columns: list[int] = []
    pointers = [0]
    for document in documents:
        for name in fields:
            tally: dict[int, int] = {}
            for term in document.get(name, ()):
                column = known.get(term)
                if column is not None:
                    tally[column] = tally.get(column, 0) + 1
            columns.extend(sorted(tally))
            data.extend(tally[column] for column in sorted(tally))
            pointers.append(len(columns))
    return csr_array(
        (np.array(data, dtype=np.float64), np.array(columns, dtype=np.int32), np.array(pointers, dtype=np.int32)),
        shape=(len(pointers) - 1, len(known)),
    )
