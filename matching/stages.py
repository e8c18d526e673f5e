"""How far proposals came. One declaration: the funnel, the figures by place and time and the queue's filter follow it.

A stage is a name, a label and a condition on proposals. The condition asks only for what the person sees elsewhere too:
another office's list or an answer to it shows in nobody else's funnel.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matching.models import ASKED, WAITING, Answer, CandidateList, CandidateListEntry, Inquiry, Proposal
from registry.access import NOTHING
from registry.models import User, of_firm


@dataclass(frozen=True, slots=True)
class Stage:
    """`query` is how the queue asks for it; empty: by the stage's own name."""

    label: str | Promise
    where: Callable[[User], Q]
    query: Mapping[str, str] = field(default_factory=dict)


def _asked(user: User, **facts: Any) -> Q:
    inquiries = Inquiry.objects.visible_to(user).filter(firm=OuterRef("firm_id"), need=OuterRef("need_id"), **facts)
    return Q(Exists(inquiries.order_by()))


def _listed(user: User) -> Q:
    """Needs of which the person sees a list are few: the others are not asked one by one."""
    return Q(need__in=CandidateList.objects.visible_to(user).order_by().values("need"))


def _released(user: User) -> Q:
    return _listed(user) & Q(Exists(_entries(user).filter(list__state=CandidateList.State.RELEASED)))


def _answered(user: User) -> Q:
    return _listed(user) & Q(Exists(Answer.objects.filter(entry__in=_entries(user, depth=2))))


def _contract(user: User) -> Q:
    """The newest answer holds: a contract that was taken back is none."""
    later = Answer.objects.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
    signed = Answer.objects.filter(~Exists(later), verdict=Answer.Verdict.CONTRACT)
    return _listed(user) & Q(Exists(signed.filter(entry__in=_entries(user, depth=2))))


def _entries(user: User, depth: int = 1) -> Any:
    """Places on lists that the person sees, of the proposal `depth` queries further out."""
    firm, need = OuterRef("firm_id"), OuterRef("need_id")
    for _level in range(depth - 1):
        firm, need = OuterRef(firm), OuterRef(need)
    lists = CandidateList.objects.visible_to(user).values("pk")
    return CandidateListEntry.objects.filter(of_firm(firm), list__need=need, list__in=lists)


STAGES = {
    "proposed": Stage(pgettext_lazy("stage", "proposed"), lambda user: ASKED | ~Q(state__in=WAITING)),
    "reviewed": Stage(pgettext_lazy("stage", "reviewed"), lambda user: ~Q(state__in=WAITING)),
    "shortlisted": Stage(pgettext_lazy("stage", "shortlisted"), lambda user: Q(state=Proposal.State.SHORTLISTED)),
    "contacted": Stage(pgettext_lazy("stage", "contacted"), _asked),
    "interested": Stage(
        pgettext_lazy("stage", "interested"), lambda user: _asked(user, state__in=["interested", "partial"])
    ),
    "released": Stage(pgettext_lazy("stage", "on a released list"), _released),
    "answered": Stage(pgettext_lazy("stage", "answered by the buyer"), _answered),
    "contract": Stage(pgettext_lazy("stage", "contract"), _contract),
}

CLOCKS = {
    "waiting": Stage(_("waiting"), lambda user: ASKED & Q(state__in=WAITING, dropped_at=None), {"state": ""}),
    "overdue": Stage(
        _("overdue"),
        lambda user: ASKED & Q(state__in=WAITING, dropped_at=None, due_on__lt=timezone.localdate()),
        {"overdue": "true"},
    ),
}


def at_stage(user: User, name: str) -> Q:
    """The condition of a stage by its name; nothing for an unknown one."""
    return STAGES[name].where(user) if name in STAGES else NOTHING
