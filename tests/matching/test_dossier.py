"""The files of a candidate list: what each of them says in which language, to whom, and that any record gives one."""

import fcntl
import hashlib
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from matching import dossier
from matching.consent import revoke_all
from matching.contents import as_consented, for_recipient, original
from matching.list_files import write_file
from matching.models import CandidateList, CandidateListEntry, Disclosure, ListAccess, Proposal
from matching.release import make_list, release
from registry.models import Firm, FirmEvent, Need
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
ODD = [
    '=HYPERLINK("http://x.example")',
    '#eval("1") $x$ @label <tag> *b* _i_ `raw` // /* \\',
    "\x00\x0b\x1b\ud800\udfff\ufffe",
    "‮drawkcab‬ \u200f\u2066\u2028\u2029",
    "a" * 32_768,
    "𠮷野家髙﨑①㈱ｱﾙﾏｲﾄ ﷽ 🚀 한글 ✗",
    "line\r\none\n\n\ttwo",
]


@pytest.fixture
def need() -> Need:
    return make.NeedFactory(text="タワー内部架台の溶接と塗装、corrosion protection", is_sample=True)


def candidate(need: Need, consents: list[str] | None = None, **firm: Any) -> Proposal:
    defaults: dict[str, Any] = {
        "capabilities": [make.CapabilityFactory()], "source": "風の会 名簿", "as_of": date(2026, 4, 1),
        "monthly_capacity": 1200,
    }  # fmt: skip
    proposal = make.ProposalFactory(
        need=need,
        firm=make.FirmFactory(**defaults | firm),
        state="shortlisted",
        checks=[make.check(), make.check("volume", "fail", asked=2000, found=1200)],
        terms=[["溶接", 0.3, "stated", ""], ["秘密の語", 0.2, "related", "塗装"], ["切削", 0.1, "stated", ""]],
    )
    make.ConsentFactory(proposal, **({"fields": consents} if consents else {}))
    return proposal


def listed(need: Need) -> CandidateList:
    return make_list(need, by=make.CoordinatorFactory(), recipient="Holm A/S")


def pdf(made: CandidateList, language: str = "en", *, recipient: bool = False) -> PdfReader:
    contents = (for_recipient if recipient else original)(made, language)
    return PdfReader(io.BytesIO(write_file(made, "pdf", contents)))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def sheets(made: CandidateList, language: str = "en") -> list[list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(write_file(made, "xlsx", original(made, language))))
    return [list(sheet.values) for sheet in book.worksheets]


def test_the_dossier_has_a_cover_a_summary_and_a_page_for_each_firm_in_each_language(need: Need) -> None:
    proposal = candidate(need, name_en="Noshiro Trial", summary_en="We weld towers.")
    proposal.firm.firm_certifications.create(stated="EN 1090-2 EXC3", valid_until=date(2027, 3, 31))
    candidate(need)
    silent = make.ProposalFactory(need=need, state="shortlisted")
    made = listed(need)
    reader = pdf(made)
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) == 4
    for part in (f"{made.number} v1", "Holm A/S", need.number, "Fictional sample", "More firms that did not consent"):
        assert part in pages[0]
    assert pages[1].startswith(f"{made.number} v1")
    assert proposal.firm.name in pages[1].replace(" ", "")
    for part in ("Noshiro Trial", "We weld towers.", "may be machine-made", "EN 1090-2 EXC3", "2027-03-31", "1200"):
        assert part in pages[2]
    for part in (
        "at least 2,000 a month",
        "not met",
        "Welding",
        "a published list or programme",
        "風の会",
        "2026-04-01",
    ):
        assert part in pages[2]
    assert "3 / 4" in pages[2]
    whole = "\n".join(pages)
    assert silent.firm.name not in whole
    assert "秘密の語" not in whole  # a habit of the register, no word of this need
    assert "切削" not in whole  # in the need's favour, but not in what the firm discloses
    assert "Welding" not in text_of(pdf(made, "ja"))
    assert "溶接 / Welding" in text_of(pdf(made, "both"))
    assert reader.metadata
    assert reader.metadata.title == f"{made.number} v1"
    assert "/StructTreeRoot" in reader.root_object  # tagged, for screen readers


def test_only_what_a_firm_consents_to_is_in_any_file_and_less_once_a_consent_ends(need: Need) -> None:
    bare = candidate(need, ["identity"], summary_en="Secret summary", contact_email="secret@example.jp", employees=4711)
    bare.firm.firm_certifications.create(stated="SECRET 9001")
    full = candidate(need, contact_email="open@example.jp")
    made = listed(need)
    files = text_of(pdf(made)) + str(sheets(made)) + write_file(made, "csv", original(made)).decode()
    for secret in ("Secret", "secret@", "4711", "SECRET"):
        assert secret not in files
    assert "not disclosed" in files
    assert "open@example.jp" in files
    assert all(said[1] != bare.firm.name or "Employees" not in said for said in sheets(made)[2])
    revoke_all(full.firm_id, need.pk, by=make.UserFactory(), channel="phone")
    later = text_of(pdf(made, recipient=True))
    assert full.firm.name not in later.replace(" ", "")
    assert "consent ended" in later
    assert full.firm.name in text_of(pdf(made)).replace(" ", "")


def test_the_workbook_has_typed_columns_and_sheets_of_reasons_and_sources(need: Need) -> None:
    proposal = candidate(need, confirmed_on=date(2026, 6, 1), name_en="Noshiro Trial")
    made = listed(need)
    table, reasons, sources = sheets(made)
    header = next(row for row in table if row[0] == "No.")
    first = dict(zip(header, table[table.index(header) + 1], strict=True))
    assert first["Corporate number"] == proposal.firm.corporate_number
    assert (first["As of"].date(), first["Monthly capacity (pieces)"]) == (date(2026, 4, 1), 1200)
    assert first["English text"] == "may be machine-made; not confirmed by a person"
    asked = [row[2:] for row in reasons[1:]]
    assert ("must", "volume per month", "at least 2,000 a month", "1,200 a month", "✗ not met") in asked
    assert ("Matching term", None, "溶接", "溶接", None) in asked
    said = {row[2]: row[3:] for row in sources[1:]}
    employees = said["Employees"]
    assert employees[:2] == ("a published list or programme", "風の会 名簿")
    assert [day.date() for day in employees[2:]] == [date(2026, 4, 1), date(2026, 6, 1)]
    assert said["Distance"][0] == "computed from the profile and the need"
    assert any("may be machine-made" in str(name) for name in said)
    book = load_workbook(io.BytesIO(write_file(made, "xlsx", original(made, "en"))))
    for sheet in book.worksheets:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
        assert sheet.print_title_rows


@pytest.mark.parametrize("language", ["ja", "en", "both"])
def test_any_record_gives_every_file(need: Need, language: str) -> None:
    for _ in ODD:
        candidate(need)
    made = listed(need)
    entries = list(made.entries.all())
    for entry, text in zip(entries, ODD, strict=True):  # rows as no form and no import would let them in
        for row in (entry.row, entry.texts["ja"]["row"], entry.texts["en"]["row"]):
            row |= {"name": text, "summary_en": text, "capabilities": text, "contact": text}
    contents = original(made, language)
    contents.rows.clear()
    contents.details.clear()
    for entry in entries:
        contents.add(entry, entry.fields)
    for extension in ("pdf", "xlsx", "csv"):
        file = write_file(made, extension, contents)
        assert file == write_file(made, extension, contents)
        if extension == "xlsx":
            with ZipFile(io.BytesIO(file)) as parts:
                assert not any(b"<f>" in parts.read(name) for name in parts.namelist())
        if extension == "pdf":
            assert "#eval(" in text_of(PdfReader(io.BytesIO(file))).replace(" ", "")


OLD_HEADING = {
    "rows": [["候補企業リスト / Candidate list", "L-2026-001 (v1)"], ["提供先 / Recipient", "Holm A/S"]],
    "columns": [["position", "番号 / No.", 6], ["name", "名称 / Name", 28], ["as_of", "時点 / As of", 12]],
}
OLD_SHEET = "10f9f9e20be6aacd44d13209808dcacfb332428907a942acf74473ab5d54460e"  # of the code of November 2026


def test_a_list_from_before_the_dossier_keeps_its_bytes_and_gives_the_new_files_too(need: Need) -> None:
    proposal = candidate(need)
    made = CandidateList.objects.create(
        number="L-2026-001", need=need, recipient="Holm A/S", made_by=make.UserFactory(), heading=OLD_HEADING
    )
    CandidateListEntry.objects.create(
        list=made, position=1, firm=proposal.firm, fields=["identity"],
        row={"position": 1, "name": "能代試作株式会社", "as_of": "2026-04-01"},
    )  # fmt: skip
    csv = write_file(made, "csv", original(made)).decode("utf-8-sig")
    assert csv == "番号 / No.,名称 / Name,時点 / As of\r\n1,能代試作株式会社,2026-04-01\r\n"
    with ZipFile(io.BytesIO(write_file(made, "xlsx", original(made)))) as parts:
        assert len([name for name in parts.namelist() if "worksheets/sheet" in name]) == 1
        assert hashlib.sha256(parts.read("xl/worksheets/sheet1.xml")).hexdigest() == OLD_SHEET
    for language in ("ja", "en", "both"):
        assert "能代試作株式会社" in text_of(pdf(made, language)).replace(" ", "")
    assert as_consented(made, timezone.localdate(), "en").rows == original(made, "en").rows


def test_the_recipient_and_a_shared_link_get_the_same_files_and_the_ledger_knows(need: Need) -> None:
    candidate(need)
    made = listed(need)
    release(made, made.made_by)
    reader = make.sign_in(make.AnchorFactory(need.project))
    for extension, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        answer = reader.get(f"/lists/{made.pk}/file.{extension}?language=en")
        assert answer.content.startswith(start)
        assert f"{made.number}-v1-en.{extension}" in answer["Content-Disposition"]
    assert reader.get(f"/lists/{made.pk}/file.pdf?language=fr").status_code == 400
    assert reader.head(f"/lists/{made.pk}/file.csv").status_code == 405  # no download, so none is recorded
    assert reader.get(f"/lists/{made.pk}/?language=fr").status_code == 400
    assert [access.act for access in ListAccess.objects.order_by("pk")] == ["pdf", "xlsx", "csv"]
    assert Disclosure.objects.count() == 3
    assert Client().get("/shared/nothing/file.pdf").status_code == 404


def test_one_dossier_is_set_at_a_time_and_who_waits_too_long_is_told(
    need: Need, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    candidate(need)
    made = listed(need)
    browser = make.sign_in(made.made_by)
    monkeypatch.setattr(dossier, "PATIENCE", 0)
    Path(settings.VAR).mkdir(exist_ok=True)
    with (Path(settings.VAR) / "dossier.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        told = browser.get(f"/lists/{made.pk}/file.pdf")
        assert (told.status_code, told["Retry-After"]) == (503, "60")
        assert browser.get(f"/lists/{made.pk}/file.csv").status_code == 200
    assert [access.act for access in ListAccess.objects.all()] == ["csv"]  # what nobody got is no download
    assert browser.get(f"/lists/{made.pk}/file.pdf").status_code == 200


def test_the_reader_meets_each_firm_with_sources_expiry_and_marked_english(need: Need) -> None:
    proposal = candidate(need, name_en="Noshiro Trial", summary_en="We weld.")
    proposal.firm.firm_certifications.create(stated="OLD 1", valid_until=timezone.localdate() - timedelta(days=1))
    seen = datetime(2026, 5, 1, 3, tzinfo=UTC)
    proposal.firm.firm_certifications.create(stated="EN 1090-2 EXC3", confirmed_at=seen)
    make.ProposalFactory(need=need, state="shortlisted")
    made = listed(need)
    release(made, made.made_by)
    browser = make.sign_in(make.AnchorFactory(need.project))
    page = browser.get(f"/lists/{made.pk}/?language=en").content.decode()
    told = "confirmed by an office 2026-05-01"
    assert told in re.sub(r"<[^>]+>", "", page)
    assert f"EN 1090-2 EXC3 {told}" in str(sheets(made)[0])
    assert told in " ".join(text_of(pdf(made)).split())
    for part in (
        "1 more firm would suit",
        "a published list or programme · 風の会 名簿 · as of 2026-04-01",
        "may be machine-made; not confirmed by a person",
        "expired",
        "at least 2,000 a month",
        f'translate="no">{proposal.firm.corporate_number}',
        "file.pdf?language=en",
    ):
        assert part in page
    assert "溶接 / Welding" in browser.get(f"/lists/{made.pk}/").content.decode()


def test_english_of_a_file_is_marked_until_a_person_confirms_it() -> None:
    firm = make.FirmFactory(summary_en="We weld.")
    assert firm.english_state == "unconfirmed"
    browser, address = make.sign_in(make.CoordinatorFactory()), f"/firms/{firm.pk}/english/confirm/"
    page = browser.get(f"/firms/{firm.pk}/").content.decode()
    assert "may be machine-made" in page
    stale = (firm.updated_at - timedelta(seconds=1)).isoformat()
    browser.post(address, {"version": stale})
    assert Firm.objects.get(pk=firm.pk).english_state == "unconfirmed"
    for _ in range(2):
        browser.post(address, {"version": firm.updated_at.isoformat()})
    assert Firm.objects.get(pk=firm.pk).english_state == "confirmed"
    assert FirmEvent.objects.filter(kind="english").count() == 1


@pytest.mark.parametrize(("by_machine", "state"), [("", "confirmed"), ("on", "unconfirmed")])
def test_whoever_types_english_answers_for_it_unless_a_machine_wrote_it(by_machine: str, state: str) -> None:
    firm = make.FirmFactory()
    form = {"version": firm.updated_at.isoformat(), "summary_en": "We weld.", "by_machine": by_machine}
    sent = make.sign_in(make.FirmUserFactory(firm)).post(f"/firms/{firm.pk}/edit/english/", form)
    assert sent.status_code == 302
    assert Firm.objects.get(pk=firm.pk).english_state == state


def test_rows_of_the_workbook_are_as_high_as_their_text_and_wide_tables_print_in_parts(need: Need) -> None:
    candidate(need, summary_en="We weld.\n" * 12)
    made = listed(need)
    book = load_workbook(io.BytesIO(write_file(made, "xlsx", original(made, "en"))))
    table = book.worksheets[0]
    high = [size.height for size in table.row_dimensions.values() if size.height]
    assert max(high) >= 12 * 15
    assert (table.page_setup.fitToWidth, table.print_title_cols) == (3, "$A:$D")
