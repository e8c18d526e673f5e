"""Two records that may be one firm: what they say differently, and what an office makes of them."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext as _

from registry.api.bodies import StepBody, fill
from registry.api.problems import Invalid
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.columns import DUPLICATE_COLUMNS
from registry.duplicates import merge as merging
from registry.duplicates.merge import PARTS
from registry.forms.duplicates import MergeForm
from registry.forms.fields import IdField
from registry.models import PAIR_STEPS, DuplicatePair
from registry.tabular import Column
from registry.views.duplicates import DUPLICATES, STEPS


class DifferenceJSON(TypedDict):
    """`suggested` is the record that the part is taken from unless a merge says otherwise."""

    part: str
    label: str
    first: str | None
    second: str | None
    suggested: int


class UnitedJSON(TypedDict):
    part: str
    label: str
    first: list[str]
    second: list[str]


class DuplicateRow(Row):
    columns = DUPLICATE_COLUMNS


class DuplicateDetail(Row):
    columns = [
        *DUPLICATE_COLUMNS,
        Column("first_updated_at", "when one firm was last saved", attrgetter("first.updated_at"), type=datetime),
        Column("second_updated_at", "when the other was", attrgetter("second.updated_at"), type=datetime),
        Column("survivor", "the record that stays; before a merge the one suggested", lambda pair: 0, type=int),
        Column(
            "differences",
            "what the two say differently; of contact persons only that they differ",
            lambda pair: [],
            type=list[DifferenceJSON],
        ),
        Column("united", "lists of both, which a merge unites", lambda pair: [], type=list[UnitedJSON]),
        Column("refusal", "why you may not decide, empty when you may", lambda pair: "", type=str),
    ]

    def to_representation(self, instance: DuplicatePair) -> dict[str, Any]:
        form, done = MergeForm(instance), instance.merges.filter(undone_at=None).first()
        return super().to_representation(instance) | {
            "survivor": done.survivor_id if done else form["survivor"].initial,
            "differences": [_difference(line) for line in form.lines() if line.field],
            "united": [
                {
                    "part": line.name,
                    "label": str(line.label),
                    "first": [entry for entry, _shared in line.first],
                    "second": [entry for entry, _shared in line.second],
                }
                for line in form.lists()
            ],
            "refusal": merging.refusal(instance, self.context["person"]),
        }


def _difference(line: Any) -> DifferenceJSON:
    """As the page says it, but for the contact person: contacts are not in the API."""
    personal = line.name == "contact"
    return {
        "part": line.name,
        "label": str(line.label),
        "first": None if personal else line.first,
        "second": None if personal else line.second,
        "suggested": line.field.initial,
    }


class DecidedForm(MergeForm):
    """Which record stays has to be said; a part that is not sent is taken from where it is suggested."""

    def __init__(self, pair: DuplicatePair, data: Any = None) -> None:
        super().__init__(pair, data)
        self.fields["survivor"].initial = None


def _fields(step: str) -> dict[str, forms.Field]:
    """Of a merge by ID the record that stays and, part by part, the one that it is taken from."""
    if step != "merge":
        return {}
    labels = {"survivor": MergeForm.base_fields["survivor"].label} | {name: part.label for name, part in PARTS.items()}
    return {name: IdField(required=name == "survivor", label=str(label)) for name, label in labels.items()}


class DuplicateAPI(Stepped):
    """Pairs of firms that may be one; without `state` those that wait for a decision."""

    listing, verb, resource, serializer_class = DUPLICATES, "registry.merge_firms", "duplicates", DuplicateRow
    whole = DuplicateDetail
    bodies = {
        "steps": StepBody(PAIR_STEPS, _fields, example={"step": "merge", "survivor": 12, "name": 12, "employees": 31})
    }

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.for_decision()

    def context(self, rows: Sequence[DuplicatePair]) -> dict[str, Any]:
        return {"person": self.person}

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """`merge` names the record that stays and, part by part, the one whose words are taken; `split` undoes it."""
        if step != "merge":
            STEPS[step](row, by=self.person)
            return
        if same := sorted(sent.keys() & PARTS.keys() - DecidedForm(row).fields.keys()):
            raise Invalid({name: [_("Both records say the same here. Leave it out.")] for name in same})
        (form,) = fill(sent, [lambda data: DecidedForm(row, data)])
        merging.merge(row, form.choice, by=self.person)
