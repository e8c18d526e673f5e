"""Answering a candidate list, firm by firm: the only writer of answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from matching.models import Answer, CandidateList, CandidateListEntry, ListLink
from registry.models import User
from registry.notices import both, tell
from registry.steps import StepRefused


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads and answers a list: a person with an account, or whoever opened a link with its code."""

    by: User | None = None
    link: ListLink | None = None


def answer(entry: CandidateListEntry, reader: Reader, seen: int, said: Mapping[str, Any]) -> Answer:
    """Record the answer that follows the `seen`-th one (0: none yet).

    Raises StepRefused, and records nothing, when somebody answered meanwhile or the list is released no more.
    """
    try:
        with transaction.atomic():
            if not CandidateList.objects.filter(pk=entry.list_id, state=CandidateList.State.RELEASED).exists():
                raise StepRefused(_("This list was withdrawn. Your answer was not recorded."))
            if entry.answers.count() != seen:
                raise StepRefused(_overtaken())
            given: Answer = Answer.objects.create(entry=entry, number=seen + 1, by=reader.by, link=reader.link, **said)
            _tell_office(given)
    except IntegrityError:
        raise StepRefused(_overtaken()) from None
    return given


def _tell_office(given: Answer) -> None:
    made = given.entry.list
    tell(
        [made.made_by],
        "list.answered",
        f"{made.get_absolute_url()}#answers",
        list=made.number,
        firm=str(given.entry.row.get("name", "")),
        answer=both(*_in_both(given)),
    )


def _in_both(given: Answer) -> tuple[str, str]:
    with override("ja"):
        japanese = given.get_verdict_display()
    with override("en"):
        return japanese, given.get_verdict_display()


def _overtaken() -> str:
    return _("Somebody else answered for this firm meanwhile; see above. Answer again if yours should follow.")


def newest(made: CandidateList) -> list[Answer]:
    """The answer that holds for each firm that was answered, in the order of the list."""
    latest = [rows[-1] for rows in answered(made).values()]
    return sorted(latest, key=lambda answer: answer.entry.position)


def answered(made: CandidateList) -> dict[int, list[Answer]]:
    """All answers of a list by entry, in the order in which they were given."""
    found: dict[int, list[Answer]] = {}
    for row in Answer.objects.filter(entry__list=made).select_related("entry", "by", "link").order_by("number"):
        found.setdefault(row.entry_id, []).append(row)
    return found
