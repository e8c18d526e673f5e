"""The transitions between fields that the register holds, as the engine takes them."""

import hashlib
import json
from collections.abc import Iterable

from django.db.models import Count, Max

from matching.engine import adjacent
from matching.engine.adjacent import Requirement
from registry.models import EntryRequirement, Transition


def in_use() -> list[adjacent.Transition]:
    """Those in use, by code."""
    rows = Transition.objects.filter(active=True).order_by("pk").prefetch_related("requirements")
    return [transition_of(row, row.requirements.all()) for row in rows]


def requirements() -> list[Requirement]:
    return list(map(_requirement, EntryRequirement.objects.order_by("pk")))


def transition_of(row: Transition, requirements: Iterable[EntryRequirement] = ()) -> adjacent.Transition:
    return adjacent.Transition(
        code=row.pk,
        has=tuple(row.has),
        skills=tuple(row.skills),
        asks=tuple(row.asks),
        about=tuple(row.about),
        requirements=tuple(map(_requirement, requirements)),
        weight=row.weight,
    )


def _requirement(row: EntryRequirement) -> Requirement:
    return Requirement(row.pk, adjacent.Kind(row.kind), row.name, tuple(row.words))


def objections(changed: Transition) -> list[str]:
    """Why this row, new or changed, would not fit the others in use."""
    held = [one for one in in_use() if one.code != changed.pk]
    return [one.reason for one in adjacent.problems([*held, transition_of(changed)]) if one.row == len(held)]


def fingerprint() -> str:
    """Changes whenever `in_use` or `requirements` would."""
    facts = [
        model._default_manager.aggregate(count=Count("pk"), latest=Max("updated_at"))
        for model in (Transition, EntryRequirement)
    ]
    links = sorted(Transition.requirements.through.objects.values_list("transition", "entryrequirement"))
    return hashlib.sha256(json.dumps([facts, links], default=str).encode()).hexdigest()
