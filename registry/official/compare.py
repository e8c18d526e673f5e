"""What the public registers say beside what ours says, and taking over what a person chose of it. Never by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from registry import history
from registry.access import can
from registry.changes import changed
from registry.duplicates.merge import PARTS
from registry.models import Firm, User
from registry.official.fetch import RegisterAway
from registry.official.registers import in_use
from registry.steps import StepRefused, hold

SALT = "registry.official"
GOOD_FOR = 3600
"""Seconds for which an answer may be taken over; it travels signed with its reader, so that nobody writes another."""


@dataclass(slots=True)
class Answer:
    """`offered`: for each part that differs, by name of PARTS, the columns and the register that says so."""

    offered: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def ask(firm: Firm, *, by: User) -> Answer:
    """Ask every register that is in use; one that is away does not keep the others from answering."""
    _require(firm, by)
    if not in_use():
        raise StepRefused(_("No public register is connected."))
    if not firm.corporate_number:
        raise StepRefused(_("The firm has no corporate number; the registers are asked by it. Enter it first."))
    answer = Answer()
    for register in in_use():
        label = str(register.label)
        try:
            facts = register.ask(firm.corporate_number)
        except RegisterAway as away:
            answer.problems.append(str(away))
            continue
        if facts is None:
            answer.unknown.append(label)
            continue
        if facts.closed:
            answer.closed.append(label)
        for name, columns in _differing(firm, facts.columns).items():
            answer.offered.setdefault(name, (columns, label))
    return answer


def _differing(firm: Firm, said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A part whose columns belong together is offered with all that the register says of it."""
    found = {}
    for name, part in PARTS.items():
        columns = {column: said[column] for column in part.columns if column in said}
        if name == "place" and "municipality" not in columns:
            columns.pop("postal_code", None)  # a code alone could contradict the address that stands
        if any(_held(firm, column) != value for column, value in columns.items()):
            found[name] = columns
    return found


def _held(firm: Firm, column: str) -> Any:
    return getattr(firm, str(Firm._meta.get_field(column).attname))  # type: ignore[union-attr]  # columns only


def sealed(firm: Firm, answer: Answer) -> str:
    """What was offered, and for which state of the firm."""
    said = {name: columns for name, (columns, _register) in answer.offered.items()}
    return signing.dumps({"firm": firm.pk, "seen": firm.updated_at.isoformat(), "said": said}, salt=SALT)


def opened(firm: Firm, seal: str) -> tuple[dict[str, dict[str, Any]], datetime]:
    """What was offered for the firm, and when that was last saved. Raises BadSignature for what is old or not ours."""
    found = signing.loads(seal, salt=SALT, max_age=GOOD_FOR)
    if found["firm"] != firm.pk:
        raise signing.BadSignature
    return found["said"], datetime.fromisoformat(found["seen"])


def as_firm(firm: Firm, columns: Mapping[str, Any]) -> Firm:
    """The firm as it would be with these columns, not saved: to be shown."""
    shown = Firm.objects.get(pk=firm.pk)
    _set(shown, columns)
    return shown


def _set(firm: Firm, columns: Mapping[str, Any]) -> None:
    for column, value in columns.items():
        setattr(firm, str(Firm._meta.get_field(column).attname), value)  # type: ignore[union-attr]


def take_over(
    firm: Firm, offered: Mapping[str, Mapping[str, Any]], names: Collection[str], seen: datetime | None, *, by: User
) -> None:
    """Write the chosen parts. Raises StepRefused when nothing was chosen or the firm was saved since it was asked."""
    _require(firm, by)
    chosen = {column: value for name in names if name in offered for column, value in offered[name].items()}
    if not chosen:
        raise StepRefused(_("Tick what should be taken over."))
    with transaction.atomic():
        hold(firm, seen)
        before = history.snapshot(firm)
        firm.refresh_from_db()
        _set(firm, chosen)
        firm.save()
        history.record_changes(firm, before, by)
        changed(firm)


def _require(firm: Firm, by: User) -> None:
    if not (can(by, "registry.ask_registers") and Firm.objects.visible_to(by).filter(pk=firm.pk).exists()):
        raise StepRefused(_("This firm is outside your office's scope, or it does not exist."))
