"""What public registers say of a corporation, as columns of a firm. Off without a key in the environment.

National Tax Agency: 法人番号システム Web-API version 4, `num`, answers XML (type 12).
gBizINFO (METI): REST API version 1, `hojin/{number}`, answers JSON.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry import postal
from registry.models import Firm, Municipality
from registry.official.fetch import RegisterAway, fetch, wrong

_CLOSED = "閉鎖"
"""Status of gBizINFO, which does not always have the day with it; of a corporation that exists it is "-"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`columns`: values by Firm's columns, as valid as a form would have them; `closed`: it is gone."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """`ask` gives what is said of a corporate number, None when it is unknown there. It raises RegisterAway."""

    label: str | Promise
    is_on: Callable[[], bool]
    ask: Callable[[str], Facts | None]


def ask_tax_agency(number: str) -> Facts | None:
    name = str(TAX_AGENCY.label)
    query = urlencode({"id": settings.HOUJIN_API_ID, "number": number, "type": "12", "history": "0"})
    body = fetch(name, f"{settings.HOUJIN_API_URL}?{query}", {"Accept": "application/xml"})
    if body is None:
        return None
    try:
        if b"<!DOCTYPE" in body[:2000] or b"<!ENTITY" in body:
            raise ValueError("an answer with entities of its own")
        found = ElementTree.fromstring(body).find("corporation")  # noqa: S314  without entities there is nothing to blow up
        if found is None:
            return None
        said = {child.tag: (child.text or "").strip() for child in found}
        if said["corporateNumber"] != number:
            raise ValueError("another corporation")
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise RegisterAway(wrong(name)) from error
    columns = {
        "name": said.get("name"),
        "name_kana": said.get("furigana"),
        "name_en": said.get("enName"),
        "postal_code": said.get("postCode"),
        **_place(said),
    }
    return Facts(_valid(columns), closed=bool(said.get("closeDate")))


def _place(said: Mapping[str, str]) -> dict[str, Any]:
    code = said.get("prefectureCode", "") + said.get("cityCode", "")
    town = Municipality.objects.filter(pk=code[:5]).first()
    if town is None:
        return {}
    return {"prefecture": town.prefecture_id, "municipality": town.pk, "address": said.get("streetNumber")}


def ask_gbizinfo(number: str) -> Facts | None:
    name = str(GBIZINFO.label)
    headers = {"Accept": "application/json", "X-hojinInfo-api-token": settings.GBIZINFO_TOKEN}
    body = fetch(name, f"{settings.GBIZINFO_URL}/{number}", headers)
    if body is None:
        return None
    try:
        rows = json.loads(body)["hojin-infos"]
        said = rows[0] if rows else None
        if said is not None and said["corporate_number"] != number:
            raise ValueError("another corporation")
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise RegisterAway(wrong(name)) from error
    if said is None:
        return None
    columns = {
        "name": said.get("name"),
        "name_kana": said.get("kana"),
        "name_en": said.get("name_en"),
        "postal_code": said.get("postal_code"),
        "capital_jpy": said.get("capital_stock"),
        "employees": said.get("employee_number"),
        "founded": str(said.get("date_of_establishment") or "")[:4],
        "site": said.get("company_url"),
    }
    return Facts(_valid(columns), closed=bool(said.get("close_date")) or said.get("status") == _CLOSED)


def _valid(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, and what the register of ours could not hold."""
    kept: dict[str, Any] = {}
    for name, value in columns.items():
        if value in (None, ""):
            continue
        column: Any = Firm._meta.get_field(name)
        try:
            if isinstance(value, str) and len(value) > 1000:
                raise ValidationError("too long")
            value = postal.clean(str(value)) if name == "postal_code" else value
            kept[name] = value if column.is_relation else column.clean(value, None)
        except (ValidationError, OverflowError):  # 1e400 is a number to JSON
            continue
    return kept


TAX_AGENCY = Register(
    _("the National Tax Agency's register of corporate numbers"), lambda: bool(settings.HOUJIN_API_ID), ask_tax_agency
)
GBIZINFO = Register(_("gBizINFO"), lambda: bool(settings.GBIZINFO_TOKEN), ask_gbizinfo)
REGISTERS = (TAX_AGENCY, GBIZINFO)
"""In the order of their weight: what the first one says of a column, the later ones need not say."""


def in_use() -> list[Register]:
    return [register for register in REGISTERS if register.is_on()]
