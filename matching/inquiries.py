"""Asking firms about needs, and what they answer: the only writer of an inquiry's state and of its events.

A step is one conditional UPDATE plus one InquiryEvent in the same transaction, from the state the person saw; of two
answers at once, or an answer and a withdrawal, one wins and the other is told what happened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching import consent, review
from matching.models import INQUIRY_STEPS, OFFICE_STEPS, REPLIES, Channel, Inquiry, InquiryEvent, Proposal
from registry import notices
from registry.access import OFFICE_ROLES, can
from registry.models import Criterion, Firm, Need, Office, Role, User, deciding_phase
from registry.steps import StepRefused, move
from registry.text import add_working_days
from registry.webhooks import Happening, announce

WORKING_DAYS = 10
"""A firm has so many working days to answer unless the office says otherwise."""


@dataclass(slots=True)
class Result:
    sent: list[Inquiry] = field(default_factory=list)
    refused: list[tuple[Proposal, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a firm says: `step` of REPLIES; `fields` and `until` are its consent, None when it gives none."""

    step: str
    volume: int | None = None
    reason: str = ""
    note: str = ""
    fields: frozenset[str] | None = None
    until: date | None = None
    channel: str = Channel.SITE
    said_by: str = ""


def ask(
    proposals: Iterable[Proposal], *, by: User, message: str, recipient: str = "", days: int = WORKING_DAYS
) -> Result:
    """Ask the firms of these proposals. What is refused is told one by one, the rest is sent.

    `recipient` is how the buyer is named to the firm: needed where the firm may not see the need itself, otherwise the
    project's organisation. `days` are working days. Proposals that the person does not see are passed over silently.
    """
    seen = set(Proposal.objects.visible_to(by).values_list("pk", flat=True).filter(pk__in=[p.pk for p in proposals]))
    result = Result()
    if not can(by, "matching.ask"):
        return result
    answer_by = add_working_days(timezone.localdate(), days)
    for proposal in sorted(proposals, key=lambda proposal: proposal.pk):
        if proposal.pk in seen:
            try:
                result.sent.append(_ask(proposal, by, message.strip(), recipient.strip(), answer_by))
            except StepRefused as refusal:
                result.refused.append((proposal, str(refusal)))
    return result


def _ask(proposal: Proposal, by: User, message: str, recipient: str, answer_by: date) -> Inquiry:
    need, firm = proposal.need, proposal.firm
    if not message:
        raise StepRefused(_("Write to the firm what you want to know."))
    if proposal.state != Proposal.State.SHORTLISTED:
        raise StepRefused(_("Only shortlisted firms are asked. Shortlist the firm first."))
    if need.state != Need.State.OPEN:
        raise StepRefused(_("The need is not open any more."))
    if not (
        Need.objects.visible_to(by).filter(pk=need.pk).exists()
        and Firm.objects.visible_to(by).filter(pk=firm.pk).exists()
    ):
        raise StepRefused(_("This firm or need is outside your office's scope, or it does not exist."))
    if firm.pk in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))
    if is_hidden(need) and not recipient:
        raise StepRefused(_("Firms may not see this need. Say how the recipient is called towards the firm."))
    try:
        with transaction.atomic():
            inquiry: Inquiry = Inquiry.objects.create(
                need=need,
                firm=firm,
                office=office_for(need, by),
                message=message,
                recipient=recipient or need.project.organisation,
                answer_by=answer_by,
                asked_by=by,
            )
            _record(inquiry, "ask", inquiry.state, by)
            _tell_firm(inquiry, "inquiry.sent")
    except IntegrityError:
        raise StepRefused(_("This firm was asked about the need already. Look at that inquiry.")) from None
    return inquiry


def answer(inquiry: Inquiry, given: Reply, *, by: User) -> InquiryEvent:
    """Take the firm's answer, together with its consent: from its own people, or from an office that was told it.

    Raises StepRefused, and changes nothing, when the person may not answer or the answer makes no sense.
    """
    _require_answerer(inquiry, given, by)
    if inquiry.need.state != Need.State.OPEN:
        raise StepRefused(_("The need is not open any more."))
    _check(inquiry, given)
    with transaction.atomic():
        source = _move(inquiry, given.step, answered_at=timezone.now(), volume=given.volume)
        event = _record(inquiry, given.step, source, by, **_said(given))
        _consent(inquiry, given, by)
        if given.channel == Channel.SITE:
            _tell_office(inquiry, "inquiry.answered")
        else:
            _tell_firm(inquiry, "inquiry.recorded")
        announce(
            "inquiry.answered",
            Happening(inquiry.pk, facts={"state": inquiry.state, "need": inquiry.need_id, "firm": inquiry.firm_id}),
        )
    return event


def take(name: str, inquiry: Inquiry, *, by: User, note: str = "", days: int = WORKING_DAYS) -> InquiryEvent:
    """Withdraw an inquiry, or ask again. The firm itself may take back its answer as long as nothing was withdrawn."""
    office = can(by, "matching.ask") and Inquiry.objects.visible_to(by).filter(pk=inquiry.pk).exists()
    own = name == "reopen" and by.role == Role.FIRM and inquiry.firm_id in by.firm_ids
    if name not in OFFICE_STEPS or not (office or (own and inquiry.state != Inquiry.State.WITHDRAWN)):
        raise StepRefused(_("This inquiry is not yours to change, or it does not exist."))
    changes: dict[str, Any] = {"answered_at": None, "volume": None} if name == "reopen" else {}
    if name == "reopen" and office:
        changes |= {"answer_by": add_working_days(timezone.localdate(), days)}
    with transaction.atomic():
        source = _move(inquiry, name, **changes)
        event = _record(inquiry, name, source, by, note=note.strip())
        if own:
            _tell_office(inquiry, "inquiry.taken_back")
        else:
            _tell_firm(inquiry, "inquiry.withdrawn" if name == "withdraw" else "inquiry.sent")
    return event


def offer(need: Need, firm: Firm, given: Reply, *, by: User) -> Inquiry:
    """A firm speaks up for a public need: its offer stands as an answered inquiry, and the pair in the queue."""
    if given.step == "decline":
        raise StepRefused(_("Say whether you could supply all of it or a part."))
    with transaction.atomic():
        inquiry = _begun_by_firm(
            need,
            firm,
            by,
            state=INQUIRY_STEPS[given.step].target or Inquiry.State.INTERESTED,
            volume=given.volume,
            answer_by=timezone.localdate(),
            answered_at=timezone.now(),
        )
        _check(inquiry, given)
        _record(inquiry, "offer", inquiry.state, by, **_said(given))
        _consent(inquiry, given, by)
        review.add_by_firm(need, firm, by)
        _tell_office(inquiry, "inquiry.offered")
    return inquiry


def ask_for_nda(need: Need, firm: Firm, *, by: User) -> Inquiry:
    """A firm that has to see drawings before it can say anything asks for the NDA, by an inquiry that waits for its
    answer. Its days to answer begin anew when the NDA is recorded (matching.nda)."""
    if not need.nda_first:
        raise StepRefused(_("This need asks for no NDA. Offer your firm, or call the office in charge."))
    with transaction.atomic():
        answer_by = add_working_days(timezone.localdate(), 2 * WORKING_DAYS)
        inquiry = _begun_by_firm(need, firm, by, state=Inquiry.State.SENT, answer_by=answer_by)
        event = _record(inquiry, "nda", inquiry.state, by)
        review.add_by_firm(need, firm, by, note=event.label)
        _tell_office(inquiry, "nda.asked")
    return inquiry


def _begun_by_firm(need: Need, firm: Firm, by: User, **fields: Any) -> Inquiry:
    """An inquiry that nobody sent, inside the transaction of what the firm says with it."""
    if not (can(by, "matching.volunteer") and firm.pk in by.firm_ids):
        raise StepRefused(_("You do not speak for this firm."))
    if not Need.objects.visible_to(by).open().filter(pk=need.pk).exists():
        raise StepRefused(_("The need is not open any more."))
    if firm.state != Firm.State.PUBLISHED:
        raise StepRefused(_("Publish your profile first; the office reads it beside your offer."))
    try:
        inquiry: Inquiry = Inquiry.objects.create(
            need=need,
            firm=firm,
            office=need.office,
            origin=Inquiry.Origin.FIRM,
            recipient=need.project.organisation,
            asked_by=by,
            **fields,
        )
    except IntegrityError:
        raise StepRefused(_("There is an inquiry about this need already. Answer that one.")) from None
    return inquiry


def is_hidden(need: Need) -> bool:
    """Whether firms may not read the need itself, only what the office writes to them."""
    return need.visibility != Need.Visibility.PUBLIC


def knows_of(firm_id: int, need: Need) -> bool:
    """Whether the firm may hear something about the need: it is public, or the firm was asked about it."""
    return not is_hidden(need) or Inquiry.objects.filter(need=need, firm=firm_id).exists()


def asked_volume(need: Need) -> int | None:
    """Pieces a month that the need asks for, by its criteria or by the furthest of its phases; None when it does not
    say."""
    numbers = [item.number for item in need.criteria.all() if item.kind == Criterion.Kind.VOLUME and item.number]
    deciding = deciding_phase(need.phases.all())
    return max(numbers, default=deciding.monthly if deciding else None)


def office_for(need: Need | None, by: User) -> Office | None:
    """The office in whose name the person acts: the one in charge of the need when the person works there."""
    own = list(by.offices.order_by("pk"))
    in_charge = need.office_id if need else None
    return next((office for office in own if office.pk == in_charge), own[0] if own else None)


def _check(inquiry: Inquiry, given: Reply) -> None:
    if given.step not in REPLIES:
        raise StepRefused(_("Choose one of the answers."))
    reasons: Mapping[str, Any] = INQUIRY_STEPS[given.step].reasons
    if given.step == "decline" and given.reason not in reasons:
        raise StepRefused(_("Choose the reason that fits best."))
    if given.reason == "other" and not given.note:
        raise StepRefused(_("Write the other reason into the note."))
    if given.step == "part":
        _check_volume(inquiry, given.volume)
    if given.fields is not None and given.until is None:
        raise StepRefused(_("Say until when you consent."))


def _check_volume(inquiry: Inquiry, volume: int | None) -> None:
    if not volume or volume < 1:
        raise StepRefused(_("Say how many pieces a month you could make: 1 or more."))
    asked = None if is_hidden(inquiry.need) else asked_volume(inquiry.need)
    if asked is not None and volume >= asked:
        raise StepRefused(
            _("The need asks for %(asked)d a month. With %(volume)d you are interested in full.")
            % {"asked": asked, "volume": volume}
        )


def _said(given: Reply) -> dict[str, Any]:
    return {
        "volume": given.volume if given.step == "part" else None,
        "reason": given.reason if given.step == "decline" else "",
        "note": given.note.strip(),
        "channel": given.channel,
        "said_by": given.said_by,
    }


def _consent(inquiry: Inquiry, given: Reply, by: User) -> None:
    """A no ends what was consented to; a yes without consent leaves it as it was."""
    if given.step == "decline":
        consent.revoke_all(inquiry.firm_id, inquiry.need_id, by=by, channel=given.channel)
    elif given.fields is not None and given.until is not None:
        consent.give(
            inquiry.firm,
            inquiry.need,
            by=by,
            fields=given.fields,
            until=given.until,
            told=inquiry.recipient,
            channel=given.channel,
            said_by=given.said_by,
        )


def _require_answerer(inquiry: Inquiry, given: Reply, by: User) -> None:
    """The firm's own people on the site; an office only what it was told in another way, and by whom."""
    if given.channel == Channel.SITE:
        allowed = by.role == Role.FIRM and inquiry.firm_id in by.firm_ids
    else:
        allowed = can(by, "matching.ask") and Inquiry.objects.visible_to(by).filter(pk=inquiry.pk).exists()
    if not allowed:
        raise StepRefused(_("This inquiry is not yours to change, or it does not exist."))
    if given.channel != Channel.SITE and not given.said_by:
        raise StepRefused(_("Say who at the firm told you so."))
    if given.channel != Channel.SITE and inquiry.firm_id in by.firm_ids:
        raise StepRefused(_("You speak for this firm yourself. Ask a colleague to decide."))


def _move(inquiry: Inquiry, name: str, **changes: Any) -> str:
    try:
        return move(inquiry, INQUIRY_STEPS[name], **changes)
    except StepRefused as refusal:
        inquiry.refresh_from_db(fields=["state"])
        last = inquiry.events.last()
        if last is None:
            raise StepRefused(str(refusal)) from None
        facts = {
            "step": last.label,
            "when": date_format(timezone.localtime(last.at), "DATETIME_FORMAT"),
            "state": inquiry.get_state_display(),
        }
        raise StepRefused(
            _("Meanwhile, on %(when)s, this happened: “%(step)s”. The state is “%(state)s”. Nothing was changed.")
            % facts
        ) from None


def _record(inquiry: Inquiry, step: str, source: str, by: User, **said: Any) -> InquiryEvent:
    return InquiryEvent.objects.create(inquiry=inquiry, step=step, source=source, target=inquiry.state, by=by, **said)


def _tell_firm(inquiry: Inquiry, kind: str) -> None:
    people = User.objects.speaking_for(inquiry.firm_id)
    notices.tell(people, kind, inquiry.get_absolute_url(), **_facts(inquiry))


def _tell_office(inquiry: Inquiry, kind: str) -> None:
    """Whoever asked and whoever looks after the proposal, else the office in charge; those who still see it."""
    found = Proposal.objects.filter(need=inquiry.need_id, firm=inquiry.firm_id).select_related("assignee").first()
    asked = [inquiry.asked_by, *([found.assignee] if found and found.assignee else [])]
    people = [one for one in asked if one.role in OFFICE_ROLES]
    people = people or list(User.objects.working_at(inquiry.office_id))
    seeing = [one for one in people if Inquiry.objects.visible_to(one).filter(pk=inquiry.pk).exists()]
    notices.tell(seeing, kind, inquiry.get_absolute_url(), **_facts(inquiry))


def _facts(inquiry: Inquiry) -> dict[str, Any]:
    office = inquiry.office
    name = notices.both(office.name, office.name_en or office.name) if office else str(inquiry.asked_by)
    return {
        "number": inquiry.number,
        "firm": inquiry.firm.name,
        "office": name,
        "answer_by": inquiry.answer_by.isoformat(),
    }
