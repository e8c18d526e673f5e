"""Who said a field of a firm, where it stands and how old it is: what a candidate list tells of every field it shows.

It is put together from what the register keeps anyway: where a row came from, the imports that wrote it, and the
history of its profile. Nobody is named; a reader learns whether the firm itself spoke or an office did.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.models import Firm, FirmEvent, ImportBatch, ImportRow, Role

FIRM, OFFICE, IMPORT, LIST, MATCHER, UNKNOWN = "firm", "office", "import", "list", "matcher", "unknown"
WHO = {
    FIRM: _("the firm itself"),
    OFFICE: _("an office, from what the firm told it"),
    IMPORT: _("a file of an office"),
    LIST: _("a published list or programme"),
    MATCHER: _("computed from the profile and the need"),
    UNKNOWN: _("not recorded"),
}
PARTS = {
    "place": frozenset({"prefecture", "municipality", "address"}),
    "contact": frozenset({"contact_name", "contact_email", "contact_phone"}),
} | {
    name: frozenset({name})
    for name in (
        *("corporate_number", "name", "name_en", "name_kana", "employees", "capabilities", "equipment"),
        *("certifications", "monthly_capacity", "lead_time_days", "summary_en"),
    )
}
"""The columns of a list that somebody said, with the fields of the profile that each is made of."""
_FIELDS_OF_SHEET = {
    "equipment": frozenset({"equipment"}),
    "certificates": frozenset({"certifications"}),
    "capabilities": frozenset({"capabilities"}),
}
_OF_THE_BATCH = ("kind", "by", "written_at", "source", "as_of")
_LONGEST_IMPORT = timedelta(minutes=30)
"""A batch has its moment when its taking over begins; the lines of the history follow in the same transaction."""
COMPUTED = frozenset({"distance", "verdict", "missed", "entry"})


@dataclass(frozen=True, slots=True)
class Statement:
    """`who` is a key of WHO; `confirmed_on` is the day on which the firm last called the profile right."""

    who: str
    source: str = ""
    as_of: date | None = None
    confirmed_on: date | None = None

    @property
    def who_label(self) -> str:
        return str(WHO[self.who])

    @property
    def words(self) -> str:
        """In the reader's language: the firm itself · as of 2026-05-01 · confirmed 2026-06-01."""
        parts = [self.who_label, self.source]
        parts.append(gettext("as of %(date)s") % {"date": self.as_of.isoformat()} if self.as_of else "")
        parts.append(
            gettext("confirmed by the firm %(date)s") % {"date": self.confirmed_on.isoformat()}
            if self.confirmed_on
            else ""
        )
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that wrote fields of a profile; `fields` None: all of them."""

    at: datetime
    statement: Statement
    fields: frozenset[str] | None = None


def statement(fields: frozenset[str], origin: Statement, acts: Iterable[Act], confirmed_on: date | None) -> Statement:
    """The last act that wrote one of the fields, else the row's origin; confirmed when the firm said so since then."""
    touching = [act for act in acts if act.fields is None or act.fields & fields]
    said = max(touching, key=lambda act: act.at).statement if touching else origin
    since = confirmed_on if confirmed_on and (said.as_of is None or said.as_of <= confirmed_on) else None
    return Statement(said.who, said.source, said.as_of, since)


def statements(firms: Sequence[Firm], today: date) -> dict[int, dict[str, Statement]]:
    """By firm and column of a list, in two queries however many firms there are."""
    acts = _acts([firm.pk for firm in firms])
    computed = dict.fromkeys(COMPUTED, Statement(MATCHER, as_of=today))
    return {firm.pk: _of(firm, acts.get(firm.pk, [])) | computed for firm in firms}


def _of(firm: Firm, acts: Sequence[Act]) -> dict[str, Statement]:
    origin = Statement(LIST, firm.source, firm.as_of) if firm.source else Statement(UNKNOWN, as_of=firm.as_of)
    return {name: statement(fields, origin, acts, firm.confirmed_on) for name, fields in PARTS.items()}


def _acts(ids: Sequence[int]) -> Mapping[int, list[Act]]:
    """What the imports wrote and what people did; an import's own lines of the history say nothing new."""
    found: dict[int, list[Act]] = {}
    imported: dict[tuple[int, int], list[datetime]] = {}
    for firm, by, act in _imports(ids):
        found.setdefault(firm, []).append(act)
        imported.setdefault((firm, by), []).append(act.at)
    kinds = (FirmEvent.Kind.REGISTER, FirmEvent.Kind.CHANGE)
    events = FirmEvent.objects.filter(firm__in=ids, kind__in=kinds).order_by("pk")
    for firm, kind, changes, at, by, role in events.values_list("firm", "kind", "changes", "at", "by", "by__role"):
        registered = kind == FirmEvent.Kind.REGISTER
        if any(timedelta(0) <= at - written <= _LONGEST_IMPORT for written in imported.get((firm, by), ())):
            continue
        if registered and role != Role.FIRM:
            continue  # by an import whose lines are deleted by now: the row's own source says it
        fields = None if registered else frozenset(change[0] for change in changes)
        said = Statement(FIRM if role == Role.FIRM else OFFICE, as_of=timezone.localdate(at))
        found.setdefault(firm, []).append(Act(at, said, fields))
    return found


def _imports(ids: Sequence[int]) -> Iterator[tuple[int, int, Act]]:
    """Firm, who took the file over, and what it wrote."""
    written = ImportRow.objects.filter(
        firm__in=ids, batch__state=ImportBatch.State.DONE, state__in=(ImportRow.State.NEW, ImportRow.State.CHANGED)
    ).order_by("pk")
    columns = ("firm", "state", "changes", *(f"batch__{name}" for name in _OF_THE_BATCH))
    for firm, state, changes, kind, by, written_at, source, as_of in written.values_list(*columns):
        if kind == "firms":
            fields = None if state == ImportRow.State.NEW else frozenset(changes)
        else:
            fields = _FIELDS_OF_SHEET.get(kind, frozenset())
        yield firm, by, Act(written_at, Statement(IMPORT, source, as_of), fields)
