"""Which firm a line means: by its ID here, its corporate number, or a name that only one firm has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from registry.intake.kinds.base import Line
from registry.models import Firm, User
from registry.text import company_key, has_legal_form, same_company

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line says of the firm that it means."""

    pk: int | None = None
    number: str = ""
    name: str = ""
    prefecture: str = ""
    municipality: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any], by_id: str = "firm_id") -> "Wanted":
        words = {name: row.get(name) or "" for name in ("name", "prefecture", "municipality")}
        return cls(row.get(by_id), row.get("corporate_number") or "", **words)


@dataclass(frozen=True, slots=True)
class Found:
    """The firms that lines may mean, of those that the person sees.

    A duplicate that waits to be merged and what an undone import put away are found by their ID alone, as an export
    names them: number and name mean another record.
    """

    by_id: dict[int, Firm]
    by_number: dict[str, Firm]
    by_name: dict[str, list[Firm]]

    def take(self, firms: Iterable[Firm]) -> None:
        for firm in firms:
            if firm.pk not in self.by_id:
                self.by_id[firm.pk] = firm
                self.by_name[company_key(firm.name)].append(firm)
                if firm.corporate_number:
                    self.by_number[firm.corporate_number] = firm

    @staticmethod
    def means(want: Wanted, firm: Firm | None) -> bool:
        """Whether a firm that was found by ID or number is called as the line calls it."""
        return firm is not None and (not want.name or company_key(firm.name) == company_key(want.name))

    def called(self, want: Wanted, *, spoken: bool) -> list[Firm]:
        """Firms of that name in that place. `spoken`: without its legal form a name means whichever firm bears it."""
        if not want.name:
            return []
        there = [
            firm
            for firm in self.by_name.get(company_key(want.name), ())
            if want.prefecture in {"", firm.prefecture_id}
            and (not want.municipality or firm.municipality_id in {None, want.municipality})
        ]
        exact = [firm for firm in there if same_company(firm.name) == same_company(want.name)]
        return exact or (there if spoken and not has_legal_form(want.name) else [])


def find(user: User, wanted: Sequence[Wanted], firms: Any = None) -> Found:
    """The firms that the lines of a chunk may mean, in a bounded number of queries, each with an index of its own.

    Who is found by ID or number is not looked for by name. The ID of a record that was merged since the file was made
    leads to the firm it is today.
    """
    ids = {want.pk for want in wanted if want.pk}
    merged = dict(Firm.objects.filter(pk__in=ids, state=Firm.State.MERGED).values_list("pk", "duplicate_of"))
    known = (Firm.objects.all() if firms is None else firms).visible_to(user)
    seen = known.filter(duplicate_of=None).exclude(state=Firm.State.ARCHIVED, corporate_number=None)
    found = Found({}, {}, defaultdict(list))
    by_id = known.in_bulk({merged.get(pk, pk) for pk in ids})
    found.take(firm for firm in by_id.values() if not _by_id_alone(firm))
    found.by_id.update(by_id)
    found.take(seen.filter(corporate_number__in={want.number for want in wanted if want.number}))
    open_ = [
        want
        for want in wanted
        if not found.means(want, by_id.get(merged.get(want.pk, want.pk))) and want.number not in found.by_number
    ]
    found.take(seen.filter(name_key__in={company_key(want.name) for want in open_} - {""}))
    found.by_id.update({pk: found.by_id[today] for pk, today in merged.items() if today in found.by_id})
    return found


def _by_id_alone(firm: Firm) -> bool:
    return firm.duplicate_of_id is not None or (firm.state == Firm.State.ARCHIVED and firm.corporate_number is None)


def settle(line: Line, want: Wanted, found: Found, *, needed: bool = True) -> Firm | None:
    """The firm that a line of a sheet about firms means; refuses the line when there is none or more than one.

    An ID counts where the line calls the firm by its name: in a file from another register it means somebody else.
    """
    numbered = (("firm_id", found.by_id.get(want.pk or 0)), ("corporate_number", found.by_number.get(want.number)))
    meant = [(by, firm) for by, firm in numbered if firm]
    for _by, firm in meant:
        if found.means(want, firm):
            return firm
    if meant:
        alike = [] if want.number else found.called(want, spoken=False)
        if len(alike) == 1:
            return alike[0]
        line.refuse(meant[0][0], otherwise_called(meant[0][1]))
        return None
    if want.number or (want.pk and not want.name):
        if needed:
            by = "corporate_number" if want.number else "firm_id"
            line.refuse(by, _("no firm of the register that you see has it; import the firm first, or correct it"))
        return None
    alike = found.called(want, spoken=True)
    if len(alike) > 1:
        line.refuse("name", called(alike))
    elif not alike and needed and "name" not in {remark[0] for remark in line.remarks}:
        line.refuse("name", _("no firm of the register that you see has this name; give its corporate number or ID"))
    return alike[0] if len(alike) == 1 else None


def otherwise_called(firm: Firm) -> str:
    """That an ID or a number means another firm than the name beside it."""
    message = _(
        "that is “%(firm)s”, not what the line calls it; correct one of both. In a file from another register leave "
        "out the column of IDs"
    )
    return message % {"firm": firm.name}


def called(firms: Iterable[Firm]) -> str:
    """That a name is not enough, with whom it may mean."""
    firms = list(firms)
    shown = [f"ID {firm.pk} {firm.name} ({firm.place})" for firm in firms[:SHOWN]]
    return _("%(count)d firms have this name: %(firms)s. Write the ID of the right one.") % {
        "count": len(firms),
        "firms": " / ".join(shown) + (" …" if len(firms) > SHOWN else ""),
    }
