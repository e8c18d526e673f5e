"""A need in figures: phases, tolerance, delivery; and its history field by field."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry import history, needs
from registry.models import Criterion, Need, NeedEvent, NeedPhase, User
from registry.specification import phase_line
from registry.steps import StepRefused
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CoordinatorFactory,
    MunicipalityFactory,
    NeedFactory,
    OfficeFactory,
    PlaceFactory,
    ProjectFactory,
    UserFactory,
)
from tests.needs import filled

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]
SignIn = Callable[[User], Client]
DETAILS = {
    "material": "インコネル718",
    "tolerance": "０.０１",
    "roughness": "0.4",
    "diameter": "120",
    "first_delivery": "2026年11月30日",
    "nda_first": "on",
    "export_control": "subject",
    "export_checked_on": "2026-10-01",
    "export_checked_by": "阿部",
}
ROWS = {
    "phases-0-kind": "prototype",
    "phases-0-lot": "2",
    "phases-0-per": "once",
    "phases-0-since": "2026-11",
    "phases-1-kind": "volume",
    "phases-1-lot": "60",
    "phases-1-per": "year",
    "phases-1-since": "2029年1月",
    "criteria-0-kind": "certification",
    "criteria-0-stated": "JIS Q 9100",
    "criteria-0-hard": "wish",
    "criteria-0-by_year": "2028",
}


def test_an_anchor_states_figures_phases_and_a_wish_for_later(sign_in: SignIn) -> None:
    project = ProjectFactory()
    anchor = sign_in(AnchorFactory(project))
    sent = filled(anchor.get("/needs/new/"), project=project.pk, title="インペラ", text="羽根車") | DETAILS | ROWS
    assert anchor.post("/needs/new/", sent).status_code == 302
    need = Need.objects.get()
    assert need.specification == ("インコネル718", "±0.01 mm", "Ra 0.4", "⌀120 mm")
    assert list(need.phases.values_list("kind", "lot", "since")) == [
        ("prototype", 2, date(2026, 11, 1)),
        ("volume", 60, date(2029, 1, 1)),
    ]
    assert [phase.monthly for phase in need.phases.all()] == [2, 5]
    assert need.criteria.get().by_year == 2028
    page = anchor.get(need.get_absolute_url()).text
    for told in ("±0.01 mm", "⌀ 120 mm", "JIS Q 9100（2028年まで）", "量産：60個／年（2029-01から）"):
        assert told in page, told
    url = reverse("need-detail", args=[need.pk])
    answer = anchor.get(url)
    row = answer.json()
    sent_back = {"phases": row["phases"]}
    kept = anchor.patch(url, sent_back, "application/json", headers={"if-match": answer["ETag"]}).json()
    assert kept["phases"] == row["phases"], "a month that was read cannot be sent back"
    assert row["phases"][1].pop("id") in need.phases.values_list("pk", flat=True)
    assert row["phases"][1] == {"kind": "volume", "lot": 60, "per": "year", "since": "2029-01-01"}


@pytest.mark.parametrize(
    ("sent", "form", "field"),
    [
        ({"tolerance": "-1"}, "form", "tolerance"),
        ({"diameter": "1e400"}, "form", "diameter"),
        ({"export_checked_on": "2999-01-01"}, "form", "export_checked_on"),
        ({"phases-0-kind": "volume", "phases-0-lot": "0"}, "phases", "lot"),
        ({"phases-0-kind": "volume", "phases-0-lot": "5", "phases-0-since": "soon"}, "phases", "since"),
        (ROWS | {"criteria-0-hard": "must"}, "criteria", "by_year"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_lost(
    sign_in: SignIn, sent: dict[str, str], form: str, field: str
) -> None:
    project = ProjectFactory()
    anchor = sign_in(AnchorFactory(project))
    told = filled(anchor.get("/needs/new/"), project=project.pk, title="インペラ", text="羽根車", material="A5052")
    answer = anchor.post("/needs/new/", told | sent)
    bound = answer.context[form]
    assert (answer.status_code, field in (bound.errors if form == "form" else bound.forms[0].errors)) == (422, True)
    assert "A5052" in answer.text
    assert not Need.objects.exists()


def test_a_need_is_delivered_to_one_place(sign_in: SignIn) -> None:
    need = NeedFactory(project=ProjectFactory(municipality=MunicipalityFactory("07212")))
    assert need.delivered_to == need.project.municipality
    office = sign_in(BureauFactory())
    path = f"/needs/{need.pk}/edit/"
    sent = filled(office.get(path), delivery_place=PlaceFactory().pk)
    both = office.post(path, sent | {"delivery_municipality": MunicipalityFactory().pk})
    assert both.context["form"].errors["delivery_municipality"]
    assert office.post(path, sent).status_code == 302
    assert Need.objects.get().delivered_to == PlaceFactory()


def test_every_change_is_kept_field_by_field_and_a_save_without_one_is_not(sign_in: SignIn) -> None:
    need = NeedFactory(office=OfficeFactory("05"))
    phase = need.phases.create(kind="volume", lot=60, per="year")
    Criterion.objects.create(need=need, kind="employees", number=30)
    office = sign_in(BureauFactory(name="鈴木"))
    path = f"/needs/{need.pk}/edit/"
    office.post(path, filled(office.get(path)))
    assert not NeedEvent.objects.exists()
    office.post(path, filled(office.get(path), **{"phases-0-lot": "600", "tolerance": "0.05", "visibility": "nda"}))
    changes = {name: (before, after) for name, before, after in NeedEvent.objects.get().changes}
    assert set(changes) == {"phases", "tolerance", "visibility"}
    assert changes["tolerance"] == ("", "±0.05 mm")
    phase.refresh_from_db()
    assert phase_line(phase) in changes["phases"][1]
    page = office.get(f"/needs/{need.pk}/history/").text
    assert "±0.05 mm" in page
    assert "鈴木" in page


def test_the_history_is_for_those_in_charge_alone(sign_in: SignIn) -> None:
    """It quotes what the need said before it became public."""
    need = NeedFactory(office=OfficeFactory("02"))
    elsewhere = sign_in(CoordinatorFactory("05"))
    assert elsewhere.get(need.get_absolute_url()).status_code == 200
    assert elsewhere.get(f"/needs/{need.pk}/history/").status_code == 404
    assert sign_in(AnchorFactory(need.project)).get(f"/needs/{need.pk}/history/").status_code == 200


def test_what_the_administrator_changes_in_a_project_is_kept_too(sign_in: SignIn) -> None:
    project = ProjectFactory(phase="設計")
    before = history.snapshot(project)
    project.phase = "量産"
    project.save()
    history.record_changes(project, before, UserFactory("admin", name="管理者"))  # type: ignore[arg-type]
    assert project.events.get().changes == [["phase", "設計", "量産"]]
    assert "設計" in sign_in(CoordinatorFactory()).get(project.get_absolute_url()).text
    assert "設計" not in sign_in(AnchorFactory(project)).get(project.get_absolute_url()).text


def test_other_lots_are_taken_over_from_the_state_they_were_tried_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("registry.changes.on_change", [told.append])
    need, kudo = NeedFactory(), BureauFactory()
    phase = need.phases.create(kind="volume", lot=60, per="year")
    seen = need.updated_at
    needs.change_lots(need, {phase.pk: 600}, seen, by=kudo)
    assert (NeedPhase.objects.get().lot, NeedEvent.objects.get().changes[0][0], told) == (600, "phases", [need])
    with pytest.raises(StepRefused):
        needs.change_lots(need, {phase.pk: 6}, seen, by=kudo)
    with pytest.raises(StepRefused):
        needs.change_lots(need, {phase.pk: 6}, need.updated_at, by=AnchorFactory(need.project))
    assert NeedPhase.objects.get().lot == 600


def test_words_are_looked_at_while_they_are_written(sign_in: SignIn) -> None:
    anchor = sign_in(AnchorFactory())
    named = [anchor.post("/needs/wording/", {"text": text}).context["wording"] for text in ("", "インコネル718の切削")]
    assert [[there for _, _, there in hints] for hints in named] == [[False] * 5, [True, True, False, False, False]]
