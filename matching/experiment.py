"""How much each part of the matcher adds, and whether its settings hold for needs that they were not chosen on."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from matching.engine.documents import FIRM_FIELDS, NEED_FIELDS, FirmDocument, NeedDocument
from matching.engine.evaluate import mean, measure
from matching.engine.index import Analysis, Index, analyse
from matching.engine.match import propose_many
from matching.engine.settings import Settings
from matching.engine.terms import TermTable

Metrics = dict[str, float]

TOP = 50
TABLE_SHARES = (0.3, 0.5, 0.7)
RELATED_SHARES = (0.15, 0.3, 0.5)
FEEDBACK_SHARES = (0.3, 0.5, 0.8)
"""What cross-validation chooses among. Few and coarse values: with 70 needs finer ones would be chosen by chance."""

_ALIKE = dict.fromkeys((*FIRM_FIELDS, *NEED_FIELDS), 1.0)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Firms, needs and judgements by the names of their files, tokenised once."""

    firms: Mapping[str, FirmDocument]
    needs: Mapping[str, NeedDocument]
    judgements: Mapping[str, Mapping[str, int]]
    firm_terms: Sequence[Analysis]
    need_terms: Sequence[Analysis]
    table: TermTable

    @classmethod
    def of(
        cls,
        firms: Mapping[str, FirmDocument],
        needs: Mapping[str, NeedDocument],
        judgements: Mapping[str, Mapping[str, int]],
        table: TermTable,
    ) -> "Experiment":
        """Only judged needs take part."""
        judged = {name: need for name, need in needs.items() if name in judgements}
        firm_terms, need_terms = list(map(analyse, firms.values())), list(map(analyse, judged.values()))
        return cls(firms, judged, judgements, firm_terms, need_terms, table)

    def index(self, settings: Settings, table: TermTable) -> Index:
        return Index.build(self.firm_terms, settings, table)

    def measured(self, index: Index) -> list[Metrics]:
        """The metrics of each need, in the order of the needs."""
        names = {firm.id: name for name, firm in self.firms.items()}
        documents = {firm.id: firm for firm in self.firms.values()}
        found = propose_many(index, list(self.needs.values()), documents, TOP, self.need_terms)
        return [
            measure([names[item.firm_id] for item in candidates], self.judgements[need])
            for need, candidates in zip(self.needs, found, strict=True)
        ]


def ablation(experiment: Experiment) -> Iterator[tuple[str, Metrics]]:
    """The matcher put together part by part, then whole but for one part."""
    whole = Settings()
    words = replace(
        whole, firm_weights=_ALIKE, need_weights=_ALIKE, length_share=0.0, saturation=1e6, pivot=0.0,
        fail_factor=1.0, unknown_factor=1.0, wish_bonus=0.0, related_share=0.0, feedback_share=0.0,
    )  # fmt: skip
    weighted = replace(
        words, firm_weights=whole.firm_weights, need_weights=whole.need_weights, length_share=whole.length_share,
        saturation=whole.saturation, pivot=whole.pivot,
    )  # fmt: skip
    ordered = replace(whole, related_share=0.0, feedback_share=0.0)
    none, table = TermTable({}), experiment.table
    steps = [
        ("TF-IDF of all words, cosine", words, none),
        ("+ field weights, saturation, pivot", weighted, none),
        ("+ criteria in the order", ordered, none),
        ("+ term table", ordered, table),
        ("+ related terms (LSA)", replace(whole, feedback_share=0.0), table),
        ("+ feedback: the whole", whole, table),
        ("whole, without term table", whole, none),
        ("whole, without related terms", replace(whole, related_share=0.0), table),
        ("whole, without field weights", replace(whole, firm_weights=_ALIKE, need_weights=_ALIKE), table),
        ("whole, without pivot", replace(whole, pivot=0.0), table),
        ("whole, without criteria in the order", replace(whole, fail_factor=1.0, unknown_factor=1.0), table),
    ]
    for label, settings, links in steps:
        yield label, mean(experiment.measured(experiment.index(settings, links)))


def cross_validate(experiment: Experiment, folds: int) -> Iterator[tuple[str, Metrics]]:
    """For each fold: the shares that are best on the other needs, measured on this fold; last, the mean.

    Needs go to folds in turn. The best has the highest mean nDCG@10; of equals the first of the grid.
    """
    settings = [
        replace(Settings(), table_share=table, related_share=related, feedback_share=feedback)
        for table, related, feedback in itertools.product(TABLE_SHARES, RELATED_SHARES, FEEDBACK_SHARES)
    ]
    index = experiment.index(Settings(), experiment.table)
    measured = [experiment.measured(replace(index, settings=chosen)) for chosen in settings]
    held_out: list[Metrics] = []
    for fold in range(folds):
        needs = range(len(experiment.needs))
        others = [need for need in needs if need % folds != fold]
        score = [mean(rows[need] for need in others)["nDCG@10"] for rows in measured]
        best = max(range(len(settings)), key=score.__getitem__)
        rows = [measured[best][need] for need in needs if need % folds == fold]
        held_out.extend(rows)
        chosen = settings[best]
        shares = f"{chosen.table_share} {chosen.related_share} {chosen.feedback_share}"
        yield f"fold {fold + 1}: table, related, feedback {shares}", mean(rows)
    yield "mean over needs held out", mean(held_out)
