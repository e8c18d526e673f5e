"""Adjacent entry from the loaded transitions to the pages: story 8, a machinist of turbochargers and an impeller."""

import csv

import pytest
from django.test import Client
from django.urls import reverse

from matching import adjacent, store, transitions
from matching.engine import adjacent as engine
from matching.fresh import snapshot
from matching.models import Proposal
from matching.propose import needs_met_by, propose
from matching.review import take
from registry.intake import catalogue
from registry.models import Criterion, EntryRequirement, Firm, Need, Role, Transition
from tests.factories import (
    BureauFactory,
    CertificationFactory,
    CriterionFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    NeedFactory,
    ProjectFactory,
    SectorFactory,
    UserFactory,
    sign_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_postgres]


@pytest.fixture
def ways() -> None:
    for load in (catalogue._requirements, catalogue._transitions):
        load()


@pytest.fixture
def turbo(ways: None) -> Firm:
    for name, text in {
        "能代溶接": "鋼構造物の溶接と塗装。大型架台の製缶。",
        "男鹿港運": "重量物の港湾荷役と輸送。",
        "大和電装": "制御盤の設計と配線。",
        "相馬ロータ": "ロケットのターボポンプ用インペラ、インデューサの削り出し。インコネル718。回転体の動釣合い試験。",
    }.items():
        FirmFactory(name=name, capability_text=text)
    firm = FirmFactory(
        name="花巻ターボ精工株式会社",
        municipality=MunicipalityFactory("03206"),
        capability_text="車載ターボチャージャのタービンハウジングとコンプレッサホイールの切削。ステンレス、アルミ。",
        certifications=[CertificationFactory("iatf-16949", name="IATF 16949")],
    )
    for machine in ("同時5軸マシニングセンタ", "三次元測定機"):
        firm.equipment.create(name=machine)
    return firm


@pytest.fixture
def impeller(turbo: Firm) -> Need:
    project = ProjectFactory(sector=SectorFactory("space", name="宇宙"), municipality=MunicipalityFactory("07212"))
    need = NeedFactory(
        project=project,
        title="ロケット用ターボポンプのインペラ",
        text="インコネル718、⌀120 mm、±0.01 mm。試作2個、2029年から年60個。",
    )
    CriterionFactory(need, kind=Criterion.Kind.CERTIFICATION, hard=True, stated="ISO 9001")
    CriterionFactory(need, kind=Criterion.Kind.CERTIFICATION, hard=False, stated="JIS Q 9100")
    store.rebuild()
    propose(need)
    return need


def test_the_delivered_transitions_are_sound_and_a_second_load_changes_nothing(ways: None) -> None:
    assert Transition.objects.count() >= 60
    assert list(engine.problems(transitions.in_use())) == []
    assert not EntryRequirement.objects.exclude(kind="certification").filter(words=[])
    assert not Transition.objects.filter(requirements=None)
    assert not Transition.objects.filter(name_en="")
    Transition.objects.filter(pk="turbo-turbopump").update(active=False, weight=0.2)
    assert (catalogue._requirements()[1], catalogue._transitions()[1]) == (0, 0)
    assert Transition.objects.get(pk="turbo-turbopump").weight == 0.2
    with (catalogue.DATA / "transitions.csv").open(encoding="utf-8", newline="") as file:
        assert len(transitions.in_use()) == len(list(csv.DictReader(file))) - 1
    assert {str(kind) for kind in engine.Kind} == set(EntryRequirement.Kind.values)


def test_the_turbocharger_machinist_is_proposed_with_what_is_missing(impeller: Need, turbo: Firm) -> None:
    row = Proposal.objects.get(need=impeller, firm=turbo)
    assert (row.kind, row.entry["transition"]) == ("adjacent", "turbo-turbopump")
    way = adjacent.way(row.entry)
    assert way is not None
    brief = {line.brief for line in way.lines}
    assert brief >= {"✗ JIS Q 9100", "✗ インコネル718などニッケル基合金", "✓ 同時5軸マシニングセンタ", "✓ 三次元測定機"}
    assert row.entry["score"] > row.score  # it stands above its plain text score
    assert "✗ ISO 9001" not in brief or row.verdict == "fail"
    assert Proposal.objects.get(need=impeller, firm__name="相馬ロータ").kind == "plain"
    assert not Proposal.objects.filter(need=impeller, firm__name="能代溶接", kind="adjacent")


def test_decisions_survive_and_kind_follows_the_matcher(impeller: Need, turbo: Firm) -> None:
    take("shortlist", Proposal.objects.get(need=impeller, firm=turbo), by=BureauFactory(), reason="fit_in_part")
    Transition.objects.update(active=False)
    Transition.objects.first().save()  # type: ignore[union-attr]  # the time of the last change
    assert store.is_stale()
    store.rebuild()
    propose(impeller)
    row = Proposal.objects.get(need=impeller, firm=turbo)
    assert (row.kind, row.entry, row.state) == ("plain", {}, "shortlisted")
    assert row.decisions.count() == 1


def test_a_changed_firm_is_matched_with_the_needs_it_could_enter(impeller: Need, turbo: Firm) -> None:
    newcomer = FirmFactory(name="北上過給", capability_text="ターボチャージャのハウジングを切削")
    assert impeller.pk in needs_met_by([newcomer.pk], snapshot())[newcomer.pk]
    assert propose(impeller)
    assert Proposal.objects.get(need=impeller, firm=newcomer).kind == "adjacent"


def test_pages_files_and_filter_show_it_to_offices_and_firms_see_nothing(impeller: Need, turbo: Firm) -> None:
    browser, row = sign_in(BureauFactory()), Proposal.objects.get(need=impeller, firm=turbo)
    page = browser.get(row.get_absolute_url()).text
    assert "Adjacent entry: what is missing" in page
    assert "Car turbochargers → turbopump impellers" in page
    assert "Inconel 718 and other nickel alloys" in page
    assert "195 km from 南相馬市" in page or "km from Minamisoma-shi" in page
    why = browser.get(reverse("matching:why", args=[impeller.pk]), {"firm": turbo.pk}).text
    assert "Adjacent entry: what is missing" in why
    for shown in (page, why):
        assert "Effect on the order" in shown
        assert "× 0.6" in shown  # ISO 9001, a must
        assert "± 0 %" in shown  # JIS Q 9100, a wish
    first = Proposal.objects.get(need=impeller, firm__name="相馬ロータ")
    assert f"{100 * first.score:.1f} × 0.6 = {60 * first.score:.1f}" in browser.get(first.get_absolute_url()).text
    of_need = browser.get(reverse("matching:need-panel", args=[impeller.pk, "candidates"])).text
    assert "Could enter from a neighbouring field" in of_need
    assert "km from" in of_need
    queue = browser.get(reverse("matching:queue"), {"kind": "adjacent"}).text
    assert turbo.name in queue
    assert "相馬ロータ" not in queue
    assert "✗ JIS Q 9100" in queue
    answer = browser.get("/api/proposals/", {"kind": "adjacent", "need": str(impeller.pk)}).json()
    assert [one["entry"]["transition"] for one in answer["results"]] == ["turbo-turbopump"]
    assert "✗ JIS Q 9100" in answer["results"][0]["entry_lacks"]
    export = browser.get(reverse("matching:proposals-export", args=["csv"]), {"kind": "adjacent"})
    assert "turbopump impellers" in b"".join(export).decode("utf-8-sig")
    own = sign_in(FirmUserFactory(turbo))
    assert "turbopump impellers" not in own.get(reverse("matching:fit", args=[impeller.pk])).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"asks": "ターボチャージャ"}, "circle"),
        ({"has": "の"}, "no word"),
        ({"weight": "0"}, "0.01"),
        ({"asks": "ア" * 101}, "100 characters"),
    ],
)
def test_the_admin_site_refuses_what_leads_nowhere(ways: None, change: dict[str, str], said: str) -> None:
    browser: Client = sign_in(UserFactory(Role.ADMIN))
    row = Transition.objects.get(pk="turbo-turbopump")
    values = {name: "\n".join(getattr(row, name)) for name in ("has", "skills", "asks", "about")}
    values |= {"code": row.pk, "name": row.name, "name_en": row.name_en, "weight": "0.5", "active": "on", "source": ""}
    values["requirements"] = [one.pk for one in row.requirements.all()]  # type: ignore[assignment]
    url = reverse("admin:registry_transition_change", args=[row.pk])
    assert said in browser.post(url, values | change).text
    row.refresh_from_db()
    assert row.weight == 0.85
    assert browser.post(url, values).status_code == 302
    row.refresh_from_db()
    assert (row.weight, row.updated_by is not None) == (0.5, True)
