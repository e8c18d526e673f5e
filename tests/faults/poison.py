"""Loaded into a real worker by -I: a need called 毒 ends the process that matches it, as a crashing library would."""

import os
import signal
from collections.abc import Sequence

from matching import work
from matching.fresh import Snapshot
from matching.propose import Ranking, rank_many
from registry.models import Need

TITLE = "毒"


def rank_or_die(need_ids: Sequence[int], seen: Snapshot) -> dict[int, Ranking]:
    if Need.objects.filter(pk__in=need_ids, title=TITLE).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return rank_many(need_ids, seen)


setattr(work, "rank_many", rank_or_die)  # noqa: B010  the module's own name, for this process only
