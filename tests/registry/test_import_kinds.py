"""Every kind of sheet through the same machinery: preview, taking over, the same again, undoing."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from registry import imports
from registry.access import Role
from registry.intake.fields import heading_key
from registry.intake.kinds import KINDS, kinds_for
from registry.intake.sheets import read as sheets_of
from registry.models import (
    Attendance,
    Consortium,
    ConsortiumMembership,
    Equipment,
    Event,
    Firm,
    FirmCertification,
    FirmEvent,
    Need,
    User,
)
from registry.steps import StepRefused
from tests import factories as make
from tests.registry.importing import SHEETS, read, remarks, take

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_comes_in_comes_again_changes_and_is_taken_back(kind: str, akita: User, world: Firm) -> None:
    text, (old, new), changes = SHEETS[kind]
    before = _everything()
    first = read(akita, text)
    lines = text.count("\n")
    assert (first.kind, remarks(first)) == (kind, [])
    known = 1 if kind == "firms" else 0
    assert first.counts == {"new": lines - known} | ({"unchanged": 1} if known else {})
    take(first)
    assert read(akita, text).counts == {"unchanged": lines}
    if changes:
        second = read(akita, text.replace(old, new, 1))
        assert [row.changes for row in second.rows.filter(state="changed")] == [changes]
        take(second)
        with pytest.raises(StepRefused):  # a later import touched what the first one wrote
            imports.undo(first, akita) if kind != "firms" else imports.undo(second, make.CoordinatorFactory("02"))
        imports.undo(second, akita)
        assert read(akita, text).counts == {"unchanged": lines}
    else:
        imports.undo(first, akita)
        assert _everything() == before


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "firms"])
def test_an_untouched_batch_is_undone_without_a_trace(kind: str, akita: User, world: Firm) -> None:
    before = _everything()
    batch = take(read(akita, SHEETS[kind][0]))
    assert _everything() != before
    imports.undo(batch, akita)
    assert _everything() == before


def _everything() -> list[Any]:
    models: list[Any] = [
        Equipment,
        FirmCertification,
        Firm.capabilities.through,
        ConsortiumMembership,
        Event,
        Attendance,
    ]
    return [*(list(model.objects.order_by("pk").values()) for model in models), Need.objects.count()]


def test_a_firm_that_somebody_edited_meanwhile_stops_the_whole(akita: User, world: Firm) -> None:
    batch = read(akita, SHEETS["equipment"][0])
    world.save()
    imports.take_over(batch, akita)
    imports.work()
    batch.refresh_from_db()
    assert (batch.state, Equipment.objects.count()) == ("failed", 0)


@pytest.mark.parametrize("kind", ["firms", "equipment", "needs"])
def test_who_lost_the_right_since_the_preview_writes_nothing(kind: str, akita: User, world: Firm) -> None:
    batch = read(akita, SHEETS[kind][0])
    akita.offices.get().prefectures.set([make.PrefectureFactory("02")])
    imports.take_over(batch, akita)
    imports.work()
    batch.refresh_from_db()
    assert (batch.state, Firm.objects.count(), Equipment.objects.count(), Need.objects.count()) == ("failed", 1, 0, 0)


def test_the_history_of_the_firm_says_what_came_in(akita: User, world: Firm) -> None:
    take(read(akita, SHEETS["equipment"][0]))
    changes = [event.changes for event in FirmEvent.objects.filter(firm=world).order_by("pk")]
    assert changes == [
        [["equipment", "", "マシニングセンタ 甲社 V-5 3 1200 mm"]],
        [["equipment", "", "天井クレーン 1 20 t"]],
    ]


def test_a_name_that_two_firms_have_is_refused_with_both(akita: User, world: Firm) -> None:
    twin = make.FirmFactory(name="男鹿製缶")
    [said] = remarks(read(akita, "企業名,設備名\n男鹿製缶,旋盤"))
    assert f"ID {world.pk} " in said
    assert f"ID {twin.pk} " in said
    assert read(akita, f"企業ID,設備名\n{twin.pk},旋盤").counts == {"new": 1}


def test_a_name_without_legal_form_is_enough_when_one_firm_has_it(akita: User) -> None:
    make.FirmFactory(name="株式会社　山田製作所")
    assert read(akita, "企業名,設備名\n山田製作所,旋盤\n㈱山田製作所,フライス盤").counts == {"new": 2}
    assert read(akita, "企業名,設備名\n山田製作所㈱,旋盤").counts == {"refused": 1}  # 後株: another company


def test_number_and_name_of_different_firms_are_refused(akita: User, world: Firm) -> None:
    [said] = remarks(read(akita, f"法人番号,企業名,設備名\n{world.corporate_number},別の会社,旋盤"))
    assert "男鹿製缶" in said


def test_firms_of_other_prefectures_are_as_good_as_absent(akita: User) -> None:
    other = make.FirmFactory(name="青森製缶", municipality=make.MunicipalityFactory("02201"))
    there = read(akita, f"法人番号,設備名\n{other.corporate_number},旋盤")
    absent = read(akita, f"法人番号,設備名\n{make.corporate_number()},旋盤")
    assert remarks(there) == remarks(absent)
    assert there.counts == {"refused": 1}


def test_a_list_without_numbers_twice_makes_no_twins(akita: User) -> None:
    make.MunicipalityFactory()
    text = "企業名,都道府県,市町村\n株式会社能代製缶,秋田県,能代市\n能代製缶株式会社,秋田県,能代市\n"
    take(read(akita, text))
    assert read(akita, text).counts == {"unchanged": 2}
    assert read(akita, text.replace("株式会社能代製缶", "㈱能代製缶")).counts == {"unchanged": 1, "changed": 1}
    number = make.corporate_number()
    batch = read(akita, f"企業名,都道府県,法人番号\n株式会社能代製缶,秋田県,{number}\n")
    assert batch.rows.get().changes == {"corporate_number": [None, number]}


def test_members_count_by_day(world: Firm) -> None:
    kaze = Consortium.objects.get()
    ConsortiumMembership.objects.create(firm=world, consortium=kaze, since="2020-04-01", until="2024-03-31")
    days = [date(2019, 1, 1), date(2024, 3, 31), date(2024, 4, 1)]
    assert [ConsortiumMembership.objects.on(day).count() for day in days] == [0, 1, 0]
    assert Firm.objects.for_list().get(pk=world.pk).current_consortia == []


def test_an_event_lists_who_came_and_who_is_registered(akita: User, world: Firm) -> None:
    take(read(akita, SHEETS["attendance"][0]))
    [event] = Event.objects.visible_to(akita).counted()
    assert (event.firms, event.registered, event.people) == (2, 1, 3)
    assert not Event.objects.visible_to(make.CoordinatorFactory("02")).exists()
    make.FirmFactory(name="未登録の会社")  # registered since: the same sheet finds it
    batch = read(akita, SHEETS["attendance"][0])
    assert batch.counts == {"changed": 1, "unchanged": 1}
    take(batch)
    assert Event.objects.counted().get().registered == 2


def test_one_heading_may_mean_something_else_on_another_kind_of_sheet(akita: User, world: Firm) -> None:
    first = imports.upload("a.csv", "企業名,設備名,覚え\n男鹿製缶,旋盤,古い".encode(), by=akita, source="x")
    imports.confirm(first, akita, ["name", "machine", "note"])
    again = imports.upload("a.csv", "企業名,設備名,覚え\n男鹿製缶,旋盤,古い".encode(), by=akita, source="x")
    assert again.mapping == ["name", "machine", "note"]
    firms = imports.upload("a.csv", "企業名,都道府県,覚え\n男鹿製缶,秋田県,x".encode(), by=akita, source="x")
    assert (firms.kind, firms.mapping, imports.left_out(firms)) == ("firms", ["name", "prefecture", ""], ["覚え"])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_template_whose_headings_it_knows(kind: str, akita: User) -> None:
    for language in ("ja", "en"):
        answer = make.sign_in(akita).get(
            reverse("registry:import-template", args=[kind]), headers={"accept-language": language}
        )

        table, how, _choices = sheets_of("a.xlsx", answer.content)
        known = KINDS[kind].spellings()

        given = [known.get(heading_key(str(cell))) for cell in table.line(1)]
        assert given == [field.name for field in KINDS[kind].fields if not field.into]
        assert how.size > 3


def test_roles_are_offered_their_kinds() -> None:

    assert [kind.name for kind in kinds_for(make.AnchorFactory())] == ["needs"]
    assert kinds_for(make.UserFactory(Role.FIRM)) == []


def test_reading_a_line_of_a_known_firm_asks_the_database_nothing_of_its_own(akita: User, query_counter: Any) -> None:
    text = "企業名,都道府県,従業員数\n" + "".join(f"製缶{n},秋田県,{n}\n" for n in range(40))
    take(read(akita, text))
    batches = [
        imports.upload("a.csv", "\n".join(text.split("\n")[:size]).encode(), by=akita, source="x") for size in (11, 41)
    ]
    counts = []
    for batch in batches:
        imports.confirm(batch, akita, batch.mapping)
        with query_counter() as queries:
            imports.work()
        counts.append(len(queries))
    assert counts[0] == counts[1]
