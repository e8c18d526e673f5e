from registry.access import Role
from registry.models.accounts import (
    CLAIM_STEPS,
    ERASURE_STEPS,
    ByMail,
    ErasureRequest,
    FirmClaim,
    FirmInvitation,
    FirmMembership,
    Office,
    ProjectMembership,
    Scope,
    User,
)
from registry.models.asked import Criterion, NeedPhase, deciding_phase
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
from registry.models.drawings import DrawingOpening, ExportCheck, Nda, NeedDrawing, goes_abroad_to
from registry.models.duplicates import (
    PAIR_STEPS,
    DuplicatePair,
    DuplicateSearch,
    Merge,
)
from registry.models.events import Attendance, Event
from registry.models.firm import (
    FIRM_STEPS,
    TEXT_LIMIT,
    Firm,
    FirmEvent,
    FirmQuerySet,
    of_firm,
)
from registry.models.holdings import Equipment, FirmCertification, FirmPhoto
from registry.models.intake import ImportBatch, ImportRow, OfficeHeading
from registry.models.membership import ConsortiumMembership
from registry.models.need import NEED_STEPS, REVIEW_QUESTIONS, Need, NeedEvent, NeedQuerySet
from registry.models.notices import Notice
from registry.models.project import AnchorProject, ProjectEvent, ProjectStateChange
from registry.models.terms import TermEntry
from registry.models.tokens import APIToken, KeptAnswer
from registry.models.transitions import EntryRequirement, Referral, Transition
from registry.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "CLAIM_STEPS",
    "ERASURE_STEPS",
    "FIRM_STEPS",
    "NEED_STEPS",
    "PAIR_STEPS",
    "REVIEW_QUESTIONS",
    "TEXT_LIMIT",
    "APIToken",
    "AnchorProject",
    "Attendance",
    "ByMail",
    "Capability",
    "Certification",
    "Consortium",
    "ConsortiumMembership",
    "Criterion",
    "DrawingOpening",
    "DuplicatePair",
    "DuplicateSearch",
    "EntryRequirement",
    "Equipment",
    "ErasureRequest",
    "Event",
    "ExportCheck",
    "Firm",
    "FirmCertification",
    "FirmClaim",
    "FirmEvent",
    "FirmInvitation",
    "FirmMembership",
    "FirmPhoto",
    "FirmQuerySet",
    "ImportBatch",
    "ImportRow",
    "Industry",
    "KeptAnswer",
    "Merge",
    "Municipality",
    "Nda",
    "Need",
    "NeedDrawing",
    "NeedEvent",
    "NeedPhase",
    "NeedQuerySet",
    "Notice",
    "Office",
    "OfficeHeading",
    "Place",
    "Prefecture",
    "Programme",
    "ProjectEvent",
    "ProjectMembership",
    "ProjectStateChange",
    "Referral",
    "Role",
    "Scope",
    "Sector",
    "TermEntry",
    "Transition",
    "User",
    "Webhook",
    "WebhookDelivery",
    "deciding_phase",
    "goes_abroad_to",
    "of_firm",
]
