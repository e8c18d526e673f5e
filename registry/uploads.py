"""Files that people send: checked by what they are, not by what they are called, and never kept as they came.

A picture is decoded and written anew, which leaves behind place, camera, preview and whatever hid in it. A PDF stays as
it is and is only ever handed out as a download.
"""

import io
import warnings
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

Sent: TypeAlias = "UploadedFile[Any]"
MOST_BYTES = 10 * 1024 * 1024
LARGER = dict.fromkeys(("registry:imports", "import-list"), 64 * 1024 * 1024)
"""Addresses that take more: a register of 100,000 firms as CSV has 40 MB."""
MOST_PIXELS = 40_000_000
"""A telephone's picture has 12 to 40 million; decoded it takes four bytes each."""
LONGEST_SIDE, LONGEST_SCAN = 1600, 3000
"""Pixels of a stored photo, and of a photographed certificate that must stay legible."""
_SHRINKS_WELL = {"L", "RGB", "RGBA"}
FORMATS = {"photo": ("JPEG", "PNG", "WEBP"), "scan": ("JPEG", "PNG")}
TYPES = {".jpg": "image/jpeg", ".pdf": "application/pdf"}
"""What is stored, by ending."""


@dataclass(frozen=True, slots=True)
class Picture:
    file: "ContentFile[bytes]"
    width: int
    height: int


class Quota(FileUploadHandler):
    """No file of a request may fill the disk, whoever sends it and to whichever address.

    `exceeded`: a file was larger, and the request holds none.
    """

    exceeded = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.most:
            self.exceeded = True
            raise StopUpload(connection_reset=False)
        return raw_data

    @property
    def most(self) -> int:
        match = self.request and self.request.resolver_match
        return LARGER.get(match.view_name, MOST_BYTES) if match else MOST_BYTES

    def file_complete(self, file_size: int) -> None:
        return None


def photo(sent: Sent) -> Picture:
    """A JPEG, PNG or WebP as a new JPEG. Raises ValidationError."""
    return _picture(sent, FORMATS["photo"], LONGEST_SIDE)


def scan(sent: Sent) -> "ContentFile[bytes]":
    """A PDF as it is, a JPEG or PNG as a new JPEG. Raises ValidationError."""
    _check_size(sent)
    sent.seek(0)
    if sent.read(5) == b"%PDF-":
        sent.seek(0)
        return ContentFile(sent.read(), name="scan.pdf")
    return _picture(sent, FORMATS["scan"], LONGEST_SCAN).file


def discard(name: str | None) -> None:
    """Delete a stored file once the transaction that let go of it has happened."""
    if name:
        transaction.on_commit(partial(default_storage.delete, name))


def _check_size(sent: Sent) -> None:
    if not sent.size or sent.size > MOST_BYTES:
        raise ValidationError(_("Choose a file of at most 10 MB that is not empty."), code="size")


def _picture(sent: Sent, formats: tuple[str, ...], longest: int) -> Picture:
    _check_size(sent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            return _made_anew(sent, formats, longest)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError(
            _("This file cannot be read as one of: %(formats)s. Save it as one of these and send it again."),
            code="format",
            params={"formats": ", ".join((*formats, "PDF") if formats == FORMATS["scan"] else formats)},
        ) from error


def _made_anew(sent: Sent, formats: tuple[str, ...], longest: int) -> Picture:
    sent.seek(0)
    with Image.open(sent, formats=formats) as opened:
        if opened.width * opened.height > MOST_PIXELS:  # the header alone was read so far
            raise ValidationError(_("This picture has more than 40 million pixels. Make it smaller."), code="pixels")
        opened.draft("RGB", (longest, longest))
        image: Any = opened if opened.mode in _SHRINKS_WELL else opened.convert("RGBA")
        image.thumbnail((longest, longest))  # first of all: a copy of 40 million pixels takes 160 MB
        image = ImageOps.exif_transpose(image)
        if image.mode != "RGB":  # what is see-through becomes white, as on paper
            image = image.convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image).convert("RGB")
        written = io.BytesIO()
        clean = Image.new("RGB", image.size)
        clean.paste(image)  # a new picture has none of the old one's notes
        clean.save(written, "JPEG", quality=85, optimize=True)
    return Picture(ContentFile(written.getvalue(), name="photo.jpg"), clean.width, clean.height)
