"""Criteria checks as they are stored and as people read them: what was asked, what was found, with units and names."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from matching.documents import firm_document, need_document
from matching.engine import criteria
from registry.columns import limit
from registry.models import Criterion, Firm, FirmCertification, Need, NeedPhase, Prefecture
from registry.models.catalogue import listed
from registry.specification import certificate_asked

_PASS = criteria.Outcome.PASS


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the criteria table. `found` is empty when the firm does not say, `effect` when it moves no place."""

    hard: bool
    label: str
    asked: str
    found: str
    outcome: str
    effect: str = ""

    @property
    def missed(self) -> bool:
        return self.hard and self.outcome != _PASS


def checked(need: Need, firm: Firm) -> tuple[str, list[dict[str, Any]]]:
    """The need's criteria held against the firm as it stands now: the verdict and the checks as they are stored."""
    document = firm_document(firm)
    checks = [criteria.check(criterion, document) for criterion in need_document(need).criteria]
    return str(criteria.verdict(checks)), [stored(check) for check in checks]


def stored_all(checks: Sequence[criteria.Check], effects: Sequence[float]) -> list[dict[str, Any]]:
    """Checks as plain JSON with what each does to the place (match.effects), when they move one."""
    held = [stored(check) for check in checks]
    for item, effect in zip(held, effects, strict=False):
        item["effect"] = effect
    return held


def stored(check: criteria.Check) -> dict[str, Any]:
    """A check as plain JSON, for Proposal.checks."""
    asked = check.criterion
    more = {"phase": asked.phase, "by_year": asked.by_year, "confirmed": asked.confirmed}
    return {
        "kind": str(asked.kind),
        "hard": asked.hard,
        "asked": check.asked,
        "found": check.found,
        "outcome": str(check.outcome),
    } | {name: value for name, value in more.items() if value}


def in_words(need: Need, checks: Iterable[Mapping[str, Any]], held: Iterable[FirmCertification] = ()) -> list[Line]:
    """The stored checks as people read them, musts first. `held` tells which certificates an office confirmed.

    A confirmation changes the words, and the outcome only where the need asks for it: what a firm states counts until
    it is shown to be wrong.
    """
    checks = sorted(checks, key=lambda item: not item["hard"])
    names = _prefecture_names(checks)
    confirmed = {paper.stated for paper in held if paper.confirmed_at is not None}
    return [
        Line(
            hard=item["hard"],
            label=label(item),
            asked=_asked(need, item, names),
            found=_found(item, names, confirmed),
            outcome=item["outcome"],
            effect=_effect(item),
        )
        for item in checks
    ]


def label(item: Mapping[str, Any]) -> str:
    """The kind of a stored check, with the phase that its volume is asked for."""
    kind = str(Criterion.Kind(item["kind"]).label)
    return f"{kind} ({NeedPhase.Kind(item['phase']).label})" if item.get("phase") else kind


def phases_fitted(checks: Iterable[Mapping[str, Any]]) -> str:
    """Of the need's phases those that the firm's capacity covers, when it covers some and not the furthest one."""
    volumes = [item for item in checks if item.get("phase")]
    fitted = {item["phase"] for item in volumes if item["outcome"] == _PASS}
    order = [phase for phase in NeedPhase.Kind if any(item["phase"] == phase for item in volumes)]
    if not fitted or all(item["outcome"] == _PASS for item in volumes if item["phase"] == order[-1]):
        return ""
    return listed(str(phase.label) for phase in order if phase in fitted)


def _effect(item: Mapping[str, Any]) -> str:
    if "effect" not in item:
        return ""
    if item["hard"]:
        return f"× {item['effect']:g}"
    return f"+ {100 * item['effect']:.1f} %" if item["effect"] else "± 0 %"


def place_in_words(score: float, checks: Iterable[Mapping[str, Any]]) -> str:
    """How the place comes about, in points: 41.0 × 0.6 × 1.015 = 25.0. Empty when nothing is known of it."""
    held = [item for item in checks if "effect" in item]
    if not held:
        return ""
    factors = [item["effect"] for item in held if item["hard"] and item["effect"] != 1]
    wishes = 1 + sum(item["effect"] for item in held if not item["hard"])
    factors += [wishes] if wishes != 1 else []
    product = " × ".join([f"{100 * score:.1f}", *(f"{factor:.4g}" for factor in factors)])
    return f"{product} = {100 * score * math.prod(factors):.1f}"


def _prefecture_names(checks: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    if not any(item["kind"] == Criterion.Kind.PREFECTURE for item in checks):
        return {}
    return {prefecture.code: prefecture.label for prefecture in Prefecture.objects.all()}


def _asked(need: Need, item: Mapping[str, Any], prefectures: Mapping[str, str]) -> str:
    asked, kind = item["asked"], Criterion.Kind(item["kind"])
    if kind == Criterion.Kind.CERTIFICATION:
        return certificate_asked(str(asked), item.get("by_year"), confirmed=item.get("confirmed", False))
    if kind == Criterion.Kind.PREFECTURE:
        return listed(prefectures.get(code, code) for code in asked)
    return limit(kind, _number(asked), _measured_from(need, asked) if kind == Criterion.Kind.DISTANCE else "")


def _found(item: Mapping[str, Any], prefectures: Mapping[str, str], confirmed: Collection[str]) -> str:
    found, kind = item["found"], Criterion.Kind(item["kind"])
    if found is None:
        return ""
    if kind == Criterion.Kind.CERTIFICATION:
        return listed(
            _("%(certificate)s (confirmed)") % {"certificate": one} if one in confirmed else one for one in found
        )
    if kind == Criterion.Kind.PREFECTURE:
        return prefectures.get(found, str(found))
    words = {
        Criterion.Kind.DISTANCE: _("%(number)s km"),
        Criterion.Kind.EMPLOYEES: _("%(number)s employees"),
        Criterion.Kind.VOLUME: _("%(number)s a month"),
        Criterion.Kind.LEAD_TIME: _("%(number)s days"),
    }
    return words[kind] % {"number": _number(found)}


def _measured_from(need: Need, kilometres: float) -> str:
    """The place that the distance was asked from; the stored check knows its coordinates only."""
    for criterion in need.criteria.all():
        if criterion.kind == Criterion.Kind.DISTANCE and criterion.number == kilometres and criterion.place:
            return criterion.place.label
    return str(need.delivered_to or need.project)


def _number(value: float) -> str:
    return number_format(value, decimal_pos=0 if value == int(value) else 1, force_grouping=True)
