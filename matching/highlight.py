"""The matching terms marked in the texts as they were typed. Every piece is escaped; nothing is trusted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from matching.engine.text import spans
from matching.reasons import Reason
from registry.columns import certificate_line, equipment_line
from registry.models import Firm, Need

SHARES = ((0.25, _("decisive")), (0.1, _("strong")), (0.04, _("noticeable")), (0.0, _("slight")))
"""From which part of the score on a term is called what."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text under its heading, with the matching terms marked."""

    heading: str | Promise
    text: SafeString


def highlight(text: str, terms: Collection[str]) -> SafeString:
    """The text with every place where one of the terms stands inside <mark>."""
    pieces, end = [], 0
    for start, stop in _places(text, terms):
        pieces += [(conditional_escape(text[end:start]),), (format_html("<mark>{}</mark>", text[start:stop]),)]
        end = stop
    return format_html_join("", "{}", [*pieces, (text[end:],)])


def _places(text: str, terms: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where the terms stand, overlapping ones as one place, in reading order."""
    places = sorted((span.start, span.end) for span in spans(text) if span.term in terms)
    open_: tuple[int, int] | None = None
    for start, end in places:
        if open_ and start <= open_[1]:
            open_ = (open_[0], max(open_[1], end))
            continue
        if open_:
            yield open_
        open_ = (start, end)
    if open_:
        yield open_


def need_passages(need: Need, terms: Collection[str]) -> list[Passage]:
    return _passages(
        terms,
        (
            (_("Title"), [need.title]),
            (_("What is needed"), [need.text]),
            (_("Specification"), list(need.specification)),
            (_("Capabilities"), [capability.label for capability in need.capabilities.all()]),
        ),
    )


def firm_passages(firm: Firm, terms: Collection[str]) -> list[Passage]:
    return _passages(
        terms,
        (
            (_("What the firm can do"), [firm.capability_text]),
            (_("Capabilities"), [capability.label for capability in firm.capabilities.all()]),
            (_("Equipment"), [equipment_line(machine) for machine in firm.equipment.all()]),
            (_("Products"), [str(product) for product in firm.products]),
            (_("Certificates"), [certificate_line(held) for held in firm.firm_certifications.all()]),
            (_("Industry"), [firm.industry.label] if firm.industry else []),
            (_("Memberships"), [*(c.label for c in firm.current_consortia), *map(str, firm.other_memberships)]),
            (_("English summary"), [firm.summary_en]),
        ),
    )


def _passages(terms: Collection[str], parts: Iterable[tuple[Any, list[str]]]) -> list[Passage]:
    return [Passage(heading, highlight("\n".join(lines), terms)) for heading, lines in parts if any(lines)]


def weights(found: Sequence[Reason], score: float, count: int = 12) -> list[tuple[Reason, str | Promise]]:
    """The strongest terms, each with a word for its part of the score."""
    total = score or 1.0
    return [(reason, _band(reason.contribution / total, SHARES)) for reason in found[:count]]


def _band(value: float, bands: tuple[tuple[float, str | Promise], ...]) -> str | Promise:
    return next(word for least, word in bands if value >= least or least == 0)
