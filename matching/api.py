"""Proposals and candidate lists as JSON: read-only, the same rows, filters and columns as the pages."""

from rest_framework.routers import SimpleRouter

from matching.columns import LISTS_COLUMNS, QUEUE_COLUMNS
from matching.views.lists import LISTS
from matching.views.queue import PROPOSALS
from registry.listing import ColumnSerializer, ReadAPI


class ProposalRow(ColumnSerializer):
    columns = QUEUE_COLUMNS


class CandidateListRow(ColumnSerializer):
    columns = LISTS_COLUMNS


class ProposalAPI(ReadAPI):
    """Firms proposed for needs that you may see; without `state` those that wait for a decision."""

    listing, verb, serializer_class = PROPOSALS, "matching.view_proposal", ProposalRow


class CandidateListAPI(ReadAPI):
    """Candidate lists that you may see; their rows are in the files."""

    listing, verb, serializer_class = LISTS, "matching.view_list", CandidateListRow


router = SimpleRouter(use_regex_path=False)
router.register("proposals", ProposalAPI, "proposal")
router.register("lists", CandidateListAPI, "list")
urlpatterns = router.urls
