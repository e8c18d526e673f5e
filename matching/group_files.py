"""A group alone as a file, PDF or XLSX, in Japanese, English or both: what its recipient would read of it today.

Nothing is frozen: a group that changes, or a consent that ends, gives another file. A firm is named once it consents
to being named to the others of the group and to the recipient; until then only its prefecture is told.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from matching import groups as composer
from matching.contents import in_both, paired, resolved_text
from matching.dossier import job_of, typeset
from matching.group_words import bars, labels_of, number, works
from matching.models import Group, Proposal
from matching.standing import Place, Standing, standing
from registry.tabular import Column, Sheet, write_sheets

EXTENSIONS = ("pdf", "xlsx")
LAYOUT = "group.typ"
_WIDTHS = {"name": 30, "role": 12, "work": 40, "place": 22, "distance": 14, "criteria": 18, "consent": 30}
_COVER_WIDTHS = {"step": 30, "covered": 40, "outcome": 14}


@dataclass(frozen=True, slots=True)
class Line:
    """One member as the recipient reads it; `named`: it consents to that."""

    place: Place
    named: bool
    name: str
    town: str
    work: list[str]
    criteria: bool


def lines(found: Standing) -> list[Line]:
    """The members that count today, the lead firm first, in the language of now."""
    labels = labels_of(found.group)
    return [
        Line(
            place=place,
            named=place.consents,
            name=place.member.firm.name if place.consents else composer.placeholder(place.member.firm),
            town=place.member.firm.place if place.consents else "",
            work=works(place, found, labels),
            criteria=place.project is not None and place.consents and "criteria" in place.project,
        )
        for place in found.inside
    ]


def write(group: Group, extension: str, language: str) -> bytes:
    japanese, english = in_both(lambda: _told(standing(group)))
    told = paired(japanese, english) if language == "both" else {"ja": japanese, "en": english}[language]
    told["members"] = [[resolved_text(cell) for cell in member] for member in told["members"]]
    if extension == "pdf":
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return typeset(job_of(LAYOUT, told | {"lang": "en" if language == "en" else "ja"}, midnight))
    file = io.BytesIO()
    write_sheets(file, list(_sheets(group, told)), title=str(group), created=timezone.now())
    return file.getvalue()


def _told(found: Standing) -> dict[str, Any]:
    """All that a file says, in the language of now; lists keep their order, so that two languages can be paired."""
    return {
        "title": f"{_('Group')} {found.group}",
        "heading": [[label, value] for label, value in _heading(found)],
        "note": _(
            "A firm is named here once it has consented to being named to the others of the group and to the "
            "recipient; until then only its prefecture is told."
        ),
        "members_title": _("Members and their parts"),
        "member_headings": [
            *(_("Firm"), _("Role"), _("Work"), _("Place"), _("To the site"), _("Criteria"), _("Consent"))
        ],
        "members": [_member(line) for line in lines(found)],
        "cover_title": _("What is covered"),
        "cover_headings": [pgettext("process", "Step"), _("What is covered"), _("Outcome")],
        "cover": [
            [bar.name, bar.text or "–", _("covered") if bar.done else _("short")]
            for bar in bars(found, labels_of(found.group), {})
        ],
    }


def _heading(found: Standing) -> Iterator[tuple[str, str]]:
    group, need = found.group, found.group.need
    yield _("Need"), f"{need.number} {need.title}"
    yield _("Anchor project"), need.project.label
    yield _("State"), str(group.get_state_display())
    if found.volume is not None and group.volume_asked:
        yield (
            _("Pieces a month"),
            _("%(reached)s (asked for: %(asked)s)")
            % {
                "reached": number(found.volume),
                "asked": number(group.volume_asked),
            },
        )
    yield _("What is covered"), _("short") if found.is_short else _("covered")
    if need.is_sample:
        yield _("Remark"), _("Fictional sample")
    yield _("As of"), timezone.localdate().isoformat()


def _member(line: Line) -> list[str | list[str]]:
    member = line.place.member
    hidden = _("not disclosed")
    shown = line.named and member.distance_km is not None
    return [
        line.name,
        _("lead firm") if member.is_lead else _("member"),
        line.work,
        line.town or hidden,
        _("%(number)s km") % {"number": number(round(member.distance_km or 0))} if shown else hidden,
        str(Proposal.Verdict(member.verdict).label) if line.criteria and member.verdict else hidden,
        _("consents to being named") if line.named else _("has not consented yet"),
    ]


def _sheets(group: Group, told: dict[str, Any]) -> Iterator[Sheet]:
    heading = dict(told["heading"])
    yield Sheet(str(group), _columns(_WIDTHS, told["member_headings"]), told["members"], heading, tall=True)
    yield Sheet(told["cover_title"], _columns(_COVER_WIDTHS, told["cover_headings"]), told["cover"], tall=True)


def _columns(widths: dict[str, int], headings: list[str]) -> list[Column]:
    named = zip(widths.items(), headings, strict=True)
    return [Column(name, title, itemgetter(n), width=width) for n, ((name, width), title) in enumerate(named)]
