"""Story 4, all 架空: a need for 12 sets a month that no firm makes alone, and the firms of two prefectures."""

import io
import re
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from matching import consent, parts, store
from matching.groups import compose, keep
from matching.models import Group, GroupMember
from matching.standing import Standing, standing
from registry.models import Firm, Need, User
from tests.factories import (
    CapabilityFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    PlaceFactory,
    sign_in,
)

A, B, C, FAR = "能代臨海製缶", "弘前鉄構", "大館塗工", "由利本荘鉄工"
TEXT = "洋上風力タワー内部架台の製缶、溶接。"
PEOPLE = [
    ("能代臨海製缶", "05202", 8, False),
    ("弘前鉄構", "02202", 3, False),
    ("大館塗工", "05204", 2, True),
    ("由利本荘鉄工", "05210", 6, True),
]


def firms_of_story() -> dict[str, Firm]:
    weld = CapabilityFactory("welding", name="製缶溶接", name_en="Fabrication welding")
    coat = CapabilityFactory("coating", name="塗装", name_en="Coating")
    return {
        name: FirmFactory(
            name=name,
            municipality=MunicipalityFactory(place),
            monthly_capacity=capacity,
            capability_text=TEXT,
            capabilities=[weld, coat] if coats else [weld],
        )
        for name, place, capacity, coats in PEOPLE
    }


def need_of_story() -> Need:
    """Asks 12 a month within 80 km of the port; the index knows the firms that there are."""
    port = PlaceFactory(latitude=40.2085, longitude=140.004)
    need = NeedFactory(title="タワー内部架台 126基分", text=TEXT)
    need.capabilities.set([CapabilityFactory("welding"), CapabilityFactory("coating")])
    CriterionFactory(need, kind="volume", number=12)
    CriterionFactory(need, kind="distance", number=80, place=port)
    store.rebuild()
    return need


def kept_by(user: User, need: Need) -> Group:
    composed = compose(need)
    return keep(composed, composed.key(composed.composition.groups[0]), by=user)


def member(group: Group, name: str) -> GroupMember:
    found: GroupMember = GroupMember.objects.select_related("group__need__project", "firm__prefecture").get(
        group=group, firm__name=name
    )
    return found


def now(group: Group) -> Standing:
    group.refresh_from_db()
    return standing(group)


def accept(group: Group, name: str, by: User) -> None:
    one = member(group, name)
    parts.decide("accept", one, seen=one.group.version, by=by)


def accepted(group: Group, akita: User, aomori: User) -> None:
    parts.take("propose", group, by=akita)
    for name, by in ((A, akita), (C, akita), (B, aomori)):
        accept(group, name, by)


def join(group: Group, name: str, *, fields: Any = ("identity",)) -> User:
    one = member(group, name)
    by = FirmUserFactory(one.firm)
    parts.answer("join", one, seen=one.group.version, by=by, fields=fields, until=consent.a_year_from_now())
    return by


def text(browser: Client, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status, answer.content.decode()
    return re.sub(r"\s+", " ", answer.content.decode())


def url(group: Group, act: str) -> str:
    return reverse("matching:group-change", args=[group.pk, act])


KINDS = ("pdf", "xlsx")


def file_text(browser: Client, address: str) -> str:
    """What a file of a group says, without blanks: a PDF breaks lines where it likes."""
    content = browser.get(address).content
    if content.startswith(b"%PDF"):
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    else:
        said = str([list(sheet.values) for sheet in load_workbook(io.BytesIO(content)).worksheets])
    return "".join(said.split())


# ---- by a program ----------------------------------------------------------------------------------------------------
def test_an_office_decides_by_the_api_about_the_parts_of_its_own_firms_alone(
    group: Group, akita: User, aomori: User
) -> None:
    parts.take("propose", group, by=akita)
    address = reverse("group-detail", args=[group.pk])

    def send(by: User, name: str, **said: str) -> int:
        browser = sign_in(by)
        said_now = {"step": "accept", "member": member(group, name).pk} | said
        etag = browser.get(address)["ETag"]
        sent = browser.post(f"{address}parts/", said_now, "application/json", headers={"if-match": etag})
        return sent.status_code

    assert [send(akita, A), send(aomori, A), send(akita, B), send(aomori, B)] == [200, 404, 404, 200]
    assert send(akita, C, step="refuse") == 422
    assert send(akita, C, step="refuse", reason="別の案件で手一杯") == 200
    states = dict(group.members.values_list("firm__name", "state"))
    assert states == {A: "accepted", B: "accepted", C: "refused"}
