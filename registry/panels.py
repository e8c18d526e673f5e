"""Parts of the office's page of a need that other apps own. Apps above the register append theirs in `ready()`."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands above it, and the address (a route that takes the need and the panel's name) that it loads from."""

    name: str
    label: str | Promise
    route: str


NEED_PANELS: list[Panel] = []
