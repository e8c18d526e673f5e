"""The only bridge from the register's rows to the engine's documents."""

from collections.abc import Iterator

from django.db.models import Prefetch
from django.utils import timezone

from matching.engine import criteria
from matching.engine.documents import FirmDocument, NeedDocument
from registry.models import Criterion, Firm, Need, deciding_phase
from registry.models.firm import FirmQuerySet
from registry.models.need import NeedQuerySet
from registry.text import fold


def firms_for_matching() -> FirmQuerySet:
    """Published firms by id, with everything that `firm_document` reads in a bounded number of queries."""
    firms: FirmQuerySet = Firm.objects.all()
    return firms_as_documents(firms.published())


def firms_as_documents(firms: FirmQuerySet) -> FirmQuerySet:
    return (
        firms.select_related("municipality", "industry")
        .prefetch_related("equipment", "firm_certifications", "capabilities", "consortium_memberships__consortium")
        .order_by("pk")
    )


def needs_for_matching() -> NeedQuerySet:
    """Open needs by id, with everything that `need_document` reads."""
    needs: NeedQuerySet = Need.objects.all()
    return needs_as_documents(needs.open())


def needs_as_documents(needs: NeedQuerySet) -> NeedQuerySet:
    asked = Criterion.objects.select_related("place").prefetch_related("prefectures").order_by("pk")
    return (
        needs.select_related("project__sector", "project__municipality", "delivery_place", "delivery_municipality")
        .prefetch_related("capabilities", "phases", Prefetch("criteria", queryset=asked))
        .order_by("pk")
    )


def firm_document(firm: Firm) -> FirmDocument:
    """A certificate counts until the day it runs out."""
    today = timezone.localdate()
    place = firm.municipality
    held = [one for one in firm.firm_certifications.all() if one.valid_until is None or one.valid_until >= today]
    return FirmDocument(
        id=firm.pk,
        name=firm.name,
        capability_text=firm.capability_text,
        equipment=tuple(
            " ".join(filter(None, (item.name, item.size_text, item.note))) for item in firm.equipment.all()
        ),
        products=tuple(map(str, firm.products)),
        certifications=tuple(one.stated for one in held),
        confirmed_certifications=tuple(one.stated for one in held if one.confirmed_at is not None),
        capabilities=tuple(f"{item.name}\n{item.name_en}" for item in firm.capabilities.all()),
        industry=firm.industry.name if firm.industry else "",
        memberships=(*(item.name for item in firm.current_consortia), *map(str, firm.other_memberships)),
        summary_en=firm.summary_en,
        prefecture=firm.prefecture_id,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        employees=firm.employees,
        monthly_capacity=firm.monthly_capacity,
        lead_time_days=firm.lead_time_days,
    )


def need_document(need: Need) -> NeedDocument:
    return NeedDocument(
        id=need.pk,
        title=need.title,
        text=_text(need),
        sector=need.project.sector.name,
        capabilities=tuple(f"{item.name}\n{item.name_en}" for item in need.capabilities.all()),
        criteria=tuple(_criteria(need)),
    )


def _text(need: Need) -> str:
    """The need's text, and what its fields of material, tolerance and size say unless the text says it itself."""
    said = fold(need.text)
    return "\n".join([need.text, *(stated for stated in need.specification if fold(stated) not in said)])


def _criteria(need: Need) -> Iterator[criteria.Criterion]:
    """A criterion without its value (no prefecture chosen, no place to measure from) asks for nothing."""
    yield from _stated(need)
    yield from _volumes(need)


def _volumes(need: Need) -> Iterator[criteria.Criterion]:
    """One for each phase. The furthest one is a must, the earlier ones say whether a firm could at least begin; where
    the volume is a criterion of its own, that one decides."""
    phases = list(need.phases.all())
    stated = any(item.kind == Criterion.Kind.VOLUME for item in need.criteria.all())
    deciding = None if stated else deciding_phase(phases)
    for phase in phases:
        yield criteria.Criterion(
            kind=criteria.Kind.VOLUME, hard=phase is deciding, number=phase.monthly, phase=phase.kind
        )


def _stated(need: Need) -> Iterator[criteria.Criterion]:
    for item in need.criteria.all():
        place = item.place or need.delivered_to
        prefectures = tuple(prefecture.pk for prefecture in item.prefectures.all())
        if item.kind == Criterion.Kind.PREFECTURE and not prefectures:
            continue
        if item.kind == Criterion.Kind.DISTANCE and place is None:
            continue
        yield criteria.Criterion(
            kind=criteria.Kind(item.kind),
            hard=item.hard,
            certification=item.stated,
            prefectures=prefectures,
            number=item.number,
            by_year=item.by_year,
            confirmed=item.confirmed,
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
        )
