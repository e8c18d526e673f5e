"""Catalogues, anchor projects and offices from the data files of registry/data. What is there already stays as it is.

Loading adds rows that are missing and never changes one: an administrator's correction survives every later load.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db import models, transaction

from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    Consortium,
    EntryRequirement,
    Industry,
    Municipality,
    Office,
    Place,
    Prefecture,
    Programme,
    ProjectStateChange,
    Referral,
    Sector,
    TermEntry,
    Transition,
)

DATA = Path(__file__).resolve().parent.parent / "data"
SHIPPED = "terms.csv"
"""The source of the entries that come with the product."""

Row = dict[str, Any]
Loaded = tuple[str, int]


def load_catalogues() -> Iterator[Loaded]:
    """Load every catalogue in an order that references allow; yields (model name, rows added) after each."""
    for load in (
        _prefectures,
        _municipalities,
        _industries,
        _sectors,
        _capabilities,
        _certifications,
        _places,
        _consortia,
        _programmes,
        _projects,
        _offices,
        _terms,
        _requirements,
        _transitions,
        _referrals,
    ):
        with transaction.atomic():
            yield load()


def table(name: str) -> list[Row]:
    """The rows of a CSV or JSON file; empty cells are empty text."""
    path = DATA / name
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        rows: list[Row] = json.load(file)
        return rows


def add_missing(model: type[models.Model], wanted: Iterable[Row], key: str, make: Callable[[Row], Row]) -> list[Any]:
    """Create the rows whose key the table does not hold yet; returns them."""
    manager: models.Manager[Any] = model._default_manager
    known = {str(value) for value in manager.values_list("pk" if key == model._meta.pk.attname else key, flat=True)}
    return manager.bulk_create([model(**make(row)) for row in wanted if str(row[key]) not in known], batch_size=500)


def same(*names: str, **renamed: str) -> Callable[[Row], Row]:
    """Take the named values as they stand; `field="column"` takes a column under another name."""

    def make(row: Row) -> Row:
        values = {name: row.get(name) or "" for name in names}
        return values | {field: row.get(column) or "" for field, column in renamed.items()}

    return make


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _prefectures() -> Loaded:
    added = add_missing(
        Prefecture,
        table("prefectures.csv"),
        "code",
        lambda row: same("code", "name", "name_en")(row) | {"in_tohoku": row["is_tohoku"] == "1"},
    )
    return "Prefecture", len(added)


def _municipalities() -> Loaded:
    plain = same("code", "name", "name_en", "kana", "source", prefecture_id="prefecture")
    added = add_missing(
        Municipality,
        table("municipalities.csv"),
        "code",
        lambda row: plain(row) | {"latitude": float(row["latitude"]), "longitude": float(row["longitude"])},
    )
    return "Municipality", len(added)


def _industries() -> Loaded:
    return "Industry", len(add_missing(Industry, table("industries.csv"), "code", same("code", "name", "name_en")))


def _sectors() -> Loaded:
    plain = same("code", "name", "name_en", cluster_id="cluster")
    added = add_missing(
        Sector,
        table("sectors.csv"),
        "code",
        lambda row: plain(row) | {"parent_id": row["parent"] or None, "position": int(row["position"])},
    )
    return "Sector", len(added)


def _capabilities() -> Loaded:
    data: Row = table("capabilities.json")  # type: ignore[assignment]
    groups = {group["code"]: group for group in data["groups"]}

    def make(row: Row) -> Row:
        group = groups[row["parent"]]
        names = {"group": group["code"], "group_name": group["name"], "group_name_en": group["name_en"]}
        return same("code", "name", "name_en")(row) | names | {"synonyms": row["synonyms"]}

    added = add_missing(Capability, data["capabilities"], "code", make)
    new = {capability.pk for capability in added}
    link = Capability.sectors.through
    link._default_manager.bulk_create(
        [
            link(capability_id=row["code"], sector_id=sector)
            for row in data["capabilities"]
            if row["code"] in new
            for sector in row["sectors"]
        ],
        batch_size=500,
    )
    return "Capability", len(added)


def _certifications() -> Loaded:
    plain = same("code", "name", "name_en", "kind")
    added = add_missing(
        Certification,
        table("certifications.csv"),
        "code",
        lambda row: (
            plain(row) | {"aliases": split(row["aliases"]), "validity_months": int(row["validity_months"] or 0) or None}
        ),
    )
    return "Certification", len(added)


def _places() -> Loaded:
    plain = same("code", "kind", "name", "name_en", "note", "source", "as_of")
    added = add_missing(
        Place,
        table("places.json"),
        "code",
        lambda row: (
            plain(row)
            | {
                "municipality_id": row["municipality"] or None,
                "latitude": row["latitude"],
                "longitude": row["longitude"],
                "facts": row.get("facts") or [],
            }
        ),
    )
    return "Place", len(added)


def _consortia() -> Loaded:
    plain = same("code", "name", "name_en", "note", "source", "as_of")
    added = add_missing(
        Consortium,
        table("consortia.json"),
        "code",
        lambda row: (
            plain(row)
            | {
                "prefecture_id": row.get("prefecture") or None,
                "member_count": row.get("member_count"),
                "count_is_rough": bool(row.get("count_is_approximate")),
            }
        ),
    )
    return "Consortium", len(added)


def _programmes() -> Loaded:
    plain = same("code", "kind", "name", "name_en", "organisation", "note", "source", "as_of")
    return "Programme", len(add_missing(Programme, table("programmes.json"), "code", plain))


def _projects() -> Loaded:
    plain = same(
        "code", "kind", "name", "name_en", "organisation", "organisation_en", "phase", "investment_note", "note"
    )
    added = add_missing(
        AnchorProject,
        table("projects.json"),
        "code",
        lambda row: (
            plain(row)
            | same("source", "as_of", "state", sector_id="sector", place_text="place")(row)
            | {
                "municipality_id": row.get("municipality") or None,
                "investment_jpy": row.get("investment_jpy"),
                "facts": row.get("facts") or [],
                "is_sample": bool(row.get("is_sample")),
            }
        ),
    )
    ProjectStateChange.objects.bulk_create(
        ProjectStateChange(project=project, state=project.state, since=first_day(project.as_of), source=project.source)
        for project in added
    )
    return "AnchorProject", len(added)


def first_day(as_of: str) -> date:
    """The first day of what "2026", "2026-05" or "2026-05-31" names; of the plan's month where nothing is said."""
    year, month, day = [*(as_of or "2026-05").split("-"), "1", "1"][:3]
    return date(int(year), int(month), int(day))


def _offices() -> Loaded:
    rows = table("offices.json")
    offices = add_missing(Office, rows, "code", same("code", "name", "name_en", "kind"))
    added = {office.code: office for office in offices}
    for row in rows:
        if row["code"] in added:
            added[row["code"]].prefectures.set(row["prefectures"])
            added[row["code"]].clusters.set(row["clusters"])
    return "Office", len(added)


def _terms() -> Loaded:
    known = set(TermEntry.objects.values_list("term", "target"))
    missing = [row for row in table("terms.csv") if (row["term"], row["target"]) not in known]
    plain = same("term", "target", "kind")
    added = TermEntry.objects.bulk_create(
        [TermEntry(**plain(row), weight=float(row["weight"]), source=SHIPPED) for row in missing], batch_size=500
    )
    return "TermEntry", len(added)


def _requirements() -> Loaded:
    plain = same("code", "kind", "name", "name_en")
    rows = table("requirements.csv")
    added = add_missing(EntryRequirement, rows, "code", lambda row: plain(row) | {"words": split(row["words"])})
    return "EntryRequirement", len(added)


def _transitions() -> Loaded:
    rows = table("transitions.csv")
    plain, lists = same("code", "name", "name_en"), ("has", "skills", "asks", "about")
    added = add_missing(
        Transition,
        rows,
        "code",
        lambda row: (
            plain(row)
            | {name: split(row[name]) for name in lists}
            | {"weight": float(row["weight"]), "source": "transitions.csv"}
        ),
    )
    new = {transition.pk for transition in added}
    link = Transition.requirements.through
    link._default_manager.bulk_create(
        [
            link(transition_id=row["code"], entryrequirement_id=code)
            for row in rows
            if row["code"] in new
            for code in split(row["requirements"])
        ],
        batch_size=500,
    )
    return "Transition", len(added)


def _referrals() -> Loaded:
    known = set(Referral.objects.values_list("transition", "programme"))
    ways, programmes = (set(model._default_manager.values_list("pk", flat=True)) for model in (Transition, Programme))
    added = Referral.objects.bulk_create(
        Referral(transition_id=row["transition"], programme_id=row["programme"], source=row["source"])
        for row in table("referrals.csv")
        if (row["transition"], row["programme"]) not in known
        and row["transition"] in ways
        and row["programme"] in programmes
    )
    return "Referral", len(added)
