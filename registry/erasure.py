"""Erasure of a firm's personal data: asked for by an owner, done by an office. Public facts of the firm stay."""

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history, notices, people, uploads
from registry.access import can
from registry.changes import changed
from registry.columns import CONTACT_COLUMNS
from registry.models import ERASURE_STEPS, ErasureRequest, Firm, FirmEvent, ImportRow, Merge, User, of_firm
from registry.steps import StepRefused, move
from registry.text import add_working_days

ERASURE_DAYS = 20
"""Working days within which an office answers."""
_PERSONAL = [column.name for column in CONTACT_COLUMNS]


@transaction.atomic
def ask(firm: Firm, *, by: User) -> ErasureRequest:
    if not people.is_owner(by, firm):
        raise StepRefused(_("Only an owner of the firm may ask for this."))
    due_on = add_working_days(timezone.localdate(), ERASURE_DAYS)
    try:
        with transaction.atomic():
            made = ErasureRequest.objects.create(firm=firm, made_by=by, due_on=due_on)
    except IntegrityError as error:
        raise StepRefused(_("You have asked already; the office will answer.")) from error
    history.record(firm, FirmEvent.Kind.ASK_ERASURE, by)
    return made


@transaction.atomic
def decide(step: str, asked: ErasureRequest, *, by: User, reason: str = "") -> None:
    """Erase, or refuse with a reason that the firm reads."""
    if not (can(by, "registry.decide_erasure") and ErasureRequest.objects.visible_to(by).filter(pk=asked.pk).exists()):
        raise StepRefused(_("This request is outside your office's scope, or it does not exist."))
    reason = reason.strip()
    if ERASURE_STEPS[step].reason and not reason:
        raise StepRefused(_("Please give a reason; the applicant will read it."))
    move(asked, ERASURE_STEPS[step], decided_by=by, decided_at=timezone.now(), reason=reason)
    readers = list(User.objects.filter(firm_memberships__firm=asked.firm_id))
    notices.tell(readers, f"firm.{step}", reverse("registry:home"), firm=asked.firm.name, reason=reason)
    history.record(asked.firm, step, by)
    if step == "erase":
        _erase(asked.firm)


def _erase(firm: Firm) -> None:
    """Contact, files and everybody's tie to the firm, also in records that were merged into it; the row is withdrawn
    and may be claimed anew."""
    for record in Firm.objects.filter(of_firm(firm.pk, "")):
        _erase_record(record)
    for done in Merge.objects.filter(of_firm(firm.pk, "survivor__")):  # no undoing brings a contact back
        done.journal = [line for line in done.journal if line[2] not in _PERSONAL]
        done.save(update_fields=["journal"])
    Firm.objects.filter(pk=firm.pk).update(state=Firm.State.ARCHIVED)
    firm.refresh_from_db()
    changed(firm)


def _erase_record(firm: Firm) -> None:
    for stored in (
        *firm.photos.values_list("image", flat=True),
        *firm.firm_certifications.values_list("scan", flat=True),
    ):
        uploads.discard(stored)
    firm.photos.all().delete()
    firm.firm_certifications.update(scan="")
    firm.invitations.all().delete()
    firm.claims.all().delete()
    firm.memberships.all().delete()
    _forget_lines(firm)
    Firm.objects.filter(pk=firm.pk).update(**dict.fromkeys(_PERSONAL, ""), updated_at=timezone.now())


def _forget_lines(firm: Firm) -> None:
    """What lines of imports said of the contact; the sheets themselves are kept for as long as every sheet."""
    for row in ImportRow.objects.filter(firm=firm):
        for said in (row.values, row.changes):
            for name in _PERSONAL:
                said.pop(name, None)
        row.remarks = [remark for remark in row.remarks if remark[0] not in _PERSONAL]
        row.save(update_fields=["values", "changes", "remarks"])
