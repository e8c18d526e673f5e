"""Groups of firms in words: who does how much, how far each step is covered, why a firm is left out, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from matching.engine.cover import Supplier
from matching.engine.groups import Why
from matching.engine.parts import Cover
from matching.models import Group, GroupEvent
from matching.standing import OUT, Place, Standing
from registry.models import Capability
from registry.models.catalogue import listed

Names = Mapping[int, tuple[str, str]]
"""Firm id → (what the reader reads for it, address of its page or nothing)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A step and how far it is covered, in words and as a bar."""

    name: str
    text: str
    percent: float
    done: bool
    who: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the record."""

    event: GroupEvent
    firm: str
    other: str
    work: list[str]
    reason: str


def labels_of(*rows: Group) -> dict[str, str]:
    codes = {code for row in rows for code in row.chain}
    return {step.pk: step.label for step in Capability.objects.filter(pk__in=codes).order_by("group", "code")}


def in_one_line(found: Standing) -> str:
    """A group of which every member may be named: N-0014-G1: 能代臨海製缶、弘前鉄構（月13個）."""
    names = listed(place.member.firm.name for place in found.inside)
    if found.volume is None:
        return f"{found.group}: {names}"
    facts = {"group": found.group, "firms": names, "volume": number(found.volume)}
    return _("%(group)s: %(firms)s (%(volume)s a month)") % facts


def with_told(names: Names, found: Standing) -> Names:
    """The names with those of the members that may be named to the others of the group and their offices."""
    told = {place.member.firm_id: (place.member.firm.name, "") for place in found.inside if place.partners is not None}
    return {pk: told.get(pk, shown) if not shown[1] else shown for pk, shown in names.items()}


def works(place: Place, found: Standing, labels: Mapping[str, str]) -> list[str]:
    """What a member does, in words: 製缶溶接：月8個（62 %）."""
    totals = {item.step: item.amount or 0 for item in found.covers}
    return [
        work(labels.get(code, code), amount, amount / totals[code] if amount and totals.get(code) else None)
        for code, amount in place.member.amounts.items()
    ]


def work(label: str, amount: float | None, part: float | None) -> str:
    if amount is None:
        return label
    if part is None or part > 1:
        return _("%(step)s: %(amount)s a month") % {"step": label, "amount": number(amount)}
    facts = {"step": label, "amount": number(amount), "part": round(part * 100)}
    return _("%(step)s: %(amount)s a month (%(part)d %%)") % facts


def bars(found: Standing, labels: Mapping[str, str], names: Names) -> list[Bar]:
    return [
        Bar(
            name=labels.get(item.step, item.step),
            text=_cover_in_words(item),
            percent=_percent(item),
            done=item.done,
            who=listed(names[firm][0] for firm in item.firms if firm in names),
        )
        for item in found.covers
    ]


def number(value: float) -> str:
    return number_format(value, decimal_pos=0 if value == int(value) else 1, force_grouping=True)


def why_in_words(task_km: float | None, supplier: Supplier, why: Why | None) -> str:
    if not supplier.nearness:
        return _("its profile names none of the steps")
    if why is Why.TOO_FAR:
        facts = {"most": number(task_km or 0), "distance": number(round(supplier.distance or 0))}
        return _("outside %(most)s km: %(distance)s km") % facts
    if why is Why.PLACE_UNKNOWN:
        return _("its place is not known")
    return _("its monthly capacity is not known") if why is Why.CAPACITY_UNKNOWN else ""


def deed(event: GroupEvent, labels: Mapping[str, str], names: Names) -> Deed:
    return Deed(
        event=event,
        firm=names[event.firm_id][0] if event.firm_id else "",
        other=names[event.other_id][0] if event.other_id else "",
        work=[work(labels.get(item["step"], item["step"]), item["amount"], None) for item in event.detail],
        reason=str(OUT.get(event.reason, event.reason)) if event.act == GroupEvent.Act.LEFT else event.reason,
    )


def _cover_in_words(item: Cover) -> str:
    if item.asked is not None:
        facts = {"amount": number(item.amount or 0), "asked": number(item.asked)}
        words = [_("%(amount)s a month of %(asked)s asked for") % facts]
        if item.missing:
            words.append(_("short by %(shortfall)s a month") % {"shortfall": number(item.missing)})
        return " · ".join(words)
    return "" if item.firms else str(_("nobody does it"))


def _percent(item: Cover) -> float:
    if item.asked:
        return min(100.0, 100 * (item.amount or 0) / item.asked)
    return 100.0 if item.firms else 0.0
