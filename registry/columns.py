"""Row → cell: what lists, files and the API show of firms, projects and needs, declared once."""

from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypedDict

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.models import Criterion, Firm, Need
from registry.models.catalogue import listed
from registry.specification import certificate_asked, delivery, dimensions, phase_line, roughness, tolerance
from registry.tabular import Column


class CertificateJSON(TypedDict):
    """`confirmed_at` is when an office confirmed it."""

    id: int
    stated: str
    code: str | None
    number: str
    issuer: str
    valid_from: date | None
    valid_until: date | None
    confirmed_at: datetime | None


class EquipmentJSON(TypedDict):
    id: int
    name: str
    maker: str
    model: str
    count: int | None
    size: float | None
    unit: str
    note: str


class FactJSON(TypedDict):
    label: str
    value: str


class CriterionJSON(TypedDict):
    id: int
    kind: str
    hard: str
    stated: str
    by_year: int | None
    confirmed: bool
    prefectures: list[str]
    place: str | None
    number: int | None
    asked: str


class PhaseJSON(TypedDict):
    id: int
    kind: str
    lot: int
    per: str
    since: date | None


def certificate_line(certificate: Any) -> str:
    until = _("until %(date)s") % {"date": certificate.valid_until.isoformat()} if certificate.valid_until else ""
    return " ".join(str(part) for part in (certificate.stated, until) if part)


def _certificates_json(firm: Firm) -> list[CertificateJSON]:
    return [
        {
            "id": c.pk,
            "stated": c.stated,
            "code": c.certification_id,
            "number": c.number,
            "issuer": c.issuer,
            "valid_from": c.valid_from,
            "valid_until": c.valid_until,
            "confirmed_at": c.confirmed_at,
        }
        for c in firm.firm_certifications.all()
    ]


def equipment_line(machine: Any) -> str:
    count = f"×{machine.count}" if machine.count else ""
    parts = (machine.name, machine.maker, machine.model, count, machine.size_text, machine.note)
    return " ".join(part for part in parts if part)


def _equipment_json(firm: Firm) -> list[EquipmentJSON]:
    return [
        {
            "id": m.pk,
            "name": m.name,
            "maker": m.maker,
            "model": m.model,
            "count": m.count,
            "size": None if m.size is None else float(m.size),
            "unit": m.unit,
            "note": m.note,
        }
        for m in firm.equipment.all()
    ]


def _labels(name: str) -> Any:
    return lambda row: [item.label for item in getattr(row, name).all()]


def _codes(name: str) -> Any:
    return lambda row: [item.pk for item in getattr(row, name).all()]


def _label(path: str) -> Any:
    """The reader's name of a related row, empty where there is none."""

    def read(row: Any) -> str:
        for part in path.split("."):
            row = getattr(row, part)
            if row is None:
                return ""
        return str(row.label)

    return read


def _place_code(row: Any) -> str | None:
    return row.municipality and row.municipality.prefecture_id  # type: ignore[no-any-return]


def display(name: str) -> Any:
    return lambda row: str(getattr(row, f"get_{name}_display")())


FIRM_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("corporate_number", _("Corporate number"), attrgetter("corporate_number"), type=str | None),
    Column("name", _("Name"), attrgetter("name"), width=32, sort="sort_key"),
    Column("name_kana", _("Name in kana"), attrgetter("name_kana"), width=24),
    Column("name_en", _("English name"), attrgetter("name_en"), width=28),
    Column("prefecture", _("Prefecture"), _label("prefecture"), code=attrgetter("prefecture_id"), sort="prefecture_id"),
    Column(
        "municipality",
        _("Municipality"),
        _label("municipality"),
        code=attrgetter("municipality_id"),
        type=str | None,
    ),
    Column("postal_code", _("Postal code"), attrgetter("postal_code"), width=10),
    Column("address", _("Address"), attrgetter("address"), width=32),
    Column("industry", _("Industry"), _label("industry"), code=attrgetter("industry_id"), width=24, type=str | None),
    Column("employees", _("Employees"), attrgetter("employees"), width=10, sort="employees", type=int | None),
    Column("capital_jpy", _("Capital (yen)"), attrgetter("capital_jpy"), width=14, type=int | None),
    Column("founded", _("Founded (year)"), attrgetter("founded"), width=10, type=int | None),
    Column("site", _("Web site"), attrgetter("site"), width=24),
    Column("capability_text", _("What the firm can do"), attrgetter("capability_text"), width=48),
    Column(
        "capabilities",
        _("Capabilities"),
        _labels("capabilities"),
        code=_codes("capabilities"),
        width=28,
        type=list[str],
    ),
    Column("products", _("Products"), attrgetter("products"), width=24, type=list[str]),
    Column(
        "equipment",
        _("Equipment"),
        lambda firm: [equipment_line(machine) for machine in firm.equipment.all()],
        code=_equipment_json,
        width=32,
        type=list[EquipmentJSON],
    ),
    Column(
        "certifications",
        _("Certificates"),
        lambda firm: [certificate_line(certificate) for certificate in firm.firm_certifications.all()],
        code=_certificates_json,
        width=28,
        type=list[CertificateJSON],
    ),
    Column(
        "consortia",
        _("Consortia"),
        lambda firm: [one.label for one in firm.current_consortia],
        code=lambda firm: [one.pk for one in firm.current_consortia],
        width=24,
        type=list[str],
    ),
    Column("monthly_capacity", _("Monthly capacity (pieces)"), attrgetter("monthly_capacity"), type=int | None),
    Column("lead_time_days", _("Lead time (days)"), attrgetter("lead_time_days"), width=10, type=int | None),
    Column("summary_en", _("English summary"), attrgetter("summary_en"), width=40),
    Column("english", _("English text"), attrgetter("english_note"), code=attrgetter("english_state"), width=24),
    Column("state", _("State"), display("state"), code=attrgetter("state")),
    Column("is_sample", _("Fictional sample"), attrgetter("is_sample"), width=10, type=bool),
    Column("source", _("Source"), attrgetter("source"), width=24),
    Column("as_of", _("As of"), attrgetter("as_of"), width=12, type=date | None),
    Column("confirmed_on", _("Confirmed on"), attrgetter("confirmed_on"), width=12, type=date | None),
    Column("updated_at", _("Updated"), attrgetter("updated_at"), sort="updated_at", type=datetime),
]

CONTACT_COLUMNS = [
    Column("contact_name", _("Contact person"), attrgetter("contact_name")),
    Column("contact_email", _("Contact e-mail"), attrgetter("contact_email"), width=24),
    Column("contact_phone", _("Telephone"), attrgetter("contact_phone")),
]
"""Only in the offices' files, for the firms in their scope; never in the API."""

PROJECT_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("code", _("Code"), attrgetter("code"), width=20),
    Column("name", _("Name"), attrgetter("name"), width=32, sort="name"),
    Column("name_en", _("English name"), attrgetter("name_en"), width=32),
    Column("kind", _("Kind"), display("kind"), code=attrgetter("kind")),
    Column("cluster", _("Cluster"), _label("sector.cluster"), code=attrgetter("sector.cluster_id")),
    Column("sector", _("Sector"), _label("sector"), code=attrgetter("sector_id")),
    Column("organisation", _("Organisation"), attrgetter("organisation"), width=24, sort="organisation"),
    Column("organisation_en", _("Organisation in English"), attrgetter("organisation_en"), width=24),
    Column("prefecture", _("Prefecture"), _label("municipality.prefecture"), code=_place_code, type=str | None),
    Column(
        "municipality",
        _("Municipality"),
        _label("municipality"),
        code=attrgetter("municipality_id"),
        type=str | None,
    ),
    Column("place", _("Place"), attrgetter("place_text"), width=24),
    Column("phase", _("Phase"), attrgetter("phase"), width=24),
    Column("state", _("State"), display("state"), code=attrgetter("state")),
    Column(
        "investment_jpy",
        _("Investment (yen)"),
        attrgetter("investment_jpy"),
        width=18,
        sort="investment_jpy",
        type=int | None,
    ),
    Column("investment_note", _("Note on the investment"), attrgetter("investment_note"), width=24),
    Column(
        "facts",
        _("Facts"),
        lambda project: [f"{label}: {value}" for label, value in project.fact_lines],
        code=lambda project: [{"label": label, "value": value} for label, value in project.fact_lines],
        width=40,
        type=list[FactJSON],
    ),
    Column("is_sample", _("Fictional sample"), attrgetter("is_sample"), width=10, type=bool),
    Column("source", _("Source"), attrgetter("source"), width=24),
    Column("as_of", _("As of"), attrgetter("as_of"), width=12),
]


def asked(criterion: Criterion) -> str:
    """What a criterion asks for, in the reader's language."""
    kinds = Criterion.Kind
    if criterion.kind == kinds.CERTIFICATION:
        stated = criterion.stated or str(criterion.certification)
        return certificate_asked(stated, criterion.by_year, confirmed=criterion.confirmed)
    if criterion.kind == kinds.PREFECTURE:
        return listed(prefecture.label for prefecture in criterion.prefectures.all())
    return limit(kinds(criterion.kind), f"{criterion.number:,}", criterion.place.label if criterion.place else "")


def limit(kind: Criterion.Kind, number: str, place: str) -> str:
    """What a criterion with a number asks for: at most so much, or at least."""
    words = {
        Criterion.Kind.DISTANCE: _("at most %(number)s km from %(place)s"),
        Criterion.Kind.EMPLOYEES: _("at least %(number)s employees"),
        Criterion.Kind.VOLUME: _("at least %(number)s a month"),
        Criterion.Kind.LEAD_TIME: _("at most %(number)s days"),
    }
    return str(words[kind] % {"number": number, "place": place})


def criterion_line(kind: str, what: str, *, hard: bool) -> str:
    """A criterion in one line; an import reads it again (registry.intake.kinds.criteria)."""
    return f"[{_('must') if hard else _('wish')}] {Criterion.Kind(kind).label}: {what}"


def _phases_json(need: Need) -> list[PhaseJSON]:
    return [{"id": p.pk, "kind": p.kind, "lot": p.lot, "per": p.per, "since": p.since} for p in need.phases.all()]


def _criteria_json(need: Need) -> list[CriterionJSON]:
    return [
        {
            "id": c.pk,
            "kind": c.kind,
            "hard": "must" if c.hard else "wish",
            "stated": c.stated,
            "by_year": c.by_year,
            "confirmed": c.confirmed,
            "prefectures": [prefecture.pk for prefecture in c.prefectures.all()],
            "place": c.place_id,
            "number": c.number,
            "asked": asked(c),
        }
        for c in need.criteria.all()
    ]


NEED_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("number", _("Number"), attrgetter("number"), width=10),
    Column("title", _("Title"), attrgetter("title"), width=40, sort="title"),
    Column("project", _("Anchor project"), _label("project"), code=attrgetter("project_id"), width=32, type=int),
    Column("cluster", _("Cluster"), _label("project.sector.cluster"), code=attrgetter("project.sector.cluster_id")),
    Column(
        "prefecture",
        _("Prefecture"),
        _label("project.municipality.prefecture"),
        code=lambda need: _place_code(need.project),
        type=str | None,
    ),
    Column("text", _("What is needed"), attrgetter("text"), width=60),
    Column("language", _("Language"), display("language"), code=attrgetter("language")),
    Column(
        "capabilities",
        _("Capabilities"),
        _labels("capabilities"),
        code=_codes("capabilities"),
        width=28,
        type=list[str],
    ),
    Column("material", _("Material and grade"), attrgetter("material"), width=20),
    Column("tolerance", _("Tolerance"), tolerance, width=12),
    Column("roughness", _("Surface roughness"), roughness, width=12),
    Column("dimensions", _("Largest dimensions"), dimensions, width=20),
    Column("quantity", _("Quantity"), attrgetter("quantity"), width=10, type=int | None),
    Column("quantity_unit", _("Unit of quantity"), attrgetter("quantity_unit"), width=10),
    Column(
        "phases",
        _("Quantity by phase"),
        lambda need: [phase_line(phase) for phase in need.phases.all()],
        code=_phases_json,
        width=32,
        type=list[PhaseJSON],
    ),
    Column("delivery", _("Place of delivery"), delivery, width=24),
    Column("first_delivery", _("First delivery by"), attrgetter("first_delivery"), width=12, type=date | None),
    Column("nda_first", _("NDA first"), attrgetter("nda_first"), width=10, type=bool),
    Column(
        "criteria",
        _("Criteria"),
        lambda need: [criterion_line(one.kind, asked(one), hard=one.hard) for one in need.criteria.all()],
        code=_criteria_json,
        width=40,
        type=list[CriterionJSON],
    ),
    Column("deadline", _("Answer by"), attrgetter("deadline"), width=12, sort="deadline", type=date | None),
    Column("visibility", _("Visibility"), display("visibility"), code=attrgetter("visibility"), width=24),
    Column("state", _("State"), display("state"), code=attrgetter("state")),
    Column("is_sample", _("Fictional sample"), attrgetter("is_sample"), width=10, type=bool),
    Column("updated_at", _("Updated"), attrgetter("updated_at"), sort="updated_at", type=datetime),
]

TOKEN_COLUMNS = [
    Column("owner", _("Owner"), lambda token: str(token.owner), sort="owner__email"),
    Column("name", pgettext_lazy("token", "Name"), attrgetter("name"), sort="name"),
    Column("prefix", _("Begins with"), attrgetter("prefix")),
    Column("access", _("Access"), display("access")),
    Column("expires_at", _("Expires on"), attrgetter("expires_at"), sort="expires_at", type=datetime),
    Column("last_used_at", _("Last used"), attrgetter("last_used_at"), sort="last_used_at", type=datetime | None),
]

NEED_INNER_COLUMNS = [
    Column("office", _("Office in charge"), _label("office"), code=attrgetter("office_id"), width=24, type=int | None),
    Column("export_control", _("Export control"), display("export_control"), code=attrgetter("export_control")),
    Column("export_checked_on", _("Classified on"), attrgetter("export_checked_on"), width=12, type=date | None),
    Column("export_checked_by", _("Classified by"), attrgetter("export_checked_by"), width=20),
]
"""Only in the history of a need, for those in charge of it."""

DUPLICATE_COLUMNS = [
    Column("id", _("ID"), attrgetter("pk"), width=8, type=int),
    Column("score", _("Likeness (0–100)"), attrgetter("score"), width=10, sort="score", type=int),
    Column(
        "reasons",
        _("For and against"),
        attrgetter("reason_labels"),
        code=attrgetter("reasons"),
        width=40,
        type=list[str],
    ),
    Column("first_id", _("ID of one firm"), attrgetter("first_id"), width=8, type=int),
    Column("first", _("One firm"), attrgetter("first.name"), width=32, sort="first__sort_key"),
    Column("first_number", _("Its corporate number"), attrgetter("first.corporate_number"), type=str | None),
    Column("first_place", _("Its place"), attrgetter("first.place"), width=20),
    Column("second_id", _("ID of the other firm"), attrgetter("second_id"), width=8, type=int),
    Column("second", _("Other firm"), attrgetter("second.name"), width=32, sort="second__sort_key"),
    Column("second_number", _("Corporate number of the other"), attrgetter("second.corporate_number"), type=str | None),
    Column("second_place", _("Place of the other"), attrgetter("second.place"), width=20),
    Column("state", _("State"), display("state"), code=attrgetter("state"), sort="state"),
    Column("found_at", _("Found on"), attrgetter("found_at"), sort="found_at", type=datetime),
    Column("decided_by", _("Decided by"), lambda pair: str(pair.decided_by or ""), width=20),
    Column("decided_at", _("Decided on"), attrgetter("decided_at"), type=datetime | None),
]
