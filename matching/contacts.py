"""Logging contacts: the only writer of `Contact`."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matching.models import Contact, Proposal
from registry.access import can
from registry.models import Firm, User, of_firm
from registry.steps import StepRefused

SHOWN = 50
"""Entries that a page shows, the latest."""
SECOND_CLICK = timedelta(minutes=1)
"""The same entry from the same author within this time is the same contact."""


def log(
    firm: Firm, by: User, *, proposal: Proposal | None = None, corrects: Contact | None = None, **entry: Any
) -> Contact:
    """Record one contact (day, kind, whom, summary, minutes), once if the form is sent twice.

    Raises StepRefused for what cannot be recorded.
    """
    if not can(by, "matching.log_contact") or not _visible(firm, proposal, by):
        raise StepRefused(_("This firm or proposal is outside your office's scope, or it does not exist."))
    day: date = entry["day"]
    if day > timezone.localdate():
        raise StepRefused(_("The date lies in the future. Log a contact once it has taken place."))
    if corrects is not None and (corrects.firm_id, corrects.proposal_id) != (
        firm.pk,
        proposal.pk if proposal else None,
    ):
        raise StepRefused(_("An entry is corrected where it stands."))
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)  # the second of two clicks waits for the first
            since = timezone.now() - SECOND_CLICK
            facts = {"firm": firm, "proposal": proposal, "corrects": corrects, "by": by, **entry}
            same: Contact | None = Contact.objects.filter(**facts, at__gte=since).first()
            made: Contact = same or Contact.objects.create(**facts)
    except IntegrityError:
        raise StepRefused(_("Somebody has corrected this entry already. Correct the newer one.")) from None
    return made


def logged(user: User, *, firm: int, proposal: int | None = None) -> list[Contact]:
    """The latest entries on a proposal, or on a firm with those of its proposals, corrected ones too."""
    rows = Contact.objects.visible_to(user).filter(of_firm(firm))
    if proposal is not None:
        rows = rows.filter(proposal=proposal)
    return list(rows.select_related("by", "proposal__need", "correction").order_by("-day", "-pk")[:SHOWN])


def _visible(firm: Firm, proposal: Proposal | None, by: User) -> bool:
    if proposal is not None:
        return Proposal.objects.visible_to(by).filter(pk=proposal.pk, firm=firm).exists()
    return Firm.objects.visible_to(by).filter(pk=firm.pk).exists()
