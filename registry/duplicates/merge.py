"""Two records of one firm become one, and two again when that was wrong. The only writer of DuplicatePair's state.

The loser keeps its own columns, gets the state “merged” and leads to the survivor; it is never deleted. Whatever hangs
on it by a foreign key moves to the survivor, in whatever app, unless the survivor has its own (one proposal per need).
Append-only records stay where they were made and are read through `of_firm`; so lists that were issued do not change.

Two offices at once: the pair's conditional UPDATE lets one through, and both firms are held in the state that the
person saw, the lower id first, so that neither an edit nor a merge with a third record is overwritten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import changes, history, notices
from registry.access import can
from registry.append_only import AppendOnly
from registry.certificates import CertificationIndex
from registry.duplicates.journal import Joining, Journal, take_back
from registry.models import (
    PAIR_STEPS,
    DuplicatePair,
    Equipment,
    ErasureRequest,
    Firm,
    FirmCertification,
    FirmClaim,
    FirmEvent,
    ImportRow,
    Merge,
    User,
)
from registry.steps import StepRefused, hold, move
from registry.text import FoldedField


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that are taken together from one of the two records."""

    label: str | Promise
    columns: tuple[str, ...]


PARTS = {
    "corporate_number": Part(gettext_lazy("Corporate number"), ("corporate_number",)),
    "name": Part(gettext_lazy("Name"), ("name",)),
    "name_kana": Part(gettext_lazy("Name in kana"), ("name_kana",)),
    "name_en": Part(gettext_lazy("English name"), ("name_en",)),
    "place": Part(gettext_lazy("Place"), ("postal_code", "prefecture", "municipality", "address")),
    "industry": Part(gettext_lazy("Industry"), ("industry",)),
    "employees": Part(gettext_lazy("Employees"), ("employees",)),
    "capital_jpy": Part(gettext_lazy("Capital (yen)"), ("capital_jpy",)),
    "founded": Part(gettext_lazy("Founded (year)"), ("founded",)),
    "site": Part(gettext_lazy("Web site"), ("site",)),
    "contact": Part(gettext_lazy("Contact"), ("contact_name", "contact_email", "contact_phone")),
    "capability_text": Part(gettext_lazy("What the firm can do"), ("capability_text",)),
    "monthly_capacity": Part(gettext_lazy("Monthly capacity (pieces)"), ("monthly_capacity",)),
    "lead_time_days": Part(gettext_lazy("Lead time (days)"), ("lead_time_days",)),
    "summary_en": Part(gettext_lazy("English summary"), ("summary_en",)),
}
"""What a person chooses between. Lists (capabilities, certificates, equipment, …) are always united."""
_ENGLISH = ("english_origin", "english_confirmed_on", "english_confirmed_by")
_STAY = (FirmCertification, Equipment, FirmClaim, ImportRow, DuplicatePair, Merge, Firm)
"""What a merge has its own rule for, or leaves as the record of what was done to a row."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person decided: the firm that stays and, by name of PARTS, what is taken from the other one.

    seen  when each firm was last saved as the person saw it, by id
    """

    survivor: int
    from_loser: frozenset[str]
    seen: Mapping[int, datetime | None]


def values(firm: Firm, part: Part) -> tuple[Any, ...]:
    return tuple(getattr(firm, column) for column in part.columns)


def is_filled(firm: Firm, name: str) -> bool:
    return any(value not in (None, "") for value in values(firm, PARTS[name]))


def default_survivor(first: Firm, second: Firm) -> Firm:
    """The record that somebody speaks for, else the fuller one, else the older one."""

    def weight(firm: Firm) -> tuple[bool, int, int]:
        return firm.memberships.exists(), sum(is_filled(firm, name) for name in PARTS), -firm.pk

    return max((first, second), key=weight)


def default_source(name: str, first: Firm, second: Firm) -> Firm:
    """Where a part is taken from unless a person says otherwise: whoever states it, the newer record if both do, and of
    two as old as each other the one with more to say."""

    def weight(firm: Firm) -> tuple[bool, date, int, datetime]:
        day = firm.confirmed_on or firm.as_of or date.min
        words = sum(len(str(value)) for value in values(firm, PARTS[name]))
        return is_filled(firm, name), day, words, firm.updated_at

    return max((first, second), key=weight)


# ---- deciding --------------------------------------------------------------------------------------------------------
@transaction.atomic
def merge(pair: DuplicatePair, choice: Choice, *, by: User) -> Merge:
    """Make one record of the two. Raises StepRefused, and changes nothing, with what the person should know."""
    _take(pair, "merge", by)
    survivor, loser = _held(pair, choice)
    if ErasureRequest.objects.waiting().filter(firm__in=[survivor, loser]).exists():
        raise StepRefused(_("One of the firms asked for erasure. Decide on that first."))
    before, journal = history.snapshot(survivor), Journal()
    _columns(survivor, loser, choice.from_loser, journal)
    _unite(survivor, loser, journal)
    _claims(survivor, loser, by, journal)
    for row in _hanging(loser):
        _move(row, survivor, journal)
    for callback in changes.on_merge:
        callback(Joining(survivor, loser, by, journal))
    _freshen(survivor)
    differences = history.differences(before, history.snapshot(survivor))
    merged: history.Change = ("merged_record", f"{loser.name} (ID {loser.pk})", f"{survivor.name} (ID {survivor.pk})")
    records: list[tuple[Firm, list[history.Change]]] = [(survivor, [merged, *differences]), (loser, [merged])]
    for firm, told in records:
        history.record(firm, FirmEvent.Kind.MERGE, by, changes=told)
        changes.changed(firm)
    people = User.objects.speaking_for(survivor.pk)
    notices.tell(people, "firm.merged", survivor.get_absolute_url(), firm=survivor.name, other=loser.name)
    return Merge.objects.create(pair=pair, survivor=survivor, loser=loser, journal=journal.lines, by=by)


@transaction.atomic
def split(pair: DuplicatePair, *, by: User) -> None:
    """Undo the merge of a pair: both records are as they were. Raises StepRefused when work was done since."""
    _take(pair, "split", by)
    done = pair.merges.filter(undone_at=None).select_related("survivor", "loser").get()
    for firm in sorted((done.survivor, done.loser), key=lambda firm: firm.pk):
        hold(firm, firm.updated_at)
    if done.survivor.state == Firm.State.MERGED:
        raise StepRefused(_("The firm itself was merged into another one since. Undo that merge first."))
    for callback in changes.on_split:
        callback(done)
    try:
        with transaction.atomic():
            take_back(done.journal)
    except IntegrityError as error:  # something of the same kind came to the place where it was
        raise StepRefused(
            _("Since the merge something new hangs on one of the firms. Correct the firms by hand instead.")
        ) from error
    done.undone_by, done.undone_at, done.journal = by, timezone.now(), []
    done.save(update_fields=["undone_by", "undone_at", "journal"])
    for firm in (done.survivor, done.loser):
        _freshen(firm)
        history.record(firm, FirmEvent.Kind.SPLIT, by, changes=_names(pair))
        changes.changed(firm)


@transaction.atomic
def call_different(pair: DuplicatePair, *, by: User) -> None:
    """The two are different firms; the search never asks about them again."""
    _take(pair, "different", by)
    _note(pair, FirmEvent.Kind.DIFFERENT, by)


@transaction.atomic
def reopen(pair: DuplicatePair, *, by: User) -> None:
    _take(pair, "reopen", by)
    _note(pair, FirmEvent.Kind.REOPEN, by)


def refusal(pair: DuplicatePair, by: User) -> str:
    """Why the person may not decide on the pair; empty when they may."""
    if not (can(by, "registry.merge_firms") and DuplicatePair.objects.visible_to(by).filter(pk=pair.pk).exists()):
        return _("One of the two firms is outside your office's scope, or it does not exist.")
    if {pair.first_id, pair.second_id} & set(by.firm_ids):
        return _("You speak for one of these firms yourself. Ask a colleague to decide.")
    if pair.state == DuplicatePair.State.OPEN and Firm.State.MERGED in {pair.first.state, pair.second.state}:
        return _("One of the two was merged into another record.")
    return ""


def _take(pair: DuplicatePair, step: str, by: User) -> None:
    if reason := refusal(pair, by):
        raise StepRefused(reason)
    move(pair, PAIR_STEPS[step], decided_by=by, decided_at=timezone.now())


def _names(pair: DuplicatePair) -> list[history.Change]:
    return [("merged_record", pair.first.name, pair.second.name)]


def _note(pair: DuplicatePair, kind: str, by: User) -> None:
    for firm in (pair.first, pair.second):
        history.record(firm, kind, by, changes=_names(pair))


# ---- what moves ------------------------------------------------------------------------------------------------------
def _held(pair: DuplicatePair, choice: Choice) -> tuple[Firm, Firm]:
    """Both firms as the person saw them, the one that stays first."""
    firms = {firm.pk: firm for firm in Firm.objects.filter(pk__in=[pair.first_id, pair.second_id])}
    for key in sorted(firms):
        hold(firms[key], choice.seen.get(key))
    for firm in firms.values():
        firm.refresh_from_db()
        if firm.state == Firm.State.MERGED:
            raise StepRefused(_("“%(firm)s” was merged into another record already.") % {"firm": firm.name})
    survivor = firms.pop(choice.survivor)
    return survivor, firms.popitem()[1]


def _columns(survivor: Firm, loser: Firm, from_loser: frozenset[str], journal: Journal) -> None:
    """The loser leads to the survivor from now on, which takes over what was chosen."""
    wanted = {column: getattr(loser, column) for name in from_loser for column in PARTS[name].columns}
    doubtful = loser.english_state == "unconfirmed" or not survivor.english_state
    if {"name_en", "summary_en"} & from_loser and doubtful:  # English of which one half is in doubt is in doubt
        wanted |= {column: getattr(loser, column) for column in _ENGLISH}
    if Firm.State.PUBLISHED in {survivor.state, loser.state}:
        wanted["state"] = Firm.State.PUBLISHED
    wanted |= {
        name: [
            *getattr(survivor, name),
            *(item for item in getattr(loser, name) if item not in getattr(survivor, name)),
        ]
        for name in ("products", "other_memberships")
    }
    journal.set(loser, duplicate_of=survivor, state=Firm.State.MERGED)  # first: one firm alone has the number
    journal.set(survivor, duplicate_of=None, **wanted)
    for earlier in Firm.objects.filter(duplicate_of=loser).order_by("pk"):
        journal.set(earlier, duplicate_of=survivor)


def _unite(survivor: Firm, loser: Firm, journal: Journal) -> None:
    """Capabilities, certificates and machines; what both have stays with the loser."""
    journal.link(survivor, "capabilities", loser.capabilities.values_list("pk", flat=True))
    held = {_certificate_key(one): one for one in survivor.firm_certifications.all()}
    for one in loser.firm_certifications.all():
        if twin := held.get(_certificate_key(one)):
            held[_certificate_key(one)] = _renew(twin, one, survivor, loser, journal)
        else:
            _move(one, survivor, journal)
    machines = {_machine_key(one) for one in survivor.equipment.all()}
    for machine in loser.equipment.all():
        if _machine_key(machine) not in machines:
            journal.set(machine, firm=survivor)


def _certificate_key(one: FirmCertification) -> str:
    return one.certification_id or CertificationIndex.key(one.stated)


def _machine_key(one: Equipment) -> tuple[Any, ...]:
    return one.name, one.maker, one.model, one.size


def _renew(
    kept: FirmCertification, other: FirmCertification, survivor: Firm, loser: Firm, journal: Journal
) -> FirmCertification:
    """Of two entries of one certificate the one that says more goes with the survivor, whole: with its scan and with
    whatever an office has said of it. Returns that one."""
    taken = survivor.firm_certifications.filter(stated=other.stated).exclude(pk=kept.pk)
    taken |= loser.firm_certifications.filter(stated=kept.stated).exclude(pk=other.pk)
    if _weight(other) <= _weight(kept) or taken.exists():
        return kept
    stated = kept.stated
    journal.set(kept, stated=f"~{stated}"[:200])  # a firm states a certificate once, in between too
    journal.set(kept, firm=loser)
    journal.set(other, firm=survivor)
    journal.set(kept, stated=stated)
    return other


def _weight(one: FirmCertification) -> tuple[date, bool, bool]:
    return one.valid_until or date.min, bool(one.scan), bool(one.number)


def _claims(survivor: Firm, loser: Firm, by: User, journal: Journal) -> None:
    """Claims follow; one that its author has on the survivor too is answered."""
    for claim in loser.claims.order_by("pk"):
        if not _move(claim, survivor, journal) and claim.state == FirmClaim.State.PENDING:
            reason = _("Both records are one firm now; your other claim stands.")
            answer = {"decided_by": by, "decided_at": timezone.now(), "reason": reason}
            journal.set(claim, state=FirmClaim.State.REFUSED, **answer)


def _hanging(loser: Firm) -> Iterator[models.Model]:
    """Every other row with a foreign key to the firm that may be changed."""
    for relation in Firm._meta.related_objects:
        model: Any = relation.related_model
        stays = issubclass(model, (AppendOnly, *_STAY)) or getattr(model, "stays_with_its_firm", False)
        if relation.one_to_many and not stays:
            yield from model._base_manager.filter(**{relation.field.name: loser}).order_by("pk")


def _move(row: models.Model, survivor: Firm, journal: Journal) -> bool:
    """False when a constraint says that the survivor has its own."""
    column = next(one.name for one in row._meta.concrete_fields if one.related_model is Firm)
    held = len(journal.lines)
    try:
        with transaction.atomic():
            journal.set(row, **{column: survivor})
    except IntegrityError:
        del journal.lines[held:]
        return False
    return True


def _freshen(firm: Firm) -> None:
    """Columns that follow from others, and the date by which editors and matching see that something changed."""
    firm.refresh_from_db()
    follow = [column.name for column in Firm._meta.concrete_fields if isinstance(column, FoldedField)]
    firm.save(update_fields=[*follow, "updated_at"])
