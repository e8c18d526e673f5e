"""Candidate lists: made from the shortlisted firms of a need, frozen, released to the anchor side, withdrawn.

Only firms that consent go in, with the fields they consent to. Everything a file says is stored when the list is made,
headings included. So the same list gives the same bytes today and next year, whatever becomes of the firms, the
translations or the columns. A consent that ends takes the firm out of what the recipient is shown from then on.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import starmap
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching import joint
from matching.answers import Reader
from matching.columns import FIELD_OF, LIST_COLUMNS, Candidate, undisclosed
from matching.consent import Recipient, consented
from matching.models import (
    DISCLOSABLE,
    LIST_STEPS,
    CandidateList,
    CandidateListEntry,
    Disclosure,
    ListAccess,
    Proposal,
    ProposalQuerySet,
)
from registry.access import can
from registry.models import Firm, Need, Office, User
from registry.notices import tell
from registry.steps import StepRefused, move
from registry.tabular import Column, as_csv, as_xlsx, plain
from registry.webhooks import Happening, announce

MOST_READINGS = 200
"""Lines of the ledger that a list's page shows."""


def shortlisted(need: Need, by: User) -> ProposalQuerySet:
    """What would go into a list of this need now, best first: shortlisted, seen by the person, still published."""
    proposals: ProposalQuerySet = Proposal.objects.visible_to(by).filter(need=need)
    return (
        proposals.filter(state=Proposal.State.SHORTLISTED, firm__state=Firm.State.PUBLISHED)
        .select_related("need__project__municipality", "firm__prefecture", "firm__municipality")
        .prefetch_related("firm__capabilities", "firm__firm_certifications", "firm__equipment", "need__criteria__place")
        .order_by("-score", "pk")
    )


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
            CandidateListEntry.objects.bulk_create(
                CandidateListEntry(
                    list=made,
                    position=candidate.position,
                    firm_id=candidate.proposal.firm_id,
                    row={column.name: bilingual(partial(column.cell, candidate)) for column in LIST_COLUMNS},
                    fields=[field for field in DISCLOSABLE if field in candidate.fields],
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
    """Show the list to the anchor side of its project."""
    _require_own(made, by)
    with transaction.atomic():
        move(made, LIST_STEPS["release"], released_at=timezone.now(), released_by=by)
        readers = User.objects.filter(project_memberships__project=made.need.project_id)
        tell(readers, "list.released", made.get_absolute_url(), list=made.number, need=made.need.title)
        announce("list.released", Happening(made.pk, facts={"need": made.need_id}))


def withdraw(made: CandidateList, by: User) -> None:
    """From now on the anchor side meets 404. What was downloaded before is beyond our reach."""
    _require_own(made, by)
    with transaction.atomic():
        announce("list.withdrawn", Happening(made.pk, facts={"need": made.need_id}))  # who still sees it
        move(made, LIST_STEPS["withdraw"], withdrawn_at=timezone.now(), withdrawn_by=by)


def columns_of(made: CandidateList) -> list[Column]:
    """The columns as they were when the list was made."""
    return [Column(name, heading, itemgetter(name), width=width) for name, heading, width in made.heading["columns"]]


@dataclass(frozen=True, slots=True)
class Contents:
    """What somebody reads of a list: heading, rows, and by firm the fields that are shown."""

    heading: list[tuple[str, Any]]
    rows: list[dict[str, Any]]
    fields: dict[int, list[str]]

    def row_of(self, entry: CandidateListEntry) -> dict[str, Any]:
        return next(row for row in self.rows if row["position"] == entry.row["position"])


def original(made: CandidateList) -> Contents:
    """The list as it was frozen: what offices read."""
    entries = list(made.entries.all())
    heading = [(label, value) for label, value in made.heading["rows"]]
    return Contents(heading, [entry.row for entry in entries], {entry.firm_id: entry.fields for entry in entries})


def as_consented(made: CandidateList, on: date) -> Contents:
    """The frozen list without what firms do not consent to any more on that day, noted in its heading.

    As long as no consent ended it is the original, to the byte; a wider consent given later adds nothing to it.
    """
    allowed = consented(made.need, Recipient.PROJECT, on)
    whole = original(made)
    rows, fields, fewer = [], {}, 0
    for entry in made.entries.all():
        shown = [field for field in entry.fields if field in allowed.get(entry.firm_id, ())]
        if not shown:
            continue
        fewer += shown != entry.fields
        rows.append(entry.row if shown == entry.fields else _reduced(entry.row, shown))
        fields[entry.firm_id] = shown
    gone = len(whole.rows) - len(rows)
    notes: list[tuple[Callable[[], str], int]] = [
        (lambda: _("Firms left out since then: consent ended"), gone),
        (lambda: _("Firms that disclose less since then"), fewer),
    ]
    heading = whole.heading + [(str(bilingual(label)), count) for label, count in notes if count]
    broken = {entry.row.get("group") for entry in made.entries.all() if entry.firm_id not in fields} - {"", None}
    if broken:
        heading.append((str(bilingual(lambda: _("Groups that are no longer complete"))), ", ".join(sorted(broken))))
    return Contents(heading, rows, fields)


def for_recipient(made: CandidateList) -> Contents:
    """What the anchor side reads: what firms consent to today. Offices keep the original."""
    return as_consented(made, timezone.localdate())


def note_access(made: CandidateList, act: str, reader: Reader, contents: Contents | None) -> ListAccess:
    """Write down who reads the list, and with `contents` which fields of which firm they are shown."""
    with transaction.atomic():
        access: ListAccess = ListAccess.objects.create(list=made, act=act, by=reader.by, link=reader.link)
        shown = contents.fields.items() if contents else ()
        Disclosure.objects.bulk_create(Disclosure(access=access, firm_id=firm, fields=fields) for firm, fields in shown)
    return access


def ended(made: CandidateList) -> list[str]:
    """The firms of the list that the anchor side is not shown any more, by name."""
    shown = as_consented(made, timezone.localdate()).fields
    return [entry.firm.name for entry in made.entries.select_related("firm") if entry.firm_id not in shown]


def readings(made: CandidateList) -> list[Disclosure]:
    """The ledger of the list, latest first: who was shown which fields of which firm."""
    rows = Disclosure.objects.filter(access__list=made)
    return list(rows.select_related("firm", "access__by", "access__link")[:MOST_READINGS])


def _reduced(row: dict[str, Any], shown: Collection[str]) -> dict[str, Any]:
    blank = bilingual(undisclosed)
    return {name: value if FIELD_OF.get(name) in {None, *shown} else blank for name, value in row.items()}


def write_file(made: CandidateList, extension: str, contents: Contents) -> bytes:
    """The list as a file; equal bytes for equal contents."""
    columns = columns_of(made)
    if extension == "csv":
        return as_csv(columns, contents.rows)
    return as_xlsx(columns, contents.rows, title=made.number, heading=dict(contents.heading), created=made.made_at)


def file_stem(made: CandidateList) -> str:
    return f"{made.number}-v{made.version}"


def bilingual(read: Callable[[], Any]) -> Any:
    """A value in Japanese and English, once where both are the same; lists pair their items line by line."""
    with override("ja"):
        japanese = _resolved(read())
    with override("en"):
        english = _resolved(read())
    if isinstance(japanese, list):
        return "\n".join(starmap(_pair, zip(japanese, english, strict=True)))
    if isinstance(japanese, str):
        return _pair(japanese, english)
    return japanese  # a number, or nothing


def _resolved(value: Any) -> Any:
    """The value as JSON holds it, in the language of now."""
    if isinstance(value, list):
        return [str(plain(item)) for item in value]
    value = plain(value)
    return value.isoformat() if isinstance(value, date) else value


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
    made.heading = {
        "rows": _heading(made, left_out),
        "columns": [[c.name, bilingual(partial(str, c.heading)), c.width] for c in LIST_COLUMNS],
    }
    made.save(update_fields=["number", "heading"])
    return made


def _heading(made: CandidateList, left_out: int) -> list[tuple[str, Any]]:
    """What stands above the table: labels in both languages, values as they are now."""
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
    return [(str(bilingual(label)), bilingual(value)) for label, value in facts]


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


def _pair(japanese: str, english: str) -> str:
    return japanese if japanese == english else f"{japanese} / {english}"
