from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from registry.intake.sample import PASSWORD
from registry.models import (
    AnchorProject,
    Capability,
    Criterion,
    Firm,
    Municipality,
    Need,
    NeedDrawing,
    Office,
    Role,
    User,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def load() -> str:
    out = StringIO()
    call_command("load_sample", stdout=out)
    return out.getvalue()


def test_the_register_is_there_after_one_command_and_a_second_one_adds_nothing() -> None:
    load()
    assert (Firm.objects.count(), Need.objects.count()) == (331, 70)
    assert Firm.objects.filter(is_sample=True).count() == 331
    assert Municipality.objects.filter(prefecture__in_tohoku=True).count() >= 231
    assert AnchorProject.objects.filter(is_sample=False, name__contains="キオクシア").exists()
    assert not Criterion.objects.filter(kind="certification", certification=None).exists()
    assert NeedDrawing.objects.count() == 2
    assert {line.split()[-2] for line in load().splitlines() if line.endswith("added")} == {"0"}


def test_needs_have_capabilities_and_deadlines_ahead() -> None:
    load()
    today = timezone.localdate()
    assert not Need.objects.filter(deadline__lte=today).exists()
    assert Need.objects.get(source_ref="N054").deadline == today + timedelta(days=91)  # 2026-07-31 in the file
    assert not Need.objects.filter(capabilities=None).exists()
    older, kept = Need.objects.get(source_ref="N002"), Need.objects.get(source_ref="N003")
    wanted = set(older.capabilities.values_list("pk", flat=True))
    older.capabilities.clear()
    kept.capabilities.set(Capability.objects.filter(pk="cnc-turning"))
    load()
    assert set(older.capabilities.values_list("pk", flat=True)) == wanted > {"tool-hookup"}
    assert [one.pk for one in kept.capabilities.all()] == ["cnc-turning"]


def test_a_second_load_keeps_what_people_changed() -> None:
    load()
    firm = Firm.objects.order_by("pk")[0]
    Firm.objects.filter(pk=firm.pk).update(name="改名した会社", state=Firm.State.ARCHIVED)
    Capability.objects.filter(pk="cnc-turning").update(name="旋盤")
    load()
    firm.refresh_from_db()
    assert (firm.name, firm.state) == ("改名した会社", "archived")
    assert Capability.objects.get(pk="cnc-turning").name == "旋盤"


def test_records_of_one_firm_are_kept_and_the_second_is_marked() -> None:
    load()
    twins = Firm.objects.exclude(duplicate_of=None)
    assert twins.count() == 5
    assert all(twin.corporate_number == twin.duplicate_of.corporate_number for twin in twins if twin.duplicate_of)


def test_every_role_has_an_account_that_can_sign_in() -> None:
    load()
    assert {user.role for user in User.objects.all()} == set(Role)
    assert authenticate(None, username="coordinator@example.jp", password=PASSWORD)
    assert Office.objects.get(members__email="coordinator@example.jp").prefectures.get().pk == "05"
    holm = User.objects.get(email="anchor@example.jp")
    assert holm.overseas
    assert [drawing.flagged for drawing in NeedDrawing.objects.visible_to(holm)] == [False]


def test_production_gets_the_catalogues_only(settings) -> None:  # type: ignore[no-untyped-def]
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="catalogues-only"):
        load()
    call_command("load_sample", "--catalogues-only", stdout=StringIO())
    assert not Firm.objects.exists()
    assert not User.objects.exists()
