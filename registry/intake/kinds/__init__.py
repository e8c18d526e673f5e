"""The kinds of sheets that the register takes, each declared in a module of its own."""

from registry.intake.kinds.attendance import AttendanceSheet
from registry.intake.kinds.base import Kind
from registry.intake.kinds.firm_sheets import CapabilitySheet, CertificateSheet, EquipmentSheet, MembershipSheet
from registry.intake.kinds.firms import Firms
from registry.intake.kinds.needs import Needs
from registry.models import User

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Firms(),
        Needs(),
        EquipmentSheet(),
        CertificateSheet(),
        CapabilitySheet(),
        MembershipSheet(),
        AttendanceSheet(),
    )
}


def kinds_for(user: User) -> list[Kind]:
    """Those that the person may bring in, in the order in which they are offered."""
    return [kind for kind in KINDS.values() if kind.allowed_to(user)]
