from matching.models.answers import Answer, ListAccess, ListLink
from matching.models.contacts import Contact
from matching.models.groups import GROUP_STEPS, Group, GroupMember
from matching.models.learning import ORDER_MODEL_STEPS, OrderModel, OrderModelEvent
from matching.models.lists import LIST_STEPS, CandidateList, CandidateListEntry
from matching.models.proposals import (
    ASKED,
    BULK_STEPS,
    PROPOSAL_STEPS,
    REJECT_REASONS,
    SHORTLIST_REASONS,
    WAITING,
    Decision,
    Proposal,
    ProposalQuerySet,
)
from matching.models.runs import IndexBuild, Job, MatchRun, NeedMatch
from matching.models.saved import SavedFilter
from matching.models.words import FirmTerms, NeedTerms

__all__ = [
    "ASKED",
    "BULK_STEPS",
    "GROUP_STEPS",
    "LIST_STEPS",
    "ORDER_MODEL_STEPS",
    "PROPOSAL_STEPS",
    "REJECT_REASONS",
    "SHORTLIST_REASONS",
    "WAITING",
    "Answer",
    "CandidateList",
    "CandidateListEntry",
    "Contact",
    "Decision",
    "FirmTerms",
    "Group",
    "GroupMember",
    "IndexBuild",
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
]
