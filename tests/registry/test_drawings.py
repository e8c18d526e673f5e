"""Drawings of a need: who opens them, what goes abroad, what is recorded."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from registry import drawings
from registry.models import DrawingOpening, Need, NeedDrawing, User
from tests.factories import AnchorFactory, BureauFactory, CoordinatorFactory, NeedFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def own_files(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def kudo() -> User:
    return CoordinatorFactory("05")


@pytest.fixture
def need(kudo: User) -> Need:
    return NeedFactory(office=kudo.offices.get())


def pdf(content: bytes = b"%PDF-1.7 drawing") -> SimpleUploadedFile:
    return SimpleUploadedFile("図面.pdf", content, content_type="application/pdf")


def put(browser: Client, need: Need, **more: Any) -> Any:
    return browser.post(f"/needs/{need.pk}/drawings/add/", {"title": "インペラ図面", "file": pdf()} | more)


def test_the_own_side_and_the_office_in_charge_open_it_and_each_opening_is_recorded(
    sign_in: SignIn, need: Need, kudo: User
) -> None:
    anchor, office = sign_in(AnchorFactory(need.project)), sign_in(kudo)
    assert put(anchor, need).status_code == 302
    assert put(anchor, need).status_code == 302  # a second click
    drawing = NeedDrawing.objects.get()
    for browser in (anchor, office, sign_in(BureauFactory())):
        answer = browser.get(f"/needs/{need.pk}/drawings/{drawing.pk}/")
        assert (answer.status_code, b"".join(answer)) == (200, b"%PDF-1.7 drawing")
        assert answer["Content-Disposition"].startswith("attachment")
    others = CoordinatorFactory("05"), AnchorFactory()
    for user in others:
        assert sign_in(user).get(f"/needs/{need.pk}/drawings/{drawing.pk}/").status_code == 404
    assert DrawingOpening.objects.count() == 3
    assert need.events.get().changes == [["drawing", "", "インペラ図面"]]


@pytest.mark.parametrize("content", [b"", b"<html>", b"GIF89a"])
def test_what_is_no_drawing_is_refused_and_nothing_is_kept(sign_in: SignIn, need: Need, content: bytes) -> None:
    answer = put(sign_in(AnchorFactory(need.project)), need, file=pdf(content))
    assert (answer.status_code, "インペラ図面" in answer.text) == (422, True)
    assert not NeedDrawing.objects.exists()


def test_a_removed_drawing_is_gone_and_who_opened_it_is_still_known(
    sign_in: SignIn, need: Need, kudo: User, django_capture_on_commit_callbacks: Any
) -> None:
    office = sign_in(kudo)
    put(office, need)
    drawing = NeedDrawing.objects.get()
    office.get(f"/needs/{need.pk}/drawings/{drawing.pk}/")
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(2):
            office.post(f"/needs/{need.pk}/drawings/{drawing.pk}/remove/")
    assert office.get(f"/needs/{need.pk}/drawings/{drawing.pk}/").status_code == 404
    assert not default_storage.exists(str(drawing.file.name))
    assert DrawingOpening.objects.get().drawing == drawing
    assert [event.step for event in need.events.all()] == ["drawing", "removal"]


def test_what_is_flagged_goes_abroad_after_a_dated_check_alone(sign_in: SignIn, need: Need, kudo: User) -> None:
    holm = AnchorFactory(need.project, overseas=True, email="Holm@example.dk")
    abroad, office = sign_in(holm), sign_in(kudo)
    put(office, need, flagged="on")
    put(office, need, title="梱包仕様")
    flagged, free = NeedDrawing.objects.order_by("pk")

    def answers() -> list[int]:
        return [abroad.get(f"/needs/{need.pk}/drawings/{one.pk}/").status_code for one in (flagged, free)]

    assert answers() == [404, 200]
    pages = [abroad.get(f"/needs/{need.pk}/{page}/").text for page in ("drawings", "history")]
    assert "インペラ図面" not in "".join(pages)
    check: dict[str, Any] = {"reader": "holm@example.dk", "checked_on": timezone.localdate(), "checker": "輸出管理課"}
    assert abroad.post(f"/needs/{need.pk}/export-checks/add/", check | {"permitted": "yes"}).status_code == 403
    assert office.post(f"/needs/{need.pk}/export-checks/add/", check | {"permitted": "yes"}).status_code == 302
    assert answers() == [200, 200]
    NeedDrawing.objects.filter(pk=flagged.pk).update(uploaded_at=timezone.now() + timedelta(minutes=1))
    assert answers() == [404, 200]  # not there yet when it was checked
    drawings.check(need, by=kudo, permitted=False, **check)
    Need.objects.update(export_control="subject")  # and with the need all of its drawings
    assert answers() == [404, 404]
    check["checked_on"] += timedelta(days=1)
    assert office.post(f"/needs/{need.pk}/export-checks/add/", check | {"permitted": "yes"}).status_code == 422


def test_a_closed_need_takes_no_drawings(sign_in: SignIn, need: Need, kudo: User) -> None:
    Need.objects.update(state="closed")
    assert put(sign_in(kudo), need).status_code == 409
    assert not NeedDrawing.objects.exists()
