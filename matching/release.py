"""Candidate lists: made from the shortlisted firms of a need, frozen, released to the anchor side, withdrawn.

Only firms that consent go in, with the fields they consent to. Everything a file says is stored when the list is made
(matching.contents), so the same list gives the same bytes today and next year, whatever becomes of the firms.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from matching import joint
from matching.consent import Recipient, consented
from matching.contents import Facts, frozen_entry, frozen_heading
from matching.list_columns import Candidate
from matching.models import LIST_STEPS, CandidateList, CandidateListEntry, Group, Proposal, ProposalQuerySet
from matching.said import statements
from registry.access import can
from registry.models import Firm, Need, Office, User
from registry.models.catalogue import listed
from registry.notices import tell
from registry.steps import StepRefused, move
from registry.webhooks import Happening, announce


def shortlisted(need: Need, by: User) -> ProposalQuerySet:
    """What would go into a list of this need now, best first: shortlisted, seen by the person, still published."""
    proposals: ProposalQuerySet = Proposal.objects.visible_to(by).filter(need=need)
    return (
        proposals.filter(state=Proposal.State.SHORTLISTED, firm__state=Firm.State.PUBLISHED)
        .select_related("need__project__municipality", "firm__prefecture", "firm__municipality")
        .prefetch_related("firm__capabilities", "firm__firm_certifications", "firm__equipment", "need__criteria__place")
        .order_by("-score", "pk")
    )


def unpublished(need: Need, by: User) -> list[str]:
    """The names of shortlisted firms that are left out because their profiles are not published."""
    rows = Proposal.objects.visible_to(by).filter(need=need, state=Proposal.State.SHORTLISTED)
    return list(rows.exclude(firm__state=Firm.State.PUBLISHED).values_list("firm__name", flat=True))


@dataclass(frozen=True, slots=True)
class Candidates:
    """The shortlisted firms of a need: those that consent, in order, and those that do not."""

    consenting: list[Candidate]
    others: list[Proposal]


def candidates(need: Need, by: User, groups: Collection[int] = ()) -> Candidates:
    """The firms for a list, the members of the chosen groups after those that stand alone, each group together.

    Raises StepRefused when a group is not ready for a list.
    """
    allowed = consented(need, Recipient.PROJECT, timezone.localdate())
    seats = joint.seats(need, groups)
    found: list[Candidate] = []
    others: list[Proposal] = []
    alone = list(shortlisted(need, by))
    members = joint.proposals_of(need, list(seats), [one for one in alone if one.firm_id in seats])
    for proposal in [*(one for one in alone if one.firm_id not in seats), *members]:
        if fields := allowed.get(proposal.firm_id):
            found.append(Candidate(len(found) + 1, proposal, fields, seats.get(proposal.firm_id)))
        else:
            others.append(proposal)
    return Candidates(found, others)


def latest_version(need: Need) -> int:
    """The number of the need's newest list, 0 when there is none."""
    return int(need.lists.aggregate(latest=Max("version"))["latest"] or 0)


def make_list(
    need: Need, *, by: User, recipient: str, latest: int | None = None, groups: Collection[int] = ()
) -> CandidateList:
    """Freeze the shortlisted firms that consent, under a number, and groups as one. Raises StepRefused without any.

    groups  ids of groups that are ready for a list (matching.joint)
    latest  the number of the newest list that the maker knew of; when another was made since, StepRefused says so
    """
    recipient = recipient.strip()
    if not (can(by, "matching.make_list") and Need.objects.visible_to(by).filter(pk=need.pk).exists()):
        raise StepRefused(_("This need is outside your office's scope, or it does not exist."))
    if not recipient:
        raise StepRefused(_("Say who will receive the list."))
    try:
        with transaction.atomic():
            found = candidates(need, by, groups)
            if not found.consenting:
                raise StepRefused(_nobody(found))
            newest = latest_version(need)  # read once: between two readings another list could be made
            if latest is not None and latest != newest:
                raise StepRefused(_("A list of this need was made since you opened this page. Look at it first."))
            made = _numbered(need, by, recipient, newest + 1, left_out=len(found.others))
            sources = statements([one.proposal.firm for one in found.consenting], timezone.localdate())
            CandidateListEntry.objects.bulk_create(
                CandidateListEntry(
                    list=made,
                    position=candidate.position,
                    firm_id=candidate.proposal.firm_id,
                    **frozen_entry(candidate, sources[candidate.proposal.firm_id]),
                )
                for candidate in found.consenting
            )
    except IntegrityError:
        raise StepRefused(
            _("Somebody made a list of this need at the same moment. Look at it, then try again.")
        ) from None
    return made


def _nobody(found: Candidates) -> str:
    if found.others:
        return _("No shortlisted firm has consented yet to being passed on. Ask the firms first.")
    return _("No firm is shortlisted for this need. Shortlist at least one in the queue.")


def release(made: CandidateList, by: User) -> None:
    """Show the list to the anchor side of its project. Raises StepRefused when a firm of it is approved no more."""
    _require_own(made, by)
    with transaction.atomic():
        _refuse_overtaken(made)
        move(made, LIST_STEPS["release"], released_at=timezone.now(), released_by=by)
        _tell_readers(made, "list.released")
        announce("list.released", Happening(made.pk, facts={"need": made.need_id}))


def _refuse_overtaken(made: CandidateList) -> None:
    """A list holds what was approved when it was made; what was decided otherwise before its release counts too.

    What is found approved stays so until the release: whoever reopens it meanwhile waits for the list.
    """
    _hold(made.need.groups.filter(state=Group.State.ACCEPTED))
    groups = {str(found.group) for found in joint.ready(made.need)}
    approved = _hold(made.need.proposals.filter(state=Proposal.State.SHORTLISTED), "firm")
    gone = [
        entry.firm.name
        for entry in made.entries.select_related("firm")
        if (entry.row["group"] not in groups if entry.row.get("group") else entry.firm.today_id not in approved)
    ]
    if gone:
        raise StepRefused(
            _("Since the list was made this was decided otherwise: %(firms)s. Make a new list.")
            % {"firms": listed(gone)}
        )


def _hold(rows: QuerySet[Any], column: str = "pk") -> set[int]:
    """Keep these rows as they are until the transaction ends, always in one order so that nobody waits in a ring. On
    SQLite the transaction itself keeps all other writers away."""
    return set(rows.select_for_update().order_by("pk").values_list(column, flat=True))


def withdraw(made: CandidateList, by: User) -> None:
    """From now on the anchor side meets 404, which says why. What was downloaded before is beyond our reach."""
    _require_own(made, by)
    with transaction.atomic():
        announce("list.withdrawn", Happening(made.pk, facts={"need": made.need_id}))  # who still sees it
        move(made, LIST_STEPS["withdraw"], withdrawn_at=timezone.now(), withdrawn_by=by)
        if made.released_at:
            _tell_readers(made, "list.withdrawn")


def _tell_readers(made: CandidateList, kind: str) -> None:
    """Those of the anchor side whom the list may reach; it leads to the list, which says so when it is withdrawn."""
    people = User.objects.filter(project_memberships__project=made.need.project_id)
    readers = [person for person in people if not person.overseas or made.may_go_abroad_to(person.email)]
    tell(readers, kind, made.get_absolute_url(), list=made.number, need=made.need.title)


def _numbered(need: Need, by: User, recipient: str, version: int, left_out: int) -> CandidateList:
    """The list with its number. Of two makers of one version at once the second breaks a constraint and is told."""
    made: CandidateList = CandidateList.objects.create(
        number=f"~{need.pk}-{version}"[:16],  # unique until the row has its id
        need=need,
        version=version,
        recipient=recipient,
        office=_office(need, by),
        made_by=by,
    )
    made.number = f"L-{timezone.localtime(made.made_at).year}-{made.pk:03d}"
    made.heading = frozen_heading(_facts(made, left_out), sample=need.is_sample, left_out=left_out)
    made.save(update_fields=["number", "heading"])
    return made


def _facts(made: CandidateList, left_out: int) -> Facts:
    """What stands above the table, each label and value to be read in a language."""
    need, project = made.need, made.need.project
    facts: list[tuple[Callable[[], str], Callable[[], Any]]] = [
        (lambda: _("Candidate list"), lambda: f"{made.number} (v{made.version})"),
        (lambda: _("Need"), lambda: f"{need.number} {need.title}"),
        (lambda: _("Anchor project"), lambda: project.label),
        (lambda: _("Recipient"), lambda: made.recipient),
        (lambda: _("Made by"), lambda: _office_name(made)),
        (lambda: _("Made on"), lambda: timezone.localtime(made.made_at).date().isoformat()),
        (lambda: _("Answer by"), lambda: need.deadline.isoformat() if need.deadline else ""),
    ]
    if left_out:
        facts.append((lambda: _("More firms that did not consent"), lambda: left_out))
    if need.is_sample:
        facts.append((lambda: _("Remark"), lambda: _("Fictional sample")))
    return facts


def _office_name(made: CandidateList) -> str:
    if made.office is None:
        return str(made.made_by)
    return made.office.label


def _office(need: Need, by: User) -> Office | None:
    """The office in whose name the list is made: the one in charge of the need when the person works there."""
    offices: Iterable[Office] = by.offices.order_by("pk")
    own = list(offices)
    return next((office for office in own if office.pk == need.office_id), own[0] if own else None)


def _require_own(made: CandidateList, by: User) -> None:
    if not (can(by, "matching.make_list") and CandidateList.objects.visible_to(by).filter(pk=made.pk).exists()):
        raise StepRefused(_("This list is outside your office's scope, or it does not exist."))
