"""NDAs between a need's anchor side and firms that were asked about it, and what a firm may open by one.

The contract itself is paper elsewhere; an office records that it is signed, on the inquiry that it sent or with which a
firm asked for the NDA. A firm then sees the need while it is open, and opens its drawings as long as its inquiry
stands: withdrawing an inquiry closes them at once.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matching.inquiries import WORKING_DAYS
from matching.models import Inquiry
from registry import notices
from registry.access import can
from registry.models import Nda, Need, NeedDrawing, User
from registry.models.drawings import DrawingQuerySet
from registry.steps import StepRefused
from registry.text import add_working_days

_CLOSED = {Inquiry.State.WITHDRAWN, Inquiry.State.DECLINED}


def may_record(user: User, inquiry: Inquiry) -> bool:
    """Those in charge of the need, on an inquiry that they see, and not on their own firm's."""
    charged = can(user, "matching.record_nda") and Need.objects.in_charge_of(user).filter(pk=inquiry.need_id).exists()
    return charged and inquiry.firm_id not in user.firm_ids


def of(inquiry: Inquiry) -> Nda | None:
    """The NDA that is in force between the need and the firm."""
    found: Nda | None = Nda.objects.in_force().filter(need=inquiry.need_id, firm=inquiry.firm_id).first()
    return found


def record(inquiry: Inquiry, *, by: User, signed_on: date, note: str = "") -> Nda:
    """Say that the NDA is signed. Raises StepRefused when there is one already or the inquiry is closed."""
    if not may_record(by, inquiry):
        raise StepRefused(_("Only the office in charge of the need and the bureau record NDAs."))
    if inquiry.state in _CLOSED:
        raise StepRefused(_("This inquiry is closed; an NDA is recorded for a firm that is asked."))
    if signed_on > timezone.localdate():
        raise StepRefused(_("This day has not come yet."))
    try:
        with transaction.atomic():
            nda: Nda = Nda.objects.create(
                need=inquiry.need, firm=inquiry.firm, signed_on=signed_on, note=note.strip(), recorded_by=by
            )
            waiting = Inquiry.objects.waiting().filter(pk=inquiry.pk)
            waiting.update(answer_by=add_working_days(timezone.localdate(), WORKING_DAYS))  # it can read only now
            people = User.objects.speaking_for(inquiry.firm_id)
            notices.tell(people, "nda.recorded", inquiry.get_absolute_url(), number=inquiry.number)
    except IntegrityError:
        raise StepRefused(_("An NDA with this firm is recorded already.")) from None
    return nda


def end(inquiry: Inquiry, *, by: User) -> None:
    """The NDA has ended: need and drawings close to the firm at once. Ending it twice changes nothing."""
    if not may_record(by, inquiry):
        raise StepRefused(_("Only the office in charge of the need and the bureau record NDAs."))
    in_force = Nda.objects.in_force().filter(need=inquiry.need_id, firm=inquiry.firm_id)
    in_force.update(ended_at=timezone.now(), ended_by=by)


def drawings_for(inquiry: Inquiry, user: User) -> DrawingQuerySet:
    """The drawings that this person of the asked firm may open now."""
    kept = NeedDrawing.objects.kept().filter(need=inquiry.need_id)
    asked = inquiry.firm_id in user.firm_ids and inquiry.state not in _CLOSED
    if not asked or inquiry.need.state != Need.State.OPEN or of(inquiry) is None:
        return kept.none()
    return kept.filter(NeedDrawing.objects.may_go_to(user.email, abroad=user.overseas))
