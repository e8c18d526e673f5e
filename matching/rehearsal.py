"""A rehearsal of learning on the sample: decisions as its judgements would have them, through the real verbs.

Nobody decided so; it shows that the path from a decision to another order works and what it could bring, not what real
offices will decide. Nothing of it is kept.
"""

from collections.abc import Iterator

from django.db import transaction

from matching import learning, review
from matching.corpus import read_judgements
from matching.engine import learn
from matching.engine.evaluate import RELEVANT
from matching.models import Proposal
from registry.intake.catalogue import DATA
from registry.intake.sample import SOURCE
from registry.models import Need, Role, User

PER_NEED = 20
"""Proposals that somebody decides on, the first ones of each need."""

_REASONS = {"certification": "certification", "volume": "capacity", "distance": "distance", "prefecture": "distance",
            "lead_time": "lead_time", "employees": "size"}  # fmt: skip


class NothingToDecide(Exception):
    """The sample is not loaded, or not matched yet."""


def rehearse() -> learn.Trial:
    """Decide on the sample's proposals need by need, learn from the earlier ones, measure on the later; undo it all.

    Raises NothingToDecide, or learning.TooFew.
    """
    with transaction.atomic():
        try:
            for proposal, grade in _judged():
                _decide(proposal, grade, _person())
            held = learning.examples()
            if len(held) < learning.LEAST:
                raise NothingToDecide(f"only {len(held)} sample proposals are matched; run: manage.py rematch --wait")
            return learn.try_out(held)
        finally:
            transaction.set_rollback(True)


def _person() -> User:
    person, _new = User.objects.get_or_create(email="rehearsal@example.invalid", defaults={"role": Role.BUREAU})
    return person


def _judged() -> Iterator[tuple[Proposal, int]]:
    """Need by need, as needs come in over the months: the later decisions are about other needs than the earlier."""
    judged = read_judgements(DATA / "sample" / "qrels.tsv")
    for need in Need.objects.open().filter(source=SOURCE, source_ref__in=judged).order_by("source_ref"):
        ranked = need.proposals.filter(dropped_at=None, state="proposed", firm__source=SOURCE, base_rank__lte=PER_NEED)
        for proposal in ranked.select_related("firm", "need").order_by("base_rank"):
            yield proposal, judged[need.source_ref].get(proposal.firm.source_ref, 0)


def _decide(proposal: Proposal, grade: int, by: User) -> None:
    if grade >= RELEVANT:
        review.take("shortlist", proposal, by=by, reason="fit" if grade > RELEVANT else "fit_in_part")
    else:
        missed = (check["kind"] for check in proposal.checks if check["hard"] and check["outcome"] == "fail")
        review.take("reject", proposal, by=by, reason=_REASONS.get(next(missed, ""), "capability"))
