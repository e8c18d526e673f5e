"""The index of all firms: vocabulary, idf and vectors. Frozen once built; arrays and JSON on disk, never pickle."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from matching.engine import artefact, expand, text, weigh
from matching.engine.documents import FIRM_FIELDS, NEED_FIELDS, FirmDocument, NeedDocument
from matching.engine.grasp import Grasp
from matching.engine.score import Allowed, Firms, Found, Match, Origin, TermScore, contributions, nearest
from matching.engine.settings import Settings
from matching.engine.terms import TermTable

PARTS = ("stated", "linked", "related", "feedback")
"""What a need's vector is made of, in the order in which it is put together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The terms of a document, field by field, worth keeping beside it while `version` is text.VERSION."""

    id: int
    fields: Mapping[str, Sequence[str]]
    version: int = text.VERSION


def analyse(document: FirmDocument | NeedDocument) -> Analysis:
    """Tokenise a document: the costly step, done once when a record is saved."""
    fields = {name: tuple(text.tokens(value)) for name, value in document.fields() if value}
    return Analysis(id=document.id, fields=fields)


@dataclass(frozen=True, kw_only=True, eq=False)
class Index:
    """Vectors of all firms, stored by firm and by term.

    ids         int64[n], ascending
    terms       v terms, ascending; `vocabulary` is their place
    idf         float64[v]
    by_firm     float32[n, v] (CSR), rows of L2 norm below 1, or zero: such a firm never matches
    matrix      the same stored by term (CSC)
    latent      what goes with what in the register
    table       the term table as it was when the index was built
    means       float64[f], the mean length of each of FIRM_FIELDS
    pivot       what is added (as a term that no need has) to the length of every firm vector
    version     checksum of all of it once it is saved
    """

    ids: NDArray[np.int64]
    terms: Sequence[str]
    idf: NDArray[np.float64]
    by_firm: csr_array
    matrix: csc_array
    latent: expand.Latent
    table: TermTable
    means: NDArray[np.float64]
    pivot: float
    settings: Settings
    version: str = ""

    @classmethod
    def build(cls, firms: Iterable[Analysis], settings: Settings | None = None, table: TermTable | None = None) -> Self:
        """Vocabulary and idf by scikit-learn over all firms; a firm given twice raises ValueError."""
        settings = settings or Settings()
        analyses = sorted(firms, key=lambda analysis: analysis.id)
        ids = np.array([analysis.id for analysis in analyses], dtype=np.int64)
        if len(np.unique(ids)) != len(ids):
            raise ValueError("a firm stands twice in the documents to be indexed")
        terms, counts = _count_all(analyses)
        means = weigh.field_means(counts, len(FIRM_FIELDS))
        frequencies = _frequencies(counts, FIRM_FIELDS, settings.firm_weights, means, settings)
        idf = np.ones(len(terms))
        if len(terms):
            idf = TfidfTransformer(smooth_idf=True).fit(frequencies).idf_
        weighted = _times_idf(frequencies, idf)
        norms = weigh.row_norms(weighted)
        pivot = float(settings.pivot * norms[norms > 0].mean()) if norms.any() else 0.0
        by_firm = csr_array(weigh.scale_rows(weighted, _lengths(norms, pivot)), dtype=np.float32)
        return cls(
            ids=ids,
            terms=terms,
            idf=idf,
            by_firm=by_firm,
            matrix=by_firm.tocsc(),
            latent=expand.latent(by_firm, settings.related_dimensions if settings.related_share else 0),
            table=table or TermTable({}),
            means=means,
            pivot=pivot,
            settings=settings,
        )

    @property
    def firms(self) -> Firms:
        return Firms(self.ids, self.by_firm, self.matrix)

    @cached_property
    def vocabulary(self) -> Mapping[str, int]:
        return {term: place for place, term in enumerate(self.terms)}

    def firm_vector(self, firm: Analysis) -> csr_array:
        """float32[1, v]: the row that this firm has, or would have, in the index; terms new to it are left out."""
        counts = weigh.count([firm.fields], FIRM_FIELDS, self.vocabulary)
        frequencies = _frequencies(counts, FIRM_FIELDS, self.settings.firm_weights, self.means, self.settings)
        weighted = _times_idf(frequencies, self.idf)
        return weigh.scale_rows(weighted, _lengths(weigh.row_norms(weighted), self.pivot)).astype(np.float32)

    def need_vectors(self, needs: Iterable[Analysis]) -> csr_array:
        """float32[m, v]: one row of L2 norm 1 per need, or zero when nothing of it is in the index; see expand."""
        return _of_length_one(self._stages(list(needs)).whole)

    def looks(self, needs: Sequence[Analysis]) -> "Looks":
        """The vectors of needs, and the first look that their feedback came from."""
        stages = self._stages(needs)
        return Looks(
            vectors=_of_length_one(stages.whole),
            first_vectors=_of_length_one(stages.related),
            first=[[(int(self.ids[place]), score) for place, score in found] for found in stages.first],
        )

    def need_parts(self, need: Analysis) -> list[csr_array]:
        """The need's vector as float32[1, v] for each of PARTS, which add up to it."""
        reached = self._stages([need])
        stages = (reached.stated, reached.linked, reached.related, reached.whole)
        length = weigh.row_norms(reached.whole)
        parts = [reached.stated, *(csr_array(after - before) for before, after in itertools.pairwise(stages))]
        return [weigh.scale_rows(part.copy(), length).astype(np.float32) for part in parts]

    def _stages(self, analyses: Sequence[Analysis]) -> "_Stages":
        """The vectors of needs after each of PARTS, not yet of length one."""
        counts = weigh.count((need.fields for need in analyses), NEED_FIELDS, self.vocabulary)
        means = np.zeros(len(NEED_FIELDS))
        frequencies = _frequencies(counts, NEED_FIELDS, self.settings.need_weights, means, self.settings)
        linked = [self._linked(need) for need in analyses]
        stated = _times_idf(frequencies, self.idf)
        with_linked = expand.with_linked(stated, linked, self.idf, self.settings)
        with_related = expand.with_related(with_linked, self.latent, self.settings)
        whole = with_related
        first: list[list[tuple[int, float]]] = [[] for _ in analyses]
        if self.settings.feedback_share:
            rows = replace(self.firms, ids=np.arange(len(self.ids)))
            first = list(nearest(rows, _of_length_one(with_related), self.settings.feedback_firms))
            whole = expand.with_feedback(with_related, self.by_firm, first, self.settings)
        return _Stages(stated, with_linked, with_related, whole, first)

    def row_of(self, firm_id: int) -> int:
        """The firm's row. Raises KeyError for a firm that is not in the index."""
        place = int(np.searchsorted(self.ids, firm_id))
        if place == len(self.ids) or self.ids[place] != firm_id:
            raise KeyError(firm_id)
        return place

    def rank(self, need: Analysis, k: int, allowed: Allowed | None = None) -> list[Match]:
        """The k nearest firms with their reasons; see score.nearest."""
        vector = self.need_vectors([need])
        return self.explain(need, vector, next(nearest(self.firms, vector, k, allowed)))

    def nearest(self, needs: csr_array, k: int, threads: int = 1) -> Iterator[Found]:
        """(firm id, cosine) lists for many needs, in order; see score.nearest."""
        return nearest(self.firms, needs, k, threads=threads)

    def explain(self, need: Analysis, vector: csr_array, found: Iterable[tuple[int, float]]) -> list[Match]:
        """Add to (firm id, cosine) pairs the terms that made it. Raises KeyError for a firm not in the index.

        vector  float32[1, v], the need's own
        """
        name = self._namer(need)
        return [
            Match(firm_id, score, tuple(map(name, contributions(self.by_firm, self.row_of(firm_id), vector))))
            for firm_id, score in found
        ]

    def explain_vector(self, need: Analysis, vector: csr_array, firm: csr_array) -> tuple[TermScore, ...]:
        """As explain, for a firm by its vector, float32[1, v]."""
        return tuple(map(self._namer(need), contributions(firm, 0, vector)))

    def grasp(self, need: Analysis) -> Grasp:
        return Grasp.of(need.fields, self.table, self.vocabulary, self.idf, len(self.ids), self.settings)

    def terms_of(self, firm_id: int) -> NDArray[np.int32]:
        """The columns of a firm's terms. Raises KeyError for a firm that is not in the index."""
        row = self.row_of(firm_id)
        return np.asarray(self.by_firm.indices[self.by_firm.indptr[row] : self.by_firm.indptr[row + 1]])

    def _namer(self, need: Analysis) -> Callable[[tuple[int, float]], TermScore]:
        """(column, part) → the term with its part of the score and how the need came to it."""
        stated = {term for terms in need.fields.values() for term in terms}
        linked = self._linked(need)

        def name(shared: tuple[int, float]) -> TermScore:
            column, part = shared
            term = self.terms[column]
            if term in stated:
                return TermScore(term, part)
            if column in linked:
                return TermScore(term, part, Origin.LINKED, linked[column].via)
            return TermScore(term, part, Origin.RELATED)

        return name

    def _linked(self, need: Analysis) -> dict[int, expand.LinkedTerm]:
        return expand.linked_terms(need.fields, self.table, self.settings.need_weights, self.vocabulary)

    def save(self, folder: Path) -> str:
        """Write the index to a folder that does not exist yet and return its version; see artefact.write."""
        arrays: dict[str, NDArray[Any]] = {"ids": self.ids, "idf": self.idf, "means": self.means}
        arrays |= {"latent_directions": self.latent.directions, "latent_columns": self.latent.columns}
        for name, matrix in (("firm", self.by_firm), ("term", self.matrix)):
            arrays |= {f"{name}_{part}": getattr(matrix, part) for part in ("indptr", "indices", "data")}
        lists = {"terms": self.terms, "table": self.table.to_json()}
        facts = {"text_version": text.VERSION, "pivot": self.pivot, "settings": self.settings.to_json()}
        return artefact.write(folder, arrays, lists, facts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a saved index; its arrays are memory-mapped, so processes share them.

        Raises IndexDamaged when a file is missing or altered, IndexOutdated when other code wrote it.
        """
        arrays, lists, manifest = artefact.read(folder, text_version=text.VERSION)
        shape = (len(arrays["ids"]), len(lists["terms"]))
        by_firm, by_term = (
            tuple(arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr")) for name in ("firm", "term")
        )
        return cls(
            ids=arrays["ids"],
            terms=lists["terms"],
            idf=arrays["idf"],
            by_firm=csr_array(by_firm, shape=shape),
            matrix=csc_array(by_term, shape=shape),
            latent=expand.Latent(arrays["latent_directions"], arrays["latent_columns"]),
            table=TermTable.from_json(lists["table"]),
            means=arrays["means"],
            pivot=manifest["pivot"],
            settings=Settings.from_json(manifest["settings"]),
            version=manifest["version"],
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Looks:
    """What the index makes of many needs.

    vectors        float32[m, v], as Index.need_vectors
    first_vectors  float32[m, v], the same before feedback: what the first look is made with
    first          for each need the (firm id, cosine) of its first look
    """

    vectors: csr_array
    first_vectors: csr_array
    first: list[list[tuple[int, float]]]


@dataclass(frozen=True, slots=True, eq=False)
class _Stages:
    """The vectors of needs after each of PARTS, not yet of length one, and the (row, cosine) of their first look."""

    stated: csr_array
    linked: csr_array
    related: csr_array
    whole: csr_array
    first: list[list[tuple[int, float]]]


def _count_all(analyses: Sequence[Analysis]) -> tuple[list[str], csr_array]:
    """The vocabulary in ascending order and float64[n * f, v] counts, one row per document and field."""
    rows = [analysis.fields.get(name, ()) for analysis in analyses for name in FIRM_FIELDS]
    if not any(rows):
        return [], csr_array((len(rows), 0), dtype=np.float64)
    vectorizer = CountVectorizer(analyzer=tuple, dtype=np.float64)
    counts = csr_array(vectorizer.fit_transform(rows))
    return vectorizer.get_feature_names_out().tolist(), counts


def _frequencies(
    counts: csr_array,
    fields: Sequence[str],
    weights: Mapping[str, float],
    means: NDArray[np.float64],
    settings: Settings,
) -> csr_array:
    in_order = [weights.get(name, 0.0) for name in fields]
    return weigh.saturate(weigh.combine_fields(counts, in_order, means, settings.length_share), settings.saturation)


def _times_idf(frequencies: csr_array, idf: NDArray[np.float64]) -> csr_array:
    frequencies.data = frequencies.data * idf[frequencies.indices]
    return frequencies


def _lengths(norms: NDArray[np.float64], pivot: float) -> NDArray[np.float64]:
    """The length of each row with the pivot as one more term; 0 stays 0."""
    return np.where(norms > 0, np.sqrt(norms**2 + pivot**2), 0.0)


def _of_length_one(vectors: csr_array) -> csr_array:
    vectors = vectors.copy()
    return weigh.scale_rows(vectors, weigh.row_norms(vectors)).astype(np.float32)
