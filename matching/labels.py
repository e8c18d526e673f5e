"""Words in the files of a candidate list that are no heading of a column; frozen with the list, like all else."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LAYOUT = 1
"""The arrangement of the files that lists are frozen for today: `typeset/1.typ` and the sheets of `list_files`.

A list keeps its own, so that its bytes stay: another arrangement is another number beside this one.
"""

LABELS: dict[str, str | Promise] = {
    "list": _("Candidate list"),
    "summary": _("Summary"),
    "reasons": _("Reasons and criteria"),
    "sources": _("Sources"),
    "undisclosed": _("not disclosed"),
    "number": _("No."),
    "firm": _("Firm"),
    "kind": _("Kind"),
    "subject": _("What"),
    "asked": _("Asked"),
    "found": _("Found"),
    "outcome": _("Outcome"),
    "must": _("must"),
    "wish": _("wish"),
    "criteria": _("Criteria of the need"),
    "entry": _("Adjacent entry"),
    "entry_asked": _("asked by the need"),
    "terms": _("Matching terms"),
    "term": _("Matching term"),
    "pass": _("met"),
    "fail": _("not met"),
    "unknown": _("to be confirmed"),
    "has": _("has it"),
    "missing": _("missing"),
    "not_stated": _("not stated"),
    "certificates": _("Certificates"),
    "valid_until": _("Valid until"),
    "certified": _("confirmed by an office"),
    "expired": _("expired when the list was made"),
    "field": _("Field"),
    "said_by": _("Said by"),
    "source": _("Source"),
    "as_of": _("As of"),
    "confirmed_on": _("Confirmed by the firm on"),
    "unconfirmed": _("may be machine-made; not confirmed by a person"),
    "sample": _("Fictional sample"),
    "map": _("Where the firm is"),
    "map_firm": _("Firm"),
    "map_source": _("Map made with Natural Earth"),
    "signs": _("✓ met   ✗ not met   ? to be confirmed"),
    "consent": _(
        "Each firm consented to what is shown here being passed to this recipient, for this need. "
        "Please do not pass it on."
    ),
}
