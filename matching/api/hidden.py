"""Rows about a need that their reader may not see: the row is theirs, the need is named only where it is visible."""

from collections.abc import Iterable
from typing import Any

from registry.api.rows import Row
from registry.models import Need, User


class BesideNeed(Row):
    """A row with a column `need`; which needs the reader sees is in the context, from `needs_seen`."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        said = super().to_representation(instance)
        return said if said["need"] in self.context["needs"] else said | {"need": None}


def needs_seen(user: User, ids: Iterable[int]) -> dict[str, Any]:
    """Of these needs those that the person sees, as context for the rows; one query."""
    return {"needs": set(Need.objects.visible_to(user).filter(pk__in=set(ids)).values_list("pk", flat=True))}
