"""The term table in the database: loaded, edited, checked, and as a spreadsheet."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from matching import store, terms, vocabulary
from matching.engine.terms import Link
from matching.models import Proposal
from matching.propose import propose
from registry.intake.catalogue import DATA, load_catalogues
from registry.models import Firm, Role, TermEntry
from tests.factories import CoordinatorFactory, FirmFactory, NeedFactory, UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def entry(
    term: str = "箱体", target: str = "製缶", kind: str = "process", weight: float = 0.7, **more: object
) -> TermEntry:
    return TermEntry.objects.create(term=term, target=target, kind=kind, weight=weight, **more)


def taken(path: Path, **more: Any) -> vocabulary.Taken:
    return vocabulary.take(path.name, path.read_bytes(), **more)


@pytest.fixture
def browser() -> Client:
    return sign_in(UserFactory(Role.ADMIN))


def test_kinds_are_those_of_the_engine() -> None:
    assert set(TermEntry.Kind.values) == {str(kind) for kind in Link}


def test_the_catalogue_load_adds_what_is_missing_and_keeps_what_people_changed() -> None:
    list(load_catalogues())
    shipped = len(terms.read(DATA / "terms.csv"))
    assert TermEntry.objects.count() == shipped
    assert terms.current().to_json() == terms.shipped().to_json()
    TermEntry.objects.filter(pk=TermEntry.objects.earliest("pk").pk).update(active=False, weight=0.1)
    assert dict(load_catalogues())["TermEntry"] == 0
    assert TermEntry.objects.filter(active=False, weight=0.1).count() == 1
    assert len(terms.entries()) == shipped - 1


def test_before_the_first_load_the_shipped_table_holds() -> None:
    assert len(terms.entries()) == len(terms.read(DATA / "terms.csv"))
    entry(active=False)
    assert terms.entries() == []


@pytest.mark.usefixtures("own_var", "firms")
def test_a_change_makes_the_index_stale_and_the_new_table_counts() -> None:
    FirmFactory(name="横手鉄工", capability_text="製缶")
    need = NeedFactory(title="胴", text="胴")
    entry("胴", "塗装", kind="synonym", weight=0.1)
    store.rebuild()
    assert not store.is_stale()
    row = entry("胴", "製缶")
    assert store.is_stale()
    store.rebuild()
    propose(need)
    best = Proposal.objects.get(need=need, rank=1)
    assert (best.firm.name, best.terms[0][3]) == ("横手鉄工", "胴")
    row.active = False
    row.save()
    assert store.is_stale()
    row.delete()
    assert Firm.objects.exists()


def test_an_entry_that_is_wrong_by_todays_rules_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    entry()
    entry("the", "溶接")
    assert len(terms.current().to_json()) == 1
    assert "left out" in caplog.text


# ---- the admin site -------------------------------------------------------------------------------------------------
def sent(**more: object) -> dict[str, object]:
    return {"term": "箱体", "target": "製缶", "kind": "process", "weight": "0.7", "active": "on", "source": ""} | more


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"term": "the"}, "no word that is matched"),
        ({"target": "箱体"}, "the same word already"),
        ({"weight": "1.5"}, "less than or equal to 1"),
        ({"term": "筐体", "target": "板金"}, "already"),
        ({"term": "アルマイト", "target": "表面処理", "kind": "narrower"}, "a circle"),
    ],
)
def test_a_wrong_or_circular_entry_is_refused_with_the_reason(
    browser: Client, more: dict[str, object], reason: str
) -> None:
    entry("筐体", "板金")
    entry("表面処理", "めっき", kind="narrower")
    entry("めっき", "アルマイト", kind="narrower")
    answer = browser.post(reverse("admin:registry_termentry_add"), sent(**more))
    assert answer.status_code == 200
    assert reason in answer.content.decode()
    assert TermEntry.objects.count() == 3


def test_the_administrator_adds_changes_and_switches_off(browser: Client) -> None:
    assert browser.post(reverse("admin:registry_termentry_add"), sent()).status_code == 302
    row = TermEntry.objects.get()
    assert row.updated_by is not None
    change = reverse("admin:registry_termentry_change", args=[row.pk])
    assert browser.post(change, sent(weight="0.4")).status_code == 302
    listing = reverse("admin:registry_termentry_changelist")
    chosen = {"_selected_action": row.pk}
    assert browser.post(listing, chosen | {"action": "as_xlsx"})["Content-Type"].endswith("sheet")
    browser.post(listing, chosen | {"action": "switch_off"})
    row.refresh_from_db()
    assert (row.weight, row.active) == (0.4, False)
    assert browser.get(listing).status_code == 200
    assert browser.post(reverse("admin:registry_termentry_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_the_administrator_takes_a_sheet_whole_or_not_at_all(browser: Client) -> None:
    page = reverse("admin:registry_termentry_sheet")
    assert page in browser.get(reverse("admin:registry_termentry_changelist")).content.decode()
    wrong = SimpleUploadedFile("a.csv", "term,target,kind\n箱体,製缶,process\n減圧,真空,magic".encode())
    with override("en"):
        refused = browser.post(page, {"file": wrong}, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 422
    assert "“magic”" in refused.content.decode()
    assert not TermEntry.objects.exists()
    assert browser.post(page, {"file": SimpleUploadedFile("a.pdf", b"%PDF")}).status_code == 422
    right = SimpleUploadedFile("a.csv", "term,target,kind\n箱体,製缶,process".encode())
    assert browser.post(page, {"file": right}).status_code == 302
    assert TermEntry.objects.get().updated_by is not None
    assert sign_in(CoordinatorFactory()).get(page).status_code in {302, 403, 404}


# ---- spreadsheets ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_what_is_written_is_read_back_the_same(tmp_path: Path, suffix: str) -> None:
    entry()
    entry("減圧", "真空", kind="process", weight=0.8, active=False, source="社内")
    entry("=SUM(A1)", "表計算", kind="synonym")
    path = tmp_path / f"terms{suffix}"
    assert vocabulary.write(path) == 3
    names = ("term", "target", "kind", "weight", "active", "source")
    before = set(TermEntry.objects.values_list(*names))
    assert taken(path) == vocabulary.Taken(added=0, changed=0, same=3)
    TermEntry.objects.filter(term="箱体").delete()
    TermEntry.objects.filter(term="減圧").update(weight=0.2)
    assert taken(path, only_check=True) == vocabulary.Taken(added=1, changed=1, same=1)
    assert TermEntry.objects.count() == 2
    assert taken(path) == vocabulary.Taken(added=1, changed=1, same=1)
    assert set(TermEntry.objects.values_list(*names)) == before


CIRCLE = ["めっき,表面処理,narrower", "表面処理,めっき,narrower"]


def lines(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_headings_and_kinds_are_read_in_any_language(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "term,target,kind,weight", "箱体,製缶,process,０．７", "減圧,真空,Synonym,", ",,,")
    assert taken(path, by=UserFactory(Role.ADMIN)).added == 2
    assert set(TermEntry.objects.values_list("term", "kind", "weight")) == {
        ("箱体", "process", 0.7), ("減圧", "synonym", 1.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (["term,target", "a,b"], ["lacks these headings"]),
        ([], ["empty"]),
        (["term,target,kind,weight", "箱体,製缶,magic,1", ",真空,synonym,1"], ["Line 2: “magic”", "Line 3: term"]),
        (["term,target,kind,weight", "箱体,製缶,process,viel"], ["Line 2: the weight “viel”"]),
        (["term,target,kind,weight", "箱体,製缶,process,7"], ["Line 2: the weight 7.0"]),
        (["term,target,kind,weight,active", "箱体,製缶,process,1,maybe"], ["Line 2: “in use”"]),
        (["term,target,kind", "減圧,真空,process", *CIRCLE], ["Line 4: ", "a circle"]),
    ],
)  # fmt: skip
def test_a_file_with_a_wrong_line_is_not_taken_at_all(tmp_path: Path, rows: list[str], faults: list[str]) -> None:
    with override("en"), pytest.raises(vocabulary.FileRefused) as refused:
        taken(lines(tmp_path / "a.csv", *rows))
    for fault in faults:
        assert fault in str(refused.value)
    assert TermEntry.objects.count() == 0


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    for name, content in (("a.xlsx", b"no workbook"), ("a.csv", b"\xff\xfe\x00")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CommandError, match=r"Nothing was taken"):
            call_command("terms", "import", str(tmp_path / name))
    with pytest.raises(CommandError, match=r"missing\.csv"):
        call_command("terms", "import", str(tmp_path / "missing.csv"))
    with pytest.raises(CommandError, match=r"only \.xlsx and \.csv"):
        call_command("terms", "export", str(tmp_path / "terms.pdf"))


def test_the_command_writes_and_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry()
    path = str(tmp_path / "terms.xlsx")
    call_command("terms", "export", path)
    call_command("terms", "import", path, check=True)
    assert "1 entries written" in (out := capsys.readouterr().out)
    assert "0 entries would be added, 0 changed, 1 the same" in out
