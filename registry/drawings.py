"""Drawings of a need: adding and removing them, letting them be opened, and checking who abroad may get them.

Who may open one is said by `NeedDrawing.objects.visible_to` and, for firms, by matching.nda; every opening is recorded.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from registry import history, uploads
from registry.access import can
from registry.models import DrawingOpening, ExportCheck, Firm, Need, NeedDrawing, User
from registry.steps import StepRefused

MOST = 30
"""Drawings of one need."""
MOST_OPENINGS = 50
"""Openings that are told of one need, latest first."""
SECOND_CLICK = timedelta(minutes=1)
"""The same title from the same author within this time is the same drawing."""
OPEN_TO_CHANGE = {Need.State.DRAFT, Need.State.REVIEW, Need.State.OPEN}


def may_change(user: User, need: Need) -> bool:
    """Whether the person may add or remove drawings of a need that they see."""
    charged = can(user, "registry.change_need") and Need.objects.in_charge_of(user).filter(pk=need.pk).exists()
    return charged and need.state in OPEN_TO_CHANGE


def told(user: User, need: Need) -> list[tuple[NeedDrawing, bool]]:
    """The need's drawings, each with whether the person may open it; none for who is not in charge of the need."""
    if not (can(user, "registry.view_drawing") and Need.objects.in_charge_of(user).filter(pk=need.pk).exists()):
        return []
    openable = set(NeedDrawing.objects.visible_to(user).filter(need=need).values_list("pk", flat=True))
    kept = NeedDrawing.objects.kept().filter(need=need).select_related("uploaded_by", "need")
    return [(one, one.pk in openable) for one in kept]


def openings(user: User, need: Need) -> list[DrawingOpening]:
    """Who opened the need's drawings last; who is abroad reads nothing of it."""
    rows = DrawingOpening.objects.filter(drawing__need=need).select_related("by", "firm", "drawing")
    return [] if user.overseas else list(rows[:MOST_OPENINGS])


@transaction.atomic
def add(need: Need, *, title: str, file: Any, flagged: bool, by: User) -> NeedDrawing:
    """Keep a checked file (uploads.scan). Raises StepRefused when the need is closed or has too many of them."""
    author = User.objects.select_for_update().get(pk=by.pk)  # the second of two clicks waits for the first
    if not may_change(by, need):
        raise StepRefused(_("This need takes no drawings from you in its present state."))
    since = timezone.now() - SECOND_CLICK
    kept = NeedDrawing.objects.kept().filter(need=need)
    same: NeedDrawing | None = kept.filter(title=title, uploaded_by=author, uploaded_at__gte=since).first()
    if same:
        return same
    if kept.count() >= MOST:
        raise StepRefused(_("There are %(most)d drawings already. Remove one first.") % {"most": MOST})
    drawing = NeedDrawing(need=need, title=title, flagged=flagged, uploaded_by=by)
    drawing.file.save(file.name, file, save=True)
    _touch(need)
    history.record_of_need(need, "drawing", by, [("drawing", "", title)])
    return drawing


@transaction.atomic
def remove(drawing: NeedDrawing, *, by: User) -> None:
    """The file goes, the row and its openings stay. Removed by somebody else meanwhile is removed."""
    if not may_change(by, drawing.need):
        raise StepRefused(_("This need takes no drawings from you in its present state."))
    gone = NeedDrawing.objects.filter(pk=drawing.pk, removed_at=None)
    if gone.update(removed_at=timezone.now(), removed_by=by, file=""):
        uploads.discard(drawing.file.name)
        _touch(drawing.need)
        history.record_of_need(drawing.need, "removal", by, [("drawing", drawing.title, "")])


def _touch(need: Need) -> None:
    """Somebody worked with the need: an import that brought it cannot be undone any more."""
    Need.objects.filter(pk=need.pk).update(updated_at=timezone.now())


def note_opening(drawing: NeedDrawing, *, by: User, firm: Firm | None = None) -> None:
    """Call it before the file is handed out: what is not recorded is not opened."""
    DrawingOpening.objects.create(drawing=drawing, by=by, firm=firm)


def check(
    need: Need, *, by: User, reader: str, permitted: bool, checked_on: date, checker: str, note: str = ""
) -> ExportCheck:
    """Record that somebody checked whether this reader abroad may get what is flagged; the last word counts."""
    if not (can(by, "registry.check_export") and Need.objects.in_charge_of(by).filter(pk=need.pk).exists()):
        raise StepRefused(_("Only the office in charge of the need and the bureau record export checks."))
    recorded: ExportCheck = ExportCheck.objects.create(
        need=need,
        reader=reader.strip().lower(),
        permitted=permitted,
        checked_on=checked_on,
        checker=checker.strip(),
        note=note.strip(),
        by=by,
    )
    return recorded
