"""Scans and photos: only what they claim to be, made anew, and only for those who may see them."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from registry import firm_files, uploads
from registry.models import FirmCertification, FirmEvent, FirmPhoto, User
from registry.steps import StepRefused
from tests.factories import CoordinatorFactory, FirmFactory, FirmUserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]
SignIn = Callable[[User], Client]
PDF = b"%PDF-1.7\n<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    """With a place, a camera and a turn by a quarter in its notes."""
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "canary-camera", 6
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    Image.new(mode, size).save(written, kind, **({} if kind == "GIF" else {"exif": exif}))
    return written.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 60,000 × 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_is_made_anew_and_its_notes_are_gone(
    sign_in: SignIn, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    firm = FirmFactory()
    client, office = sign_in(FirmUserFactory(firm)), sign_in(CoordinatorFactory())
    for kind, mode in (("JPEG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB")):
        for _click in range(2):
            sent = SimpleUploadedFile("../../evil.html", picture(kind, mode=mode), "text/html")
            answer = client.post(f"/firms/{firm.pk}/photos/add/", {"photo": sent, "alt": f"工場 {kind}"})
            assert answer.status_code == 302, kind
    assert (FirmPhoto.objects.count(), len(stored(folder))) == (3, 3)
    shown = FirmPhoto.objects.order_by("pk").first()
    assert shown
    assert (shown.width, shown.height) == (20, 40)  # turned as the notes said
    for path in stored(folder):
        assert path.suffix == ".jpg"
        assert len(path.stem) == 32
        assert b"canary" not in path.read_bytes()
        assert not Image.open(path).getexif()
    answer = office.get(f"/firms/{firm.pk}/photos/{shown.pk}/")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert 'alt="工場 JPEG"' in office.get(f"/firms/{firm.pk}/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/firms/{firm.pk}/photos/{shown.pk}/remove/").status_code == 302
    assert len(stored(folder)) == 2
    assert FirmEvent.objects.filter(kind="change").count() == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        PDF,
        b"<svg onload=alert(1)>",
        b"\xff\xd8\xff" + b"x" * 99,
        bomb(),
        picture("GIF"),
        picture()[:60],
    ],
    ids=["empty", "gif head", "pdf", "svg", "broken", "bomb", "gif", "cut off"],
)
def test_what_is_no_photo_is_refused_with_a_reason(sign_in: SignIn, folder: Path, content: bytes) -> None:
    firm = FirmFactory()
    sent = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    answer = sign_in(FirmUserFactory(firm)).post(f"/firms/{firm.pk}/photos/add/", {"photo": sent, "alt": "工場の写真"})
    assert answer.status_code == 422
    assert answer.context["photo_form"].errors["photo"]
    assert "工場の写真" in answer.content.decode()  # what was typed is kept
    assert not folder.exists()


def test_a_large_file_never_reaches_the_disk(sign_in: SignIn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    firm = FirmFactory()
    sent = SimpleUploadedFile("photo.jpg", picture() + b"x" * 200_000)
    answer = sign_in(FirmUserFactory(firm)).post(f"/firms/{firm.pk}/photos/add/", {"alt": "工場", "photo": sent})
    assert answer.status_code == 422
    assert "photo" in answer.context["photo_form"].errors


def test_a_scan_is_a_download_for_the_firm_and_its_offices(
    sign_in: SignIn, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    firm, other = FirmFactory(), FirmFactory()
    held = firm.firm_certifications.create(stated="ISO 9001")
    client = sign_in(FirmUserFactory(firm))
    path = f"/firms/{firm.pk}/certificates/{held.pk}/scan/"
    assert client.get(path).status_code == 404  # there is none yet
    assert client.post(f"{path}put/", {"scan": SimpleUploadedFile("a.pdf", b"MZ")}).status_code == 422
    for content, ending in ((PDF, ".pdf"), (picture(), ".jpg")):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"{path}put/", {"scan": SimpleUploadedFile("証明書.exe", content)}).status_code == 302
        assert [file.suffix for file in stored(folder)] == [ending]  # the one before it is gone
        for reader in (client, sign_in(CoordinatorFactory("05"))):
            answer = reader.get(path)
            assert answer["Content-Disposition"].startswith("attachment")
            assert answer["X-Content-Type-Options"] == "nosniff"
    for stranger in (sign_in(FirmUserFactory(other)), sign_in(CoordinatorFactory("02"))):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}put/", {"scan": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404
    foreign = f"/firms/{other.pk}/certificates/{held.pk}/scan/"
    assert sign_in(FirmUserFactory(other)).get(foreign).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{path}remove/")
    assert stored(folder) == []


def test_of_two_who_replace_one_scan_one_wins(folder: Path) -> None:
    firm = FirmFactory()
    held, person = firm.firm_certifications.create(stated="ISO 9001"), FirmUserFactory(firm)
    first, second = (FirmCertification.objects.get(pk=held.pk) for _ in range(2))
    firm_files.put_scan(first, scan=ContentFile(PDF, "a.pdf"), by=person)
    with pytest.raises(StepRefused):
        firm_files.put_scan(second, scan=ContentFile(PDF, "b.pdf"), by=person)
    firm_files.remove_scan(held, by=person)  # as it was read: without a scan
    assert len(stored(folder)) == 1
    assert FirmCertification.objects.get().scan


def test_a_row_that_goes_takes_its_scan_along(
    sign_in: SignIn, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    firm = FirmFactory()
    held = firm.firm_certifications.create(stated="ISO 9001")
    client = sign_in(FirmUserFactory(firm))
    client.post(f"/firms/{firm.pk}/certificates/{held.pk}/scan/put/", {"scan": SimpleUploadedFile("a.pdf", PDF)})
    path = f"/firms/{firm.pk}/edit/certificates/"
    page = client.get(path)
    rows = page.context["rows"]
    sent = {field.html_name: field.value() for field in rows.management_form}
    sent |= {"version": page.context["form"]["version"].value(), "rows-0-id": held.pk, "rows-0-stated": "ISO 9001"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path, sent | {"rows-0-DELETE": "on"}).status_code == 302
    assert (firm.firm_certifications.count(), stored(folder)) == (0, [])
