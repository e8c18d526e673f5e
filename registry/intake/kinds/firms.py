"""Firms: found by ID, corporate number or name; with their equipment, certificates, capabilities and consortia."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.access import Role
from registry.certificates import CertificationIndex
from registry.columns import equipment_line
from registry.history import LONGEST, Change
from registry.intake.fields import Catalogues, Value
from registry.intake.kinds import kept
from registry.intake.kinds.base import Kind, Line, New, Reading, at_once
from registry.intake.kinds.firm_fields import CODED, COLUMNS, FIRM_FIELDS, PLAIN, machine
from registry.intake.kinds.lookup import Found, Wanted, called, find
from registry.models import (
    ConsortiumMembership,
    Equipment,
    Firm,
    FirmCertification,
    FirmEvent,
    ImportBatch,
    ImportRow,
    User,
)
from registry.steps import StepRefused
from registry.tabular import plain
from registry.text import company_key, same_company

Pairs = Sequence[tuple[Firm, Sequence[str]]]
_FOLDED = {"sort_key", "search", "name_key"}


class Firms(Kind):
    name = "firms"
    label = gettext_lazy("Firms")
    owner = "firm"
    fields = FIRM_FIELDS
    keys = ({"name", "prefecture"}, {"id"}, {"corporate_number"})
    note = gettext_lazy(
        "A firm is found again by its ID in a file that was exported from here, by its corporate number, or by its "
        "name within the prefecture."
    )

    def owners(self, user: User) -> Any:
        return Firm.objects.visible_to(user)

    # ---- reading ----
    def look_up(self, reading: Reading, lines: Sequence[Line]) -> None:
        wanted = [Wanted.of(line.values, by_id="id") for line in lines]
        found = find(reading.user, wanted, Firm.objects.for_list())
        scope = _scope(reading.user)
        if not found.by_id and self.is_first(reading.user):
            wanted = [replace(want, pk=None) for want in wanted]
        for line, want in zip(lines, wanted, strict=True):
            line.target = line.owner = self._meant(line, want, found)
            self._check_place(line, scope)
            if line.target is None:
                self._check_new(line)
            line.key = self._key(line)

    @staticmethod
    def _meant(line: Line, want: Wanted, found: Found) -> Firm | None:
        """The firm of the line; None when it is new, or when it is refused."""
        known, numbered = found.by_id.get(want.pk or 0), found.by_number.get(want.number)
        if known and numbered and company_key(known.name) != company_key(want.name) == company_key(numbered.name):
            return numbered  # in a file from another register the ID means somebody else
        if known or numbered:
            return known or numbered
        alike = found.called(want, spoken=False)
        if want.number:  # a firm of that name with another number is another firm
            alike = [firm for firm in alike if firm.corporate_number is None]
        if len(alike) > 1:
            line.refuse("name", called(alike))
        elif want.pk and not alike:
            line.refuse("id", _("there is no firm with this ID; leave the cell empty"))
        return alike[0] if len(alike) == 1 else None

    def _check_place(self, line: Line, scope: set[str] | None) -> None:
        """A coordinator neither takes a firm from another office's prefectures nor puts one there."""
        places = {line.values.get("prefecture"), line.target and line.target.prefecture_id} - {None}
        if scope is not None and not places <= scope:
            line.refuse("prefecture", _("outside your office's prefectures; ask the office of that prefecture"))

    def _check_new(self, line: Line) -> None:
        refused = {remark[0] for remark in line.remarks}
        for field in self.fields:
            if field.required and field.name not in line.values and field.name not in refused and "id" not in refused:
                line.refuse(field.name, _("a new firm needs this"))

    @staticmethod
    def _key(line: Line) -> Any:
        if line.target is not None:
            return ("firm", line.target.pk)
        if number := line.values.get("corporate_number"):
            return ("number", number)
        name, place = line.values.get("name"), line.values.get("prefecture")
        return ("name", same_company(name), place, line.values.get("municipality")) if name and place else None

    def held(self, target: Firm) -> dict[str, Value]:
        """Prefetch what `FirmQuerySet.for_list` does."""
        shown: dict[str, Value] = {name: getattr(target, name) for name in PLAIN}
        shown |= {name: getattr(target, f"{name}_id") for name in CODED}
        shown["capabilities"] = sorted(row.pk for row in target.capabilities.all())
        shown["consortia"] = sorted(row.pk for row in target.current_consortia)
        shown["equipment"] = sorted(equipment_line(one) for one in target.equipment.all())
        shown["certifications"] = sorted(
            (
                {"stated": held.stated, "valid_until": held.valid_until and held.valid_until.isoformat()}
                for held in target.firm_certifications.all()
            ),
            key=lambda held: str(held["stated"]),
        )
        return shown

    def exported(self, target: Firm, name: str) -> str:
        value = plain(COLUMNS[name].cell(target)) if name in COLUMNS else ""
        return value if isinstance(value, str) else ""

    def told(self, row: ImportRow, catalogues: Catalogues) -> tuple[str, list[Change]]:
        if row.state == ImportRow.State.NEW:
            return FirmEvent.Kind.REGISTER, []
        changed: list[Change] = []
        for name, (old, new) in row.changes.items():
            show = self.by_name[name].show
            quoted = (show(old, catalogues)[:LONGEST], show(new, catalogues)[:LONGEST])
            changed.append((name, None, None) if self.is_personal(name) else (name, *quoted))
        return FirmEvent.Kind.CHANGE, changed

    # ---- writing ----
    def add(self, batch: ImportBatch, rows: Sequence[ImportRow], catalogues: Catalogues) -> None:
        scope = _scope(batch.by)
        if scope is not None and not {row.values["prefecture"] for row in rows} <= scope:  # it was another one before
            raise StepRefused(_("outside your office's prefectures; ask the office of that prefecture"))
        numbers = [row.values["corporate_number"] for row in rows if "corporate_number" in row.values]
        if taken := Firm.objects.filter(corporate_number__in=numbers, duplicate_of=None).first():
            raise registered_meanwhile(taken.name)
        state = Firm.State.PUBLISHED if batch.publish else Firm.State.DRAFT
        made = [Firm(state=state, source=batch.source, as_of=batch.as_of, **_columns(row.values)) for row in rows]
        try:
            Firm.objects.bulk_create(made)
        except IntegrityError as error:
            raise registered_meanwhile(rows[0].values.get("name", "")) from error
        for row, firm in zip(rows, made, strict=True):
            row.firm, row.target = firm, firm.pk
        given = [(firm, row.values) for firm, row in zip(made, rows, strict=True)]
        _link(Firm.capabilities.through, "capability_id", "capabilities", given)
        _link(Firm.consortia.through, "consortium_id", "consortia", given)
        _add_machines((firm, row.get("equipment", ())) for firm, row in given)
        _add_certificates(((firm, row.get("certifications", ())) for firm, row in given), catalogues.certifications)

    def change(self, rows: Sequence[ImportRow], new: New, catalogues: Catalogues) -> None:
        firms = Firm.objects.in_bulk([row.firm_id for row in rows])
        names: set[str] = set()
        given = []
        for row in rows:
            firm = firms[row.firm_id]
            columns = _columns(new[row.pk])
            for name, value in columns.items():
                setattr(firm, name, value)
            names |= set(columns)
            given.append((firm, new[row.pk]))
        if names:
            fold(firms.values())
            at_once(firms.values(), {name.removesuffix("_id") for name in names} | _FOLDED)
        _set_capabilities([(firm, values["capabilities"]) for firm, values in given if "capabilities" in values])
        _set_consortia([(firm, values["consortia"]) for firm, values in given if "consortia" in values])
        for firm, values in given:
            if "equipment" in values:
                _set_machines(firm, values["equipment"])
            if "certifications" in values:
                _set_certificates(firm, values["certifications"], catalogues.certifications)

    def keep(self, rows: Sequence[ImportRow], new: New) -> None:
        kept.remember(rows, new)

    def give_back(self, rows: Sequence[ImportRow]) -> None:
        kept.give_back(rows)

    def take_back(self, rows: Sequence[ImportRow]) -> None:
        """Put away, not deleted: history and lists may name them. The number is free for the same file again."""
        Firm.objects.filter(import_rows__in=rows).update(
            state=Firm.State.ARCHIVED, corporate_number=None, source_ref=""
        )


def _scope(user: User) -> set[str] | None:
    """The prefectures in which a coordinator registers firms; None is everywhere."""
    return set(user.scope.prefectures) if user.role == Role.COORDINATOR else None


def registered_meanwhile(name: str) -> StepRefused:
    return StepRefused(
        _("“%(firm)s” was registered meanwhile. Read the file again; nothing was written.") % {"firm": name}
    )


def fold(firms: Iterable[Firm]) -> None:
    """Bring the folded columns up to date, which `bulk_update` passes by."""
    columns: list[Any] = [Firm._meta.get_field(name) for name in _FOLDED]
    for firm in firms:
        for column in columns:
            column.pre_save(firm, add=False)


_UNCONFIRMED = {
    "english_origin": Firm.EnglishOrigin.UNKNOWN,
    "english_confirmed_on": None,
    "english_confirmed_by": None,
}
"""English that came in a file: a machine may have made it."""


def _columns(given: Mapping[str, Value]) -> dict[str, Any]:
    """Values of a line as columns of the firm; what is taken back to nothing becomes what the column holds empty."""
    columns = {name: _empty(name) if given[name] is None else given[name] for name in PLAIN if name in given}
    if {"name_en", "summary_en"} & given.keys():
        columns |= _UNCONFIRMED
    return columns | {f"{name}_id": given[name] for name in CODED if name in given}


def _empty(name: str) -> Any:
    column: Any = Firm._meta.get_field(name)
    return None if column.null else column.get_default()


def _link(through: Any, key: str, name: str, given: Iterable[tuple[Firm, Mapping[str, Value]]]) -> None:
    through._default_manager.bulk_create(
        through(firm_id=firm.pk, **{key: code}) for firm, row in given for code in row.get(name, ())
    )


def _set_capabilities(given: Pairs) -> None:
    """What is held already stays the row that it is."""
    through: Any = Firm.capabilities.through
    rows = through.objects.filter(firm__in=[firm.pk for firm, _codes in given])
    held = {(row.firm_id, row.capability_id): row.pk for row in rows}
    wanted = {(firm.pk, code) for firm, codes in given for code in codes}
    through.objects.filter(pk__in=[held[pair] for pair in held.keys() - wanted]).delete()
    through.objects.bulk_create(through(firm_id=pk, capability_id=code) for pk, code in sorted(wanted - held.keys()))


def _set_consortia(given: Pairs) -> None:
    """A list names the consortia of today: one that it leaves out goes, one that had ended goes on, the rest stays."""
    rows = ConsortiumMembership.objects.filter(firm__in=[firm.pk for firm, _codes in given])
    held = {(row.firm_id, row.consortium_id): row for row in rows}
    wanted = {(firm.pk, code) for firm, codes in given for code in codes}
    today = timezone.localdate()
    current = {pair for pair, row in held.items() if row.on(today)}
    ConsortiumMembership.objects.filter(pk__in=[held[pair].pk for pair in current - wanted]).delete()
    ended = [held[pair].pk for pair in (wanted & held.keys()) - current]
    ConsortiumMembership.objects.filter(pk__in=ended).update(since=None, until=None)
    ConsortiumMembership.objects.bulk_create(
        ConsortiumMembership(firm_id=pk, consortium_id=code) for pk, code in sorted(wanted - held.keys())
    )


def _add_machines(given: Iterable[tuple[Firm, Iterable[str]]]) -> None:
    Equipment.objects.bulk_create(Equipment(firm=firm, **machine(line)) for firm, lines in given for line in lines)


def _set_machines(firm: Firm, lines: Sequence[str]) -> None:
    """A machine whose line stays keeps what the line cannot say: maker, model and size apart."""
    missing = list(lines)
    for held in firm.equipment.all():
        if (line := equipment_line(held)) in missing:
            missing.remove(line)
        else:
            held.delete()
    _add_machines([(firm, missing)])


def _add_certificates(given: Iterable[tuple[Firm, Iterable[Mapping[str, Any]]]], known: CertificationIndex) -> None:
    FirmCertification.objects.bulk_create(
        FirmCertification(firm=firm, certification_id=known.find(held["stated"]), **held)
        for firm, certificates in given
        for held in certificates
    )


def _set_certificates(firm: Firm, wanted: Sequence[Mapping[str, Any]], known: CertificationIndex) -> None:
    """A certificate that stays keeps its number and scan."""
    held = {certificate.stated: certificate for certificate in firm.firm_certifications.all()}
    firm.firm_certifications.exclude(stated__in=[item["stated"] for item in wanted]).delete()
    for item in wanted:
        certificate = held.get(item["stated"])
        if certificate and str(certificate.valid_until or "") != str(item["valid_until"] or ""):
            certificate.valid_until = item["valid_until"]
            certificate.save(update_fields=["valid_until", *certificate.unconfirmed()])
    _add_certificates([(firm, [item for item in wanted if item["stated"] not in held])], known)
