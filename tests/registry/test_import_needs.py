"""Needs from sheets: whose they are, their figures and criteria, and what an export says read again."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from registry import imports
from registry.columns import asked
from registry.intake.kinds.need_fields import COLUMNS
from registry.models import (
    Firm,
    Need,
    User,
)
from registry.steps import StepRefused
from registry.tabular import plain
from tests import factories as make
from tests.registry.importing import SHEETS, read, remarks, take

pytestmark = pytest.mark.django_db


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
