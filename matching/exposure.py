"""How often firms are shown, and the cap on it: in how many open needs one firm may stand among the first ten.

The cap is off unless EXPOSURE_CAP says otherwise. Older needs come first: a firm counts as full for a need when it
stands among the first places of that many open needs with a lower number. So who gets a place does not depend on who
was matched last, and matching all needs again in their order gives the same again.
"""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count

from matching.engine.order import FIRST
from matching.models import Proposal
from registry.models import Need


def most(needs: int, cap: float) -> int:
    """In how many of so many open needs one firm may stand among the first, for a cap that is a share or a number."""
    return max(1, int(cap * needs)) if cap < 1 else int(cap)


def limit() -> int | None:
    """The same as the site stands now; None when there is no cap."""
    return most(Need.objects.open().count(), settings.EXPOSURE_CAP) if settings.EXPOSURE_CAP else None


def full_firms(need_id: int, firm_ids: Sequence[int]) -> set[int]:
    """Those of the firms that have all their places in older needs already; without a cap nobody is asked."""
    allowed = limit()
    if allowed is None:
        return set()
    placed = Proposal.objects.filter(
        firm__in=firm_ids, need__lt=need_id, need__state=Need.State.OPEN, dropped_at=None, rank__lte=FIRST
    )
    counts = placed.order_by().values("firm").annotate(places=Count("pk"))
    return set(counts.filter(places__gte=allowed).values_list("firm", flat=True))
