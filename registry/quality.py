"""What a reviewer looks at before a need opens: warnings computed from the need itself."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.columns import asked
from registry.models import Criterion, Firm, Need
from registry.text import add_working_days

SHORT_TEXT = 60
"""Characters. Shorter texts name one thing and no process, material or size to match by."""
WORKING_DAYS = 5
"""Firms and offices need so long to answer at all."""
_MEETS: dict[str, Callable[[Criterion], Q]] = {
    Criterion.Kind.CERTIFICATION: lambda one: Q(
        firm_certifications__certification=one.certification,
        **({"firm_certifications__confirmed_at__isnull": False} if one.confirmed else {}),
    ),
    Criterion.Kind.PREFECTURE: lambda one: Q(prefecture__in=[place.pk for place in one.prefectures.all()]),
    Criterion.Kind.EMPLOYEES: lambda one: Q(employees__gte=one.number),
    Criterion.Kind.VOLUME: lambda one: Q(monthly_capacity__gte=one.number),
    Criterion.Kind.LEAD_TIME: lambda one: Q(lead_time_days__lte=one.number),
}
"""Which firms meet a must, as far as one question to the register can say; distances are left to the matcher."""


def warnings(need: Need) -> Iterator[str]:
    """What the need leaves out or asks in vain. One quick query for each must."""
    if len(need.text.strip()) < SHORT_TEXT:
        yield _("The text is short: say process, material, size, tolerance and lot.")
    if need.quantity is None and not need.phases.all():
        yield _("No quantity is stated.")
    if need.deadline is None:
        yield _("No day for an answer is set.")
    elif need.deadline < add_working_days(timezone.localdate(), WORKING_DAYS):
        yield _("Fewer than %(days)d working days are left for an answer.") % {"days": WORKING_DAYS}
    if need.is_flagged and not (need.export_checked_on and need.export_checked_by):
        yield _("The need is subject to export control, but not when and by whom it was classified.")
    if not need.capabilities.all():
        yield _("No capability is chosen from the catalogue.")
    for criterion in need.criteria.all():
        if criterion.hard and not _anybody_meets(criterion):
            words: dict[str, Any] = {"kind": criterion.get_kind_display(), "asked": asked(criterion)}
            yield _("No published firm in the register meets the must “%(kind)s: %(asked)s”.") % words


def _anybody_meets(criterion: Criterion) -> bool:
    meets = _MEETS.get(criterion.kind)
    if meets is None or (criterion.kind == Criterion.Kind.CERTIFICATION and criterion.certification_id is None):
        return True
    return Firm.objects.published().filter(meets(criterion)).exists()
