from matching.models.answers import Answer, Disclosure, ListAccess, ListLink
from matching.models.consents import ALWAYS, DISCLOSABLE, Channel, ConsentEnd, DisclosureConsent
from matching.models.contacts import Contact
from matching.models.decisions import Decision
from matching.models.feedback import ADVICE, Feedback
from matching.models.groups import ANSWER_STEPS, GROUP_STEPS, GROUP_TURNS, PART_STEPS, Group, GroupEvent, GroupMember
from matching.models.inquiries import (
    DECLINE_REASONS,
    INQUIRY_STEPS,
    OFFICE_STEPS,
    REPLIES,
    Inquiry,
    InquiryEvent,
)
from matching.models.learning import ORDER_MODEL_STEPS, OrderModel, OrderModelEvent
from matching.models.lists import LIST_STEPS, CandidateList, CandidateListEntry
from matching.models.proposals import (
    ASKED,
    BULK_STEPS,
    PROPOSAL_STEPS,
    REJECT_REASONS,
    SHORTLIST_REASONS,
    WAITING,
    Proposal,
    ProposalQuerySet,
)
from matching.models.runs import IndexBuild, Job, MatchRun, NeedMatch
from matching.models.saved import SavedFilter
from matching.models.todo import OFFICE_TASK_STEPS, TASK_STEPS, Task, TaskEvent
from matching.models.words import FirmTerms, NeedTerms

__all__ = [
    "ADVICE",
    "ALWAYS",
    "ANSWER_STEPS",
    "ASKED",
    "BULK_STEPS",
    "DECLINE_REASONS",
    "DISCLOSABLE",
    "GROUP_STEPS",
    "GROUP_TURNS",
    "INQUIRY_STEPS",
    "LIST_STEPS",
    "OFFICE_STEPS",
    "OFFICE_TASK_STEPS",
    "ORDER_MODEL_STEPS",
    "PART_STEPS",
    "PROPOSAL_STEPS",
    "REJECT_REASONS",
    "REPLIES",
    "SHORTLIST_REASONS",
    "TASK_STEPS",
    "WAITING",
    "Answer",
    "CandidateList",
    "CandidateListEntry",
    "Channel",
    "ConsentEnd",
    "Contact",
    "Decision",
    "Disclosure",
    "DisclosureConsent",
    "Feedback",
    "FirmTerms",
    "Group",
    "GroupEvent",
    "GroupMember",
    "IndexBuild",
    "Inquiry",
    "InquiryEvent",
    "Job",
    "ListAccess",
    "ListLink",
    "MatchRun",
    "NeedMatch",
    "NeedTerms",
    "OrderModel",
    "OrderModelEvent",
    "Proposal",
    "ProposalQuerySet",
    "SavedFilter",
    "Task",
    "TaskEvent",
]
