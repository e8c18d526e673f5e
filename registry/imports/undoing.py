"""Take a whole batch back, in one transaction, while nobody has touched what it wrote."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.imports.writing import OWNERS, chunks, values
from registry.intake.fields import Catalogues
from registry.intake.kinds import KINDS
from registry.intake.kinds.base import Kind
from registry.models import FirmMembership, ImportBatch, ImportRow
from registry.steps import StepRefused

State = ImportBatch.State


def undo(batch: ImportBatch) -> None:
    """Raises StepRefused, and changes nothing, when a row was touched since, or the batch is not one to undo."""
    kind, catalogues = KINDS[batch.kind], Catalogues()
    with transaction.atomic():
        moved = (
            ImportBatch.objects.filter(pk=batch.pk, state=State.DONE)
            .exclude(digest="")
            .update(state=State.UNDONE, undone_at=timezone.now())
        )
        if not moved:
            raise StepRefused(_("Only an import that was taken over can be undone, and only once."))
        _refuse_touched(batch, kind)
        for rows in chunks(batch, ImportRow.State.CHANGED):
            kind.change(rows, values(rows, 0), catalogues)
            kind.give_back(rows)
        written = batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.CHANGED])
        OWNERS[kind.owner].objects.filter(pk__in=written.order_by().values(kind.owner)).update(
            updated_at=timezone.now()
        )
        for rows in chunks(batch, ImportRow.State.NEW):
            kind.take_back(rows)


def _refuse_touched(batch: ImportBatch, kind: Kind) -> None:
    written = batch.rows.filter(state__in=[ImportRow.State.NEW, ImportRow.State.CHANGED]).order_by("number")
    touched = written.exclude(**{f"{kind.owner}__updated_at": F("batch__written_at")}).first()
    if kind.name == "firms" and not touched:
        claimed = FirmMembership.objects.values("firm")
        touched = written.filter(state=ImportRow.State.NEW, firm__in=claimed).first()
    if touched:
        raise StepRefused(
            _("Line %(line)d: what it wrote was changed or claimed since. Correct it by hand.")
            % {"line": touched.number}
        )
