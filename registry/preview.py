"""What a recipient outside sees of a firm. Apps above the register append their readers' views in `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from registry.models import Firm


@dataclass(frozen=True, slots=True)
class View:
    """Whose eyes, under which condition, and the facts with their labels."""

    title: str | Promise
    text: str | Promise
    facts: list[tuple[str, str]]


VIEWS: list[Callable[[Firm], View]] = []
