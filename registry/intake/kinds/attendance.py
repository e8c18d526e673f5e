"""Who came to an event: a line for each firm, registered or not. The event is made with its first line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.intake import values
from registry.intake.fields import Catalogues, ImportField, Value, by, day, key
from registry.intake.kinds.base import Kind, Line, New, Reading, at_once
from registry.intake.kinds.lookup import Wanted, find, settle
from registry.intake.kinds.parts import FIRM_KEYS
from registry.models import Attendance, Event, Firm, ImportBatch, ImportRow, User
from registry.sheet_columns import ATTENDANCE_COLUMNS
from registry.text import same_company

_HEADINGS = {column.name: column.heading for column in ATTENDANCE_COLUMNS}


class AttendanceSheet(Kind):
    name = "attendance"
    label = gettext_lazy("Attendance at events")
    owner = "event"
    keys = ({"event", "held_on", "name"},)
    note = gettext_lazy(
        "A firm need not be registered to be counted: what is missing in the register is shown as such."
    )
    fields = (
        ImportField(
            "event",
            _HEADINGS["event"],
            by(values.line, 200),
            ("イベント名", "行事名", "催事名", "セミナー名", "名称"),
            required=True,
        ),
        ImportField("held_on", _HEADINGS["held_on"], day, ("開催日", "日付", "日時", "実施日", "date"), required=True),
        ImportField("place", _HEADINGS["place"], by(values.line, 200), ("会場", "場所", "開催場所", "venue")),
        *(field for field in FIRM_KEYS if field.name != "name"),
        ImportField(
            "name",
            _HEADINGS["name"],
            by(values.line, 200),
            ("企業名", "会社名", "参加企業", "参加企業名", "所属", "事業者名", "社名", "company", "firm", "name"),
            required=True,
        ),
        ImportField(
            "people", _HEADINGS["people"], by(values.whole), ("参加人数", "人数", "出席者数", "参加者数", "people")
        ),
    )

    def owners(self, user: User) -> Any:
        return Event.objects.visible_to(user)

    # ---- reading ----
    def look_up(self, reading: Reading, lines: Sequence[Line]) -> None:
        wanted = [Wanted.of(line.values) for line in lines]
        found = find(reading.user, wanted, Firm.objects.select_related("prefecture", "municipality"))
        events = _events(reading.user, (line.values for line in lines))
        held: dict[Any, Attendance] = {}
        for row in Attendance.objects.filter(event__in=events.values()):
            held[row.event_id, _who(row.firm_id, row.name)] = row
        for line, want in zip(lines, wanted, strict=True):
            refused = {remark[0] for remark in line.remarks}
            for field in self.fields:
                if field.required and field.name not in line.values and field.name not in refused:
                    line.refuse(field.name, _("must be filled"))
            line.owner = events.get(_event_key(line.values))
            exported = line.owner and held.get((line.owner.pk, want.pk))
            if exported and same_company(exported.name) == same_company(want.name):
                firm = exported.firm_id  # which may have another name by now
            else:
                firm = getattr(settle(line, want, found, needed=False), "pk", None)
            if firm:
                line.values["firm"] = firm
            who = _who(line.values.get("firm"), line.values.get("name", ""))
            line.key = (*_event_key(line.values), who)
            line.target = line.owner and (
                held.get((line.owner.pk, who)) or held.get((line.owner.pk, _who(None, line.values.get("name", ""))))
            )

    def held(self, target: Attendance) -> dict[str, Value]:
        """A firm that is registered by now becomes the attendance's firm."""
        return {"people": target.people, "place": target.event.place, "firm": target.firm_id}

    def in_words(self, name: str, value: Value, catalogues: Catalogues) -> tuple[str, str]:
        if name != "firm":
            return super().in_words(name, value, catalogues)
        return str(_("Firm in the register")), f"ID {value}" if value else ""

    # ---- writing ----
    def add(self, batch: ImportBatch, rows: Sequence[ImportRow], catalogues: Catalogues) -> None:
        events = _events(batch.by, (row.values for row in rows))
        made = []
        for row in rows:
            wanted = _event_key(row.values)
            if wanted not in events:
                events[wanted] = Event.objects.create(
                    name=row.values["event"],
                    held_on=row.values["held_on"],
                    place=row.values.get("place", ""),
                    office=batch.office,
                    source=batch.source,
                )
            row.event = events[wanted]
            row.firm_id = row.values.get("firm")
            made.append(
                Attendance(
                    event=row.event,
                    firm_id=row.firm_id,
                    name=row.values["name"],
                    corporate_number=row.values.get("corporate_number", ""),
                    people=row.values.get("people"),
                )
            )
        Attendance.objects.bulk_create(made)
        for row, attendance in zip(rows, made, strict=True):
            row.target = attendance.pk

    def change(self, rows: Sequence[ImportRow], new: New, catalogues: Catalogues) -> None:
        held = Attendance.objects.select_related("event").in_bulk([row.target for row in rows])
        for row in rows:
            attendance, given = held[row.target], new[row.pk]
            attendance.people = given.get("people", attendance.people)
            attendance.firm_id = given.get("firm", attendance.firm_id)
            if "place" in given:
                Event.objects.filter(pk=attendance.event_id).update(place=given["place"] or "")
        at_once(held.values(), {"people", "firm"})

    def take_back(self, rows: Sequence[ImportRow]) -> None:
        """An event that nobody is left of goes with its attendances."""
        Attendance.objects.filter(pk__in=[row.target for row in rows]).delete()
        Event.objects.filter(pk__in={row.event_id for row in rows}, attendances=None).delete()


def _event_key(row: Mapping[str, Value]) -> tuple[str, str]:
    return key(row.get("event", "")), row.get("held_on", "")


def _events(user: User, rows: Iterable[Mapping[str, Value]]) -> dict[tuple[str, str], Event]:
    """Events of the person's offices on the days that the lines name."""
    days = {row["held_on"] for row in rows if "held_on" in row}
    found = {}
    for event in Event.objects.visible_to(user).filter(held_on__in=days):
        found[key(event.name), event.held_on.isoformat()] = event
    return found


def _who(firm: int | None, name: str) -> Any:
    return firm or same_company(name)
