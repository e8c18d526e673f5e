"""Who could come into a kept group: the composer's candidates, those it leaves out and why, what the register finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from matching import groups, parts
from matching.engine.cover import Supplier
from matching.engine.groups import Why, why_not
from matching.engine.parts import alternatives
from matching.group_words import number, why_in_words
from matching.models import Group
from matching.standing import Standing
from matching.store import IndexMissing
from registry.models import Firm, User
from registry.models.catalogue import listed
from registry.steps import StepRefused

OFFERED, FOUND = 10, 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A firm that could come in, as the person may read it; `why` says what speaks against it."""

    key: str
    name: str
    url: str
    steps: str
    capacity: str
    distance: float | None
    verdict: str
    why: str
    can_join: bool


class Desk:
    """What the person may bring in: candidates, those left out, what the register's search finds."""

    def __init__(self, user: User, shown: Group, found: Standing, labels: Mapping[str, str], query: str) -> None:
        self.group, self.labels, self.missing = shown, labels, ""
        self.offered: list[Candidate] = []
        self.outside: list[Candidate] = []
        self.results: list[Candidate] = []
        self.by_id: dict[int, Supplier] = {}
        self._names: dict[int, tuple[str, str]] = {}
        self._inside = {place.member.firm_id for place in found.inside}
        own = Firm.objects.visible_to(user).published().matching_text(query) if query else Firm.objects.none()
        sought = list(own.order_by("sort_key", "pk").values_list("pk", flat=True)[:FOUND])
        try:
            pool = parts.pool_of(shown, sought)
        except (IndexMissing, StepRefused) as refused:
            self.missing = str(refused) if isinstance(refused, StepRefused) else groups.preparing()
            return
        self.task, self.by_id = pool.task, {one.id: one for one in pool.suppliers}
        taken = {place.member.firm_id for place in found.places}
        self._others = [one for one in pool.suppliers if one.id not in taken]
        self._names = groups.names_for(user, [one.id for one in self._others])
        self.offered = self._best(self._inside)
        self.outside = [self._candidate(one) for one in self._others if why_not(self.task, one) is Why.TOO_FAR]
        self.results = [self._candidate(self.by_id[pk]) for pk in sought if pk in self.by_id and pk not in taken]

    def able(self, firm_id: int) -> dict[str, str]:
        """The steps that a firm can do, with their labels."""
        supplier = self.by_id.get(firm_id)
        return {code: label for code, label in self.labels.items() if supplier and code in supplier.nearness}

    def swaps(self, firm_id: int) -> list[Candidate]:
        return self._best(self._inside - {firm_id})

    def _best(self, members: Iterable[int]) -> list[Candidate]:
        if not self.by_id:
            return []
        beside = [self.by_id[pk] for pk in members if pk in self.by_id]
        return [self._candidate(one) for one in alternatives(self.task, beside, self._others, OFFERED)]

    def _candidate(self, supplier: Supplier) -> Candidate:
        name, url = self._names[supplier.id]
        return Candidate(
            key=parts.key_for(self.group, supplier.id, named=bool(url)),
            name=name,
            url=url,
            steps=listed(label for code, label in self.labels.items() if code in supplier.nearness),
            capacity=_("not known") if supplier.capacity is None else number(supplier.capacity),
            distance=supplier.distance,
            verdict=str(supplier.verdict),
            why=why_in_words(self.task.max_km, supplier, why_not(self.task, supplier)),
            can_join=bool(supplier.nearness),
        )
