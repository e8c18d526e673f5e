"""Groups in the register: the story of two prefectures, who sees whom, keeping one, the page in both languages."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching import store
from matching.engine.groups import Why
from matching.groups import Asking, asked_by, compose, keep
from matching.models import Group, GroupMember, IndexBuild
from matching.parts import take
from registry.models import Firm, Need
from registry.steps import StepRefused
from tests.factories import (
    BureauFactory,
    CertificationFactory,
    CoordinatorFactory,
    CriterionFactory,
    sign_in,
)
from tests.matching.story import firms_of_story, kept_by, need_of_story

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_sqlite]


@pytest.fixture
def firms() -> dict[str, Firm]:
    return firms_of_story()


@pytest.fixture
def need(firms: dict[str, Firm]) -> Need:
    return need_of_story()


def names(group: Any) -> list[str]:
    return [Firm.objects.get(pk=member.supplier.id).name for member in group.members]


def url(need: Need) -> str:
    return reverse("matching:groups", args=[need.pk])


def shown(browser: Client, need: Need, query: str = "") -> str:
    answer = browser.get(url(need) + query)
    assert answer.status_code == 200, answer.content.decode()
    return re.sub(r"\s+", " ", answer.content.decode())


def form(key: str, **changes: Any) -> dict[str, Any]:
    return {"key": key, "volume": 12, "volume_step": "welding", "max_km": 80, "max_members": 4} | changes


# ---- composing ----------------------------------------------------------------------------------------------------
def test_two_prefectures_compose_a_group(need: Need) -> None:
    composed = compose(need)
    best = composed.composition.groups[0]
    assert names(best) == ["能代臨海製缶", "弘前鉄構", "大館塗工"]
    assert (best.volume, best.shortfall, best.uncovered) == (13, 0, ())
    assert [round(member.supplier.distance or 0) for member in best.members] == [2, 58, 48]  # to the towns' halls
    assert [share.step for share in best.members[2].shares] == ["coating", "welding"]
    assert composed.asking == Asking(volume=12, volume_step="welding", max_km=80)
    assert composed.composition.exact


def test_who_is_too_far_is_named_with_the_reason(need: Need, firms: dict[str, Firm]) -> None:
    out = compose(need).composition.left_out
    assert [(item.supplier.id, item.why) for item in out] == [(firms["由利本荘鉄工"].pk, Why.TOO_FAR)]
    assert 90 < (out[0].supplier.distance or 0) < 93


def test_without_the_coater_the_group_is_short(need: Need, firms: dict[str, Firm]) -> None:
    Firm.objects.filter(pk=firms["大館塗工"].pk).update(state=Firm.State.ARCHIVED)
    best = compose(need).composition.groups[0]
    assert (best.volume, best.shortfall, best.uncovered) == (11, 1, ("coating",))


def test_a_must_of_the_need_is_asked_of_each_member(need: Need, firms: dict[str, Firm]) -> None:
    exc3 = CertificationFactory("en-1090-exc3", name="EN 1090-2 EXC3")
    CriterionFactory(need, kind="certification", certification=exc3, stated=exc3.name)
    firms["能代臨海製缶"].firm_certifications.create(stated=exc3.name)
    firms["弘前鉄構"].firm_certifications.create(stated="ISO 9001")
    verdicts = [str(member.supplier.verdict) for member in compose(need).composition.groups[0].members]
    assert verdicts == ["pass", "fail", "unknown"]


def test_a_wished_volume_is_asked_of_the_group_and_a_wished_distance_keeps_nobody_out(need: Need) -> None:
    need.criteria.update(hard=False)
    assert asked_by(need) == Asking(volume=12)
    assert names(compose(need).composition.groups[0]) == ["能代臨海製缶", "由利本荘鉄工"]


def test_who_only_describes_the_step_can_take_part(need: Need, firms: dict[str, Firm]) -> None:
    for firm in firms.values():
        firm.capabilities.clear()
        firm.save()
    store.rebuild()
    composed = compose(need)
    assert names(composed.composition.groups[0])[:2] == ["能代臨海製缶", "弘前鉄構"]
    assert composed.composition.nobody == ("coating",)


# ---- keeping ------------------------------------------------------------------------------------------------------
def test_a_group_is_kept_as_it_was_composed(need: Need, firms: dict[str, Firm]) -> None:
    akita = CoordinatorFactory("05")
    group = kept_by(akita, need)
    members = list(group.members.all())
    assert [(member.firm.name, member.is_lead) for member in members] == [
        ("能代臨海製缶", True),
        ("弘前鉄構", False),
        ("大館塗工", False),
    ]
    assert members[0].shares == [{"step": "welding", "amount": 8}]
    assert (group.number, group.state, group.origin, group.volume, group.volume_asked) == (1, "draft", "need", 13, 12)
    assert (group.made_by, group.max_km, group.exact, group.build is not None) == (akita, 80, True, True)
    Firm.objects.filter(pk=firms["能代臨海製缶"].pk).update(monthly_capacity=1)
    group.refresh_from_db()
    assert group.volume == 13


def test_the_same_firms_are_kept_once(need: Need) -> None:
    akita = CoordinatorFactory("05")
    kept_by(akita, need)
    with pytest.raises(StepRefused, match="既に"):
        kept_by(akita, need)
    take("dissolve", Group.objects.get(), by=akita)
    assert kept_by(akita, need).number == 2


def test_what_is_not_composed_any_more_is_not_kept(need: Need, firms: dict[str, Firm]) -> None:
    akita, composed = CoordinatorFactory("05"), compose(need)
    key = composed.key(composed.composition.groups[0])
    Firm.objects.filter(pk=firms["弘前鉄構"].pk).update(state=Firm.State.ARCHIVED)
    with pytest.raises(StepRefused, match="登録内容"):
        keep(compose(need), key, by=akita)
    assert not Group.objects.exists()


def test_only_who_sees_the_need_keeps_a_group(need: Need) -> None:
    Need.objects.filter(pk=need.pk).update(visibility="nda")
    with pytest.raises(StepRefused, match="担当範囲外"):
        kept_by(CoordinatorFactory("02"), need)


def test_another_office_does_not_dissolve_the_group(need: Need) -> None:
    akita, aomori = CoordinatorFactory("05"), CoordinatorFactory("02")
    group = kept_by(akita, need)
    with pytest.raises(StepRefused, match="担当機関"):
        take("dissolve", group, by=aomori)
    take("propose", group, by=akita)
    with pytest.raises(StepRefused, match="既に"):
        take("propose", Group.objects.get(), by=akita)
    group.refresh_from_db()
    assert (group.state, group.changed_by) == ("proposed", akita)


# ---- the page -----------------------------------------------------------------------------------------------------
def test_the_page_names_only_the_firms_of_ones_own_scope(need: Need) -> None:
    Firm.objects.filter(name="由利本荘鉄工").update(prefecture="05")
    akita = shown(sign_in(CoordinatorFactory("05")), need)
    assert ("能代臨海製缶" in akita, "弘前鉄構" in akita, "a firm in Aomori" in akita) == (True, False, True)
    aomori = shown(sign_in(CoordinatorFactory("02")), need)
    assert ("能代臨海製缶" in aomori, "弘前鉄構" in aomori, "由利本荘鉄工" in aomori) == (False, True, False)
    assert "a firm in Akita</" in aomori or "a firm in Akita: outside 80 km" in aomori
    assert "弘前鉄構" in shown(sign_in(BureauFactory()), need)


def test_a_kept_group_hides_the_same_names(need: Need) -> None:
    kept_by(CoordinatorFactory("05"), need)
    GroupMember.objects.exclude(firm__name="弘前鉄構").delete()
    Need.objects.filter(pk=need.pk).update(state=Need.State.FILLED)
    page = shown(sign_in(CoordinatorFactory("05")), need)
    assert "a firm in Aomori" in page
    assert "弘前鉄構" not in page


def test_the_page_in_english(need: Need) -> None:
    page = shown(sign_in(CoordinatorFactory("05")), need)
    for text in (
        "13 a month of 12 asked for.",
        "Fabrication welding: 8 a month (62 %)",
        "lead firm",
        "outside 80 km: 91 km",
        "Volume is counted at “Fabrication welding”.",
    ):
        assert text in page


def test_the_page_in_japanese_says_what_is_missing(need: Need) -> None:
    browser = Client(headers={"accept-language": "ja"})
    browser.force_login(CoordinatorFactory("05"))
    page = shown(browser, need, "?volume=20&volume_step=welding&max_km=80&max_members=4")
    for text in ("青森県内企業", "月7個不足", "幹事企業", "製缶溶接：月8個"):
        assert text in page


def test_settings_of_a_person_count_and_are_remembered(need: Need) -> None:
    browser = sign_in(CoordinatorFactory("05"))
    page = browser.get(url(need), {"volume": "14", "volume_step": "welding", "max_km": "120", "max_members": "3"})
    first = page.context["offered"][0]
    assert first.volume == 14
    answer = browser.post(reverse("matching:group-new", args=[need.pk]), form(first.key, volume=14, max_km=120))
    group = Group.objects.get()
    assert answer["Location"] == group.get_absolute_url()
    assert (group.origin, group.volume, group.volume_asked, group.max_km) == ("person", 14, 14, 120)


@pytest.mark.parametrize("wrong", ["?max_members=0", "?max_members=4&volume=x", "?max_members=3&volume_step=nothing"])
def test_wrong_settings_are_said_and_nothing_is_composed(wrong: str, need: Need) -> None:
    answer = sign_in(CoordinatorFactory("05")).get(url(need) + wrong)
    assert (answer.status_code, answer.context["composed"]) == (422, None)


def test_keeping_by_the_page(need: Need) -> None:
    browser, post = sign_in(CoordinatorFactory("05")), reverse("matching:group-new", args=[need.pk])
    key = browser.get(url(need)).context["offered"][0].key
    assert browser.post(post, form("of nobody")).status_code == 409
    assert browser.post(post, form(key)).status_code == 302
    assert browser.post(post, form(key)).status_code == 409
    group = Group.objects.get()
    step = browser.post(reverse("matching:group-step", args=[group.pk, "propose"]))
    assert (step.status_code, Group.objects.get().state) == (302, "proposed")
    assert browser.post(reverse("matching:group-step", args=[group.pk, "propose"])).status_code == 409


def test_a_need_without_steps_says_where_to_name_them(need: Need) -> None:
    need.capabilities.clear()
    page = shown(sign_in(CoordinatorFactory("05")), need)
    assert "The need names no steps yet." in page
    assert reverse("registry:need-edit", args=[need.pk]) in page


def test_without_an_index_the_page_says_so(need: Need, tmp_path: Any, settings: Any) -> None:
    settings.VAR = tmp_path / "elsewhere"
    IndexBuild.objects.all().delete()
    assert "The index is being prepared." in shown(sign_in(CoordinatorFactory("05")), need)


def test_the_need_leads_to_its_groups(need: Need) -> None:
    page = sign_in(CoordinatorFactory("05")).get(need.get_absolute_url()).content.decode()
    assert url(need) in page
