"""Candidate lists: made from the shortlisted firms of a need, frozen, released to the anchor side, withdrawn.

Everything a file says is stored when the list is made, headings included. So the same list gives the same bytes today
and next year, whatever becomes of the firms, the translations or the columns.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from itertools import starmap
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching import review
from matching.columns import LIST_COLUMNS, Candidate
from matching.models import LIST_STEPS, CandidateList, CandidateListEntry, Proposal, ProposalQuerySet
from registry.access import can
from registry.models import Firm, Need, Office, ProjectMembership, User
from registry.notices import tell
from registry.steps import StepRefused, move
from registry.tabular import Column, as_csv, as_xlsx, plain

SAMPLE_LEAST, SAMPLE_MOST = 3, 5


def shortlisted(need: Need, by: User) -> ProposalQuerySet:
    """What would go into a list of this need now, best first: shortlisted, seen by the person, still published."""
    proposals: ProposalQuerySet = Proposal.objects.visible_to(by).filter(need=need)
    return (
        proposals.filter(state=Proposal.State.SHORTLISTED, firm__state=Firm.State.PUBLISHED)
        .select_related("need__project__municipality", "firm__prefecture", "firm__municipality")
        .prefetch_related("firm__capabilities", "firm__firm_certifications", "need__criteria__place")
        .order_by("-score", "pk")
    )


def latest_version(need: Need) -> int:
    """The number of the need's newest list, 0 when there is none."""
    return int(need.lists.aggregate(latest=Max("version"))["latest"] or 0)


def make_list(need: Need, *, by: User, recipient: str, latest: int | None = None) -> CandidateList:
    """Freeze the shortlisted firms under a number. Raises StepRefused when there are none.

    latest  the number of the newest list that the maker knew of; when another was made since, StepRefused says so
    """
    recipient = recipient.strip()
    if not (can(by, "matching.make_list") and Need.objects.visible_to(by).filter(pk=need.pk).exists()):
        raise StepRefused(_("This need is outside your office's scope, or it does not exist."))
    if not recipient:
        raise StepRefused(_("Say who will receive the list."))
    try:
        with transaction.atomic():
            candidates = [Candidate(place, row) for place, row in enumerate(shortlisted(need, by), start=1)]
            if not candidates:
                raise StepRefused(_("No firm is shortlisted for this need. Shortlist at least one in the queue."))
            newest = latest_version(need)  # read once: between two readings another list could be made
            if latest is not None and latest != newest:
                raise StepRefused(_("A list of this need was made since you opened this page. Look at it first."))
            made = _numbered(need, by, recipient, newest + 1)
            CandidateListEntry.objects.bulk_create(
                CandidateListEntry(
                    list=made,
                    position=candidate.position,
                    firm_id=candidate.proposal.firm_id,
                    row={column.name: bilingual(partial(column.cell, candidate)) for column in LIST_COLUMNS},
                )
                for candidate in candidates
            )
    except IntegrityError:
        raise StepRefused(
            _("Somebody made a list of this need at the same moment. Look at it, then try again.")
        ) from None
    return made


def release(made: CandidateList, by: User) -> None:
    """Show the list to the anchor side of its project."""
    _require_own(made, by)
    with transaction.atomic():
        move(made, LIST_STEPS["release"], released_at=timezone.now(), released_by=by)
        readers = User.objects.filter(project_memberships__project=made.need.project_id)
        tell(readers, "list.released", made.get_absolute_url(), list=made.number, need=made.need.title)


def withdraw(made: CandidateList, by: User) -> None:
    """From now on the anchor side meets 404. What was downloaded before is beyond our reach."""
    _require_own(made, by)
    move(made, LIST_STEPS["withdraw"], withdrawn_at=timezone.now(), withdrawn_by=by)


def columns_of(made: CandidateList) -> list[Column]:
    """The columns as they were when the list was made."""
    return [Column(name, heading, itemgetter(name), width=width) for name, heading, width in made.heading["columns"]]


def rows_of(made: CandidateList) -> list[dict[str, Any]]:
    return [entry.row for entry in made.entries.all()]


def write_file(made: CandidateList, extension: str) -> bytes:
    """The list as a file; equal bytes every time."""
    columns, rows = columns_of(made), rows_of(made)
    if extension == "csv":
        return as_csv(columns, rows)
    return as_xlsx(columns, rows, title=made.number, heading=dict(made.heading["rows"]), created=made.made_at)


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


def write_sample_list(folder: Path) -> list[Path]:
    """A released list of one sample need as XLSX and CSV; the demo coordinator makes it the first time."""
    by = User.objects.filter(email="coordinator@example.jp").first()
    if by is None:
        return []
    made = CandidateList.objects.filter(made_by=by, need__is_sample=True).order_by("pk").first() or _make_sample(by)
    if made is None:
        return []
    if made.state == CandidateList.State.MADE:
        release(made, by)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for extension in ("xlsx", "csv"):
        path = folder / f"{file_stem(made)}.{extension}"
        part = path.with_suffix(f".{extension}.part")
        part.write_bytes(write_file(made, extension))
        paths.append(part.replace(path))
    return paths


def _make_sample(by: User) -> CandidateList | None:
    """Shortlist the best of a sample need, preferably of a project with a reader; three at least, five at most."""
    needs = Need.objects.visible_to(by).open().filter(is_sample=True).select_related("project")
    read = set(ProjectMembership.objects.values_list("project", flat=True))
    for need in sorted(needs, key=lambda need: (need.project_id not in read, need.pk)):
        best = (
            Proposal.objects.visible_to(by)
            .filter(need=need, state=Proposal.State.PROPOSED, dropped_at=None)
            .exclude(verdict=Proposal.Verdict.FAIL)
            .exclude(firm__in=by.firm_ids)
            .order_by("rank", "pk")[:SAMPLE_MOST]
        )
        if len(best) >= SAMPLE_LEAST:
            review.take_many("shortlist", best, by=by, reason="fit")
            return make_list(need, by=by, recipient=str(need.project.organisation))
    return None


def _numbered(need: Need, by: User, recipient: str, version: int) -> CandidateList:
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
        "rows": _heading(made),
        "columns": [[c.name, bilingual(partial(str, c.heading)), c.width] for c in LIST_COLUMNS],
    }
    made.save(update_fields=["number", "heading"])
    return made


def _heading(made: CandidateList) -> list[tuple[str, Any]]:
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
