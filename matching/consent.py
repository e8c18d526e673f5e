"""Consents of firms: giving, revoking, and what they let be passed on. The only writer of consents and their ends."""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from matching.models import ALWAYS, DISCLOSABLE, Channel, ConsentEnd, DisclosureConsent, Group
from matching.partners import note_departures
from registry import notices
from registry.access import can, firm_rows
from registry.models import Firm, Need, User, of_firm
from registry.steps import StepRefused
from registry.webhooks import Happening, announce

Recipient = DisclosureConsent.Recipient
Why = ConsentEnd.Why
LONGEST = 2
"""Years for which a consent may be given at most."""


def consented(need: Need, recipient: str, on: date) -> dict[int, frozenset[str]]:
    """The firms that let this recipient be told about them for this need on that day, and which fields by code.

    A consent holds for the organisation that the project belonged to when it was given, and for no other. What a firm
    said as a record that was merged since holds for that record's lists, and for the firm unless it said so itself.
    """
    given = DisclosureConsent.objects.filter(need=need, recipient=recipient)
    rows = given.in_force(on).order_by("pk").values_list("firm", "fields", "firm__duplicate_of", "firm__state")
    allowed, inherited = {}, {}
    for firm, fields, survivor, state in rows:
        allowed[firm] = frozenset(fields)
        if state == Firm.State.MERGED:
            inherited[survivor] = frozenset(fields)
    own = set(given.filter(firm__in=inherited).values_list("firm", flat=True))
    return allowed | {firm: fields for firm, fields in inherited.items() if firm not in own}


@transaction.atomic
def give(
    firm: Firm,
    need: Need,
    *,
    by: User,
    fields: Iterable[str],
    until: date,
    told: str,
    recipient: str = Recipient.PROJECT,
    channel: str = Channel.SITE,
    said_by: str = "",
    group: Group | None = None,
    partners: Iterable[int] = (),
    organisation: str | None = None,
) -> DisclosureConsent:
    """Record a consent in place of the firm's earlier one for the same need and recipient, of partners for the group.

    `group` is the one with which it is asked for, `partners` the firms there that may be told of this one.
    `organisation` is the one that the firm was asked for, unless it is the project's of today. Raises StepRefused when
    the person may not speak for the firm, or the day or a field makes no sense.
    """
    chosen = set(fields) | {ALWAYS}
    _require_speaker(firm.pk, by, channel)
    if unknown := chosen - set(DISCLOSABLE):
        raise StepRefused(_("“%(field)s” is no field that can be passed on.") % {"field": min(unknown)[:40]})
    if not timezone.localdate() <= until <= latest():
        raise StepRefused(_("A consent lasts two years at most and does not end before today."))
    _hold(need)
    earlier = DisclosureConsent.objects.filter(of_firm(firm.pk), need=need, recipient=recipient, end=None)
    _end(earlier.filter(group=group) if recipient == Recipient.PARTNERS else earlier, by, Why.REPLACED, channel)
    return DisclosureConsent.objects.create(
        firm=firm,
        need=need,
        recipient=recipient,
        organisation="" if recipient != Recipient.PROJECT else organisation or need.project.organisation,
        told=told,
        fields=[field for field in DISCLOSABLE if field in chosen],
        until=until,
        by=by,
        channel=channel,
        said_by=said_by,
        group=group,
        partners=sorted(partners),
    )


@transaction.atomic
def change(given: DisclosureConsent, *, by: User, fields: Iterable[str], until: date) -> DisclosureConsent:
    """The firm consents to other fields or another day instead, towards the organisation that it knows of.

    Raises StepRefused when it was over already: of two changes at once, or a change and a revocation, one wins.
    """
    _require_speaker(given.firm_id, by, Channel.SITE)
    _hold(given.need)
    _end_one(given, by, Why.REPLACED, Channel.SITE)
    return give(
        given.firm,
        given.need,
        by=by,
        fields=fields,
        until=until,
        told=given.told,
        recipient=given.recipient,
        group=given.group,
        partners=given.partners,
        organisation=given.organisation,
    )


@transaction.atomic
def revoke(consent: DisclosureConsent, *, by: User, channel: str = Channel.SITE) -> ConsentEnd:
    """From now on nobody is told anything on the strength of it. Raises StepRefused when it was over already."""
    _require_speaker(consent.firm_id, by, channel)
    end = _end_one(consent, by, Why.REVOKED, channel)
    _tell(consent)
    announce("consent.ended", *_happened([consent]))
    note_departures({consent.firm_id})
    return end


def revoke_all(firm_id: int, need_id: int, *, by: User, channel: str) -> None:
    """A firm that is not interested any more lets nobody be told. Called inside the transaction of its answer."""
    _end(DisclosureConsent.objects.filter(of_firm(firm_id), need=need_id, end=None), by, Why.DECLINED, channel)
    note_departures({firm_id})


def revoke_for_group(firm_id: int, group: Group, *, by: User, channel: str) -> None:
    """A firm does not take part in a group: what it consented to with it is over. Inside its answer's transaction."""
    _end(DisclosureConsent.objects.filter(firm=firm_id, group=group, end=None), by, Why.DECLINED, channel)


def a_year_from_now() -> date:
    """Until when a consent is offered to be given."""
    today = timezone.localdate()
    return today.replace(year=today.year + 1, day=min(today.day, 28))


def latest() -> date:
    """The last day until which a consent may be given today."""
    today = timezone.localdate()
    return today.replace(year=today.year + LONGEST, day=min(today.day, 28))


def _tell(consent: DisclosureConsent) -> None:
    """The offices that made lists with the firm learn that it is gone from them, and who asked it."""
    need = consent.need
    people = set(User.objects.working_at(need.office_id))
    people |= set(User.objects.filter(offices__lists__entries__firm=consent.firm_id, offices__lists__need=need.pk))
    people = {one for one in people if DisclosureConsent.objects.visible_to(one).filter(pk=consent.pk).exists()}
    notices.tell(
        people, "consent.revoked", reverse("registry:need", args=[need.pk]), firm=consent.firm.name, need=need.number
    )


def _happened(consents: Iterable[DisclosureConsent]) -> list[Happening]:
    return [Happening(one.pk, at=one.need_id, facts={"need": one.need_id, "firm": one.firm_id}) for one in consents]


def _hold(need: Need) -> None:
    """Whoever consents for this need at the same moment waits here for the end of this transaction, and then finds the
    consent that it gave. Written, not locked: it holds on SQLite too."""
    Need.objects.filter(pk=need.pk).update(state=F("state"))


def _end_one(consent: DisclosureConsent, by: User, why: str, channel: str) -> ConsentEnd:
    """A consent ends once; whoever comes second changes nothing."""
    try:
        with transaction.atomic():
            end: ConsentEnd = ConsentEnd.objects.create(consent=consent, why=why, by=by, channel=channel)
    except IntegrityError:
        raise StepRefused(_("This consent is over already. Nothing was changed.")) from None
    return end


def _end(consents: Iterable[DisclosureConsent], by: User, why: str, channel: str) -> None:
    over = list(consents)
    if why != Why.REPLACED:
        announce("consent.ended", *_happened(over))
    ends = [ConsentEnd(consent=consent, why=why, by=by, channel=channel) for consent in over]
    ConsentEnd.objects.bulk_create(ends, ignore_conflicts=True)  # one that was revoked at the same moment is over too


def _require_speaker(firm_id: int, by: User, channel: str) -> None:
    """The firm's own people on the site; an office what the firm told it on another way."""
    own = channel == Channel.SITE and can(by, "matching.consent") and firm_id in by.firm_ids
    told = (
        channel != Channel.SITE and can(by, "matching.ask") and Firm.objects.filter(firm_rows(by), pk=firm_id).exists()
    )
    if not (own or told):
        raise StepRefused(_("Only the firm itself consents, or an office records what the firm told it."))
