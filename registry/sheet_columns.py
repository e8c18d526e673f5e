"""Row → cell of the sheets about registered firms, a line for each machine, certificate, capability or membership.

Names and headings are those that an import reads (registry.intake.kinds), so that a file comes back as it went out.
"""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.columns import FIRM_COLUMNS
from registry.tabular import Column
from registry.text import company_key

_HEADINGS = {column.name: column.heading for column in FIRM_COLUMNS}


def _of_firm(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Empty for who came to an event and is not registered."""
    return lambda row: read(row.firm) if row.firm else None


FIRM_ID = Column("firm_id", _("ID of the firm"), attrgetter("firm_id"), width=8, type=int | None)
CORPORATE_NUMBER = Column(
    "corporate_number",
    _HEADINGS["corporate_number"],
    _of_firm(attrgetter("corporate_number")),
    type=str | None,
)
FIRM_NAME = Column("name", _("Name of the firm"), attrgetter("firm.name"), width=32)
PREFECTURE = Column(
    "prefecture",
    _HEADINGS["prefecture"],
    _of_firm(attrgetter("prefecture.label")),
    code=_of_firm(attrgetter("prefecture_id")),
    type=str | None,
)
FIRM_KEY_COLUMNS = [FIRM_ID, CORPORATE_NUMBER, FIRM_NAME, PREFECTURE]
"""How a line says which firm it means."""

EQUIPMENT_COLUMNS = [
    *FIRM_KEY_COLUMNS,
    Column("machine", _("Machine or facility"), attrgetter("name"), width=32),
    Column("maker", _("Maker"), attrgetter("maker"), width=24),
    Column("model", _("Model"), attrgetter("model"), width=20),
    Column("count", _("Number of machines"), attrgetter("count"), width=10, type=int | None),
    Column("size", _("Size or capacity"), attrgetter("size_text")),
    Column("note", _("Size, range, accuracy"), attrgetter("note"), width=40),
]
CERTIFICATE_COLUMNS = [
    *FIRM_KEY_COLUMNS,
    Column("stated", _("Certificate"), attrgetter("stated"), width=32),
    Column("number", _("Certificate number"), attrgetter("number"), width=24),
    Column("issuer", _("Issued by"), attrgetter("issuer"), width=28),
    Column("valid_from", _("Valid from"), attrgetter("valid_from"), width=18, type=date | None),
    Column("valid_until", _("Valid until"), attrgetter("valid_until"), width=14, type=date | None),
]
CAPABILITY_COLUMNS = [
    *FIRM_KEY_COLUMNS,
    Column("capability", _("Capability"), attrgetter("capability.label"), width=40),
]
MEMBERSHIP_COLUMNS = [
    *FIRM_KEY_COLUMNS,
    Column("consortium", _("Consortium"), attrgetter("consortium.label"), width=40),
    Column("since", _("Member since"), attrgetter("since"), width=12, type=date | None),
    Column("until", _("Member until"), attrgetter("until"), width=12, type=date | None),
]


def _number_of_who_came(row: Any) -> str | None:
    """As the sheet had it, or that of the firm; not once the firm has another name, which would contradict the line."""
    known = row.firm and company_key(row.firm.name) == company_key(row.name)
    return row.corporate_number or (row.firm.corporate_number if known else None)


ATTENDANCE_COLUMNS = [
    Column("event", _("Event"), attrgetter("event.name"), width=40),
    Column("held_on", _("Held on"), attrgetter("event.held_on"), width=12, type=date),
    Column("place", _("Place"), attrgetter("event.place"), width=28),
    FIRM_ID,
    Column(
        "corporate_number",
        CORPORATE_NUMBER.heading,
        _number_of_who_came,
        type=str | None,
    ),
    PREFECTURE,
    Column("name", FIRM_NAME.heading, attrgetter("name"), width=32),
    Column("people", _("People"), attrgetter("people"), width=10, type=int | None),
]
