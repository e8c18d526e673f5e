"""Tasks with a day: set for a firm or an office, recorded, recalled, never telling what must stay hidden."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from matching import todo
from matching.models import Proposal, Task
from matching.review import take as decide
from matching.todo import Target, Wish, remind, set_task, take
from registry.models import Need, Notice, User
from registry.steps import StepRefused
from tests.factories import (
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    InquiryFactory,
    MunicipalityFactory,
    NeedFactory,
    ProposalFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def soon(days: int = 30) -> Any:
    return timezone.localdate() + timedelta(days=days)


def for_firm(title: str = "EXC3 取得", **fields: Any) -> Wish:
    return Wish(title, soon(), side=Task.Side.FIRM, **fields)


def test_a_task_is_set_once_seen_by_both_sides_and_closed_with_a_record(akita: User) -> None:
    row, browser = ProposalFactory(need=NeedFactory(title="ナセル外板")), sign_in(akita)
    person = FirmUserFactory(row.firm)
    url = f"/tasks/new/?proposal={row.pk}"
    typed = {
        "key": str(uuid.uuid4()),
        "side": "firm",
        "title": "塗装 C5 の実績をまとめる",
        "due_on": soon(),
        "note": "3 例",
    }
    for wrong in ({"title": " "}, {"due_on": "2020-01-01"}, {"due_on": "x"}, {"key": ""}, {"title": "あ" * 201}):
        assert browser.post(url, typed | wrong).status_code in {409, 422}
    for _ in range(2):  # a second click
        assert browser.post(url, typed).status_code == 302
    assert sign_in(CoordinatorFactory("05")).post(url, typed).status_code == 409  # the number of somebody else's form
    task = Task.objects.get()
    assert (task.firm, task.need, task.office) == (row.firm, row.need, akita.offices.get())
    assert Notice.objects.filter(person=person, kind="task.set").count() == 1
    for path in (row.get_absolute_url(), row.firm.get_absolute_url(), "/tasks/", task.get_absolute_url()):
        assert task.title in browser.get(path).content.decode(), path
    firm = sign_in(person)
    page = firm.get("/concerns/").content.decode()
    assert task.title in page
    assert "3 例" in page
    report = f"/tasks/{task.pk}/report/"
    assert firm.post(report, {"note": "まとめました"}, follow=True).status_code == 200
    assert "told already" in firm.post(report, {}, follow=True).content.decode()
    assert Notice.objects.filter(person=akita, kind="task.reported").count() == 1
    assert browser.post(f"/tasks/{task.pk}/drop/", {"note": ""}).status_code == 422
    assert browser.post(f"/tasks/{task.pk}/done/", {}).status_code == 302
    assert browser.post(f"/tasks/{task.pk}/done/", {}).status_code == 409
    assert list(task.events.values_list("step", flat=True)) == ["open", "report", "done"]
    assert task.title not in firm.get("/concerns/").content.decode()


def test_date_and_assignee_move_with_a_record_and_the_assignee_is_told(akita: User) -> None:
    sato = CoordinatorFactory("05", name="佐藤 幸")
    task = set_task(Wish("電話する", soon(1)), Target(firm=FirmFactory()), by=akita)
    take("change", task, by=akita, due_on=soon(9), assignee=sato)
    assert (task.due_on, task.assignee) == (soon(9), sato)
    assert Notice.objects.filter(person=sato, kind="task.assigned").count() == 1
    with override("en"), pytest.raises(StepRefused, match="Nothing was changed"):
        take("change", task, by=akita, due_on=soon(9), assignee=sato)
    with override("en"), pytest.raises(StepRefused, match="today or later"):
        take("change", task, by=akita, due_on=soon(-1), assignee=sato)
    with override("en"), pytest.raises(StepRefused, match="cannot see"):
        take("change", task, by=akita, assignee=CoordinatorFactory("02"))
    event = task.events.last()
    assert event is not None
    assert (event.step, event.due_on, event.assignee) == ("change", soon(9), sato)


def test_a_firm_hears_of_no_need_that_it_must_not_know(akita: User) -> None:
    hidden = ProposalFactory(need=NeedFactory(visibility=Need.Visibility.NDA, office=akita.offices.get()))
    with override("en"), pytest.raises(StepRefused, match="does not know"):
        set_task(for_firm(), Target(proposal=hidden), by=akita)
    asked = InquiryFactory(need=hidden.need, firm=hidden.firm, asked_by=akita)
    set_task(for_firm(), Target(inquiry=asked), by=akita)
    set_task(Wish("現地を見る", soon()), Target(need=hidden.need), by=akita)
    office = sign_in(akita)
    assert "EXC3 取得" in office.get(asked.get_absolute_url()).content.decode()
    assert "現地を見る" in office.get(hidden.need.get_absolute_url()).content.decode()
    page = sign_in(FirmUserFactory(hidden.firm)).get("/concerns/").content.decode()
    assert "EXC3 取得" in page
    assert hidden.need.title not in page
    assert hidden.need.project.organisation not in page.replace(asked.recipient, "", 1)


def test_offices_see_what_hangs_on_what_they_see(akita: User) -> None:
    aomori, colleague = CoordinatorFactory("02"), CoordinatorFactory("05")
    row = ProposalFactory()
    on_proposal = set_task(for_firm(), Target(proposal=row), by=akita)
    on_firm = set_task(Wish("訪問", soon()), Target(firm=row.firm), by=akita)
    of_office = set_task(Wish("展示会の準備", soon()), Target(), by=akita)
    assert set(Task.objects.visible_to(colleague)) == {on_proposal, on_firm}  # of another office in the prefecture
    assert not Task.objects.visible_to(aomori).exists()
    decide("hand_over", row, by=akita, office=aomori.offices.get())
    assert set(Task.objects.visible_to(User.objects.get(pk=aomori.pk))) == {on_proposal}
    with override("en"), pytest.raises(StepRefused, match="outside"):
        set_task(Wish("訪問", soon()), Target(firm=row.firm), by=aomori)
    with override("en"), pytest.raises(StepRefused, match="not yours"):
        take("done", on_firm, by=aomori)
    assert set(Task.objects.visible_to(FirmUserFactory(row.firm))) == {on_proposal}
    assert of_office in Task.objects.visible_to(akita)


def test_a_due_task_is_recalled_once_and_again_after_a_week(akita: User) -> None:
    row = ProposalFactory()
    person = FirmUserFactory(row.firm)
    for title in ("一", "二"):
        task = set_task(for_firm(title), Target(proposal=row), by=akita)
    assert remind() == 0
    Task.objects.update(due_on=timezone.localdate())
    assert remind() == 2  # the firm's person and who set it, one notice each
    assert remind() == 0
    notice = Notice.objects.get(person=person, kind="task.due")
    assert (notice.params["count"], notice.url) == (2, "/concerns/#tasks")
    Task.objects.update(due_on=soon(-7), reminded_on=soon(-7))
    take("done", Task.objects.get(pk=task.pk), by=akita)
    assert remind() == 2
    assert Notice.objects.filter(person=akita, kind="task.due").latest("pk").params["count"] == 1


def test_the_list_filters_and_exports_in_few_queries(
    akita: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = sign_in(akita)
    for n in range(12):
        set_task(Wish(f"仕事{n}", soon(n)), Target(firm=FirmFactory()), by=akita)
    late = set_task(for_firm("ﾒｯｷ 工程表"), Target(proposal=ProposalFactory()), by=akita)
    Task.objects.filter(pk=late.pk).update(due_on=soon(-1))
    take("done", Task.objects.get(title="仕事0"), by=akita)
    counts = {
        "": 12,
        "?state=all": 13,
        "?state=done": 1,
        "?overdue=true": 1,
        "?side=firm": 1,
        "?q=めっき": 1,
        "?assignee=me": 12,
        "?assignee=nobody": 12,
        f"?due_to={soon(3)}": 4,
        f"?firm={late.firm_id}": 1,
        f"?need={late.need_id}": 1,
    }
    for query, count in counts.items():
        with django_assert_max_num_queries(14):
            answer = browser.get(f"/tasks/{query}")
        assert len(answer.context["page_obj"]) == count, query
        assert len(browser.get(f"/api/tasks/{query}").json()["results"]) == count
    export = b"".join(browser.get("/tasks/export.csv?side=firm").streaming_content)  # type: ignore[attr-defined]
    assert "ﾒｯｷ 工程表" in export.decode()
    assert browser.get("/tasks/export.csv?sid=firm").status_code == 400
    for sort in ("title", "-due_on", "state", "made_at"):
        assert browser.get(f"/tasks/?sort={sort}").status_code == 200


def test_nobody_sets_a_task_for_a_firm_of_their_own(akita: User) -> None:
    row = ProposalFactory()
    row.firm.memberships.create(user=akita)
    with override("en"), pytest.raises(StepRefused, match="yourself"):
        set_task(for_firm(), Target(proposal=row), by=User.objects.get(pk=akita.pk))
    assert todo.title_for("EXC3") == "EXC3 取得"
    assert Proposal.objects.get().tasks.count() == 0
    assert MunicipalityFactory("02201").pk
