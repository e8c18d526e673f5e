"""Files of offices into the register: uploaded, columns confirmed, read, taken over whole or not at all, undone.

The only writer of ImportBatch and ImportRow. A batch that is being read or taken over is worked by Celery (`work`):
a worker claims it for a while, and what a killed worker left is taken up again. Reading writes only rows of the batch;
taking over writes firms in one transaction together with the batch's state, so there is all or nothing.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from registry import changes
from registry.access import can
from registry.certificates import CertificationIndex
from registry.intake import firms as fields
from registry.intake.firms import BY_NAME, PLAIN, Catalogues, heading_key, spellings, understand
from registry.intake.sheets import Cell, FileRefused, Sheet, read
from registry.models import (
    Equipment,
    Firm,
    FirmCertification,
    ImportBatch,
    ImportRow,
    OfficeHeading,
    User,
)
from registry.steps import StepRefused

log = logging.getLogger(__name__)
State = ImportBatch.State
CHUNK = 500
CLAIMED = timedelta(minutes=2)
"""For so long a worker has a batch to itself; every chunk renews it."""
MOST_ATTEMPTS = 3
LOOKED_AT = 30  # lines, in which the headings are looked for
KEPT = timedelta(days=180)


class Stopped(Exception):
    """Somebody cancelled the batch, or another worker has it: nothing of this attempt may be written."""


# ---- uploading -------------------------------------------------------------------------------------------------------
def upload(name: str, data: bytes, *, by: User, source: str) -> ImportBatch:
    """Keep the file and guess its sheet, headings and columns. Raises FileRefused when it cannot be read."""
    sheets = read(name, data)
    office = by.offices.order_by("pk").first()
    known = _known(office)
    sheet, header = _likeliest(sheets, known)
    batch: ImportBatch = ImportBatch.objects.create(
        office=office,
        by=by,
        filename=name[-200:],
        file=data,
        digest=hashlib.sha256(data).hexdigest(),
        sheet=sheet.name,
        header=header + 1,
        mapping=_mapping(sheet.line(header + 1), known),
        source=source,
        language=(get_language() or "ja")[:2],
    )
    return batch


def _known(office: Any) -> dict[str, str]:
    """Headings that are understood, the office's own first."""
    known = spellings()
    if office:
        known |= dict(OfficeHeading.objects.filter(office=office).values_list("heading", "field"))
    return known


def _likeliest(sheets: Sequence[Sheet], known: Mapping[str, str]) -> tuple[Sheet, int]:
    """The sheet and the line that hold the most known headings; the first line of the first sheet when none does."""
    best, most = (sheets[0], 0), 0
    for sheet in sheets:
        for place, row in enumerate(islice(sheet, LOOKED_AT)):
            found = len({known.get(heading_key(str(cell or ""))) for cell in row} - {None, ""})
            if found > most:
                best, most = (sheet, place), found
    return best


def _mapping(headings: Sequence[Cell], known: Mapping[str, str]) -> list[str]:
    """The field of each column; a field that two columns would give belongs to the first."""
    mapping: list[str] = []
    for cell in headings:
        field = known.get(heading_key(str(cell or "")), "")
        mapping.append(field if field and field not in mapping else "")
    return mapping


def headings(batch: ImportBatch) -> list[Cell]:
    """The line of the headings, as wide as the lines that follow it."""
    rows = list(islice(sheet_of(batch), batch.header - 1, batch.header + LOOKED_AT))
    width = max((len(row) for row in rows), default=0)
    return [*rows[0], *([None] * (width - len(rows[0])))] if rows else []


def look_at(batch: ImportBatch, by: User, sheet: str, header: int) -> None:
    """Take the headings from another sheet or line. Raises StepRefused when there is no such line."""
    _require(batch, by)
    found = next((item for item in read(batch.filename, bytes(batch.file)) if item.name == sheet), None)
    if found is None or header > found.size:
        raise StepRefused(_("The sheet has no line %(line)d.") % {"line": header})
    mapping = _mapping(found.line(header), _known(batch.office))
    sources = [State.COLUMNS, State.CANCELLED, State.FAILED]
    moved = ImportBatch.objects.filter(pk=batch.pk, state__in=sources).update(
        state=State.COLUMNS, sheet=sheet, header=header, mapping=mapping
    )
    if not moved:
        raise StepRefused(_("Somebody else went on with this import meanwhile. Reload the page."))


def sheet_of(batch: ImportBatch) -> Sheet:
    sheets = read(batch.filename, bytes(batch.file))
    return next((sheet for sheet in sheets if sheet.name == batch.sheet), sheets[0])


# ---- asking for work -------------------------------------------------------------------------------------------------
def confirm(batch: ImportBatch, by: User, mapping: Sequence[str], **wishes: Any) -> None:
    """Take the columns and have the file read. `wishes`: header, publish, as_of. Raises StepRefused."""
    _require(batch, by)
    missing = [field.label for field in fields.FIRM_FIELDS if field.required and field.name not in mapping]
    if missing and "id" not in mapping and "corporate_number" not in mapping:
        raise StepRefused(_("Say which column holds: %(fields)s") % {"fields": "、".join(map(str, missing))})
    given = [field for field in mapping if field]
    if twice := next((field for field in given if given.count(field) > 1), None):
        raise StepRefused(_("Two columns are “%(field)s”. Leave one of them out.") % {"field": BY_NAME[twice].label})
    _ask(
        batch,
        {State.COLUMNS, State.READY, State.FAILED, State.CANCELLED},
        State.READING,
        mapping=list(mapping),
        **wishes,
    )
    _remember(batch)


def _remember(batch: ImportBatch) -> None:
    if batch.office is None:
        return
    line = sheet_of(batch).line(batch.header)
    meant = {heading_key(str(cell)): field for cell, field in zip(line, batch.mapping, strict=False) if cell}
    OfficeHeading.objects.bulk_create(
        [OfficeHeading(office=batch.office, heading=key, field=field) for key, field in meant.items() if key],
        update_conflicts=True,
        unique_fields=["office", "heading"],
        update_fields=["field"],
    )


def take_over(batch: ImportBatch, by: User, *, skip_refused: bool = False) -> None:
    """Have the new and changed rows written. Raises StepRefused while refused rows are not left out knowingly."""
    _require(batch, by)
    if batch.counts.get("refused") and not skip_refused:
        raise StepRefused(
            _("Some rows are refused. Correct the file and upload it again, or tick that they are left out.")
        )
    if not batch.counts.get("new") and not batch.counts.get("changed"):
        raise StepRefused(_("The file changes nothing; there is nothing to take over."))
    _ask(batch, {State.READY}, State.WRITING, skip_refused=skip_refused)


def cancel(batch: ImportBatch, by: User) -> None:
    """Stop what is under way or put the batch away. What is being written meanwhile is not written."""
    _require(batch, by)
    sources = [State.COLUMNS, State.READING, State.READY, State.WRITING, State.FAILED]
    if not ImportBatch.objects.filter(pk=batch.pk, state__in=sources).update(state=State.CANCELLED, claimed_until=None):
        raise StepRefused(_("This import has ended already."))


def _require(batch: ImportBatch, by: User) -> None:
    if not (can(by, "registry.import") and ImportBatch.objects.visible_to(by).filter(pk=batch.pk).exists()):
        raise StepRefused(_("This import is not yours, or it does not exist."))


def _ask(batch: ImportBatch, sources: set[State], target: State, **changed: Any) -> None:
    with transaction.atomic():
        moved = ImportBatch.objects.filter(pk=batch.pk, state__in=sources).update(
            state=target, done=0, error="", attempts=0, claimed_until=None, **changed
        )
        if not moved:
            raise StepRefused(_("Somebody else went on with this import meanwhile. Reload the page."))
        batch.refresh_from_db()
        transaction.on_commit(hint)


def hint() -> None:
    """Tell a worker; when the broker is away the beat finds the batch a little later."""
    try:
        current_app.send_task("registry.tasks.work_imports")
    except OperationalError as problem:
        log.warning("No hint for an import: %s. The beat sends it once the broker is back.", problem)


# ---- working ---------------------------------------------------------------------------------------------------------
def work() -> int:
    """Do the batches that wait; returns how many. Safe to run twice at once."""
    done = 0
    waiting = ImportBatch.objects.filter(state__in=[State.READING, State.WRITING]).defer("file").order_by("pk")
    for batch in waiting:
        if claim(batch):
            done += do(batch)
    return done


def claim(batch: ImportBatch) -> bool:
    """Have the batch to oneself for a while. After three attempts that ended their worker it has failed."""
    now = timezone.now()
    free = ImportBatch.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), pk=batch.pk, state=batch.state)
    if free.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, error="The worker ended three times.", claimed_until=None
    ):
        return False
    claimed = free.update(claimed_until=now + CLAIMED, attempts=F("attempts") + 1)
    return bool(claimed)


def do(batch: ImportBatch) -> bool:
    """Do what the claimed batch waits for; False when it was cancelled meanwhile."""
    batch.refresh_from_db()
    try:
        if batch.state == State.READING:
            _read(batch)
        else:
            _write(batch)
    except Stopped:
        return False
    except (FileRefused, StepRefused) as refusal:
        _fail(batch, str(refusal))
    except Exception as problem:
        log.exception("Import %s failed.", batch.pk)
        _fail(batch, f"{type(problem).__name__}: {problem}")
    return True


def _fail(batch: ImportBatch, error: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=batch.state).update(
        state=State.FAILED, error=error[:500], claimed_until=None
    )


def _go_on(batch: ImportBatch, done: int) -> None:
    """Tell how far it is and keep the claim. Raises Stopped when the batch was cancelled."""
    held = ImportBatch.objects.filter(pk=batch.pk, state=batch.state, attempts=batch.attempts)
    if not held.update(done=done, claimed_until=timezone.now() + CLAIMED):
        raise Stopped


def _read(batch: ImportBatch) -> None:
    """Understand every line and compare it with the register; writes nothing but rows of the batch."""
    with override(batch.language):
        sheet = sheet_of(batch)
        ImportRow.objects.filter(batch=batch).delete()
        total = max(sheet.size - batch.header, 0)
        ImportBatch.objects.filter(pk=batch.pk).update(total=total)
        catalogues, reader, done = Catalogues(), _Reader(batch), 0
        lines = islice(enumerate(sheet, start=1), batch.header, None)
        while chunk := list(islice(lines, CHUNK)):
            filled = [(number, row) for number, row in chunk if any(cell not in (None, "") for cell in row)]
            ImportRow.objects.bulk_create(reader.rows(filled, catalogues))
            done += len(chunk)
            _go_on(batch, done)
    counts = dict(batch.rows.order_by().values_list("state").annotate(Count("pk")))
    ImportBatch.objects.filter(pk=batch.pk, state=State.READING, attempts=batch.attempts).update(
        state=State.READY, counts=counts, done=total, claimed_until=None
    )


class _Reader:
    """Lines to rows; remembers which firms and numbers the file has named already."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch, self.user = batch, batch.by
        self.lines: dict[str, int] = {}
        scope = self.user.scope.prefectures if self.user.role == "coordinator" else None
        self.prefectures = None if scope is None else set(scope)

    def rows(self, lines: Sequence[tuple[int, Sequence[Cell]]], catalogues: Catalogues) -> list[ImportRow]:
        read_ = []
        for number, cells in lines:
            given = {field: cell for field, cell in zip(self.batch.mapping, cells, strict=False) if field}
            read_.append((number, *understand(given, catalogues)))
        found = self._firms(values for _number, values, _remarks in read_)
        return [self._row(number, values, remarks, found) for number, values, remarks in read_]

    def _firms(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Firm]:
        """Firms that the lines name, by "id:12" and by "number:7000012050002"."""
        rows = list(rows)
        ids = {row["id"] for row in rows if "id" in row}
        numbers = {row["corporate_number"] for row in rows if "corporate_number" in row}
        named = Firm.objects.filter(Q(pk__in=ids) | Q(corporate_number__in=numbers, duplicate_of=None))
        found: dict[str, Firm] = {}
        for firm in named.prefetch_related("capabilities", "consortia", "equipment", "firm_certifications"):
            found[f"id:{firm.pk}"] = firm
            if firm.corporate_number and firm.duplicate_of_id is None:
                found[f"number:{firm.corporate_number}"] = firm
        return found

    def _row(
        self, number: int, given: dict[str, Any], remarks: list[tuple[str, str, str]], found: Mapping[str, Firm]
    ) -> ImportRow:
        row = ImportRow(batch=self.batch, number=number, values=given, remarks=[list(remark) for remark in remarks])
        firm = found.get(f"id:{given.get('id')}") or found.get(f"number:{given.get('corporate_number')}")
        row.remarks += self._objections(number, given, firm)
        if row.remarks:
            row.state = ImportRow.State.REFUSED
        elif firm is None:
            row.state = ImportRow.State.NEW
        else:
            held = fields.as_values(firm)
            row.changes = {
                name: [held[name], value]
                for name, value in given.items()
                if name != "id" and held.get(name) not in (value, *([""] if value is None else []))
            }
            row.firm, row.seen_at = firm, firm.updated_at
            row.state = ImportRow.State.CHANGED if row.changes else ImportRow.State.UNCHANGED
        return row

    def _objections(self, number: int, given: Mapping[str, Any], firm: Firm | None) -> list[list[str]]:
        """What is wrong with the line as a whole."""
        wrong = []
        if firm is None:
            if "id" in given:
                wrong.append(["id", str(given["id"]), _("there is no firm with this ID; leave the cell empty")])
            wrong += [
                [field.name, "", _("a new firm needs this")]
                for field in fields.FIRM_FIELDS
                if field.required and field.name not in given
            ]
        places = {given.get("prefecture"), firm and firm.prefecture_id} - {None}
        if self.prefectures is not None and not places <= self.prefectures:
            wrong.append(["prefecture", "", _("outside your office's prefectures; ask the office of that prefecture")])
        key = f"id:{firm.pk}" if firm else f"number:{given.get('corporate_number') or ''}"
        if key != "number:":
            if key in self.lines:
                wrong.append(
                    ["corporate_number", "", _("the same firm stands in line %(line)d") % {"line": self.lines[key]}]
                )
            self.lines.setdefault(key, number)
        return wrong


# ---- writing ---------------------------------------------------------------------------------------------------------
def _write(batch: ImportBatch) -> None:
    """All new and changed rows in one transaction with the state. Raises StepRefused when the register moved."""
    with transaction.atomic():
        held = ImportBatch.objects.filter(pk=batch.pk, state=State.WRITING, attempts=batch.attempts)
        if not held.update(state=State.DONE, written_at=timezone.now(), claimed_until=None):
            raise Stopped
        done = 0
        for rows in _chunks(batch.rows.filter(state=ImportRow.State.NEW)):
            _add(batch, rows)
            done += len(rows)
            _beat(batch, done)
        changed = batch.rows.filter(state=ImportRow.State.CHANGED).select_related("firm")
        for rows in _chunks(changed):
            for row in rows:
                _change(batch, row)
            done += len(rows)
            _beat(batch, done)


def _chunks(rows: models.QuerySet[ImportRow]) -> Iterator[list[ImportRow]]:
    flowing = rows.order_by("number").iterator(chunk_size=CHUNK)
    while chunk := list(islice(flowing, CHUNK)):
        yield chunk


def progress_key(batch: ImportBatch) -> str:
    return f"import-{batch.pk}"


def _beat(batch: ImportBatch, done: int) -> None:
    """How far the transaction is; other connections do not see its rows, so the cache tells."""
    cache.set(progress_key(batch), done, 600)


def _add(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    numbers = [row.values["corporate_number"] for row in rows if "corporate_number" in row.values]
    if taken := Firm.objects.filter(corporate_number__in=numbers, duplicate_of=None).first():
        raise StepRefused(
            _("“%(firm)s” was registered meanwhile. Read the file again; nothing was written.") % {"firm": taken.name}
        )
    state = Firm.State.PUBLISHED if batch.publish else Firm.State.DRAFT
    made = [Firm(state=state, source=batch.source, as_of=batch.as_of, **_columns(row.values)) for row in rows]
    Firm.objects.bulk_create(made)
    _link(Firm.capabilities.through, "capability_id", "capabilities", made, rows)
    _link(Firm.consortia.through, "consortium_id", "consortia", made, rows)
    _parts(made, rows)
    for row, firm in zip(rows, made, strict=True):
        row.firm, row.seen_at = firm, firm.updated_at
    ImportRow.objects.bulk_update(rows, ["firm", "seen_at"])


def _link(through: Any, key: str, name: str, made: Sequence[Firm], rows: Sequence[ImportRow]) -> None:
    through.objects.bulk_create(
        through(firm_id=firm.pk, **{key: code})
        for firm, row in zip(made, rows, strict=True)
        for code in row.values.get(name, ())
    )


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: given[name] for name in PLAIN if name in given}
    return columns | {f"{name}_id": given[name] for name in ("prefecture", "municipality", "industry") if name in given}


def _parts(made: Sequence[Firm], rows: Sequence[ImportRow]) -> None:
    """Equipment and certificates of firms that have none yet."""
    catalogue = CertificationIndex() if any("certifications" in row.values for row in rows) else None
    Equipment.objects.bulk_create(
        Equipment(firm=firm, **machine)
        for firm, row in zip(made, rows, strict=True)
        for machine in row.values.get("equipment", ())
    )
    FirmCertification.objects.bulk_create(
        FirmCertification(firm=firm, certification_id=catalogue.find(held["stated"]) if catalogue else None, **held)
        for firm, row in zip(made, rows, strict=True)
        for held in row.values.get("certifications", ())
    )


def _change(batch: ImportBatch, row: ImportRow) -> None:
    """Write what the row changes, if the firm is still as it was compared."""
    firm = row.firm
    if firm is None or firm.updated_at != row.seen_at:
        raise StepRefused(
            _("Line %(line)d: the firm was changed meanwhile. Read the file again; nothing was written.")
            % {"line": row.number}
        )
    new = {name: value for name, (_old, value) in row.changes.items()}
    _set(firm, new)
    row.seen_at = firm.updated_at
    row.save(update_fields=["seen_at"])
    changes.changed(firm)


def _set(firm: Firm, new: Mapping[str, Any]) -> None:
    for name, value in _columns(new).items():
        setattr(firm, name, value)
    firm.save()
    if "capabilities" in new:
        firm.capabilities.set(new["capabilities"])
    if "consortia" in new:
        firm.consortia.set(new["consortia"])
    if "equipment" in new:
        firm.equipment.all().delete()
    if "certifications" in new:
        _set_certificates(firm, new["certifications"])
    _parts([firm], [ImportRow(values={name: value for name, value in new.items() if name == "equipment"})])


def _set_certificates(firm: Firm, wanted: Sequence[Mapping[str, Any]]) -> None:
    """A certificate that stays keeps its number."""
    held = {certificate.stated: certificate for certificate in firm.firm_certifications.all()}
    firm.firm_certifications.exclude(stated__in=[item["stated"] for item in wanted]).delete()
    catalogue = CertificationIndex()
    for item in wanted:
        if certificate := held.get(item["stated"]):
            if str(certificate.valid_until or "") != str(item["valid_until"] or ""):
                certificate.valid_until = item["valid_until"]
                certificate.save(update_fields=["valid_until", *certificate.unconfirmed()])
        else:
            code = catalogue.find(item["stated"])
            FirmCertification.objects.create(firm=firm, certification_id=code, **item)


# ---- undoing ---------------------------------------------------------------------------------------------------------
def undo(batch: ImportBatch, by: User) -> None:
    """Take the whole batch back: changed firms get their old values, new ones are archived.

    Raises StepRefused, and changes nothing, when somebody changed one of the firms since, or works with it.
    """
    _require(batch, by)
    with transaction.atomic():
        moved = ImportBatch.objects.filter(pk=batch.pk, state=State.DONE).update(
            state=State.UNDONE, undone_at=timezone.now()
        )
        if not moved:
            raise StepRefused(_("Only an import that was taken over can be undone, and only once."))
        written = batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.CHANGED])
        touched = written.exclude(firm__updated_at=F("seen_at")).order_by("number").first()
        touched = touched or written.filter(firm__memberships__isnull=False, state=ImportRow.State.NEW).first()
        if touched:
            raise StepRefused(
                _("Line %(line)d: the firm was changed or claimed since. Correct it by hand.")
                % {"line": touched.number}
            )
        for rows in _chunks(written.select_related("firm")):
            for row in rows:
                _undo(row)


def _undo(row: ImportRow) -> None:
    assert row.firm is not None
    if row.state == ImportRow.State.NEW:
        row.firm.state = Firm.State.ARCHIVED
        row.firm.corporate_number = None  # the same file may come again
        row.firm.save()
    else:
        _set(row.firm, {name: old for name, (old, _new) in row.changes.items()})
    changes.changed(row.firm)


def forget() -> int:
    """Delete the files and lines of old imports; the batch stays as the record of who took over what and when."""
    old = ImportBatch.objects.filter(made_at__lt=timezone.now() - KEPT).exclude(digest="")
    ids = list(old.values_list("pk", flat=True)[:100])
    ImportRow.objects.filter(batch__in=ids).delete()
    return ImportBatch.objects.filter(pk__in=ids).update(file=b"", digest="")
