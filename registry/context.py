"""What every page knows: the menu of the person's role and how many notices they have not read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.access import can
from registry.models import Notice

MENU: list[tuple[str, str, str | Promise]] = [
    ("registry.home", "registry:home", _("Home")),
    ("matching.concerns", "matching:concerns", _("What concerns me")),
    ("matching.view_proposal", "matching:queue", _("Proposals")),
    ("matching.ask", "matching:inquiries", _("Inquiries")),
    ("matching.view_task", "matching:tasks", _("Tasks")),
    ("registry.view_need", "registry:needs", _("Needs")),
    ("registry.view_firm", "registry:firms", _("Firms")),
    ("registry.view_project", "registry:projects", _("Anchor projects")),
    ("registry.view_map", "registry:map", _("Map")),
    ("matching.view_figures", "matching:figures", _("Figures")),
    ("matching.view_list", "matching:lists", _("Candidate lists")),
    ("matching.view_run", "matching:runs", _("Matching runs")),
    ("registry.decide_claim", "registry:claims", _("Claims")),
    ("registry.import", "registry:imports", _("Imports")),
]
"""Verb, URL name, label: a person sees the entries whose verb their role has."""


MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Entry:
    url: str
    label: str | Promise
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {
        "navigation": list(_entries(request)),
        "sample_notice": not settings.PRODUCTION,
        "unread_notices": _unread(request),
    }


def _unread(request: HttpRequest) -> Callable[[], int]:
    """Counted once, and only by a page that shows it; to a hundred, since nobody reads a larger number."""

    @cache
    def count() -> int:
        user = getattr(request, "user", None)
        return len(Notice.objects.visible_to(user).unread().values_list("pk")[:MOST_COUNTED]) if user else 0

    return count


def _entries(request: HttpRequest) -> Iterator[Entry]:
    user = getattr(request, "user", None)  # an error page may come before the session
    if user is None or not user.is_authenticated:
        return
    for verb, name, label in MENU:
        if can(user, verb):
            url = reverse(name)
            yield Entry(url, label, current=request.path == url if url == "/" else request.path.startswith(url))
    if user.is_staff:
        yield Entry(reverse("admin:index"), _("Admin site"), current=False)
