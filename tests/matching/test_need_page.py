"""The office's page of a need: its parts load by themselves, and what another quantity would change."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from matching import store
from matching.checks import phases_fitted
from matching.documents import need_document
from matching.models import Proposal
from matching.propose import propose
from registry.models import Firm, Need, NeedEvent, NeedPhase
from tests.factories import BureauFactory, FirmFactory, InquiryFactory, NeedFactory, ProposalFactory, check, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


@pytest.fixture
def phased(firms: list[Firm], need: Need) -> Need:
    """Sixty a year from a firm that makes ten a month, after two prototypes."""
    Firm.objects.update(monthly_capacity=10)
    need.phases.create(kind="prototype", lot=2, per="once")
    need.phases.create(kind="volume", lot=60, per="year")
    return need


def test_the_furthest_phase_decides_and_the_earlier_ones_are_told(phased: Need) -> None:
    asked = [(one.phase, one.hard, one.number) for one in need_document(phased).criteria]
    assert asked == [("prototype", False, 2), ("volume", True, 5)]
    phased.criteria.create(kind="volume", number=4)
    fresh = Need.objects.get()
    assert [one.hard for one in need_document(fresh).criteria] == [True, False, False]  # what is stated decides


def test_figures_are_matched_unless_the_text_says_them(need: Need) -> None:
    plain = need_document(need)
    need.material, need.diameter = "SUS304", Decimal("120.00")
    assert need_document(need).text == f"{plain.text}\nSUS304\n⌀120 mm"
    need.text += " 材質は ＳＵＳ３０４。"
    assert need_document(need).text == f"{need.text}\n⌀120 mm"


def test_a_firm_that_fits_the_prototype_alone_is_proposed_as_such() -> None:
    volume = [
        check("volume", "pass", hard=False, asked=2, found=3) | {"phase": "prototype"},
        check("volume", "fail", asked=50, found=3) | {"phase": "volume"},
    ]
    row = ProposalFactory(checks=volume, verdict="fail")
    page = sign_in(BureauFactory()).get(row.get_absolute_url()).text
    assert "fits only: prototype" in page
    assert "Volume per month (volume production)" in page
    assert phases_fitted([volume[0], volume[1] | {"outcome": "pass"}]) == ""
    assert phases_fitted([check("volume", "fail")]) == ""


def test_other_quantities_are_tried_beside_what_is_stored_and_taken_over_as_a_change(
    phased: Need, own_var: None
) -> None:
    store.rebuild()
    propose(phased)
    office, kept = sign_in(BureauFactory()), list(Proposal.objects.values())
    path = reverse("matching:volume", args=[phased.pk])
    volume = NeedPhase.objects.get(kind="volume")
    assert {row.verdict for row, _ in office.get(path).context["rows"]} == {"pass"}
    tried = office.get(path, {f"lot-{volume.pk}": "600"})
    rows = [row for row, _ in tried.context["rows"]]
    assert {(row.stored.verdict, row.verdict, row.fitted) for row in rows} == {("pass", "fail", "prototype")}
    assert (list(Proposal.objects.values()), NeedPhase.objects.get(kind="volume").lot) == (kept, 60)
    assert office.get(path, {f"lot-{volume.pk}": "many"}).status_code == 422
    version = tried.context["form"]["version"].value() or phased.updated_at.isoformat()
    sent = {f"lot-{volume.pk}": "600", "version": version}
    for _click in range(2):
        assert office.post(reverse("registry:need-lots", args=[phased.pk]), sent).status_code == 302
    assert NeedPhase.objects.get(kind="volume").lot == 600
    assert [name for name, *_ in NeedEvent.objects.get().changes] == ["phases"]
    propose(Need.objects.get())
    assert {row.verdict for row in Proposal.objects.all()} == {"fail"}


@pytest.mark.parametrize("panel", ["candidates", "inquiries", "groups", "lists"])
def test_a_part_is_a_fragment_of_the_page_or_a_page_and_costs_the_same_for_many_rows(
    panel: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    need, office = NeedFactory(), sign_in(BureauFactory())
    for _n in range(8):
        firm = FirmFactory()
        ProposalFactory(need=need, firm=firm, band="strong")
        InquiryFactory(need=need, firm=firm)
    path = reverse("matching:need-panel", args=[need.pk, panel])
    assert path in office.get(need.get_absolute_url()).text
    with django_assert_max_num_queries(20):
        whole = office.get(path)
    part: Any = office.get(path, headers={"hx-request": "true"})
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "HX-Request" in part["Vary"]
