"""Invented people, firms, needs and proposals, the same every time: a register of any size to measure with."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from matching.consent import a_year_from_now
from matching.models import DISCLOSABLE, DisclosureConsent, Proposal
from matching.release import make_list, release
from registry.intake.catalogue import load_catalogues
from registry.models import (
    AnchorProject,
    Capability,
    Certification,
    Equipment,
    Firm,
    FirmCertification,
    FirmMembership,
    Municipality,
    Need,
    Office,
    Prefecture,
    ProjectMembership,
    Role,
    Sector,
    User,
)

WORDS = (
    "溶接", "塗装", "切削", "めっき", "鋳造", "組立", "検査", "設計", "輸送", "洗浄", "製缶", "熱処理", "基板",
    "樹脂", "金型", "制御", "配線", "計測", "保守", "防食",
)  # fmt: skip
RARE = ("鍛造", "放電加工", "ろう付け", "DLC")
"""Each stands in one firm of a thousand."""
PER_NEED = 50
LISTS = 40
AT_ONCE = 10_000


def email(role: str) -> str:
    """The person of that role who reads: of a firm, an office, the bureau, the anchor side, or an administrator."""
    return f"{role}@example.jp"


def fill_empty(firms: int, proposals: int, say: Callable[[str], Any]) -> None:
    """Fill the database, which must be migrated and have no rows of its own, saying what is done."""
    if any(model.objects.exists() for model in (User, Firm, Need, Proposal)):
        raise CommandError("This database has rows. Name an empty, migrated scratch database in DATABASE_URL.")
    started = time.perf_counter()
    for done in fill(firms, proposals):
        say(f"{time.perf_counter() - started:6.1f} s  {done}")


def fill(firms: int, proposals: int) -> Iterator[str]:
    """Yields what is done."""
    dice = random.Random(1)  # noqa: S311  nothing secret
    for _name, _added in load_catalogues():
        pass
    Sector.objects.get_or_create(code="bench", defaults={"name": "試験", "cluster_id": "bench"})
    users = _offices()
    yield "catalogues and people"
    places = list(Municipality.objects.filter(prefecture__in_tohoku=True).order_by("pk"))
    for start in range(0, firms, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, firms))
        _details(dice, Firm.objects.bulk_create(_firm(dice, number, places) for number in numbers))
    yield f"{firms} firms"
    needs = _needs(dice, -(-proposals // PER_NEED), places)
    firm_ids = list(Firm.objects.order_by("pk").values_list("pk", flat=True))
    for need in needs:
        chosen = dice.sample(firm_ids, min(PER_NEED, len(firm_ids)))
        Proposal.objects.bulk_create(
            _proposal(dice, need, firm, rank, users) for rank, firm in enumerate(chosen, start=1)
        )
    yield f"{Proposal.objects.count()} proposals for {len(needs)} needs"
    yield f"{_lists(needs)} released lists"
    if connection.vendor == "postgresql":  # its autovacuum would do so by itself a minute later; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield "analysed"


def _offices() -> list[User]:
    User.objects.create_user(email("bureau"), role=Role.BUREAU, name="局")
    User.objects.create_user(email("admin"), role=Role.ADMIN, name="管理")
    office = Office.objects.create(code="bench-akita", name="秋田", kind=Office.Kind.PREFECTURE)
    office.prefectures.set(Prefecture.objects.filter(pk="05"))
    people = [User(email=f"c{n}@example.jp", role=Role.COORDINATOR, name=f"担当{n:02d}") for n in range(20)]
    people.append(User(email=email("coordinator"), role=Role.COORDINATOR, name="工藤"))
    made = User.objects.bulk_create(people)
    office.members.set(made)
    return made


def _firm(dice: random.Random, number: int, places: list[Municipality]) -> Firm:
    place = dice.choice(places)
    work = [*dice.choices(WORDS, k=30), *(word for word in RARE if dice.random() < 0.001)]
    return Firm(
        name=f"試験{number}製作所株式会社",
        name_kana="シケン" + "".join(dice.choices("アイウエオカキクケコサシスセソタチツテト", k=6)),
        prefecture_id=place.prefecture_id,
        municipality=place,
        employees=dice.randrange(5, 300),
        capability_text="、".join(work),
        state=Firm.State.PUBLISHED,
        confirmed_on=timezone.localdate() - timedelta(days=dice.randrange(730)),
        is_sample=True,
    )


def _details(dice: random.Random, firms: list[Firm]) -> None:
    """Two capabilities and a machine each, and a certificate of every third."""
    works, certificates = list(Capability.objects.all()), list(Certification.objects.all())
    links: Any = Firm.capabilities.through.objects
    links.bulk_create(
        Firm.capabilities.through(firm_id=firm.pk, capability_id=work.pk)
        for firm in firms
        for work in dice.sample(works, 2)
    )
    Equipment.objects.bulk_create(Equipment(firm=firm, name="マシニングセンタ", count=1) for firm in firms)
    FirmCertification.objects.bulk_create(
        FirmCertification(firm=firm, certification=one, stated=one.name)
        for firm, one in ((firm, dice.choice(certificates)) for firm in firms[::3])
    )


def _needs(dice: random.Random, count: int, places: list[Municipality]) -> list[Need]:
    projects = AnchorProject.objects.bulk_create(
        AnchorProject(
            code=f"bench-{n}",
            name=f"試験計画{n}",
            organisation=f"試験機構{n}",
            kind="fab",
            sector_id="bench",
            municipality=dice.choice(places),
        )
        for n in range(60)
    )
    return Need.objects.bulk_create(
        Need(
            project=dice.choice(projects),
            title=f"試験ニーズ {n} {dice.choice(WORDS)}",
            text="、".join(dice.choices(WORDS, k=60)),
            visibility=dice.choices(["public", "coordinators", "nda"], [6, 3, 1])[0],
            state=dice.choices(["open", "filled"], [9, 1])[0],
            is_sample=True,
        )
        for n in range(count)
    )


def _proposal(dice: random.Random, need: Need, firm_id: int, rank: int, users: list[User]) -> Proposal:
    asked: list[dict[str, Any]] = [
        {"kind": "employees", "hard": True, "asked": 30, "found": 46, "outcome": "pass"},
        {"kind": "certification", "hard": True, "asked": "ISO 9001", "found": None, "outcome": "unknown"},
        {"kind": "distance", "hard": False, "asked": 80, "found": 41.5, "outcome": "pass"},
    ]
    score = dice.random() * 0.6
    return Proposal(
        need=need,
        firm_id=firm_id,
        score=score,
        rank=rank,
        state=dice.choices(["proposed", "held", "shortlisted", "rejected"], [60, 10, 15, 15])[0],
        verdict=dice.choice(["pass", "unknown", "fail"]),
        terms=[[word, round(score / 20, 6)] for word in WORDS],
        checks=asked,
        assignee=dice.choice(users) if dice.random() < 0.3 else None,
        dropped_at=timezone.now() if dice.random() < 0.05 else None,
        due_on=timezone.localdate() + timedelta(days=dice.randrange(-10, 20)),
        proposed_at=timezone.now() - timedelta(days=dice.randrange(400)),
    )


def _lists(needs: list[Need]) -> int:
    """Lists of the first needs whose shortlisted firms consent, released to a reader of those projects and a firm's."""
    bureau = User.objects.get(email=email("bureau"))
    anchor = User.objects.create_user(email("anchor"), role=Role.ANCHOR, name="Holm")
    speaker = User.objects.create_user(email("firm"), role=Role.FIRM, name="試験")
    chosen = [need for need in needs[: 2 * LISTS] if need.visibility == Need.Visibility.PUBLIC][:LISTS]
    shortlisted = list(Proposal.objects.filter(need__in=chosen, state=Proposal.State.SHORTLISTED))
    DisclosureConsent.objects.bulk_create(
        DisclosureConsent(
            firm_id=one.firm_id,
            need=one.need,
            organisation=one.need.project.organisation,
            told=one.need.project.organisation,
            fields=list(DISCLOSABLE),
            until=a_year_from_now(),
            by=speaker,
        )
        for one in shortlisted
    )
    FirmMembership.objects.create(user=speaker, firm_id=shortlisted[0].firm_id)
    ProjectMembership.objects.bulk_create(
        ProjectMembership(user=anchor, project_id=key) for key in {need.project_id for need in chosen}
    )
    for need in {one.need_id: one.need for one in shortlisted}.values():
        release(make_list(need, by=bureau, recipient=need.project.organisation), bureau)
    return len({one.need_id for one in shortlisted})
