"""The sections of a firm's profile, in the order in which they are asked: each is a page that saves on its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.forms.firm import (
    BasicsForm,
    CapabilitiesForm,
    CapacityForm,
    CertificateFormSet,
    ContactForm,
    EnglishForm,
    EquipmentFormSet,
    ProductsForm,
    SectionForm,
    TextForm,
)


@dataclass(frozen=True, slots=True)
class Section:
    """`rows` is a formset of the firm's rows that is saved with the form; `files` has files, each sent by itself."""

    name: str
    label: str | Promise
    intro: str | Promise
    form: Callable[..., Any]
    rows: Callable[..., Any] | None = None
    files: bool = False


_ALL = (
    Section("basics", _("Name and place"), _("Who the firm is and where it works."), BasicsForm),
    Section(
        "capabilities",
        _("Capabilities"),
        _("Tick what you do yourselves. Offices and buyers read these in their own language."),
        CapabilitiesForm,
    ),
    Section(
        "text",
        _("What you can do"),
        _("Write as you would explain it to a new customer. Needs are found by these words."),
        TextForm,
    ),
    Section(
        "equipment",
        _("Equipment"),
        _("Machines and facilities with number, size, range and accuracy."),
        SectionForm,
        rows=EquipmentFormSet,
    ),
    Section("products", _("Products"), _("What you have made or supply."), ProductsForm),
    Section(
        "certificates",
        _("Certificates"),
        _("Choose from the list where you can, and add the date until which it is valid."),
        SectionForm,
        rows=CertificateFormSet,
        files=True,
    ),
    Section(
        "capacity",
        _("Capacity and lead time"),
        _("What you could take on beside the work that you have."),
        CapacityForm,
    ),
    Section(
        "photos",
        _("Photos"),
        _("Works, machines, products. No people, no customers' drawings."),
        SectionForm,
        files=True,
    ),
    Section("english", _("English"), _("What a buyer from abroad reads."), EnglishForm),
    Section("contact", _("Contact"), _("Whom an office calls or writes to."), ContactForm),
)
SECTIONS = {section.name: section for section in _ALL}


def after(name: str) -> str:
    """The section that follows, empty after the last one."""
    names = [*SECTIONS, ""]
    return names[names.index(name) + 1]
