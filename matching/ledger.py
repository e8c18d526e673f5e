"""Who read a list, and which fields of which firm each look at it or file of it showed. The only writer of both."""

from django.db import transaction
from django.utils import timezone

from matching.answers import Reader
from matching.contents import Contents, as_consented
from matching.models import CandidateList, Disclosure, ListAccess

MOST_READINGS = 200
"""Lines of the ledger that a list's page shows."""


def note_access(made: CandidateList, act: str, reader: Reader, contents: Contents | None) -> ListAccess:
    """Write down who reads the list, and with `contents` which fields of which firm they are shown."""
    with transaction.atomic():
        access: ListAccess = ListAccess.objects.create(list=made, act=act, by=reader.by, link=reader.link)
        shown = contents.fields.items() if contents else ()
        Disclosure.objects.bulk_create(Disclosure(access=access, firm_id=firm, fields=fields) for firm, fields in shown)
    return access


def ended(made: CandidateList) -> list[str]:
    """The firms of the list that the anchor side is not shown any more, by name."""
    shown = as_consented(made, timezone.localdate()).fields
    return [entry.firm.name for entry in made.entries.select_related("firm") if entry.firm_id not in shown]


def readings(made: CandidateList) -> list[Disclosure]:
    """The ledger of the list, latest first: who was shown which fields of which firm."""
    rows = Disclosure.objects.filter(access__list=made)
    return list(rows.select_related("firm", "access__by", "access__link")[:MOST_READINGS])
