"""Files through the API: sheets that come in, scans, photos and drawings, and what a form with a file may not hold."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from PIL import Image

from registry import imports, uploads
from registry.models import DrawingOpening, ExportCheck, Firm, FirmEvent, ImportBatch, Role
from tests.api.conftest import Program, send
from tests.factories import (
    AnchorFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    NeedFactory,
    PrefectureFactory,
    UserFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
SHEET = "企業名,県,従業員数,備考\n男鹿製缶,秋田県,52,x\n新しい製缶,秋田県,3,y\n番号違い,秋田県,多い,z\n"


def sheet(text: str = SHEET, name: str = "一覧.csv") -> "ContentFile[bytes]":
    return ContentFile(text.encode(), name=name)


def test_a_program_brings_a_sheet_in_reads_its_lines_and_takes_it_over(program: Program) -> None:
    firm = FirmFactory(name="男鹿製缶", prefecture=PrefectureFactory("05"), employees=46)
    akita = CoordinatorFactory("05")
    client = program(akita)
    made, again = (
        client.post("/api/imports/", {"file": sheet(), "source": "秋田県"}, headers={"idempotency-key": "a"})
        for _n in range(2)
    )
    assert (made.status_code, again.json(), again["Idempotency-Replayed"]) == (201, made.json(), "true")
    said = made.json()
    assert (said["kind"], said["state"], ImportBatch.objects.count()) == ("firms", "columns", 1)
    assert [(one["heading"], one["field"]) for one in said["columns"]][:2] == [("企業名", "name"), ("県", "prefecture")]
    assert said["columns"][2]["samples"] == ["52", "3", "多い"]
    assert {"name": "employees", "label": "Employees", "required": False} in said["fields"]
    url = f"/api/imports/{said['id']}/"
    steps, lines = f"{url}steps/", f"{url}lines/"
    assert client.get(lines).json()["results"] == []
    assert send(client, steps, {"step": "look", "header": 2}).json()["columns"][0]["heading"] == "男鹿製缶"
    assert send(client, steps, {"step": "look", "header": 1, "sheet": "x"}).json()["errors"].keys() == {"sheet"}
    send(client, steps, {"step": "look", "header": 1})
    wrong = send(client, steps, {"step": "read", "columns": ["name", "prefecture", "nothing"]})
    assert (wrong.status_code, wrong.json()["errors"].keys()) == (422, {"columns.2"})
    columns = ["name", "prefecture", "employees", ""]
    read = send(client, steps, {"step": "read", "columns": columns, "as_of": "2026-11-01", "publish": False})
    assert (read.status_code, read.json()["state"]) == (200, "reading")
    ImportBatch.objects.update(done=2, total=3)
    assert client.get(url, headers={"if-none-match": read["ETag"]}).json()["done"] == 2
    imports.work()
    said = client.get(url).json()
    counted = [said[state] for state in ("new", "changed", "unchanged", "refused")]
    assert (said["state"], counted, said["left_out"]) == ("ready", [1, 1, 0, 1], ["備考"])
    changed, new, refused = (client.get(f"{lines}?show={state}").json() for state in ("changed", "new", "refused"))
    (line,) = changed["results"]
    assert (line["line"], line["firm"], line["said"]) == (2, firm.pk, ["Employees: 46 → 52"])
    assert line["changes"] == [{"field": "employees", "column": "Employees", "old": 46, "new": 52}]
    assert (new["results"][0]["about"], refused["results"][0]["remarks"][0]["value"]) == ("新しい製缶", "多い")
    first = client.get(f"{lines}?limit=2").json()
    assert [row["line"] for row in first["results"] + client.get(first["next"]).json()["results"]] == [2, 3, 4]
    assert client.get(f"{lines}?show=x").status_code == 400
    assert send(client, steps, {"step": "take"}).status_code == 409  # refused lines are left out knowingly
    assert send(client, steps, {"step": "take", "skip_refused": True}).json()["state"] == "writing"
    imports.work()
    said = client.get(url).json()
    assert (said["state"], said["done"], Firm.objects.get(pk=firm.pk).employees) == ("done", said["total"], 52)
    assert send(client, steps, {"step": "undo"}).json()["state"] == "undone"
    assert send(client, steps, {"step": "cancel"}).status_code == 409
    assert Firm.objects.get(pk=firm.pk).employees == 46
    other = program(CoordinatorFactory("02"))
    assert {other.get(f"{url}{name}").status_code for name in ("", "lines/", "remarks/")} == {404}


def test_a_sheet_does_not_bring_out_the_contacts_of_the_register(program: Program) -> None:
    firm, akita = FirmFactory(prefecture=PrefectureFactory("05"), contact_name="佐藤 花子"), CoordinatorFactory("05")
    sheet = f"ID,企業名,担当者\n{firm.pk},{firm.name},鈴木\n"
    batch = imports.upload("a.csv", sheet.encode(), by=akita, source="x")
    imports.confirm(batch, akita, ["id", "name", "contact_name"])
    imports.work()
    client, url = program(akita, "write", "imports"), f"/api/imports/{batch.pk}/"
    (line,) = client.get(f"{url}lines/").json()["results"]
    assert (line["said"], line["changes"][0]["old"]) == (["Contact person: … → 鈴木"], None)
    told = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}remarks/").content)).active["B2"].value
    assert told == "Contact person: … → 鈴木"
    assert "佐藤 花子" in sign_in(akita).get(f"/imports/{batch.pk}/").content.decode()


def test_remarks_and_templates_are_downloads_whatever_a_program_accepts(program: Program) -> None:
    akita = CoordinatorFactory("05")
    client, batch = program(akita), imports.upload("a.csv", SHEET.encode(), by=akita, source="x")
    for url, cell in ((f"/api/imports/{batch.pk}/remarks/", "Result"), ("/api/import-templates/firms/", "ID")):
        answer = client.get(url, headers={"accept": "application/vnd.ms-excel"})
        assert (answer.status_code, answer["Content-Disposition"][:10]) == (200, "attachment")
        assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["A1"].value == cell


@pytest.mark.parametrize(
    ("form", "status", "named"),
    [
        ({"source": "x"}, 422, "file"),
        ({"file": "企業名", "source": "x"}, 400, "file"),
        ({"file": [sheet(), sheet()], "source": "x"}, 400, "file"),
        ({"file": sheet(), "source": ["x", "y"]}, 400, "source"),
        ({"file": sheet(), "source": sheet()}, 400, "source"),
        ({"file": sheet()}, 422, "source"),
        ({"file": sheet(), "source": "x", "by": "1"}, 400, "by"),
        ({"file": sheet(), "source": "x", "kind": "nothing"}, 422, "kind"),
        ({"file": sheet(), "source": "a\x00b"}, 400, None),
        ({"file": sheet(name="a.pdf"), "source": "x"}, 422, "file"),
        ({"file": sheet("<html>"), "source": "x"}, 422, "file"),
        ({"file": sheet("x" * 3_000), "source": "x"}, 413, None),
        ({"file": sheet(), "source": "x" * 2_700_000}, 413, None),
        ({f"field{n}": "x" for n in range(1_001)}, 400, None),
    ],
)
def test_a_form_that_cannot_be_taken_leaves_nothing(
    form: dict[str, Any], status: int, named: str | None, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(uploads.LARGER, "import-list", 2_000)
    for one in form.values():
        for file in one if isinstance(one, list) else [one]:
            if isinstance(file, ContentFile):
                file.seek(0)
    answer = program(CoordinatorFactory("05")).post("/api/imports/", form)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.json()
    assert named is None or answer.json()["errors"].keys() == {named}
    assert not ImportBatch.objects.exists()


def test_a_body_of_another_type_is_refused_and_a_key_stands_for_one_file(program: Program) -> None:
    client = program(CoordinatorFactory("05"))
    assert client.post("/api/imports/", {"source": "x"}, content_type="application/json").status_code == 415
    assert client.post("/api/imports/", b"x", content_type="multipart/form-data").status_code == 400
    assert client.post("/api/needs/", {"title": "x"}).status_code == 415
    one, other = (
        client.post("/api/imports/", {"file": sheet(text), "source": "x"}, headers={"idempotency-key": "a"})
        for text in (SHEET, SHEET.replace("52", "53"))
    )
    assert (one.status_code, other.status_code, ImportBatch.objects.count()) == (201, 422, 1)


def test_a_browser_that_is_signed_in_sends_files_with_its_csrf_token(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(CoordinatorFactory("05"))
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    def sent(text: str, token: str) -> int:
        form = {"file": sheet(text), "source": "x"}
        status: int = browser.post("/api/imports/", form, headers={"x-csrftoken": token}).status_code
        return status

    assert [sent(SHEET, "b" * 32), sent(SHEET, "a" * 32)] == [403, 201]
    monkeypatch.setitem(uploads.LARGER, "import-list", 2_000)
    assert sent("x" * 3_000, "a" * 32) == 413
    answer = browser.post("/api/imports/", b"x", content_type="multipart/form-data", headers={"x-csrftoken": "a" * 32})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


# ---- files of firms and needs ----------------------------------------------------------------------------------------
PDF = b"%PDF-1.7 of a test"


def pdf(content: bytes = PDF) -> "ContentFile[bytes]":
    return ContentFile(content, name="../図面.exe")


def put(client: Client, url: str, form: dict[str, Any], etag: str) -> Any:
    return client.put(
        url,
        encode_multipart(BOUNDARY, form),
        content_type=MULTIPART_CONTENT,
        headers={"if-match": etag} if etag else {},
    )


def test_a_firm_puts_scans_and_photos_and_its_offices_read_them(
    program: Program, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    firm = FirmFactory()
    held = firm.firm_certifications.create(stated="ISO 9001", confirmed_at=timezone.now())
    client, office, stranger, admin = (
        program(user)
        for user in (*(FirmUserFactory(firm), CoordinatorFactory("05"), FirmUserFactory(), UserFactory(Role.ADMIN)),)
    )
    url = f"/api/firms/{firm.pk}/"
    scan, photos = f"{url}certificates/{held.pk}/scan/", f"{url}photos/"
    etag = client.get(url)["ETag"]
    assert client.get(scan).status_code == 404  # there is none yet
    assert [put(client, scan, {"scan": pdf()}, tag).status_code for tag in ("", '"x"')] == [428, 412]
    assert put(client, scan, {"scan": pdf(b"MZ")}, etag).json()["errors"].keys() == {"scan"}
    kept = put(client, scan, {"scan": pdf()}, etag)
    assert [one["certificate"] for one in kept.json()["scans"]] == [held.pk]
    held.refresh_from_db()
    assert (put(client, scan, {"scan": pdf()}, etag).status_code, held.confirmed_at) == (412, None)
    again = put(client, scan, {"scan": pdf()}, kept["ETag"])
    assert again.json()["scans"][0]["version"] != kept.json()["scans"][0]["version"]
    answer = office.get(scan, headers={"accept": "application/pdf"})
    assert (b"".join(answer), answer["Content-Type"], "no-store" in answer["Cache-Control"]) == (
        PDF, "application/pdf", True
    )  # fmt: skip
    assert answer["Content-Disposition"].startswith("attachment")
    assert [one.get(scan).status_code for one in (stranger, admin)] == [404, 403]
    assert send(client, scan, None, method="delete").json()["scans"] == []

    drawn = io.BytesIO()
    Image.new("RGB", (4, 2)).save(drawn, "PNG")
    added, twice = (
        client.post(photos, {"alt": "工場", "photo": ContentFile(drawn.getvalue(), name="a.png")}) for _n in range(2)
    )
    assert (added.status_code, added.json(), twice.json()) == (
        201, {"id": added.json()["id"], "alt": "工場", "width": 4, "height": 2}, added.json()
    )  # fmt: skip
    assert (office.get(url).json()["photos"], admin.get(url).json()["photos"]) == ([added.json()], [])
    photo = f"{photos}{added.json()['id']}/"
    assert office.get(photo)["Content-Type"] == "image/jpeg"
    assert stranger.post(photos, {"alt": "x", "photo": pdf()}).status_code == 404
    assert send(office, photo, None, method="delete").json()["photos"] == []
    assert send(office, photo, None, method="delete").status_code == 404
    assert FirmEvent.objects.filter(firm=firm, kind="change").count() == 5


def test_drawings_are_opened_on_record_and_abroad_only_after_a_check(
    program: Program, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    kudo = CoordinatorFactory("05")
    need = NeedFactory(office=kudo.offices.get())
    holm = AnchorFactory(need.project, overseas=True, email="holm@example.dk")
    office, anchor, other, abroad = (
        program(user) for user in (kudo, AnchorFactory(need.project), CoordinatorFactory("05"), holm)
    )
    url = f"/api/needs/{need.pk}/"
    added = anchor.post(f"{url}drawings/", {"title": "羽根車", "file": pdf(), "flagged": "true"})
    assert (added.status_code, added.json()["flagged"], added.json()["may_open"]) == (201, True, True)
    refused = anchor.post(f"{url}drawings/", {"title": "羽根車", "file": pdf(), "flagged": "maybe"})
    assert (refused.status_code, refused.json()["errors"].keys()) == (400, {"flagged"})
    drawing, checks = f"{url}drawings/{added.json()['id']}/", f"{url}export-checks/"
    assert office.get(url).json()["drawings"] == [added.json()]
    assert other.get(url).json()["drawings"] == []  # who reads the need is not in charge of it
    assert b"".join(office.get(drawing)) == PDF
    assert (office.head(drawing).status_code, other.get(drawing).status_code) == (405, 404)
    hidden = abroad.get(url).json()["drawings"][0]
    assert (hidden["may_open"], hidden["title"], abroad.get(drawing).status_code) == (False, "", 404)
    check = {"reader": "holm@example.dk", "permitted": "yes", "checked_on": "2026-04-01", "checker": "工藤"}
    assert send(office, checks, check | {"checked_on": "2999-01-01"}, etag=None).status_code == 422
    made = send(office, checks, check, etag=None)
    assert (made.status_code, office.get(checks).json()["results"]) == (201, [made.json()])
    assert (ExportCheck.objects.get().permitted, send(anchor, checks, check, etag=None).status_code) == (True, 403)
    assert abroad.get(drawing).status_code == 200
    opened = [(row["drawing"], row["by"]) for row in anchor.get(f"{url}openings/").json()["results"]]
    assert opened == [(added.json()["id"], str(user)) for user in (holm, kudo)]
    assert abroad.get(f"{url}openings/").json()["results"] == []
    assert send(anchor, drawing, None, method="delete").json()["drawings"] == []
    assert (office.get(drawing).status_code, DrawingOpening.objects.count()) == (404, 2)
