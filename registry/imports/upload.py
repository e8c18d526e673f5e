"""A file comes in: what kind of sheet it is, where its headings are, what its columns mean."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from registry.intake.cells import filled
from registry.intake.fields import heading_key, labels
from registry.intake.kinds import KINDS, kinds_for
from registry.intake.kinds.base import Kind
from registry.intake.sheets import Cell, FileRefused, Sheet, kept, read, to_keep
from registry.models import ImportBatch, Office, OfficeHeading, User
from registry.steps import StepRefused

State = ImportBatch.State
LOOKED_AT = 30  # lines, in which the headings are looked for


@dataclass(frozen=True, slots=True)
class _Guess:
    """A kind of sheet, a sheet and the place of its headings, and how many of them that kind knows."""

    kind: Kind
    sheet: Sheet
    header: int
    known: int
    own: bool = False
    """Whether every heading is the kind's own, as exports and templates have them."""


def upload(name: str, data: bytes, *, by: User, source: str, kind: str = "") -> ImportBatch:
    """Keep the file and guess its kind (unless that is said), sheet, headings and columns.

    Raises FileRefused when it cannot be read, StepRefused when the person may not bring in that kind.
    """
    kinds = [KINDS[kind]] if kind else kinds_for(by)
    if not all(one.allowed_to(by) for one in kinds) or not kinds:
        raise StepRefused(_("Your role may not bring in this kind of sheet."))
    sheets = read(name, data)
    office = by.offices.order_by("pk").first()
    found = max((_likeliest(one, sheets, office) for one in kinds), key=lambda guess: (guess.known, guess.own))
    if found.sheet.size <= found.header + 1:
        raise FileRefused(_("There are headings but no lines below them. Fill in the table and upload it again."))
    batch: ImportBatch = ImportBatch.objects.create(
        kind=found.kind.name,
        office=office,
        by=by,
        filename=name[-200:],
        file=to_keep(sheets),
        digest=hashlib.sha256(data).hexdigest(),
        sheet=found.sheet.name,
        header=found.header + 1,
        mapping=_mapping(found.sheet.line(found.header + 1), _known(found.kind, office)),
        source=source,
        language=(get_language() or "ja")[:2],
    )
    return batch


def _known(kind: Kind, office: Office | None) -> dict[str, str]:
    """Headings that are understood, the office's own first."""
    known = kind.spellings()
    if office:
        own = OfficeHeading.objects.filter(office=office, kind=kind.name)
        known |= {heading: field for heading, field in own.values_list("heading", "field") if field in kind.by_name}
    return known


def _likeliest(kind: Kind, sheets: Sequence[Sheet], office: Office | None) -> _Guess:
    """The sheet and the line that hold the most known headings; the first line of the first sheet when none does."""
    known, own = _known(kind, office), labels(kind.fields).keys()
    best = _Guess(kind, sheets[0], 0, 0)
    for sheet in sheets:
        for place, row in enumerate(islice(sheet, LOOKED_AT)):
            found = {known.get(heading_key(str(cell or ""))) for cell in row} - {None, ""}
            if len(found) > best.known and any(keys <= found for keys in kind.keys):
                best = _Guess(kind, sheet, place, len(found), own >= {heading_key(str(cell)) for cell in row if cell})
    return best


def _mapping(headings: Sequence[Cell], known: Mapping[str, str]) -> list[str]:
    """The field of each column; a field that two columns would give belongs to the first.

    A heading with a remark in brackets, 認証（有効期限）, means what it means without, unless another column does.
    """
    keys = [heading_key(str(cell or "")) for cell in headings]
    mapping = [""] * len(keys)
    for spelt in (keys, [_IN_BRACKETS.sub("", key) for key in keys]):
        for place, key in enumerate(spelt):
            field = known.get(key, "")
            if not mapping[place] and field not in mapping:
                mapping[place] = field
    return mapping


_IN_BRACKETS = re.compile(r"\([^()]*\)\Z")


def look_at(batch: ImportBatch, by: User, sheet: str, header: int, kind: str) -> None:
    """Take the headings from another sheet or line, or as another kind. Raises StepRefused when there is none."""
    require(batch, by)
    if kind not in KINDS or not KINDS[kind].allowed_to(by):
        raise StepRefused(_("Your role may not bring in this kind of sheet."))
    found = next((item for item in sheets_of(batch) if item.name == sheet), None)
    if found is None or header > found.size:
        raise StepRefused(_("The sheet has no line %(line)d.") % {"line": header})
    mapping = _mapping(found.line(header), _known(KINDS[kind], batch.office))
    moved = ImportBatch.objects.filter(pk=batch.pk, state__in=[State.COLUMNS, State.CANCELLED, State.FAILED]).update(
        state=State.COLUMNS, kind=kind, sheet=sheet, header=header, mapping=mapping
    )
    if not moved:
        raise StepRefused(somebody_went_on())


def sheets_of(batch: ImportBatch) -> list[Sheet]:
    return [sheet for sheet in kept(bytes(batch.file)) if sheet.size]


def unread_sheets(batch: ImportBatch) -> list[str]:
    """Names of the sheets that are hidden, or too many: nobody has looked at them."""
    return [sheet.name for sheet in kept(bytes(batch.file)) if not sheet.size]


def sheet_of(batch: ImportBatch) -> Sheet:
    sheets = sheets_of(batch)
    return next((sheet for sheet in sheets if sheet.name == batch.sheet), sheets[0])


def headings(batch: ImportBatch) -> list[Cell]:
    """The line of the headings, as wide as the lines that follow it."""
    rows = list(islice(sheet_of(batch), batch.header - 1, batch.header + LOOKED_AT))
    width = max((filled(row) for row in rows), default=0)
    return [*rows[0][:width], *([None] * (width - len(rows[0])))] if rows else []


def left_out(batch: ImportBatch) -> list[str]:
    """Headings of the columns that are not taken."""
    line = sheet_of(batch).line(batch.header)
    mapping = [*batch.mapping, *[""] * len(line)]
    return [" ".join(str(cell).split()) for cell, field in zip(line, mapping, strict=False) if cell and not field]


def other_tables(batch: ImportBatch, sheets: Sequence[Sheet]) -> list[str]:
    """Sheets of the workbook that this import does not read, and whose headings would do for one of their own."""
    kinds = kinds_for(batch.by)
    others = [sheet for sheet in sheets if sheet.name != batch.sheet]
    return [one.name for one in others if any(_likeliest(kind, [one], batch.office).known > 1 for kind in kinds)]


def remember(batch: ImportBatch) -> None:
    """What the office's headings mean, for its next file of the kind."""
    if batch.office is None:
        return
    line = sheet_of(batch).line(batch.header)
    meant = {heading_key(str(cell)): field for cell, field in zip(line, batch.mapping, strict=False) if cell}
    OfficeHeading.objects.bulk_create(
        [OfficeHeading(office=batch.office, kind=batch.kind, heading=key, field=meant[key]) for key in meant if key],
        update_conflicts=True,
        unique_fields=["office", "kind", "heading"],
        update_fields=["field"],
    )


def require(batch: ImportBatch, by: User) -> None:
    """Raises StepRefused unless the person sees the batch and may bring in its kind."""
    mine = ImportBatch.objects.visible_to(by).filter(pk=batch.pk).exists()
    if not mine or not KINDS[batch.kind].allowed_to(by):
        raise StepRefused(_("This import is not yours, or it does not exist."))


def somebody_went_on() -> str:
    return _("Somebody else went on with this import meanwhile. Reload the page.")
