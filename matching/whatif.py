"""What if a need took other quantities: the same ranking with the phases changed in memory, beside what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from matching.checks import phases_fitted, stored
from matching.documents import need_document, needs_as_documents
from matching.engine import match
from matching.fresh import snapshot
from matching.models import Proposal
from matching.ordering import placings
from matching.propose import TOP
from matching.words import analysis_of
from registry.models import Firm, Need, User

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A firm as it is stored and as it would be; a rank is None where the firm is not among those proposed."""

    firm: Firm
    stored: Proposal | None
    rank: int
    verdict: str
    fitted: str

    @property
    def verdict_label(self) -> str:
        return str(Proposal.Verdict(self.verdict).label)

    @property
    def moved(self) -> int:
        """Places up (positive) or down."""
        return self.stored.rank - self.rank if self.stored and self.stored.rank else 0

    @property
    def down(self) -> int:
        return -self.moved


def tried(need: Need, lots: Mapping[int, int], user: User) -> list[Row]:
    """The first firms that the person sees, ranked with these pieces by phase (its id). Nothing is written.

    Raises IndexMissing when there is no index yet.
    """
    changed = needs_as_documents(Need.objects.all()).get(pk=need.pk)
    for phase in changed.phases.all():
        phase.lot = lots.get(phase.pk, phase.lot)
    document, seen = need_document(changed), snapshot()
    candidates = match.propose(seen.index, document, seen.firms, TOP, analysis_of(document))
    ids = [candidate.firm_id for candidate in candidates]
    places = placings(document, seen.firms(ids), candidates)
    firms = Firm.objects.visible_to(user).select_related("prefecture", "municipality__prefecture").in_bulk(ids)
    held = {row.firm_id: row for row in Proposal.objects.filter(need=need, firm__in=firms, dropped_at=None)}
    rows = [
        Row(
            firm=firms[one.firm_id],
            stored=held.get(one.firm_id),
            rank=places[one.firm_id].rank or one.rank,
            verdict=str(one.verdict),
            fitted=phases_fitted([stored(check) for check in one.checks]),
        )
        for one in candidates
        if one.firm_id in firms
    ]
    return sorted(rows, key=lambda row: row.rank)[:SHOWN]
