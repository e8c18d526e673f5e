"""What a kind of sheet has to say of itself; reading, preview, writing and undoing are the same for all."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import Promise

from registry.access import can
from registry.history import Change
from registry.intake.cells import Cell, clean
from registry.intake.fields import Catalogues, ImportField, Remark, Value, spellings
from registry.models import FirmEvent, ImportBatch, ImportRow, User

New = Mapping[int, Mapping[str, Value]]
"""What changed rows are to say now, by the primary key of the row of the import."""


@dataclass(slots=True)
class Line:
    """A line of the file on its way to a row of the import.

    target  the row of the register that it means, None when there is none yet
    owner   the row whose version tells whether the target was touched: the firm, the need or the event
    key     what no second line of the file may mean; None when the line does not get that far
    """

    number: int
    cells: Mapping[str, Cell]
    values: dict[str, Value]
    remarks: list[Remark]
    target: Any = None
    owner: Any = None
    key: Any = None

    def refuse(self, name: str, message: str) -> None:
        self.remarks.append((name, str(self.cells.get(name) or "")[:100], message))


@dataclass(slots=True)
class Reading:
    """What lasts while one file is read: its author, the catalogues, and what each line meant."""

    user: User
    catalogues: Catalogues = field(default_factory=Catalogues)
    lines: dict[Any, int] = field(default_factory=dict)


class Kind(ABC):
    """One kind of sheet. It knows its fields and its rows of the register, and nothing of files and batches.

    owner  the relation of ImportRow to the row that is versioned (`updated_at`): "firm", "need" or "event"
    keys   sets of fields, one of which has to be mapped, since a line could not say otherwise what it is about
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    owner: ClassVar[str]
    fields: ClassVar[Sequence[ImportField]]
    keys: ClassVar[Sequence[set[str]]]
    verb: ClassVar[str] = "registry.import_register"
    note: ClassVar[str | Promise] = ""
    """What the template says besides its fields."""

    def __init__(self) -> None:
        self.by_name = {one.name: one for one in self.fields}

    @abstractmethod
    def owners(self, user: User) -> models.QuerySet[Any]:
        """The rows that lines may be about, of those that the person may change."""

    def is_first(self, user: User) -> bool:
        """Whether the register holds none yet of what lines are about: the IDs of the file are those of another one."""
        return not self.owners(user).exists()

    def allowed_to(self, user: User) -> bool:
        return can(user, self.verb)

    def spellings(self) -> dict[str, str]:
        return spellings(self.fields)

    def title(self, row: Mapping[str, Value]) -> str:
        """What the preview calls a line that is new."""
        return str(row.get("name") or "")

    def in_words(self, name: str, value: Value, catalogues: Catalogues) -> tuple[str, str]:
        """What people call a field, and a value of it."""
        if name not in self.by_name:
            return name, str(value)
        return str(self.by_name[name].label), self.by_name[name].show(value, catalogues)

    def is_personal(self, name: str) -> bool:
        """Whether a field speaks of contact persons."""
        return name in self.by_name and self.by_name[name].personal

    def told(self, row: ImportRow, catalogues: Catalogues) -> tuple[str, list[Change]]:
        """What the history of the row's firm says of it: the kind of event, and what changed."""
        return FirmEvent.Kind.CHANGE, []

    # ---- reading ----
    @abstractmethod
    def look_up(self, reading: Reading, lines: Sequence[Line]) -> None:
        """Set target, owner and key of each line, and refuse what it may not say."""

    @abstractmethod
    def held(self, target: Any) -> dict[str, Value]:
        """A row of the register in the form in which `understand` gives a line."""

    def exported(self, target: Any, name: str) -> str:
        """What an export writes for this field, in the reader's language: it comes back as it went out."""
        return ""

    def changes(self, line: Line) -> dict[str, list[Value]]:
        """Field → [old, new]. A cell that says what an export of the row says changes nothing, however it reads."""
        held = self.held(line.target)
        found: dict[str, list[Value]] = {}
        for name, value in line.values.items():
            if name in held and not same(held[name], value) and not self._as_exported(line, name):
                found[name] = [held[name], value]
        return found

    def forgive(self, line: Line) -> None:
        """Drop remarks on cells that an export wrote so."""
        if line.target is not None:
            line.remarks = [remark for remark in line.remarks if not self._as_exported(line, remark[0])]

    def _as_exported(self, line: Line, name: str) -> bool:
        exported = self.exported(line.target, name) if name in line.cells else ""
        return bool(exported) and same(exported, str(line.cells[name]))

    # ---- writing: in the caller's transaction, all rows of a chunk at once ----
    @abstractmethod
    def add(self, batch: ImportBatch, rows: Sequence[ImportRow], catalogues: Catalogues) -> None:
        """Make what new rows say, and set their target and owner."""

    @abstractmethod
    def change(self, rows: Sequence[ImportRow], new: New, catalogues: Catalogues) -> None:
        """Give the rows' targets their new values; None and the like make a column empty."""

    def keep(self, rows: Sequence[ImportRow], new: New) -> None:
        """Before `change`: put into `kept` of rows what `change` with the old values would not bring back."""
        return

    def give_back(self, rows: Sequence[ImportRow]) -> None:
        """After `change` with the old values: what was kept."""
        return

    @abstractmethod
    def take_back(self, rows: Sequence[ImportRow]) -> None:
        """Undo `add`: delete or put away what new rows made."""


def same(held: Value, given: Value) -> bool:
    """Equal to whoever reads it: blanks, line ends and invisible signs tell nothing apart, nor empty from absent."""
    return bool(_normal(held) == _normal(given))


def _normal(value: Value) -> Value:
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return " ".join(clean(value).split())
    return [_normal(item) for item in value] if isinstance(value, list) else value


def at_once(rows: Iterable[models.Model], names: Collection[str]) -> None:
    """Write some columns of many rows of one model; folded columns must be among the names with their sources."""
    rows = list(rows)
    if rows and names:
        type(rows[0])._default_manager.bulk_update(rows, sorted(names), batch_size=200)
