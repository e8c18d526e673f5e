"""Needs: drafts of the projects that a person may write for; found again by number, or by title within the project."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry import history
from registry import needs as verbs
from registry.access import Role
from registry.certificates import CertificationIndex
from registry.intake.fields import Catalogues, Value, key
from registry.intake.kinds import criteria, figures
from registry.intake.kinds.base import Kind, Line, New, Reading, at_once
from registry.intake.kinds.need_fields import COLUMNS, CRITERIA, NEED_FIELDS, OWN
from registry.models import AnchorProject, Criterion, ImportBatch, ImportRow, Need, NeedPhase, User
from registry.specification import tolerance
from registry.steps import StepRefused
from registry.tabular import plain


class Needs(Kind):
    name = "needs"
    label = gettext_lazy("Needs")
    owner = "need"
    verb = "registry.import_need"
    keys = ({"project", "title", "text"}, {"title", "text"}, {"id"})
    note = gettext_lazy(
        "New needs are drafts: nobody else sees them before they are submitted and opened. A need is found again by "
        "its number, or by its title within the project."
    )
    fields = NEED_FIELDS

    def title(self, row: Mapping[str, Value]) -> str:
        return str(row.get("title") or "")

    def owners(self, user: User) -> Any:
        return Need.objects.changeable_by(user)

    # ---- reading ----
    def look_up(self, reading: Reading, lines: Sequence[Line]) -> None:
        projects = _Projects(reading)
        seen = Need.objects.changeable_by(reading.user).for_list()
        by_id = seen.in_bulk([line.values["id"] for line in lines if "id" in line.values])
        if not by_id and self.is_first(reading.user):
            for line in lines:
                line.values.pop("id", None)
        for line in lines:
            if "id" not in line.values:
                projects.settle(line)
        alike: dict[tuple[int, str], list[Need]] = defaultdict(list)
        wanted = {line.values["project"] for line in lines if "id" not in line.values and "project" in line.values}
        titles = {key(line.values["title"]) for line in lines if "title" in line.values}
        for need in seen.filter(project__in=[pk for pk in wanted if isinstance(pk, int)]):
            if key(need.title) in titles:
                alike[need.project_id, key(need.title)].append(need)
        for line in lines:
            self._settle(reading, line, by_id, alike)

    def _settle(
        self, reading: Reading, line: Line, by_id: Mapping[int, Need], alike: Mapping[tuple[int, str], list[Need]]
    ) -> None:
        if "id" in line.values:
            line.target = by_id.get(line.values["id"])
            if line.target is None:
                line.refuse("id", _("there is no need with this number that you may change; leave the cell empty"))
        else:
            found = alike.get((line.values.get("project", 0), key(line.values.get("title", ""))), [])
            if len(found) > 1:
                numbers = " / ".join(need.number for need in found[:5])
                line.refuse(
                    "title",
                    _("the project has several needs of this title: %(numbers)s. Write the number.")
                    % {"numbers": numbers},
                )
            line.target = found[0] if len(found) == 1 else None
            if line.target is None:
                self._check_new(line)
        line.owner = line.target
        self._check_state(reading, line)
        line.key = (
            ("need", line.target.pk) if line.target else (line.values.get("project"), key(self.title(line.values)))
        )

    def _check_new(self, line: Line) -> None:
        refused = {remark[0] for remark in line.remarks}
        for field in self.fields:
            if field.required and field.name not in line.values and field.name not in refused:
                line.refuse(field.name, _("a new need needs this"))

    def _check_state(self, reading: Reading, line: Line) -> None:
        deadline = line.values.get("deadline")
        held = line.target and line.target.deadline and line.target.deadline.isoformat()
        if deadline and deadline != held and deadline < timezone.localdate().isoformat():
            line.refuse("deadline", _("this day has passed"))
        if line.target is not None and not verbs.is_editable(reading.user, line.target) and self.changes(line):
            line.refuse("id", _("in its state the need cannot be changed; the office in charge can return it to you"))

    def held(self, target: Need) -> dict[str, Value]:
        shown: dict[str, Value] = {name: getattr(target, name) for name in OWN}
        for name in ("deadline", "first_delivery"):
            shown[name] = shown[name] and shown[name].isoformat()
        shown["tolerance"] = tolerance(target).removeprefix("±")
        shown |= figures.held(target)
        phases = {phase.kind: phase for phase in reversed(target.phases.all())}  # of two alike the first one
        for kind in NeedPhase.Kind.values:
            held = phases.get(kind)
            since = held and held.since and held.since.isoformat()
            shown[f"phase_{kind}"] = held and {"lot": held.lot, "per": held.per, "since": since}
        shown["capabilities"] = sorted(row.pk for row in target.capabilities.all())
        held_criteria = list(target.criteria.all())
        shown["criteria"] = [criteria.as_value(one) for one in held_criteria]
        for name, (kind, hard) in CRITERIA.items():
            meant = [one for one in held_criteria if (one.kind, one.hard) == (kind, hard)]
            if kind == Criterion.Kind.CERTIFICATION:
                shown[name] = [one.stated for one in meant]
            elif kind == Criterion.Kind.PREFECTURE:
                shown[name] = sorted({place.pk for one in meant for place in one.prefectures.all()})
            else:
                shown[name] = meant[0].number if meant else None
        return shown

    def exported(self, target: Need, name: str) -> str:
        value = plain(COLUMNS[name].cell(target)) if name in COLUMNS else ""
        return value if isinstance(value, str) else ""

    # ---- writing ----
    def add(self, batch: ImportBatch, rows: Sequence[ImportRow], catalogues: Catalogues) -> None:
        wanted = {row.values["project"] for row in rows}
        projects = AnchorProject.objects.buying_for(batch.by).in_bulk(wanted)
        if len(projects) < len(wanted):
            raise StepRefused(_("there is no project of this name that you may write needs for"))
        made = []
        for row in rows:
            project = projects[row.values["project"]]
            need = Need(project=project, source=batch.source, created_by=batch.by, **_columns(row.values))
            need.language = row.values.get("language") or ("en" if need.text.isascii() else "ja")
            if batch.by.role != Role.ANCHOR:  # an anchor's draft is nobody else's business until it is submitted
                need.office = verbs.office_for(project, batch.by)
            made.append(need)
        Need.objects.bulk_create(made)
        for row, need in zip(rows, made, strict=True):
            row.need, row.target = need, need.pk
            need.capabilities.set(row.values.get("capabilities", ()))
            _set_phases(need, row.values)
        _set_criteria(((need, row.values) for row, need in zip(rows, made, strict=True)), catalogues.certifications)

    def change(self, rows: Sequence[ImportRow], new: New, catalogues: Catalogues) -> None:
        needs = Need.objects.in_bulk([row.need_id for row in rows])
        before = {pk: history.snapshot(need) for pk, need in needs.items()}
        names: set[str] = set()
        for row in rows:
            need, given = needs[row.need_id], new[row.pk]
            columns = _columns(given)
            for name, value in columns.items():
                setattr(need, name, value)
            names |= set(columns)
            Need._meta.get_field("search").pre_save(need, add=False)
            if "capabilities" in given:
                need.capabilities.set(given["capabilities"] or ())
            _set_phases(need, given)
        at_once(needs.values(), {name.removesuffix("_id") for name in names} | {"search"} if names else ())
        _set_criteria(((needs[row.need_id], new[row.pk]) for row in rows), catalogues.certifications)
        for row in rows:
            history.record_changes(needs[row.need_id], before[row.need_id], row.batch.by)

    def take_back(self, rows: Sequence[ImportRow]) -> None:
        Need.objects.filter(pk__in=[row.target for row in rows], state=Need.State.DRAFT).delete()


class _Projects:
    """The projects that the person may write needs for, by every name."""

    def __init__(self, reading: Reading) -> None:
        self.by_key: dict[str, list[AnchorProject]] = defaultdict(list)
        self.all = list(AnchorProject.objects.buying_for(reading.user))
        for project in self.all:
            for spelling in {
                key(str(name)) for name in (project.pk, project.code, project.name, project.name_en) if name
            }:
                self.by_key[spelling].append(project)

    def settle(self, line: Line) -> None:
        """Put the project's key where its name stood, or refuse the line."""
        typed = line.values.pop("project", "")
        found = self.by_key.get(key(typed), []) if typed else self.all
        if len(found) == 1:
            line.values["project"] = found[0].pk
        elif typed and found:
            codes = " / ".join(project.code for project in found[:5])
            line.refuse("project", _("several projects have this name; write the code: %(codes)s") % {"codes": codes})
        elif typed:
            line.refuse("project", _("there is no project of this name that you may write needs for"))
        else:
            line.refuse("project", _("a new need needs this"))


def _columns(given: Mapping[str, Value]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name in OWN:
        if name in given:
            column: Any = Need._meta.get_field(name)
            value = given[name]
            empty = None if column.null else column.get_default()
            columns[name] = empty if value in (None, "") else column.to_python(value)
    columns |= figures.columns(given)
    if "tolerance" in given:
        number, _blank, unit = str(given["tolerance"] or "").partition(" ")
        columns["tolerance"] = Need._meta.get_field("tolerance").to_python(number or None)
        columns["tolerance_unit"] = Need.Length.UM if unit == "μm" else Need.Length.MM
    return columns


def _set_phases(need: Need, given: Mapping[str, Value]) -> None:
    """All phases are those of the column that names all; else those that a line speaks of are as it says."""
    if "phases" in given:
        need.phases.all().delete()
        for one in given["phases"] or ():
            need.phases.create(**one)
    for kind in NeedPhase.Kind.values:
        if f"phase_{kind}" in given:
            need.phases.filter(kind=kind).delete()
            if value := given[f"phase_{kind}"]:
                need.phases.create(kind=kind, **value)


def _set_criteria(given: Iterable[tuple[Need, Mapping[str, Value]]], known: CertificationIndex) -> None:
    """All criteria are those of the column that names all; else those of the kinds that a line speaks of are those
    that it names, and others stay."""
    for need, row in given:
        if "criteria" in row:
            criteria.write(need, row["criteria"] or (), known)
        for name in CRITERIA.keys() & row.keys():
            kind, hard = CRITERIA[name]
            before = need.criteria.filter(kind=kind, hard=hard)
            kept = {one.stated: {"by_year": one.by_year, "confirmed": one.confirmed} for one in before}
            before.delete()
            if not row[name]:
                continue
            if kind == Criterion.Kind.CERTIFICATION:
                for stated in row[name]:
                    code = known.find(stated)
                    need.criteria.create(
                        kind=kind, hard=hard, stated=stated, certification_id=code, **kept.get(stated, {})
                    )
            elif kind == Criterion.Kind.PREFECTURE:
                need.criteria.create(kind=kind, hard=hard).prefectures.set(row[name])
            else:
                need.criteria.create(kind=kind, hard=hard, number=row[name])
