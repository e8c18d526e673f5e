"""What stands on the office's page of a need: candidates, inquiries, groups, lists. Each loads by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching import adjacent, columns
from matching.checks import phases_fitted
from matching.distance import site_of
from matching.engine.bands import shipped
from matching.models import CandidateList, Group, Inquiry, NeedMatch, Proposal
from matching.standing import standings
from registry import history
from registry.models import Nda, Need, User
from registry.models.catalogue import listed
from registry.panels import Panel

_MOST = 50
_FIRST, _NEAREST = 10, 5


@dataclass(frozen=True, slots=True)
class Part:
    label: str | Promise
    template: str
    make: Callable[[Need, User], Mapping[str, Any]]


def candidates(need: Need, user: User) -> dict[str, Any]:
    """How many firms of each band with the first ones, or nobody and the nearest misses; and who could enter."""
    known: dict[str, Any] = {"need": need, "site": site_of(need)}
    matched = NeedMatch.objects.filter(need=need).exclude(band="").first()
    if matched is None:
        return known
    rows = Proposal.objects.visible_to(user).filter(need=need, dropped_at=None)
    known["entrants"] = _entrants(rows)
    if matched.band == Proposal.Band.MISS:
        nearest = rows.filter(rank__isnull=False).for_list().order_by("rank")[:_NEAREST]
        misses = [(row, listed(columns.top_terms(row)), listed(columns.missed(row))) for row in nearest]
        return known | {"nobody": True, "misses": misses, "strange": matched.grasp < shipped().grasp}
    found = dict(rows.order_by().values_list("band").annotate(Count("pk")))
    bands = [band for band in Proposal.Band if band != Proposal.Band.MISS]
    plain = rows.filter(kind=Proposal.Kind.PLAIN, rank__isnull=False).exclude(band=Proposal.Band.MISS)
    first = _with_places(plain.order_by("rank")[:_FIRST])
    return known | {
        "counts": [(band.value, band.label, found.get(band.value, 0)) for band in bands],
        "first": [(row, listed(columns.missed(row)), phases_fitted(row.checks)) for row in first],
    }


def _entrants(rows: QuerySet[Proposal]) -> list[tuple[Proposal, adjacent.Way | None]]:
    found = [(row, adjacent.way(row.entry)) for row in _with_places(rows.filter(kind=Proposal.Kind.ADJACENT))]
    found.sort(key=lambda pair: (-(pair[1].points if pair[1] else 0), pair[0].pk))
    return found[:_NEAREST]


def _with_places(rows: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return rows.select_related("firm__prefecture", "firm__municipality__prefecture")


def inquiries(need: Need, user: User) -> dict[str, Any]:
    """Who was asked and what came back; under NDA also who knew the need before, and whose NDA is recorded."""
    rows = Inquiry.objects.visible_to(user).filter(need=need).select_related("firm", "asked_by").order_by("-pk")
    shown = list(rows[:_MOST])
    signed = set(Nda.objects.in_force().filter(need=need).values_list("firm", flat=True))
    since = secret_since(need)
    return {
        "need": need,
        "since": since,
        "rows": [(row, row.firm_id in signed, since is not None and row.asked_at < since) for row in shown],
        "knew": sum(row.asked_at < since for row in shown) if since else 0,
        "asks_nda": need.nda_first or need.visibility == Need.Visibility.NDA or bool(signed),
        "more": len(shown) == _MOST,
    }


def secret_since(need: Need) -> datetime | None:
    """When the need, which firms or other offices could read before, went under NDA; None when it did not."""
    if need.visibility != Need.Visibility.NDA:
        return None
    secret = history.choice_text(Need.Visibility.NDA.label)
    for event in need.events.filter(step="change").order_by("-pk"):
        if any(name == "visibility" and after == secret for name, _before, after in event.changes):
            at: datetime = event.at
            return at
    return None


def groups(need: Need, user: User) -> dict[str, Any]:
    rows = Group.objects.visible_to(user).filter(need=need).select_related("need").order_by("number")[:_MOST]
    return {"need": need, "rows": list(standings(rows).values())}


def lists(need: Need, user: User) -> dict[str, Any]:
    rows = CandidateList.objects.visible_to(user).for_list().filter(need=need)
    return {"need": need, "rows": rows[:_MOST]}


PARTS = {
    "candidates": Part(_("Candidates"), "matching/_need_candidates.html", candidates),
    "inquiries": Part(_("Inquiries"), "matching/_need_inquiries.html", inquiries),
    "groups": Part(_("Groups"), "matching/_need_groups.html", groups),
    "lists": Part(_("Candidate lists"), "matching/_need_lists.html", lists),
}
NEED_PANELS = [Panel(name, part.label, "matching:need-panel") for name, part in PARTS.items()]
