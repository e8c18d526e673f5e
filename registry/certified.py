"""An office confirms a certificate that a firm states: it saw the paper or its scan. Whoever changes it ends that."""

from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from registry import history, notices
from registry.access import can
from registry.changes import changed
from registry.models import Firm, FirmCertification, FirmEvent, User
from registry.steps import Step, StepRefused

STATED, CONFIRMED = "stated", "confirmed"
CERTIFICATE_STEPS: Mapping[str, Step] = {
    "confirm": Step(pgettext_lazy("certificate", "Confirm"), frozenset({STATED}), CONFIRMED),
    "unconfirm": Step(gettext_lazy("Take the confirmation back"), frozenset({CONFIRMED}), STATED),
}


@transaction.atomic
def take(name: str, held: FirmCertification, seen: str, *, by: User) -> None:
    """Confirm the certificate as the person saw it (`seen` is its `mark`), or take that back.

    Raises StepRefused, and changes nothing, when it was changed meanwhile, has run out, or is the person's own firm's.
    """
    if not (can(by, "registry.confirm_certificate") and Firm.objects.visible_to(by).filter(pk=held.firm_id).exists()):
        raise StepRefused(_("This firm is outside your office's scope, or it does not exist."))
    if held.firm_id in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to confirm it."))
    confirms, today = name == "confirm", timezone.localdate()
    if confirms and held.valid_until is not None and held.valid_until < today:
        raise StepRefused(_("This certificate has run out. Ask the firm for the new one."))
    if seen != held.mark or not _as_seen(held, by if confirms else None):
        raise StepRefused(_("The certificate was changed or decided meanwhile. Reload the page and look at it again."))
    held.refresh_from_db()
    words = ("", held.stated) if confirms else (held.stated, "")
    history.record(held.firm, FirmEvent.Kind.CHANGE, by, changes=[("certificate_confirmed", *words)])
    Firm.objects.filter(pk=held.firm_id).update(updated_at=timezone.now())
    if confirms:
        people = User.objects.speaking_for(held.firm_id)
        url = reverse("registry:firm", args=[held.firm_id])
        notices.tell(people, "certificate.confirm", url, firm=held.firm.name, certificate=held.stated)
    changed(held.firm)


def _as_seen(held: FirmCertification, by: User | None) -> bool:
    """The conditional UPDATE: it hits the row only while that says what `held` says, and is not decided yet."""
    facts = {name: getattr(held, name) for name in FirmCertification.FACTS} | {"scan": held.scan.name or ""}
    row = FirmCertification.objects.filter(pk=held.pk, confirmed_at__isnull=by is not None, **facts)
    return bool(row.update(confirmed_at=timezone.now() if by else None, confirmed_by=by))
