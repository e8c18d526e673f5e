"""Needs: who writes, sees, reviews and moves them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from registry import needs
from registry.models import Criterion, Need, User
from registry.quality import warnings
from registry.steps import StepRefused
from tests.factories import (
    AnchorFactory,
    BureauFactory,
    CapabilityFactory,
    CertificationFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    OfficeFactory,
    PlaceFactory,
    PrefectureFactory,
    ProjectFactory,
    UserFactory,
)
from tests.needs import filled

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
FIELDS = ["title", "text", "project", "office", "quantity", "capabilities", "deadline", "version"]
FIELDS += ["criteria-0-stated", "criteria-0-place", "criteria-0-id", "criteria-TOTAL_FORMS"]
SignIn = Callable[[User], Client]


def test_an_anchor_writes_a_need_an_office_opens_it_and_firms_read_it(sign_in: SignIn) -> None:
    project, certification = ProjectFactory(), CertificationFactory(name="ISO 3834-2")
    kudo = CoordinatorFactory("05")
    anchor, office, firm = sign_in(AnchorFactory(project)), sign_in(kudo), sign_in(FirmUserFactory())
    PrefectureFactory("02")
    page = anchor.get(f"/needs/new/?project={project.pk}")
    sent = filled(page, title="Tower internal platforms", text="126 sets", language="en", visibility="public")
    sent |= {"criteria-0-kind": "certification", "criteria-0-stated": "iso3834-2", "criteria-0-hard": "must"}
    sent |= {"criteria-1-kind": "distance", "criteria-1-number": "８０", "criteria-1-place": PlaceFactory().pk}
    sent |= {"criteria-2-kind": "prefecture", "criteria-2-prefectures": ["02", "05"], "criteria-2-hard": "wish"}
    assert anchor.post("/needs/new/", sent).status_code == 302
    need = Need.objects.get()
    hard, far, wish = need.criteria.order_by("pk")
    assert (hard.certification, hard.hard, far.number, wish.hard) == (certification, True, 80, False)
    assert wish.prefectures.count() == 2

    assert office.get(f"/needs/{need.pk}/").status_code == 404  # a draft is its author's own
    assert anchor.post(f"/needs/{need.pk}/submit/").status_code == 302
    need.refresh_from_db()
    assert (need.state, need.office) == ("review", kudo.offices.get())
    assert anchor.post(f"/needs/{need.pk}/open/").status_code == 403
    assert firm.get(f"/needs/{need.pk}/").status_code == 404
    assert office.post(f"/needs/{need.pk}/open/").status_code == 302
    assert "Tower internal platforms" in firm.get(f"/needs/{need.pk}/").content.decode()
    assert [event.step for event in need.events.all()] == ["submit", "open"]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"kind": "certification"}, "stated"),
        ({"kind": "distance", "number": "80"}, "place"),
        ({"kind": "volume"}, "number"),
        ({"kind": "volume", "number": "9999999999"}, "number"),
        ({"kind": "employees", "number": "0.5"}, "number"),
        ({"kind": "prefecture"}, "prefectures"),
        ({"kind": "gone"}, "kind"),
        ({"number": "5"}, "kind"),
    ],
)
def test_a_criterion_without_what_it_needs_is_a_form_error(sign_in: SignIn, row: dict[str, str], field: str) -> None:
    project = ProjectFactory()
    client = sign_in(AnchorFactory(project))
    sent = filled(client.get("/needs/new/"), project=project.pk, title="架台", text="溶接")
    answer = client.post("/needs/new/", sent | {f"criteria-0-{name}": value for name, value in row.items()})
    assert answer.status_code == 422
    assert answer.context["criteria"].forms[0].errors[field]
    assert not Need.objects.exists()


def test_needs_are_written_for_projects_in_reach_alone(sign_in: SignIn) -> None:
    akita, aomori = ProjectFactory(), ProjectFactory(municipality=MunicipalityFactory("02201"))
    client = sign_in(CoordinatorFactory("05"))
    sent = filled(client.get("/needs/new/"), title="架台", text="溶接")
    assert client.post("/needs/new/", sent | {"project": aomori.pk}).context["form"].errors["project"]
    assert client.post("/needs/new/", sent | {"project": akita.pk}).status_code == 302
    assert sign_in(FirmUserFactory()).get("/needs/new/").status_code == 403


def test_seeing_a_need_is_not_changing_it(sign_in: SignIn) -> None:
    shared = NeedFactory(project=ProjectFactory(municipality=MunicipalityFactory("02201")))
    client = sign_in(CoordinatorFactory("05"))
    page = client.get(f"/needs/{shared.pk}/")
    assert (page.status_code, page.context["may_change"], page.context["steps"]) == (200, False, {})
    assert client.get(f"/needs/{shared.pk}/edit/").status_code == 404
    assert client.post(f"/needs/{shared.pk}/close/", {"reason": "x"}).status_code == 404


def test_a_need_under_nda_is_for_its_anchor_office_and_bureau(sign_in: SignIn) -> None:
    office = OfficeFactory("05")
    need = NeedFactory(visibility="nda", office=office, title="秘密の部品")
    insider, outsider = UserFactory("coordinator"), CoordinatorFactory("05")  # type: ignore[arg-type]
    office.members.add(insider)
    for user in (insider, BureauFactory(), AnchorFactory(need.project)):
        assert sign_in(user).get(f"/needs/{need.pk}/").status_code == 200
    for user in (outsider, FirmUserFactory(), UserFactory("admin"), AnchorFactory(ProjectFactory())):  # type: ignore[arg-type]
        client = sign_in(user)
        assert client.get(f"/needs/{need.pk}/").status_code == 404
        for path in ("/needs/?q=秘密", "/needs/export.csv", f"/projects/{need.project_id}/", "/api/needs/", "/"):
            answer = client.get(path)
            assert "秘密の部品".encode() not in (b"".join(answer) if answer.streaming else answer.content)


def test_a_reason_is_asked_for_and_kept(sign_in: SignIn) -> None:
    need = NeedFactory(state="review")
    client = sign_in(CoordinatorFactory())
    assert client.post(f"/needs/{need.pk}/return/").status_code == 409
    long = client.post(f"/needs/{need.pk}/return/", {"reason": "x" * 501})
    assert long.status_code == 422
    assert "x" * 501 in long.content.decode()
    assert client.post(f"/needs/{need.pk}/return/", {"reason": "数量を書いてください"}).status_code == 302
    assert client.get(f"/needs/{need.pk}/").status_code == 404  # a draft is its author's own again
    author = sign_in(AnchorFactory(need.project))
    assert "数量を書いてください" in author.get(f"/needs/{need.pk}/").content.decode()


def test_of_two_reviewers_one_wins_and_the_other_is_told() -> None:
    need, kudo, mikami = NeedFactory(state="review"), CoordinatorFactory(), CoordinatorFactory()
    stale = Need.objects.get(pk=need.pk)
    needs.take("open", need, by=kudo)
    with pytest.raises(StepRefused):
        needs.take("return", stale, by=mikami, reason="数量")
    assert need.events.count() == 1


def test_what_is_open_is_edited_by_offices_alone(sign_in: SignIn) -> None:
    need = NeedFactory()
    assert sign_in(AnchorFactory(need.project)).get(f"/needs/{need.pk}/edit/").status_code == 302
    assert sign_in(CoordinatorFactory()).get(f"/needs/{need.pk}/edit/").status_code == 200
    closed = NeedFactory(state="closed")
    assert sign_in(CoordinatorFactory()).get(f"/needs/{closed.pk}/edit/").status_code == 302


def test_editing_keeps_the_criteria_of_others_apart(sign_in: SignIn) -> None:
    need, other = NeedFactory(), NeedFactory()
    mine, foreign = CriterionFactory(need), CriterionFactory(other)
    client = sign_in(CoordinatorFactory())
    path = f"/needs/{need.pk}/edit/"
    sent = filled(client.get(path))
    assert client.post(path, sent | {"criteria-0-id": foreign.pk, "criteria-0-number": "1"}).status_code == 422
    assert client.post(path, sent | {"criteria-0-number": "25"}).status_code == 302
    assert list(Criterion.objects.order_by("pk").values_list("pk", "number")) == [(mine.pk, 25), (foreign.pk, 10)]
    assert client.post(path, sent).status_code == 409  # made from the state before


def test_a_day_that_has_passed_is_refused_but_an_old_one_may_stay(sign_in: SignIn) -> None:
    need = NeedFactory(deadline=date(2020, 1, 1))
    client = sign_in(CoordinatorFactory())
    path = f"/needs/{need.pk}/edit/"
    yesterday = timezone.localdate() - timedelta(days=1)
    assert client.post(path, filled(client.get(path), deadline=yesterday)).context["form"].errors["deadline"]
    assert client.post(path, filled(client.get(path))).status_code == 302


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("odd", ["\x00", "あ" * 50_000, "a" + "\u0300" * 50_000, "9" * 5000, "-1"])
def test_odd_values_are_form_errors(sign_in: SignIn, field: str, odd: str) -> None:
    need = NeedFactory()
    CriterionFactory(need, kind="certification", stated="ISO 9001")
    client = sign_in(CoordinatorFactory())
    path = f"/needs/{need.pk}/edit/"
    assert client.post(path, filled(client.get(path), **{field: odd})).status_code in {302, 409, 422}
    assert client.get(f"/needs/{need.pk}/").status_code == 200


def test_only_fields_of_the_form_are_written(sign_in: SignIn) -> None:
    kudo = CoordinatorFactory()
    need = NeedFactory(state="draft", office=kudo.offices.get())
    client = sign_in(kudo)
    path = f"/needs/{need.pk}/edit/"
    before: dict[str, Any] = dict(Need.objects.values().get())
    client.post(
        path, {field.name: "1" for field in Need._meta.fields if field.name != "nda_first"} | filled(client.get(path))
    )
    after: dict[str, Any] = dict(Need.objects.values().get())
    assert {name for name in before if before[name] != after[name]} == {"updated_at"}


def test_opening_and_editing_tell_whoever_wants_to_know(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("registry.changes.on_change", [told.append])
    need = NeedFactory(state="review")
    client = sign_in(CoordinatorFactory())
    client.post(f"/needs/{need.pk}/open/")
    client.post(f"/needs/{need.pk}/edit/", filled(client.get(f"/needs/{need.pk}/edit/"), title="架台"))
    assert told == [need, need]


def test_the_form_of_a_need_costs_the_same_queries_for_many_criteria(sign_in: SignIn, query_counter: Any) -> None:
    need = NeedFactory()
    client = sign_in(CoordinatorFactory())
    path = f"/needs/{need.pk}/edit/"

    def criterion() -> None:
        CriterionFactory(need, kind="prefecture", prefectures=[PrefectureFactory()])

    criterion()
    with query_counter() as few:
        client.get(path)
    for _n in range(10):
        criterion()
    with query_counter() as many:
        client.get(path)
    assert len(many) == len(few) <= 20


def test_a_need_whose_day_has_passed_says_so(sign_in: SignIn) -> None:
    today = timezone.localdate()
    late, due = NeedFactory(state="open", deadline=today - timedelta(days=1)), NeedFactory(state="open", deadline=today)
    assert (late.is_past, due.is_past) == (True, False)
    assert NeedFactory(state="closed", deadline=late.deadline).is_past is False
    browser = sign_in(BureauFactory())
    assert "回答期限切れ" in browser.get(late.get_absolute_url()).content.decode()
    assert "回答期限切れ" not in browser.get(due.get_absolute_url()).content.decode()


def test_what_is_too_long_comes_in_whole_and_is_told(sign_in: SignIn) -> None:
    browser = sign_in(BureauFactory())
    page = browser.get("/needs/new/")
    assert not re.search(r'<(textarea|input type="text")[^>]*maxlength', page.content.decode())
    answer = browser.post("/needs/new/", filled(page, project=ProjectFactory().pk, title="長文", text="あ" * 5000))
    assert (answer.status_code, len(answer.context["form"]["text"].value())) == (422, 5000)
    assert "4000" in str(answer.context["form"].errors["text"])


def test_a_reviewer_sees_what_a_need_leaves_out_and_the_answers_are_kept(
    sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    FirmFactory(employees=40, state="published")
    need = NeedFactory(state="review", text="架台。", quantity=None, deadline=None)
    CriterionFactory(need, kind="employees", number=30)
    CriterionFactory(need, kind="lead_time", number=3)
    CriterionFactory(need, kind="volume", number=12, hard=False)
    kudo = CoordinatorFactory("05")
    found = list(warnings(need))
    assert len(found) == 5, found
    assert [text for text in found if "納期" in text or "lead time" in text], found
    office = sign_in(kudo)
    with django_assert_max_num_queries(30):
        page = office.get(need.get_absolute_url()).content.decode()
    assert 'name="review"' in page
    assert office.post(f"/needs/{need.pk}/open/", {"review": ["clear", "real", "<b>"]}).status_code == 302
    assert need.events.get().review == ["clear", "real"]
    assert 'name="review"' not in office.get(need.get_absolute_url()).content.decode()
    full = NeedFactory(text="あ" * 80, quantity=12, deadline=timezone.localdate() + timedelta(days=90))
    full.capabilities.add(CapabilityFactory())
    iso = CertificationFactory()
    FirmFactory(certifications=[iso])
    wanted = CriterionFactory(full, kind="certification", stated=iso.name, certification=iso)
    assert list(warnings(full)) == []
    Criterion.objects.filter(pk=wanted.pk).update(confirmed=True)  # nobody's is confirmed
    assert len(list(warnings(Need.objects.get(pk=full.pk)))) == 1
