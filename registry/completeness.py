"""How complete a profile is, and what each gap costs in matching. A pure function of the register's row."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.models import Firm
from registry.models.catalogue import sentences

SHORT = 60
"""Characters. A shorter text rarely names a process, a material and a size."""


@dataclass(frozen=True, slots=True)
class Gap:
    """`points` of a hundred are missing in a `section` of the profile: what to do, and what it would improve."""

    section: str
    points: int
    what: str | Promise
    effect: str | Promise

    def __str__(self) -> str:
        return sentences([self.what, self.effect])


@dataclass(frozen=True, slots=True)
class Completeness:
    percent: int
    gaps: tuple[Gap, ...]

    def of(self, section: str) -> list[Gap]:
        return [gap for gap in self.gaps if gap.section == section]


def completeness(firm: Firm) -> Completeness:
    """Gaps with the greatest effect first; those of equal effect in the order of the sections."""
    gaps = tuple(sorted(_gaps(firm), key=lambda gap: -gap.points))
    return Completeness(100 - sum(gap.points for gap in gaps), gaps)


def _gaps(firm: Firm) -> Iterator[Gap]:
    yield from _words(firm)
    yield from _rows(firm)
    yield from _facts(firm)


def _words(firm: Firm) -> Iterator[Gap]:
    length = len(firm.capability_text.strip())
    if not length:
        yield Gap("text", 22, _("Describe what you can do."), _("Needs are found by the words of this text."))
    elif length < SHORT:
        yield Gap(
            "text",
            12,
            _("Write at least 60 characters on what you can do."),
            _("A short text meets few of a need's words."),
        )
    if not firm.capabilities.all():
        yield Gap(
            "capabilities",
            18,
            _("Choose capabilities from the catalogue."),
            _("They find you whatever words the buyer uses, also in English."),
        )
    if not firm.products:
        yield Gap("products", 2, _("Name your products."), _("Buyers ask for parts, not only for processes."))
    if not firm.summary_en.strip():
        yield Gap(
            "english", 5, _("Add an English summary."), _("Buyers from abroad read it; nothing is translated for them.")
        )


def _rows(firm: Firm) -> Iterator[Gap]:
    certificates, machines = firm.firm_certifications.all(), firm.equipment.all()
    if not certificates:
        yield Gap("certificates", 14, _("Add your certificates."), _("Many needs have a certificate as a must."))
    elif any(held.valid_until is None for held in certificates):
        yield Gap(
            "certificates",
            5,
            _("Say until when your certificates are valid."),
            _("Without a date an office has to ask you before it proposes you."),
        )
    if not machines:
        yield Gap("equipment", 12, _("Add your machines."), _("Machine and size show which parts you can take."))
    elif not any(machine.size is not None or machine.note for machine in machines):
        yield Gap("equipment", 4, _("Add the size of your machines."), _("The size decides whether a large part fits."))
    if not firm.photos.all():
        yield Gap("photos", 1, _("Add a photo."), _("Offices introduce more easily what they can show."))


def _facts(firm: Firm) -> Iterator[Gap]:
    if firm.municipality_id is None:
        effect = _("Distances are measured from there; without it they are unknown.")
        yield Gap("basics", 8, _("Choose the municipality."), effect)
    if firm.employees is None:
        yield Gap("basics", 4, _("State the number of employees."), _("Needs that ask for a size cannot be checked."))
    if firm.monthly_capacity is None:
        yield Gap(
            "capacity",
            8,
            _("State how many pieces a month you can make."),
            _("Without it you cannot be asked for a volume, nor join a group by volume."),
        )
    if firm.lead_time_days is None:
        effect = _("Needs that ask for a lead time cannot be checked.")
        yield Gap("capacity", 3, _("State your usual lead time."), effect)
    if not (firm.contact_email or firm.contact_phone):
        yield Gap("contact", 3, _("Say how you can be reached."), _("An office calls the firms that it can reach."))
