"""Story 8, first half: a NewSpace engineer's turbopump impeller, a maker of car turbochargers, and flagged drawings."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from matching import store
from matching.feedback import Words, release
from matching.models import Inquiry, Proposal
from matching.propose import propose
from matching.review import take
from registry.intake import catalogue
from registry.models import Firm, Need, NeedDrawing, User
from tests.factories import (
    AnchorFactory,
    CertificationFactory,
    CoordinatorFactory,
    FirmFactory,
    FirmUserFactory,
    MunicipalityFactory,
    ProjectFactory,
    SectorFactory,
    sign_in,
)
from tests.needs import filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_postgres]
S_007 = {
    "title": "液体ロケット用ターボポンプのインペラ",
    "text": "推進剤ターボポンプの羽根車。試作の後、認定を経て2029年から年60個。",
    "material": "インコネル718",
    "diameter": "120",
    "tolerance": "0.01",
    "visibility": "public",
    "nda_first": "on",
    "export_control": "subject",
    "phases-0-kind": "prototype",
    "phases-0-lot": "2",
    "phases-0-per": "once",
    "phases-0-since": "2026-11",
    "phases-1-kind": "volume",
    "phases-1-lot": "60",
    "phases-1-per": "year",
    "phases-1-since": "2029-01",
    "criteria-0-kind": "certification",
    "criteria-0-stated": "ISO 9001",
    "criteria-0-hard": "must",
    "criteria-1-kind": "certification",
    "criteria-1-stated": "JIS Q 9100",
    "criteria-1-hard": "wish",
    "criteria-1-by_year": "2028",
}


@pytest.fixture
def register(settings: LazySettings, tmp_path: Path) -> Firm:
    settings.MEDIA_ROOT = tmp_path
    for load in ("_requirements", "_transitions", "_programmes", "_referrals"):
        getattr(catalogue, load)()
    for name, text in {
        "能代溶接": "鋼構造物の溶接と塗装。大型架台の製缶。",
        "秋田ポンプ": "渦巻ポンプの切削と組立。下水道向け。",
        "大和電装": "制御盤の設計と配線。",
    }.items():
        FirmFactory(name=name, capability_text=text)
    firm = FirmFactory(
        name="花巻ターボ精工株式会社",
        municipality=MunicipalityFactory("03205"),
        monthly_capacity=3,
        capability_text="車載ターボチャージャのタービンハウジングとコンプレッサホイールの切削。ステンレス、アルミ。",
        certifications=[CertificationFactory("iatf-16949", name="IATF 16949")],
    )
    for machine in ("同時5軸マシニングセンタ", "三次元測定機"):
        firm.equipment.create(name=machine)
    return firm


@pytest.fixture
def abe() -> User:
    sector, town = SectorFactory("space", name="宇宙"), MunicipalityFactory("07212")
    return AnchorFactory(ProjectFactory(sector=sector, municipality=town), name="阿部")


def posted(abe: User, office: User) -> Need:
    """Mr Abe writes the need and adds its drawing, the office in charge opens it."""
    own, review = sign_in(abe), sign_in(office)
    assert (
        own.post("/needs/new/", filled(own.get("/needs/new/"), project=abe.project_ids[0]) | S_007).status_code == 302
    )
    need = Need.objects.get()
    drawing = SimpleUploadedFile("S-007.pdf", b"%PDF-1.7")
    own.post(f"/needs/{need.pk}/drawings/add/", {"title": "インペラ図面", "flagged": "on", "file": drawing})
    own.post(f"/needs/{need.pk}/submit/")
    assert review.post(f"/needs/{need.pk}/open/").status_code == 302
    store.rebuild()
    propose(Need.objects.get())
    return Need.objects.get()


def test_the_impeller_is_posted_and_the_turbocharger_maker_proposed_first(register: Firm, abe: User) -> None:
    office = CoordinatorFactory("07", "03")
    need = posted(abe, office)
    entrants = Proposal.objects.filter(need=need, kind="adjacent")
    first = max(entrants, key=lambda row: row.entry["score"])
    assert first.firm == register
    assert first.entry["score"] > first.score  # above its plain text score
    deltas = {(delta["name"], delta["outcome"]) for delta in first.entry["deltas"]}
    assert deltas >= {
        ("JIS Q 9100", "fail"),
        ("インコネル718などニッケル基合金", "fail"),
        ("同時5軸マシニングセンタ", "pass"),
        ("三次元測定機", "pass"),
    }
    page = sign_in(office).get(first.get_absolute_url()).text
    for told in ("195 km", "Suggested referral: Mikata Project", "JIS Q 9100 by 2028", "fits only: prototype"):
        assert told in page, told
    panel = sign_in(office).get(reverse("matching:need-panel", args=[need.pk, "candidates"])).text
    assert register.name in panel

    take("reject", first, by=office, reason="certification")
    release(first, 0, Words("certification", "JIS Q 9100"), by=office)
    concerns = sign_in(FirmUserFactory(register)).get(reverse("matching:concerns")).text
    assert "Mikata Project" in concerns
    assert "turbopump" not in concerns.lower().replace(need.title.lower(), "")


def test_its_drawing_opens_after_the_nda_and_goes_to_nobody_abroad(register: Firm, abe: User) -> None:
    office = CoordinatorFactory("07", "03")
    need = posted(abe, office)
    row = Proposal.objects.get(need=need, firm=register)
    take("shortlist", row, by=office, reason="fit_in_part")
    review = sign_in(office)
    asked: Any = {"ids": f"{row.pk}:shortlisted", "message": "試作2個から対応できますか。", "days": "10"}
    assert review.post(reverse("matching:inquiry-new"), asked).status_code == 302
    inquiry, drawing = Inquiry.objects.get(), NeedDrawing.objects.get()
    path = reverse("matching:firm-drawing", args=[inquiry.pk, drawing.pk])
    own, abroad = (sign_in(FirmUserFactory(register, overseas=overseas)) for overseas in (False, True))
    assert own.get(path).status_code == 404
    review.post(reverse("matching:nda", args=[inquiry.pk, "record"]), {"signed_on": timezone.localdate()})
    assert [browser.get(path).status_code for browser in (own, abroad)] == [200, 404]
    colleague = AnchorFactory(need.project, overseas=True)
    assert sign_in(colleague).get(f"/needs/{need.pk}/drawings/{drawing.pk}/").status_code == 404
    assert drawing.openings.count() == 1
