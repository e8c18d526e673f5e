"""Sheets of what firms hold and of who came to events: what an export writes, an import reads again."""

import io
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from registry import imports
from registry.intake.kinds import KINDS
from registry.models import (
    Attendance,
    Consortium,
    ConsortiumMembership,
    Equipment,
    Event,
    Firm,
    FirmCertification,
    ImportBatch,
    User,
)
from tests import factories as make
from tests.registry.importing import read, remarks, take

pytestmark = pytest.mark.django_db
SHEETS = [kind for kind in KINDS if kind != "needs"]


@pytest.fixture
def akita() -> User:
    return make.CoordinatorFactory("05")


@pytest.fixture
def firm(akita: User) -> Firm:
    """With what spreadsheets like to spoil; the other firm has no number and shares a machine's name."""
    firm: Firm = make.FirmFactory(name="＝縁㈱", name_en="=1+1", address="1-2-3", employees=0)
    other = make.FirmFactory(name="能代の会社", corporate_number=None)
    make.FirmFactory(name="青森の会社", municipality=make.MunicipalityFactory("02201")).equipment.create(name="旋盤")
    firm.equipment.create(
        name="旋盤", maker="甲社", model="007", count=3, size="1200.50", unit="mm", note="+0.01/-0.02"
    )
    firm.equipment.create(name="ｸﾚｰﾝ（天井）", count=1, size="50", unit="t", note='=HYPERLINK("x"), 特注')
    firm.equipment.create(name="旋盤", note="旧型")
    firm.equipment.create(name="5-axis MC ×1")
    other.equipment.create(name="旋盤", model="１２３")
    firm.firm_certifications.create(stated="ISO 9001", number="0012345", issuer="-甲-", valid_from=date(2024, 4, 1))
    firm.firm_certifications.create(stated="JIS Q 9100", number="1E5", valid_until=date(2027, 3, 31))
    firm.capabilities.add(make.CapabilityFactory())
    kaze = Consortium.objects.create(code="kaze", name="秋田風作戦", name_en="Akita Wind")
    mori = Consortium.objects.create(code="mori", name="森の会", name_en="Forest")
    firm.consortium_memberships.create(consortium=kaze, since=date(2020, 4, 1), until=date(2024, 3, 31))
    other.consortium_memberships.create(consortium=mori)
    event = Event.objects.create(
        name="洋上風力\u3000セミナー", held_on=date(2026, 10, 5), place="能代市", office=akita.offices.get()
    )
    event.attendances.create(name="旧の名前", firm=firm, people=2)
    event.attendances.create(name="未登録の会社", corporate_number=make.corporate_number())
    return firm


def held() -> dict[str, Any]:
    """What the sheets tell, without keys of their own."""
    name = "firm__name"
    asked: dict[Any, tuple[str, ...]] = {
        Equipment: (name, "name", "maker", "model", "count", "size", "unit", "note"),
        FirmCertification: (name, "stated", "number", "issuer", "valid_from", "valid_until"),
        Firm.capabilities.through: (name, "capability"),
        ConsortiumMembership: (name, "consortium", "since", "until"),
        Attendance: (name, "event__name", "event__held_on", "event__place", "name", "people"),
    }
    return {model.__name__: sorted(model.objects.values_list(*names), key=repr) for model, names in asked.items()}


def exported(by: User, kind: str, extension: str, language: str = "ja", query: str = "") -> bytes:
    answer: Any = make.sign_in(by).get(
        reverse(f"registry:{kind}-export", args=[extension]) + query, headers={"accept-language": language}
    )
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def brought_in(by: User, data: bytes, extension: str) -> ImportBatch:
    batch = imports.upload(f"sheet.{extension}", data, by=by, source="x")
    imports.confirm(batch, by, batch.mapping)
    imports.work()
    batch.refresh_from_db()
    return batch


@pytest.mark.on_sqlite
@pytest.mark.parametrize(("extension", "language"), [("csv", "ja"), ("xlsx", "en")])
def test_all_sheets_fill_an_empty_register_with_the_same(
    extension: str, language: str, akita: User, firm: Firm
) -> None:
    Firm.objects.filter(prefecture="02").delete()
    files = {kind: exported(akita, kind, extension, language) for kind in SHEETS}
    before = held()
    for kind, data in files.items():
        batch = brought_in(akita, data, extension)
        assert (batch.kind, "" in batch.mapping[:4], remarks(batch)) == (kind, False, [])
        assert set(batch.counts) == {"unchanged"}, (kind, [row.changes for row in batch.rows.all()])
    Event.objects.all().delete()
    Firm.objects.all().delete()
    for kind, data in files.items():
        batch = brought_in(akita, data, extension)
        assert (batch.kind, remarks(batch)) == (kind, [])
        if kind != "capabilities":  # a list of firms has them already
            take(batch)
    after = held()
    [renamed] = [row for row in before["Attendance"] if row[0]]
    before["Attendance"] = sorted((None, *row[1:]) for row in before["Attendance"])  # nothing tells who that was
    assert (renamed[4], after) == ("旧の名前", before)
    for data in files.values():
        assert set(brought_in(akita, data, extension).counts) == {"unchanged"}


def test_a_sheet_has_the_rows_of_the_firms_that_the_filter_and_the_scope_show(akita: User, firm: Firm) -> None:
    everything = exported(akita, "equipment", "csv").decode("utf-8-sig")
    assert ("青森の会社" in everything, everything.count("\r\n")) == (False, 6)
    assert exported(akita, "equipment", "csv", query="?q=能代の").decode("utf-8-sig").splitlines()[1:] == [
        f"{Firm.objects.get(name='能代の会社').pk},,能代の会社,秋田県,旋盤,,１２３,,,"
    ]
    assert exported(make.CoordinatorFactory("02"), "certificates", "csv").count(b"\r\n") == 1
    assert make.sign_in(akita).get("/firms/equipment.csv?nonsense=1").status_code == 400
    browser = make.sign_in(akita)
    assert "2026-10-05" in exported(akita, "attendance", "csv", query="?held_from=2026-10-05").decode()
    assert exported(akita, "attendance", "csv", query="?held_from=2026-10-06").count(b"\r\n") == 1
    page = browser.get("/firms/?q=能代の", headers={"accept-language": "en"}).content.decode()
    assert '/firms/equipment.xlsx?q=%E8%83%BD%E4%BB%A3%E3%81%AE"' in page


def test_cells_of_a_workbook_have_their_types(akita: User, firm: Firm) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exported(akita, "certificates", "xlsx")))
    headings, first, *_others = book.get_sheet_by_index(0).to_python()
    line = dict(zip(headings, first, strict=True))
    assert (line["法人番号"], line["登録番号"], line["有効期間の開始日"]) == (
        firm.corporate_number,
        "0012345",
        date(2024, 4, 1),
    )


def test_a_firm_is_who_the_line_calls_so_and_not_who_has_the_id_here(akita: User, firm: Firm) -> None:
    other = Firm.objects.get(name="能代の会社")
    by_number = f"企業ID,法人番号,企業名,設備名\n{other.pk},{firm.corporate_number},{firm.name},プレス\n"
    batch = read(akita, by_number)
    assert [row.firm_id for row in batch.rows.all()] == [firm.pk]
    assert read(akita, "企業ID,企業名,設備名\n999999,能代の会社,プレス").rows.get().firm_id == other.pk
    assert read(akita, f"企業ID,企業名,設備名\n{other.pk},{firm.name},プレス").rows.get().firm_id == firm.pk
    [said] = remarks(read(akita, f"企業ID,企業名,設備名\n{other.pk},だれも知らない会社,プレス"))
    assert other.name in said
    assert read(akita, "企業ID,企業名,都道府県\n999999,まだない会社,秋田県").counts == {"refused": 1}


def test_a_duplicate_that_waits_for_its_merging_keeps_what_is_its_own(akita: User, firm: Firm) -> None:
    twin = make.FirmFactory(name="縁", corporate_number=firm.corporate_number, duplicate_of=firm)
    twin.equipment.create(name="旋盤", maker="甲社", model="007")
    twin.firm_certifications.create(stated="ISO 9001")
    for kind in ("firms", "equipment", "certificates"):
        batch = brought_in(akita, exported(akita, kind, "csv"), "csv")
        assert (set(batch.counts), remarks(batch)) == ({"unchanged"}, []), kind
    page = make.sign_in(akita).get(batch.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert (f"unchanged {batch.counts['unchanged']}" in page, "The file changes nothing" in page) == (True, True)
