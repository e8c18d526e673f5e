"""Scans of certificates and photos of a firm: kept, replaced, taken away; the firm's history tells of each."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from registry import history, uploads
from registry.models import Firm, FirmCertification, FirmEvent, FirmPhoto, User
from registry.steps import StepRefused

MOST_PHOTOS = 12


@transaction.atomic
def put_scan(held: FirmCertification, *, scan: Any, by: User) -> None:
    """Keep a checked file (uploads.scan) in the place of the one that `held` was read with; an office has to confirm it
    anew. Raises StepRefused when somebody else changed the scan, or took the certificate away, meanwhile."""
    if not _is_as_read(held):
        raise StepRefused(_("The certificate was changed or decided meanwhile. Reload the page and look at it again."))
    uploads.discard(held.scan.name)
    held.scan.save(scan.name, scan, save=False)
    held.save(update_fields=["scan", *held.unconfirmed()])
    _record(held.firm, "scan", "", held.stated, by)


@transaction.atomic
def remove_scan(held: FirmCertification, *, by: User) -> None:
    """A scan that is gone already was deleted by the first of two clicks; another one in its place stays."""
    if held.scan and _is_as_read(held):
        uploads.discard(held.scan.name)
        held.scan = ""
        held.save(update_fields=["scan", *held.unconfirmed()])
        _record(held.firm, "scan", held.stated, "", by)


def _is_as_read(held: FirmCertification) -> bool:
    """Whether the scan is still that one; it stays so until the transaction ends, so of two who replace it one wins."""
    row = FirmCertification.objects.filter(pk=held.pk, scan=held.scan.name or "")
    return bool(row.update(confirmed_at=None, confirmed_by=None))


@transaction.atomic
def add_photo(firm: Firm, *, photo: uploads.Picture, alt: str, by: User) -> FirmPhoto:
    """Keep a checked photo (uploads.photo), once however often it is sent. Raises StepRefused for one too many."""
    Firm.objects.select_for_update().get(pk=firm.pk)  # the second of two clicks waits for the first
    if there := _same(firm, photo, alt):
        return there
    if firm.photos.count() >= MOST_PHOTOS:
        raise StepRefused(_("There are %(most)d photos already. Delete one first.") % {"most": MOST_PHOTOS})
    added = FirmPhoto(firm=firm, alt=alt, width=photo.width, height=photo.height)
    added.image.save(photo.file.name or "", photo.file, save=True)
    _record(firm, "photos", "", alt, by)
    return added


@transaction.atomic
def remove_photo(firm: Firm, pk: int, *, by: User) -> None:
    """A photo that is gone already was deleted by the first of two clicks."""
    for shown in firm.photos.filter(pk=pk):
        uploads.discard(shown.image.name)
        _record(firm, "photos", shown.alt, "", by)
        shown.delete()


def _same(firm: Firm, picture: uploads.Picture, alt: str) -> FirmPhoto | None:
    """This very photo, where the firm has it already."""
    sent = picture.file.read()
    for shown in firm.photos.filter(alt=alt, width=picture.width, height=picture.height):
        with suppress(FileNotFoundError), shown.image.open() as stored:  # the disk may have lost it
            if stored.read() == sent:
                found: FirmPhoto = shown
                return found
    return None


def _record(firm: Firm, name: str, before: str, after: str, by: User) -> None:
    history.record(firm, FirmEvent.Kind.CHANGE, by, changes=[(name, before, after)])
