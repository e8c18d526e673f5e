from registry.access import Role
from registry.models.accounts import (
    CLAIM_STEPS,
    ByMail,
    FirmClaim,
    FirmMembership,
    Office,
    ProjectMembership,
    Scope,
    User,
)
from registry.models.catalogue import (
    Capability,
    Certification,
    Consortium,
    Industry,
    Municipality,
    Place,
    Prefecture,
    Programme,
    Sector,
)
from registry.models.firm import FIRM_STEPS, TEXT_LIMIT, Equipment, Firm, FirmCertification, FirmQuerySet
from registry.models.notices import Notice
from registry.models.project import (
    NEED_STEPS,
    AnchorProject,
    Criterion,
    Need,
    NeedEvent,
    NeedQuerySet,
    ProjectStateChange,
)
from registry.models.terms import TermEntry
from registry.models.transitions import EntryRequirement, Transition

__all__ = [
    "CLAIM_STEPS",
    "FIRM_STEPS",
    "NEED_STEPS",
    "TEXT_LIMIT",
    "AnchorProject",
    "ByMail",
    "Capability",
    "Certification",
    "Consortium",
    "Criterion",
    "EntryRequirement",
    "Equipment",
    "Firm",
    "FirmCertification",
    "FirmClaim",
    "FirmMembership",
    "FirmQuerySet",
    "Industry",
    "Municipality",
    "Need",
    "NeedEvent",
    "NeedQuerySet",
    "Notice",
    "Office",
    "Place",
    "Prefecture",
    "Programme",
    "ProjectMembership",
    "ProjectStateChange",
    "Role",
    "Scope",
    "Sector",
    "TermEntry",
    "Transition",
    "User",
]
