"""Hints beside a text while it is being written."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from registry import wording
from registry.models import TEXT_LIMIT


def watched(name: str, address: str | Promise) -> dict[str, Any]:
    """Attributes of a text area whose words are looked at a moment after the last key."""
    return {
        "rows": 9,
        "hx-post": address,
        "hx-trigger": "input changed delay:400ms",
        "hx-target": "#wording",
        "hx-swap": "outerHTML",
        "hx-sync": "this:replace",
        "hx-params": f"{name},csrfmiddlewaretoken",
    }


def hints(text: str) -> list[tuple[str, str, bool]]:
    """Label, example and whether the text names it, for each kind of fact."""
    named = wording.named(text[:TEXT_LIMIT])
    words = {
        "process": (_("Processes"), _("e.g. welding, turning, plating")),
        "material": (_("Materials"), _("e.g. SUS304, A5052, Inconel 718")),
        "size": (_("Sizes"), _("e.g. plate up to 60 mm, crane 30 t")),
        "tolerance": (_("Tolerances"), _("e.g. ±0.01 mm, Ra 0.4")),
        "lot": (_("Lots"), _("e.g. from one piece, 200 a month")),
    }
    return [(*words[kind], kind in named) for kind in wording.KINDS]
