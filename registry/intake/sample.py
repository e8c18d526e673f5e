"""The fictional register: firms and needs that stand for real ones, marked as such wherever they are shown."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from registry.certificates import CertificationIndex
from registry.intake.catalogue import DATA, Row
from registry.models import (
    AnchorProject,
    Consortium,
    Criterion,
    Equipment,
    Firm,
    FirmCertification,
    FirmMembership,
    Industry,
    Municipality,
    Need,
    NeedDrawing,
    Office,
    Prefecture,
    ProjectMembership,
    Role,
    User,
)

SOURCE = "架空のサンプル"
AS_OF = date(2026, 5, 1)
BUREAU = "bureau@example.jp"
PASSWORD = "enishi-demo-2026"  # noqa: S105  printed for whoever tries the sample; refused in production
BATCH = 50
Progress = Callable[[int, int], None]


def _lines(name: str) -> list[Row]:
    text = (DATA / "sample" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def load_firms(progress: Progress) -> int:
    """Add the sample firms that are missing, in batches; an edited or claimed one stays as it is. Returns how many."""
    known = set(Firm.objects.filter(source=SOURCE).values_list("source_ref", flat=True))
    missing = [row for row in _lines("firms.jsonl") if row["id"] not in known]
    places = {(m.prefecture.name, m.name): m for m in Municipality.objects.select_related("prefecture")}
    prefectures = {prefecture.name: prefecture for prefecture in Prefecture.objects.all()}
    industries = set(Industry.objects.values_list("pk", flat=True))
    certifications = CertificationIndex()
    consortia = {consortium.name: consortium.pk for consortium in Consortium.objects.all()}
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        with transaction.atomic():
            owners = _owners(batch)
            firms = []
            for row in batch:
                firm = _firm(row, prefectures[row["prefecture"]], places.get((row["prefecture"], row["municipality"])))
                firm.industry_id = _industry(row, industries)
                owner = owners.get(firm.corporate_number or "")
                firm.duplicate_of = owner
                firm.save()
                if firm.corporate_number and owner is None:
                    owners[firm.corporate_number] = firm
                firms.append(firm)
            _parts(firms, batch, certifications, consortia)
        progress(start + len(batch), len(missing))
    return len(missing)


def _owners(batch: list[Row]) -> dict[str, Firm]:
    """Firms that hold a corporate number of the batch already: a second record of it is marked as a duplicate."""
    numbers = [row["corporate_number"] for row in batch if row["corporate_number"]]
    held = Firm.objects.filter(corporate_number__in=numbers, duplicate_of=None)
    return {firm.corporate_number or "": firm for firm in held}


def _industry(row: Row, known: set[str]) -> str | None:
    code = row.get("industry_code") or ""
    return next((code[:size] for size in (4, 3, 2) if code[:size] in known), None)


def _firm(row: Row, prefecture: Prefecture, municipality: Municipality | None) -> Firm:
    return Firm(
        corporate_number=row["corporate_number"],
        name=row["name"],
        name_kana=row["name_kana"] or "",
        prefecture=prefecture,
        municipality=municipality,
        employees=row["employees"],
        capital_jpy=row["capital_jpy"],
        founded=row["founded"],
        capability_text=row["capability_text"] or "",
        products=row["products"],
        monthly_capacity=row["max_lot"],
        lead_time_days=row["lead_time_days"],
        state=Firm.State.PUBLISHED,
        is_sample=True,
        source=SOURCE,
        source_ref=row["id"],
        as_of=AS_OF,
    )


def _parts(firms: list[Firm], rows: list[Row], certifications: CertificationIndex, consortia: dict[str, str]) -> None:
    pairs = list(zip(firms, rows, strict=True))
    Equipment.objects.bulk_create(
        Equipment(firm=firm, name=name) for firm, row in pairs for name in dict.fromkeys(row["equipment"])
    )
    FirmCertification.objects.bulk_create(
        FirmCertification(firm=firm, stated=stated, certification_id=certifications.find(stated))
        for firm, row in pairs
        for stated in dict.fromkeys(row["certifications"])
    )
    link = Firm.consortia.through
    link._default_manager.bulk_create(
        link(firm_id=firm.pk, consortium_id=consortia[name])
        for firm, row in pairs
        for name in dict.fromkeys(row["memberships"])
        if name in consortia
    )
    for firm, row in pairs:
        others = [name for name in row["memberships"] if name not in consortia]
        if others:
            firm.other_memberships = others
            firm.save(update_fields=["other_memberships"])


def load_needs(progress: Progress) -> int:
    """Add the sample needs that are missing, open and public, and capabilities to those that have none. Returns how
    many needs were added.

    A deadline lies as far ahead of today as it does of AS_OF in the file, so that there is something to answer whenever
    the sample is loaded.
    """
    steps = json.loads((DATA / "sample" / "capabilities.json").read_text(encoding="utf-8"))
    known = set(Need.objects.filter(source=SOURCE).values_list("source_ref", flat=True))
    missing = [row for row in _lines("needs.jsonl") if row["id"] not in known]
    shared = {group["need_id"] for group in _lines("groups.jsonl")}
    projects = {project.name: project for project in AnchorProject.objects.select_related("municipality")}
    offices = {prefecture.pk: office for office in _prefecture_offices() for prefecture in office.prefectures.all()}
    certifications = CertificationIndex()
    for done, row in enumerate(missing, start=1):
        project = projects[row["anchor_project"]]
        prefecture = project.municipality.prefecture_id if project.municipality else ""
        with transaction.atomic():
            need = Need.objects.create(
                project=project,
                office=offices.get(prefecture),
                title=row["title"],
                text=row["description"],
                language="en" if _is_latin(row["description"]) else "ja",
                quantity=row["quantity"],
                quantity_unit=row["quantity_unit"] or "",
                deadline=timezone.localdate() + (date.fromisoformat(row["deadline"]) - AS_OF),
                visibility=Need.Visibility.PUBLIC,
                state=Need.State.OPEN,
                is_sample=True,
                source=SOURCE,
                source_ref=row["id"],
            )
            _criteria(need, row, certifications, alone=row["id"] not in shared)
            need.capabilities.set(steps[row["id"]])
        progress(done, len(missing))
    for need in Need.objects.filter(
        source=SOURCE, capabilities=None, source_ref__in=steps
    ):  # loaded before they had any
        with transaction.atomic():
            need.capabilities.set(steps[need.source_ref])
            need.save(update_fields=["updated_at"])  # to be matched again
    return len(missing)


def _prefecture_offices() -> Iterable[Office]:
    return Office.objects.filter(kind=Office.Kind.PREFECTURE).prefetch_related("prefectures")


def _is_latin(text: str) -> bool:
    return sum(ord(c) < 0x250 for c in text) > 0.8 * len(text)


def _criteria(need: Need, row: Row, certifications: CertificationIndex, *, alone: bool) -> None:
    """`alone`: one firm has to make the whole volume; a need for a group asks it of the group."""

    def add(kind: Criterion.Kind, *, hard: bool, **values: Any) -> Criterion:
        return Criterion.objects.create(need=need, kind=kind, hard=hard, **values)

    for hard, field in ((True, "required_certifications"), (False, "preferred_certifications")):
        for stated in row[field]:
            add(Criterion.Kind.CERTIFICATION, hard=hard, stated=stated, certification_id=certifications.find(stated))
    if row["preferred_prefectures"]:
        wish = add(Criterion.Kind.PREFECTURE, hard=False)
        wish.prefectures.set(Prefecture.objects.filter(name__in=row["preferred_prefectures"]))
    if row["min_employees"] is not None:
        add(Criterion.Kind.EMPLOYEES, hard=True, number=row["min_employees"])
    if row["lead_time_days"] is not None:
        add(Criterion.Kind.LEAD_TIME, hard=True, number=row["lead_time_days"])
    months = {"月": 1, "month": 1, "年": 12, "year": 12}.get((row["quantity_unit"] or "").rpartition("/")[2])
    if months and row["quantity"] is not None:
        add(Criterion.Kind.VOLUME, hard=alone, number=-(-row["quantity"] // months))


def load_accounts() -> Iterator[User]:
    """A demo account per role with one known password; existing accounts are left alone. Yields all of them."""
    yield _account("firm@example.jp", "佐藤 花子", Role.FIRM, firm=_first_firm("05"))
    yield _account("newfirm@example.jp", "高橋 未来", Role.FIRM)
    yield _account("coordinator@example.jp", "工藤 健", Role.COORDINATOR, office="05")
    yield _account("coordinator2@example.jp", "三上 葵", Role.COORDINATOR, office="02")
    yield _account(BUREAU, "鈴木 恵", Role.BUREAU, office="bureau")
    yield _account("anchor@example.jp", "Karen Holm", Role.ANCHOR, project=True, overseas=True)
    yield _account("admin@example.jp", "管理者", Role.ADMIN)


@transaction.atomic
def load_drawings() -> int:
    """Add the drawings of sample needs that were never added, in the name of the demo bureau. Returns how many."""
    by = User.objects.filter(email=BUREAU).first()
    needs = {need.source_ref: need for need in Need.objects.filter(source=SOURCE).exclude(drawings__isnull=False)}
    missing = [row for row in _lines("drawings.jsonl") if by and row["need"] in needs]
    for row in missing:
        drawing = NeedDrawing(need=needs[row["need"]], title=row["title"], flagged=row["flagged"], uploaded_by=by)
        content = (DATA / "sample" / "drawings" / row["file"]).read_bytes()
        drawing.file.save(row["file"], ContentFile(content))
    return len(missing)


def _first_firm(prefecture: str) -> Firm | None:
    return Firm.objects.filter(source=SOURCE, prefecture=prefecture).order_by("source_ref").first()


@transaction.atomic
def _account(
    email: str,
    name: str,
    role: Role,
    *,
    firm: Firm | None = None,
    office: str = "",
    project: bool = False,
    overseas: bool = False,
) -> User:
    found = User.objects.filter(email=email).first()
    if found:
        return found
    user = User.objects.create_user(email, PASSWORD, name=name, role=role, overseas=overseas)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if firm:
        FirmMembership.objects.create(user=user, firm=firm)
    if office:
        offices = (
            Office.objects.filter(kind="bureau")
            if office == "bureau"
            else Office.objects.filter(kind="prefecture", prefectures=office)
        )
        for found_office in offices:
            found_office.members.add(user)
    if project:
        english = Need.objects.filter(source=SOURCE, language="en").order_by("source_ref").first()
        if english:
            ProjectMembership.objects.create(user=user, project=english.project)
    return user
