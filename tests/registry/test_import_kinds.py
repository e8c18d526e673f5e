"""Every kind of sheet through the same machinery: preview, taking over, the same again, undoing."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from registry import imports
from registry.access import Role
from registry.columns import asked
from registry.intake.fields import heading_key
from registry.intake.kinds import KINDS, kinds_for
from registry.intake.kinds.need_fields import COLUMNS
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
    ImportBatch,
    Need,
    User,
)
from registry.steps import StepRefused
from registry.tabular import plain
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def akita() -> User:
    return make.CoordinatorFactory("05")


def read(by: User, text: str, kind: str = "") -> ImportBatch:
    batch = imports.upload("a.csv", text.encode(), by=by, source="秋田県", kind=kind)
    imports.confirm(batch, by, batch.mapping)
    assert imports.work() == 1
    batch.refresh_from_db()
    return batch


def take(batch: ImportBatch) -> ImportBatch:
    imports.take_over(batch, batch.by)
    assert imports.work() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.error) == ("done", "")
    return batch


def remarks(batch: ImportBatch) -> list[str]:
    return [message for row in batch.rows.all() for _name, _typed, message in row.remarks]


# A sheet of each kind about the firm 男鹿製缶, its headings as offices write them, and what one changed cell changes.
SHEETS: dict[str, tuple[str, tuple[str, str], dict[str, Any]]] = {
    "firms": ("名称,都道府県,従業員数\n男鹿製缶,秋田県,46\n新しい製缶,秋田県,3", ("46", "52"), {"employees": [46, 52]}),
    "equipment": (
        '企業名,設備名,メーカー,型式,台数,能力\n男鹿製缶,マシニングセンタ,甲社,V-5,3台,"1,200mm"\n男鹿製缶,天井クレーン,,,1,20t',
        ("1,200mm", "1,500mm"),
        {"size": ["1200 mm", "1500 mm"]},
    ),
    "certificates": (
        "企業名,認証名,登録番号,有効期限\n男鹿製缶,ISO 9001,JQA-1,令和9年3月31日\n男鹿製缶,JIS Q 9100,,",
        ("令和9年", "令和12年"),
        {"valid_until": ["2027-03-31", "2030-03-31"]},
    ),
    "capabilities": ("企業名,対応工程\n男鹿製缶,溶接", ("", ""), {}),
    "memberships": (
        "企業名,協議会,入会日\n男鹿製缶,秋田風作戦,2024-04-01",
        ("2024-04-01", "R7.4.1"),
        {"since": ["2024-04-01", "2025-04-01"]},
    ),
    "attendance": (
        "セミナー名,開催日,会場,参加企業,人数\n洋上風力セミナー,2026-10-05,能代市文化会館,男鹿製缶,2\n"
        "洋上風力セミナー,2026-10-05,能代市文化会館,未登録の会社,1",
        ("男鹿製缶,2", "男鹿製缶,4"),
        {"people": [2, 4]},
    ),
    "needs": (
        "プロジェクト,件名,求める内容,数量,単位,締切,必須認証,月産の下限\n"
        "能代沖,架台の製作,溶接と塗装をお願いします。,600,個,2099-03-31,ISO 9001,50",
        ("600", "700"),
        {"quantity": [600, 700]},
    ),
}


@pytest.fixture
def world(akita: User) -> Firm:
    make.CapabilityFactory()
    make.ProjectFactory(name="能代沖")
    Consortium.objects.create(code="kaze", name="秋田風作戦")
    firm: Firm = make.FirmFactory(name="男鹿製缶", employees=46)
    return firm


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


def test_the_anchor_side_brings_in_drafts_for_its_own_projects_only(world: Firm) -> None:
    own, other = make.ProjectFactory(name="風車工場"), make.ProjectFactory(name="他社の工場")
    anchor = make.AnchorFactory(own)
    text = "project,title,description\n風車工場,Flanges,Ring flanges of 6 m\n他社の工場,Bolts,M64 bolts\n"
    batch = read(anchor, text)
    assert batch.counts == {"new": 1, "refused": 1}
    imports.take_over(batch, anchor, skip_refused=True)
    imports.work()
    need = Need.objects.get()
    assert (need.project, need.state, need.office, need.language) == (own, "draft", None, "en")
    assert (need.created_by, need.source) == (anchor, "秋田県")
    assert not Need.objects.visible_to(make.CoordinatorFactory("05")).exists()
    assert other.needs.count() == 0
    with pytest.raises(StepRefused):
        imports.upload("a.csv", "名称,都道府県\na,秋田県".encode(), by=anchor, source="x", kind="firms")
    alone = read(anchor, "title,description\nFlanges,Ring flanges of 6 m\nShafts,Main shafts")
    assert alone.counts == {"unchanged": 1, "new": 1}


def test_a_need_comes_with_its_figures(akita: User, world: Firm) -> None:
    text = (
        "案件,件名,求める内容,材質,公差,試作数量,量産数量,初回納入,NDA\n"
        "能代沖,軸,軸の加工です。,Inconel 718,±0.01 mm,2個 (2026-11),60/年 (2029年1月),2027-04-01,有\n"
    )
    take(read(akita, text))
    need = Need.objects.get()
    assert (need.material, str(need.tolerance), need.tolerance_unit, need.nda_first) == (
        "Inconel 718",
        "0.0100",
        "mm",
        True,
    )
    assert [(phase.kind, phase.lot, phase.per, str(phase.since)) for phase in need.phases.all()] == [
        ("prototype", 2, "once", "2026-11-01"),
        ("volume", 60, "year", "2029-01-01"),
    ]
    assert read(akita, text).counts == {"unchanged": 1}
    second = read(akita, text.replace("60/年", "100/月"))
    assert list(second.rows.get().changes) == ["phase_volume"]
    take(second)
    assert need.phases.get(kind="volume").lot == 100
    assert need.events.filter(step="change").count() == 1
    imports.undo(second, akita)
    assert need.phases.get(kind="volume").lot == 60
    assert read(akita, text.replace("±0.01 mm", "きつめ")).counts == {"refused": 1}


def test_what_a_need_exports_comes_back_unchanged(akita: User, world: Firm) -> None:
    take(read(akita, SHEETS["needs"][0]))
    need = Need.objects.get()
    need.capabilities.add(make.CapabilityFactory())
    browser = make.sign_in(akita)
    for language in ("ja", "en"):
        for extension in ("csv", "xlsx"):
            answer: Any = browser.get(
                reverse("registry:needs-export", args=[extension]), headers={"accept-language": language}
            )
            batch = imports.upload(f"needs.{extension}", b"".join(answer.streaming_content), by=akita, source="x")
            imports.confirm(batch, akita, batch.mapping)
            imports.work()
            batch.refresh_from_db()
            assert (batch.kind, batch.counts) == ("needs", {"unchanged": 1}), (remarks(batch), batch.rows.get().changes)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_figures_of_an_exported_need_are_read_again(akita: User, world: Firm, language: str) -> None:
    figures = {"roughness": "0.4", "diameter": "120", "length": "80.5", "height": "4"}
    town = make.MunicipalityFactory("05202")
    need = make.NeedFactory(office=akita.offices.get(), delivery_municipality=town, **figures)
    for kind, lot, per, since in (
        ("prototype", 2, "once", date(2026, 11, 1)),
        ("qualification", 12_000, "month", None),
        ("volume", 60, "year", date(2029, 1, 1)),
    ):
        need.phases.create(kind=kind, lot=lot, per=per, since=since)
    names = ("roughness", "dimensions", "delivery", "phases")
    with translation.override(language):
        need = Need.objects.for_list().get(pk=need.pk)
        cells = [str(plain(COLUMNS[name].cell(need))) for name in names]
        text = f"番号,{','.join(names)}\n{need.number}," + ",".join(f'"{cell}"' for cell in cells)
        assert read(akita, text).counts == {"unchanged": 1}
        empty = dict.fromkeys(figures)
        Need.objects.update(delivery_municipality=None, delivery_place=make.PlaceFactory(), **empty)
        need.phases.all().delete()
        batch = take(read(akita, text))
        need = Need.objects.for_list().get(pk=need.pk)
        assert [str(plain(COLUMNS[name].cell(need))) for name in names] == cells
        imports.undo(batch, akita)
        need = Need.objects.for_list().get(pk=need.pk)
        assert (need.delivery_place_id, need.roughness, need.phases.count()) == ("noshiro-port", None, 0)
    for wrong in ("粗い,,,", ",大きい,,", ",,どこか,", ",,,多め", ",L 80 · L x mm,,"):
        assert read(akita, f"番号,{','.join(names)}\n{need.number},{wrong}").counts == {"refused": 1}, wrong


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_criteria_of_an_exported_need_are_read_again(akita: User, world: Firm, language: str) -> None:
    need = make.NeedFactory(title="架台", project=make.ProjectFactory(), office=akita.offices.get())
    port, akita_ken = make.PlaceFactory(), make.PrefectureFactory("05")
    iso = make.CertificationFactory()
    wanted: list[dict[str, Any]] = [
        {"kind": "certification", "stated": iso.name, "certification": iso, "confirmed": True},
        {"kind": "certification", "stated": "JIS Q 9100 by hand", "hard": False, "by_year": 2028},
        {"kind": "certification", "stated": "社内: 認定", "hard": False, "by_year": 2029, "confirmed": True},
        {"kind": "prefecture", "hard": False, "prefectures": [akita_ken, make.PrefectureFactory("02")]},
        {"kind": "distance", "number": 1080, "place": port},
        *({"kind": kind, "number": 12_000} for kind in ("employees", "volume", "lead_time")),
    ]
    for fields in wanted:
        make.CriterionFactory(need, **fields)
    with translation.override(language):
        cell = plain(COLUMNS["criteria"].cell(need))
        before = [(asked(one), one.certification_id) for one in need.criteria.all()]
        text = f'番号,条件\n{need.number},"{cell}"'
        assert read(akita, text).counts == {"unchanged": 1}
        need.criteria.all().delete()
        batch = read(akita, text)
        assert batch.counts == {"changed": 1}, remarks(batch)
        take(batch)
        assert [(asked(one), one.certification_id) for one in need.criteria.all()] == before
        assert need.events.get(step="change").changes[0][0] == "criteria"
        imports.undo(batch, akita)
        assert not need.criteria.exists()
    for wrong in (
        "ISO 9001",
        "[必須] 距離: 近く",
        "[必須] 距離: 某所から80km以内",
        "[must] certification: X by 2028",
    ):
        assert read(akita, f'番号,条件\n{need.number},"{wrong}"').counts == {"refused": 1}, wrong


def test_a_need_that_is_open_is_not_changed_by_its_author(world: Firm) -> None:
    project = make.ProjectFactory()
    anchor = make.AnchorFactory(project)
    need = make.NeedFactory(project=project, state="open", quantity=5)
    batch = read(anchor, f"番号,件名,求める内容,数量\n{need.number},{need.title},{need.text},6")
    assert batch.counts == {"refused": 1}
    batch = read(anchor, f"番号,件名,求める内容,数量\n{need.number},{need.title},{need.text},5")
    assert batch.counts == {"unchanged": 1}


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
