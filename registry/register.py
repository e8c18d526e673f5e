"""How a firm gets into the register: a person claims an imported row or adds a new one, then publishes it.

Every function here checks, changes and tells (`changed`) in one transaction; it raises StepRefused with what the user
should know when the change is not possible.
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history, notices, people, uploads
from registry.access import Role, can
from registry.changes import changed
from registry.models import CLAIM_STEPS, FIRM_STEPS, Firm, FirmClaim, FirmEvent, FirmMembership, User
from registry.steps import StepRefused, hold, move
from registry.text import add_working_days, company_key

CLAIM_DAYS = 5
"""Working days within which an office decides on a claim."""


def find_by_number(number: str) -> Firm | None:
    """The row that holds a corporate number; a merged duplicate does not count."""
    rows = Firm.objects.filter(corporate_number=number, duplicate_of=None)
    return rows.select_related("prefecture", "municipality").first()


def find_twins(name: str, prefecture: str) -> list[Firm]:
    """Rows of the prefecture with the same name once width, kana and legal form are folded away."""
    key = company_key(name)
    if not key:
        return []
    rows = Firm.objects.filter(prefecture=prefecture, duplicate_of=None, sort_key__contains=key)
    rows = rows.select_related("prefecture", "municipality").order_by("pk")
    return [firm for firm in rows[:200] if company_key(firm.name) == key][:5]


def why_not_claimable(user: User, firm: Firm) -> str:
    """The reason why the person cannot claim the row, empty when nothing speaks against it."""
    if firm.memberships.filter(user=user).exists():
        return _("You already speak for this firm.")
    if firm.memberships.exists() or firm.claims.filter(state=FirmClaim.State.APPROVED).exists():
        return _(
            "This firm was claimed already and somebody speaks for it. If that is wrong, please call the office in "
            "charge of your prefecture."
        )
    if user.firm_claims.filter(state=FirmClaim.State.PENDING).exists():
        return _waits()
    return ""


def _waits() -> str:
    return _("You have a claim that waits for an answer. Please wait until the office has decided.")


@transaction.atomic
def claim(user: User, firm: Firm, message: str = "") -> FirmClaim:
    """Ask to speak for an imported row; an office decides within five working days."""
    if reason := why_not_claimable(user, firm):
        raise StepRefused(reason)
    people.hold_record(firm.pk)
    due_on = add_working_days(timezone.localdate(), CLAIM_DAYS)
    try:
        with transaction.atomic():
            return FirmClaim.objects.create(user=user, firm=firm, message=message, due_on=due_on)
    except IntegrityError as error:
        raise StepRefused(_waits()) from error


def decide_claim(step: str, claim: FirmClaim, *, by: User, reason: str = "") -> FirmMembership | None:
    """Approve or refuse. Approval alone lets the person edit; what others still ask for the same row is refused."""
    if not (can(by, "registry.decide_claim") and FirmClaim.objects.visible_to(by).filter(pk=claim.pk).exists()):
        raise StepRefused(_("This claim is outside your office's scope, or it does not exist."))
    reason = reason.strip()
    if CLAIM_STEPS[step].reason and not reason:
        raise StepRefused(_("Please give a reason; the applicant will read it."))
    try:
        return _decide(step, claim, by, reason)
    except IntegrityError as error:
        raise StepRefused(
            _("This firm was claimed already: another claim was approved. Please refuse this one.")
        ) from error


@transaction.atomic
def _decide(step: str, claim: FirmClaim, by: User, reason: str) -> FirmMembership | None:
    people.hold_record(claim.firm_id)
    if step == "approve" and claim.firm.memberships.exists():
        raise StepRefused(_("Somebody speaks for this firm already. Please refuse this claim."))
    now = timezone.now()
    move(claim, CLAIM_STEPS[step], decided_by=by, decided_at=now, reason=reason)
    notices.tell([claim.user], f"claim.{step}", reverse("registry:home"), firm=claim.firm.name, reason=reason)
    if step != "approve":
        return None
    others = claim.firm.claims.filter(state=FirmClaim.State.PENDING)
    applicants = list(User.objects.filter(firm_claims__in=others))
    notices.tell(applicants, "claim.overtaken", reverse("registry:home"), firm=claim.firm.name)
    others.update(state=FirmClaim.State.REFUSED, decided_by=by, decided_at=now)
    history.record(claim.firm, FirmEvent.Kind.JOIN, by, person=claim.user)
    return FirmMembership.objects.create(user=claim.user, firm=claim.firm)


def save_firm(forms: Sequence[Any], firm: Firm, *, by: User) -> Firm:
    """Save valid forms (a VersionedForm of the firm first, then those of its rows) as one change.

    A new firm gets its author as the person who speaks for it; who has begun one already gets that one back.
    Raises StepRefused when somebody else saved the firm, or registered its corporate number, in the meantime.
    """
    new = firm._state.adding
    try:
        with transaction.atomic():
            if new and (begun := draft_of(User.objects.select_for_update().get(pk=by.pk))):
                return begun  # the same form again, sent by a second click
            if not new:
                hold(firm, forms[0].seen)
            before = {} if new else history.snapshot(firm)
            for form in forms:
                form.save()
                for gone in getattr(form, "deleted_objects", ()):
                    uploads.discard(getattr(gone, "scan", None) and gone.scan.name)
            if new:
                FirmMembership.objects.create(user=by, firm=firm)
                history.record(firm, FirmEvent.Kind.REGISTER, by)
            else:
                history.record_changes(firm, before, by)
            changed(firm)
    except IntegrityError as error:
        raise StepRefused(_("This corporate number is registered already. Claim that firm instead.")) from error
    return firm


def draft_of(user: User) -> Firm | None:
    """The draft that the person has begun and not published yet."""
    drafts = Firm.objects.filter(memberships__user=user, state=Firm.State.DRAFT)
    return drafts.select_related("prefecture", "municipality").order_by("-pk").first()


@transaction.atomic
def take(name: str, firm: Firm, *, by: User) -> Firm:
    """Publish or archive. A profile is published when it says where the firm is and what it can do.

    A firm that publishes its own profile thereby says that it is right.
    """
    if name == "publish" and not (firm.capability_text.strip() or firm.capabilities.exists()):
        raise StepRefused(_("Say what the firm can do, in words or by choosing capabilities, before you publish it."))
    changes: dict[str, Any] = {"updated_at": timezone.now()}
    if name == "publish" and by.role == Role.FIRM:
        changes["confirmed_on"] = timezone.localdate()
    move(firm, FIRM_STEPS[name], **changes)
    history.record(firm, name, by)
    changed(firm)
    return firm
