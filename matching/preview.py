"""What the anchor side reads of a firm: the columns of a candidate list that speak of the firm itself."""

from django.utils.translation import gettext as _

from matching.list_columns import LIST_COLUMNS, Candidate
from matching.models import DISCLOSABLE, Proposal
from registry.models import Firm
from registry.preview import View
from registry.tabular import plain

_OF_THE_MATCH = {"position", "firm_id", "distance", "verdict", "missed", "entry", "source", "as_of", "sample"}


def anchor_side(firm: Firm) -> View:
    candidate = Candidate(1, Proposal(firm=firm), frozenset(DISCLOSABLE))
    columns = [column for column in LIST_COLUMNS if column.name not in _OF_THE_MATCH]
    values = [(str(column.heading), plain(column.cell(candidate))) for column in columns]
    return View(
        _("The buyer who gets a candidate list"),
        _("At most this, and of it only what you consent to for a need. No address, no files."),
        [(label, "" if value is None else str(value)) for label, value in values],
    )
