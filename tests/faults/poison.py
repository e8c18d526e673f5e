"""Loaded into a real worker by -I: a need called 毒 ends the process that matches it, as a crashing library would."""

import os
import signal

from matching import work
from matching.fresh import Snapshot
from matching.propose import Ranking, rank
from registry.models import Need

TITLE = "毒"


def rank_or_die(need_id: int, seen: Snapshot) -> Ranking | None:
    if Need.objects.filter(pk=need_id, title=TITLE).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return rank(need_id, seen)


setattr(work, "rank", rank_or_die)  # noqa: B010  the module's own name, for this process only
