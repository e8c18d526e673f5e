"""An office's file from its upload to the register: preview, taking over, the same again, undoing, refusing."""

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from registry import imports
from registry.models import Firm, FirmCertification, ImportBatch, ImportRow, OfficeHeading, User
from registry.steps import StepRefused
from tests import factories as make

pytestmark = pytest.mark.django_db
SHEET = """令和8年度 企業一覧,,,,,,
,,,,,,
法人番号,企業名,県,市町村,従業員数,認証,うちの備考
{number},㈱男鹿メッキ①,秋田県,男鹿市,４６名,ISO 9001（2027-03-31まで）,x
,能代臨海製缶,秋田,能代市,約50人,,y
,青森の会社,青森県,青森市,3,,z
1234567890123,番号違い,秋田県,,多い,,w
"""


@pytest.fixture
def akita() -> User:
    for code in ("05206", "05202", "02201"):
        make.MunicipalityFactory(code)
    return make.CoordinatorFactory("05")


def uploaded(akita: User, text: str, name: str = "一覧.csv", encoding: str = "cp932") -> ImportBatch:
    """Through the pages: upload, then the columns as they were guessed."""
    browser = make.sign_in(akita)
    file = SimpleUploadedFile(name, text.encode(encoding))
    answer = browser.post(reverse("registry:imports"), {"file": file, "source": "秋田県 企業データベース"})
    assert answer.status_code == 302, answer.content.decode()
    batch = ImportBatch.objects.latest("pk")
    columns = {f"c{place}": field for place, field in enumerate(batch.mapping)}
    form = {"as_of": "2026-11-01", "publish": "on"} | columns
    assert browser.post(reverse("registry:import-columns", args=[batch.pk]), form).status_code == 302
    assert imports.work() == 1
    batch.refresh_from_db()
    return batch


def taken_over(batch: ImportBatch, **wishes: Any) -> ImportBatch:
    imports.take_over(batch, batch.by, **wishes)
    assert imports.work() == 1
    batch.refresh_from_db()
    return batch


def test_from_a_cp932_sheet_with_title_rows_to_the_register(akita: User) -> None:
    number = make.corporate_number()
    batch = uploaded(akita, SHEET.format(number=number))
    assert (batch.state, batch.header, batch.counts) == ("ready", 3, {"new": 2, "refused": 2})
    outside, wrong = batch.rows.filter(state="refused")
    assert [remark[0] for remark in outside.remarks] == ["prefecture"]
    assert [remark[0] for remark in wrong.remarks] == ["corporate_number", "employees"]
    browser = make.sign_in(akita)
    assert "番号違い" in browser.get(batch.get_absolute_url()).content.decode()
    step = reverse("registry:import-step", args=[batch.pk, "take"])
    assert browser.post(step).status_code == 409  # refused rows are left out knowingly or not at all
    assert Firm.objects.count() == 0
    taken_over(batch, skip_refused=True)
    assert (batch.state, Firm.objects.count()) == ("done", 2)
    firm = Firm.objects.get(corporate_number=number)
    assert (firm.name, firm.municipality_id, firm.employees, firm.state) == ("㈱男鹿メッキ①", "05206", 46, "published")
    assert (firm.source, str(firm.as_of)) == ("秋田県 企業データベース", "2026-11-01")
    assert str(firm.firm_certifications.get().valid_until) == "2027-03-31"
    assert "男鹿メッキ" in browser.get(reverse("registry:firms")).content.decode()


def test_the_same_file_twice_changes_nothing_and_a_changed_cell_is_one_change(akita: User) -> None:
    number = make.corporate_number()
    table = f"法人番号,企業名,県,従業員数\n{number},男鹿,秋田県,46\n"
    taken_over(uploaded(akita, table))
    again = uploaded(akita, table)
    assert again.counts == {"unchanged": 1}
    with pytest.raises(StepRefused):
        imports.take_over(again, akita)
    Firm.objects.update(name_en="Oga", english_origin="person")
    more = uploaded(
        akita, table.replace(",46\n", ",52\n").replace("企業名", "英語名,企業名").replace("男鹿", "Oga,男鹿")
    )
    assert more.rows.get().changes == {"employees": [46, 52]}
    taken_over(more)
    firm = Firm.objects.get()
    assert (firm.employees, firm.english_state) == (52, "confirmed")  # a file that says the same leaves a person's word
    imports.undo(more, akita)
    firm.refresh_from_db()
    assert firm.employees == 46
    with pytest.raises(StepRefused):
        imports.undo(more, akita)


def test_the_command_line_asks_and_refuses_what_the_page_does(akita: User, tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("企業名,県,従業員数\n男鹿,秋田県,46\n青森の会社,青森県,3\n")
    asked = ["import_sheet", str(file), "--by", akita.email, "--source"]
    for wrong, said in (
        (["", "--take"], "source"),
        (["あ" * 201, "--take"], "source"),
        (["秋田県", "--take"], "refused"),
    ):
        with pytest.raises(CommandError, match=said), override("en"):
            call_command(*asked, *wrong)
        assert not Firm.objects.exists()
    call_command(*asked, "秋田県", "--take", "--skip-refused")
    assert list(Firm.objects.values_list("name", "employees", "source")) == [("男鹿", 46, "秋田県")]


def test_what_is_exported_comes_back_unchanged(akita: User) -> None:
    firm = make.FirmFactory(municipality=make.MunicipalityFactory("05202"), products=["架台", "配管"], employees=46)
    firm.capabilities.add(make.CapabilityFactory())
    firm.equipment.create(name="マシニングセンタ", count=3, note="φ300まで")
    firm.firm_certifications.create(stated="ISO 9001", valid_until="2027-03-31")
    make.FirmFactory(state="archived", corporate_number=None)  # in the list, so in its export
    browser = make.sign_in(akita)
    for extension in ("csv", "xlsx"):
        answer: Any = browser.get(reverse("registry:firms-export", args=[extension]))
        data = b"".join(answer.streaming_content)
        batch = imports.upload(f"firms.{extension}", data, by=akita, source="x")
        imports.confirm(batch, akita, batch.mapping)
        imports.work()
        batch.refresh_from_db()
        said = [[*row.remarks, row.changes] for row in batch.rows.all()]
        assert (batch.counts, said) == ({"unchanged": 2}, [[{}]] * 2)


def test_undoing_gives_back_what_a_line_of_the_file_cannot_say(akita: User) -> None:
    firm = make.FirmFactory(name_en="Oga Plating", english_origin="person", english_confirmed_on=date(2026, 5, 1))
    firm.equipment.create(name="旋盤", maker="甲社", model="V-5", count=3, size="1200.50", unit="mm", note="NC")
    paper = {"number": "JQA-1", "issuer": "JQA", "confirmed_at": timezone.now(), "confirmed_by": akita}
    firm.firm_certifications.create(stated="ISO 9001", **paper)
    firm.firm_certifications.create(stated="ISO 14001", valid_until=date(2027, 3, 31), **paper)

    def held() -> list[Any]:
        columns = [field.attname for field in FirmCertification._meta.concrete_fields if field.name != "id"]
        return [
            *firm.equipment.values_list("name", "maker", "model", "count", "size", "unit", "note"),
            *firm.firm_certifications.order_by("stated").values_list(*columns),
            *Firm.objects.filter(pk=firm.pk).values_list("name_en", "english_origin", "english_confirmed_on"),
        ]

    before = held()
    table = f"ID,設備,認証,英語名\n{firm.pk},フライス盤 ×1,ISO 14001 (2028-03-31),Oga Mekki"
    batch = uploaded(akita, table)
    taken_over(batch)
    assert [row for row in held() if row in before] == []
    imports.undo(batch, akita)
    assert held() == before


def test_an_import_cannot_be_undone_once_somebody_worked_with_it(akita: User) -> None:
    batch = taken_over(uploaded(akita, "企業名,県\n男鹿,秋田県\n"))
    Firm.objects.get().save()
    with pytest.raises(StepRefused):
        imports.undo(batch, akita)
    assert Firm.objects.get().state == "published"


def test_nothing_is_written_when_the_register_moved_after_the_preview(akita: User) -> None:
    number = make.corporate_number()
    firm = make.FirmFactory(corporate_number=number, employees=1)
    batch = uploaded(akita, f"法人番号,企業名,県,従業員数\n,新しい,秋田県,3\n{number},{firm.name},秋田県,46\n")
    assert batch.counts == {"new": 1, "changed": 1}
    firm.save()
    taken_over(batch)
    assert (batch.state, Firm.objects.count()) == ("failed", 1)
    assert "3" in batch.error


def test_cancelled_while_it_is_written_writes_nothing(akita: User, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = uploaded(akita, "企業名,県\n男鹿,秋田県\n")
    imports.take_over(batch, akita)
    imports.cancel(batch, akita)
    assert imports.work() == 0
    assert Firm.objects.count() == 0


def test_a_worker_that_falls_three_times_ends_the_import_and_one_that_fell_once_does_not(akita: User) -> None:
    batch = uploaded(akita, "企業名,県\n男鹿,秋田県\n")
    imports.take_over(batch, akita)
    ImportBatch.objects.update(language="ja")
    batch.refresh_from_db()
    for _ in range(imports.MOST_ATTEMPTS):
        assert imports.claim(batch)
        assert not imports.claim(batch)  # another worker has it
        ImportBatch.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert imports.work() == 0
    batch.refresh_from_db()
    assert (batch.state, Firm.objects.count()) == ("failed", 0)
    assert "書き込んでいません" in batch.error


def test_headings_of_an_office_are_remembered(akita: User) -> None:
    browser = make.sign_in(akita)
    batch = imports.upload("a.csv", "屋号,けん\n男鹿,秋田県\n".encode(), by=akita, source="x")
    assert batch.mapping == ["", ""]
    columns = reverse("registry:import-columns", args=[batch.pk])
    assert browser.post(columns, {"as_of": "2026-11-01", "c0": "name", "c1": "name"}).status_code == 409
    assert browser.post(columns, {"as_of": "2026-11-01", "c0": "name", "c1": ""}).status_code == 409
    assert browser.post(columns, {"as_of": "2026-11-01", "c0": "name", "c1": "nonsense"}).status_code == 422
    assert browser.post(columns, {"as_of": "2026-11-01", "c0": "name", "c1": "prefecture"}).status_code == 302
    assert OfficeHeading.objects.count() == 2
    assert imports.upload("b.csv", "屋号,けん\nb,秋田県\n".encode(), by=akita, source="x").mapping == [
        "name",
        "prefecture",
    ]


def test_the_annotated_workbook_says_what_becomes_of_each_line(akita: User) -> None:
    batch = uploaded(akita, SHEET.format(number=make.corporate_number()))
    answer = make.sign_in(akita).get(reverse("registry:import-remarks", args=[batch.pk]))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    results = [row[0] for row in rows if row[0]][-4:]
    assert results == ["new", "new", "refused", "refused"]
    assert rows[-1][2] == "1234567890123"
    assert "46" in str(rows[-1][1])  # how a number of employees is written


@pytest.mark.parametrize(
    ("name", "data"), [("a.pdf", b"%PDF"), ("a.csv", b""), ("a.xlsx", b"PK"), ("a.csv", b'"'), ("a.csv", b"\x81\n")]
)
def test_a_bad_file_is_refused_at_the_field_and_leaves_nothing(akita: User, name: str, data: bytes) -> None:
    file = SimpleUploadedFile(name, data)
    answer = make.sign_in(akita).post(reverse("registry:imports"), {"file": file, "source": "x"})
    assert (answer.status_code, "file" in answer.context["form"].errors) == (422, True)
    assert ImportBatch.objects.count() == 0


def test_lines_that_name_the_same_firm_are_refused_after_the_first(akita: User) -> None:
    number = make.corporate_number()
    batch = uploaded(akita, f"法人番号,企業名,県\n{number},a,秋田県\n{number},b,秋田県\n")
    assert [row.state for row in ImportRow.objects.order_by("number")] == ["new", "refused"]
    assert batch.counts == {"new": 1, "refused": 1}


def test_what_of_a_workbook_is_not_read_or_not_understood_is_said(akita: User) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for title, lines in (
            ("企業の表", (("企業名", "都道府県", "従業員数"), ("架空の会社", "秋田県", 5))),
            ("設備の表", (("企業名", "設備名"), ("架空の会社", "旋盤"))),
            ("記入方法", (("法人番号", "13桁"),)),
            ("昨年度", (("企業名", "設備名"), ("架空の会社", "旋盤"))),
        ):
            page = book.add_worksheet(title)
            if title == "昨年度":
                page.hide()
            for number, line in enumerate(lines):
                page.write_row(number, 0, line)
    browser = make.sign_in(akita)
    batch = imports.upload("a.xlsx", file.getvalue(), by=akita, source="x")
    said = browser.get(batch.get_absolute_url()).content.decode()
    assert ("企業の表" in said, "(設備の表)" in said, "No heading in line 1" in said) == (True, True, False)
    assert "Not read: 昨年度." in said
    batch = imports.upload("a.csv", "なまえ欄,けん\n架空の会社,秋田県\n".encode(), by=akita, source="x")
    assert "No heading in line 1" in browser.get(batch.get_absolute_url()).content.decode()
