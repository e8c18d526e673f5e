"""Who speaks for a firm: owners invite, change roles and remove; the last owner stays."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from registry import history
from registry.access import Role
from registry.models import Firm, FirmEvent, FirmInvitation, FirmMembership, User
from registry.steps import StepRefused

log = logging.getLogger(__name__)

INVITED_FOR = timedelta(days=7)
MOST_OPEN = 20
"""Invitations of one firm that wait at the same time."""
MOST_A_DAY = 100
"""Invitations of one person: anybody may sign up, and strangers must not be written to without end."""
SALT = "registry.people.invitation"
Roles = FirmMembership.Role


def is_owner(user: User, firm: Firm) -> bool:
    return firm.memberships.filter(user=user, role=Roles.OWNER).exists()


def invite(firm: Firm, email: str, role: str, *, by: User) -> FirmInvitation:
    """Ask an address to speak for the firm; asking it again makes the older link worthless."""
    email = email.strip().lower()
    try:
        with transaction.atomic():
            _require_owner(firm, by)
            if firm.memberships.filter(user__email=email).exists():
                raise StepRefused(_("This person speaks for your firm already."))
            _count(by)
            firm.invitations.filter(email=email, accepted_at=None).delete()
            if firm.invitations.open().count() >= MOST_OPEN:
                raise StepRefused(_("Too many invitations are waiting. Withdraw one first."))
            until = timezone.now() + INVITED_FOR
            made = FirmInvitation.objects.create(firm=firm, email=email, role=role, invited_by=by, expires_at=until)
            transaction.on_commit(lambda: _mail(made), robust=True)
    except IntegrityError as error:
        raise StepRefused(_("This address was invited a moment ago.")) from error
    return made


def _count(by: User) -> None:
    key = f"invitations:{by.pk}:{timezone.localdate()}"
    cache.add(key, 0, 24 * 60 * 60)
    try:
        sent = cache.incr(key)
    except ValueError:  # the cache was emptied in between
        return
    if sent > MOST_A_DAY:
        raise StepRefused(_("You have sent many invitations today. Send more of them tomorrow."))


def withdraw(invitation: FirmInvitation, *, by: User) -> None:
    _require_owner(invitation.firm, by)
    invitation.delete()


def link(invitation: FirmInvitation) -> str:
    """The path at which the invited person answers; signed, so that nobody makes up one."""
    return reverse("registry:invitation", args=[signing.dumps(invitation.pk, salt=SALT)])


def invitation_for(token: str, user: User) -> FirmInvitation | None:
    """The invitation behind a link, when it is still open and was sent to this person's own address."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=INVITED_FOR)
    except signing.BadSignature:
        return None
    open_ones = FirmInvitation.objects.open().filter(pk=pk, email=user.email.lower())
    return open_ones.select_related("firm", "invited_by").first() if user.role == Role.FIRM else None


def invitations_of(user: User) -> list[FirmInvitation]:
    """What waits for the person's answer; the address of an account is a confirmed one."""
    return list(FirmInvitation.objects.open().filter(email=user.email.lower()).select_related("firm")[:5])


def hold_record(firm_id: int) -> None:
    """Keep the record from being merged until the transaction ends; raises StepRefused when it was merged already.

    Call it before anything else is locked: a merge holds both firms first.
    """
    held = Firm.objects.select_for_update().filter(pk=firm_id).exclude(state=Firm.State.MERGED)
    if not held.values_list("pk", flat=True):
        raise StepRefused(_("This record of the firm was merged with another one. Reload the page."))


@transaction.atomic
def accept(invitation: FirmInvitation, *, by: User) -> FirmMembership:
    """Take it up, once: of two clicks the second is refused."""
    hold_record(invitation.firm_id)
    taken = FirmInvitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
    if not taken:
        raise StepRefused(_("This invitation was used already, or it has expired."))
    member, new = FirmMembership.objects.get_or_create(
        user=by, firm=invitation.firm, defaults={"role": invitation.role}
    )
    if new:
        history.record(invitation.firm, FirmEvent.Kind.JOIN, by, person=by)
    return member


@transaction.atomic
def remove(member: FirmMembership, *, by: User) -> None:
    """An owner removes anybody, everybody themselves; a firm never loses its last owner this way."""
    firm = _locked(member)
    if member.user_id != by.pk:
        _require_owner(firm, by)
    _keep_an_owner(firm, member)
    history.record(firm, FirmEvent.Kind.LEAVE, by, person=member.user)
    member.delete()


@transaction.atomic
def set_role(member: FirmMembership, role: str, *, by: User) -> None:
    firm = _locked(member)
    _require_owner(firm, by)
    if role == member.role:
        return
    _keep_an_owner(firm, member)
    change = ("role", history.choice_text(Roles(member.role).label), history.choice_text(Roles(role).label))
    history.record(firm, FirmEvent.Kind.ROLE, by, person=member.user, changes=[change])
    member.role = role
    member.save(update_fields=["role"])


def _locked(member: FirmMembership) -> Firm:
    """One at a time for each firm: two owners who leave at once would both see the other."""
    firm: Firm = Firm.objects.select_for_update().get(pk=member.firm_id)
    if not FirmMembership.objects.filter(pk=member.pk).exists():
        raise StepRefused(_("This person does not speak for the firm any more."))
    member.refresh_from_db()
    return firm


def _keep_an_owner(firm: Firm, member: FirmMembership) -> None:
    others = firm.memberships.filter(role=Roles.OWNER).exclude(pk=member.pk)
    if member.role == Roles.OWNER and not others.exists():
        raise StepRefused(_("A firm needs an owner. Make somebody else an owner first."))


def _require_owner(firm: Firm, by: User) -> None:
    if not is_owner(by, firm):
        raise StepRefused(_("Only an owner decides who speaks for the firm."))


def _mail(invitation: FirmInvitation) -> None:
    """In both languages. A mail that fails leaves the invitation standing: it also waits on the home page."""
    parts, subjects = [], []
    for language in ("ja", "en"):
        with override(language):
            context = {"invitation": invitation, "url": settings.SITE_URL + link(invitation)}
            parts.append(render_to_string("registry/invitation_mail.txt", context).strip())
            subjects.append(_("You are invited to speak for a firm"))
    subject = settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + " / ".join(subjects)
    mail = EmailMessage(subject, "\n\n----\n\n".join(parts) + "\n", to=[invitation.email])
    try:
        mail.send()
    except (OSError, ValueError) as problem:
        log.warning("Mail of an invitation failed: %s", type(problem).__name__)
