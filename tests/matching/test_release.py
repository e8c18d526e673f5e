import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from matching.contents import original
from matching.list_columns import LIST_COLUMNS
from matching.list_files import write_file
from matching.models import CandidateList, CandidateListEntry, Proposal
from matching.release import make_list, release, withdraw
from matching.sample import write_sample_list
from registry.append_only import AppendOnlyError
from registry.models import Firm, Need, Notice, ProjectMembership, User
from registry.steps import StepRefused
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CapabilityFactory,
    CertificationFactory,
    ConsentFactory,
    CoordinatorFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    ProposalFactory,
    check,
)

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://x.example","安い")'


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def need() -> Need:
    return NeedFactory()


def shortlist(need: Need, **firm: object) -> Proposal:
    proposal = ProposalFactory(need=need, firm=FirmFactory(**firm), state=Proposal.State.SHORTLISTED)
    ConsentFactory(proposal)
    return proposal


def sheet(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_the_row_says_what_a_buyer_needs_in_both_languages(need: Need) -> None:
    certification = CertificationFactory()
    proposal = shortlist(
        need, name_en="Noshiro Trial", capabilities=[CapabilityFactory()], certifications=[certification],
        monthly_capacity=8, is_sample=True, as_of=date(2026, 4, 1), contact_name="秘密の担当者",
    )  # fmt: skip
    proposal.firm.firm_certifications.update(valid_until=date(2027, 3, 31))
    proposal.checks = [check(), check("volume", "fail", asked=12, found=8), check("lead_time", "unknown", found=None)]
    proposal.save()
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    [row] = original(made).rows
    assert set(row) == {column.name for column in LIST_COLUMNS}
    assert row["position"] == 1
    assert row["corporate_number"] == proposal.firm.corporate_number
    assert row["place"] == "秋田県 能代市 / Noshiro-shi, Akita"
    assert row["capabilities"] == "溶接 / Welding"
    assert row["certifications"] == "ISO-9001 (–2027-03-31)"
    assert row["monthly_capacity"] == 8
    assert row["as_of"] == "2026-04-01"
    assert "Fictional sample" in row["sample"]
    assert "at least 12 a month → 8 a month" in row["missed"]
    assert "at most 10 days → not stated" in row["missed"]
    assert row["contact"] == "秘密の担当者"


def test_the_list_is_numbered_and_versioned_per_need(need: Need) -> None:
    by = CoordinatorFactory()
    shortlist(need)
    first, second = (make_list(need, by=by, recipient="Holm A/S") for _ in range(2))
    assert first.number == f"L-{first.made_at.year}-{first.pk:03d}"
    assert (first.version, second.version) == (1, 2)
    assert first.number != second.number
    assert first.office == by.offices.get()


def test_a_made_list_does_not_follow_its_firms(need: Need) -> None:
    proposal = shortlist(need)
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    before = {extension: write_file(made, extension, original(made)) for extension in ("xlsx", "csv")}
    Firm.objects.filter(pk=proposal.firm_id).update(name="改名株式会社", employees=1)
    proposal.need.title = "別の題"
    proposal.need.save()
    again = CandidateList.objects.get(pk=made.pk)
    with override("ja"):
        assert {extension: write_file(again, extension, original(again)) for extension in ("xlsx", "csv")} == before


def test_an_entry_is_never_changed(need: Need) -> None:
    shortlist(need)
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    with pytest.raises(AppendOnlyError):
        made.entries.all().delete()
    with pytest.raises(AppendOnlyError):
        CandidateListEntry.objects.update(row={})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matching_candidatelistentry SET position = 9")


def test_files_are_safe_and_keep_corporate_numbers(need: Need) -> None:
    proposal = shortlist(need, name=FORMULA, name_kana="+ｱ", summary_en="@SUM(A1)")
    made = make_list(need, by=CoordinatorFactory(), recipient=FORMULA)
    book = sheet(write_file(made, "xlsx", original(made)))
    header = next(n for n, row in enumerate(book) if row[0] == original(made).columns[0].heading)
    names = [column.name for column in original(made).columns]
    assert book[header + 1][names.index("name")] == FORMULA
    assert book[header + 1][names.index("corporate_number")] == proposal.firm.corporate_number
    text = write_file(made, "csv", original(made)).decode("utf-8-sig")
    assert f'"\'{FORMULA.replace(chr(34), chr(34) * 2)}"' in text
    assert "'@SUM(A1)" in text
    assert proposal.firm.corporate_number is not None
    assert f",{proposal.firm.corporate_number}," in text


def test_the_heading_says_what_list_it_is(need: Need) -> None:
    shortlist(need)
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    top = "\n".join(" ".join(str(cell) for cell in row) for row in sheet(write_file(made, "xlsx", original(made)))[:8])
    for part in (f"{made.number} (v1)", need.number, need.title, "Trial wind farm", "Holm A/S"):
        assert part in top


@pytest.mark.parametrize("state", [Proposal.State.PROPOSED, Proposal.State.HELD, Proposal.State.REJECTED])
def test_only_shortlisted_firms_go_in(need: Need, state: str) -> None:
    ProposalFactory(need=need, state=state)
    with pytest.raises(StepRefused, match="shortlisted"):
        make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    assert CandidateList.objects.count() == 0


def test_a_list_is_not_released_with_a_firm_that_is_approved_no_more(need: Need) -> None:
    kept, turned_down = shortlist(need), shortlist(need)
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    Proposal.objects.filter(pk=turned_down.pk).update(state=Proposal.State.REJECTED)
    with pytest.raises(StepRefused, match=turned_down.firm.name) as told:
        release(made, made.made_by)
    assert kept.firm.name not in str(told.value)
    assert CandidateList.objects.get().state == CandidateList.State.MADE


def test_archived_firms_and_firms_out_of_scope_stay_out(need: Need) -> None:
    mine = shortlist(need)
    shortlist(need, state=Firm.State.ARCHIVED)
    shortlist(need, municipality=MunicipalityFactory("02201"))
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    assert [entry.firm for entry in made.entries.all()] == [mine.firm]


def test_a_recipient_and_a_visible_need_are_required(need: Need) -> None:
    shortlist(need)
    with pytest.raises(StepRefused):
        make_list(need, by=CoordinatorFactory(), recipient=" ")
    with pytest.raises(StepRefused):
        make_list(need, by=AnchorFactory(need.project), recipient="me")


def test_the_anchor_side_sees_released_lists_of_its_project_until_withdrawn(need: Need) -> None:
    by, reader, stranger = CoordinatorFactory(), AnchorFactory(need.project), AnchorFactory(ProjectFactory())
    shortlist(need)
    made = make_list(need, by=by, recipient="Holm A/S")

    def seen(user: User) -> bool:
        return CandidateList.objects.visible_to(user).filter(pk=made.pk).exists()

    assert not seen(reader)
    release(made, by)
    assert seen(reader)
    assert not seen(stranger)
    withdraw(made, by)
    assert not seen(reader)
    assert list(Notice.objects.filter(person=reader).order_by("pk").values_list("kind", "url")) == [
        ("list.released", made.get_absolute_url()),
        ("list.withdrawn", made.get_absolute_url()),  # which says so
    ]
    assert (made.released_by, made.withdrawn_by) == (by, by)
    with pytest.raises(StepRefused):
        release(CandidateList.objects.get(pk=made.pk), by)


def test_another_office_cannot_release(need: Need) -> None:
    shortlist(need)
    made = make_list(need, by=CoordinatorFactory(), recipient="Holm A/S")
    with pytest.raises(StepRefused):
        release(made, CoordinatorFactory())
    release(made, BureauFactory())


def test_the_sample_list_is_made_once(tmp_path: Path) -> None:
    by = CoordinatorFactory(email="coordinator@example.jp")
    need = NeedFactory(is_sample=True)
    ProjectMembership.objects.create(user=AnchorFactory(), project=need.project)
    for rank in range(1, 8):
        ProposalFactory(need=need, rank=rank, verdict="fail" if rank == 2 else "unknown")
    first = {path.name: path.read_bytes() for path in write_sample_list(tmp_path)}
    again = {path.name: path.read_bytes() for path in write_sample_list(tmp_path)}
    assert first == again
    assert {name[-4:] for name in first} == {".pdf", "xlsx", ".csv"}
    made = CandidateList.objects.get()
    assert made.state == CandidateList.State.RELEASED
    assert made.entries.count() == 3
    assert Proposal.objects.filter(state="shortlisted", decisions__by=by).count() == 5


def test_without_sample_data_there_is_no_sample_list(tmp_path: Path) -> None:
    assert write_sample_list(tmp_path) == []
    CoordinatorFactory(email="coordinator@example.jp")
    assert write_sample_list(tmp_path) == []
