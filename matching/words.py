"""The terms of documents, tokenised once and stored (models.words).

Tokenising takes a millisecond a firm, so it is done by a worker and not by the page or the import that saves: by the
first job that needs the terms of a firm or a need, and for an import of 100,000 firms by the index that follows, in
batches that are each saved. What was read already is not read again when a builder is ended half-way.

A firm's terms are good while the firm's `updated_at`, the names in the catalogues, the certificates that hold and
text.VERSION are those of the time they were read. Where one differs the document is read and its text compared; only
another text is tokenised.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from sys import intern

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from matching.documents import firm_document, firms_for_matching
from matching.engine import text
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Analysis, analyse
from matching.models import FirmTerms, NeedTerms
from registry.models import Capability, Consortium, Firm, Industry

Progress = Callable[[int, int], None]

AT_ONCE = 500
_MOST_HELD = 20_000
_STATE = ("version", "fingerprint", "fields", "state", "catalogue", "until")

_held: OrderedDict[FirmDocument | NeedDocument, Analysis] = OrderedDict()
_holding = threading.Lock()


def analysis_of(document: FirmDocument | NeedDocument) -> Analysis:
    """The terms of one document, kept by the process as long as its text is the same."""
    with _holding:
        if found := _held.get(document):
            _held.move_to_end(document)
            return found
    return _hold(document, analyse(document))


def _hold(document: FirmDocument | NeedDocument, analysis: Analysis) -> Analysis:
    with _holding:
        _held[document] = analysis
        if len(_held) > _MOST_HELD:
            _held.popitem(last=False)
    return analysis


# ---- needs -----------------------------------------------------------------------------------------------------------
def of_needs(documents: Sequence[NeedDocument]) -> list[Analysis]:
    """The terms of needs, in order; what is not stored yet, or of another text, is tokenised and stored."""
    with _holding:
        unknown = [document for document in documents if document not in _held]
    for start in range(0, len(unknown), AT_ONCE):
        _read_needs(unknown[start : start + AT_ONCE])
    return [analysis_of(document) for document in documents]


def _read_needs(documents: Sequence[NeedDocument]) -> None:
    stored = NeedTerms.objects.filter(version=text.VERSION).in_bulk([document.id for document in documents])
    new = []
    for document in documents:
        row, mark = stored.get(document.id), fingerprint(document)
        if row and row.fingerprint == mark:
            _hold(document, _analysis(document.id, row.fields))
        else:
            fields = _hold(document, analyse(document)).fields
            new.append(NeedTerms(need_id=document.id, version=text.VERSION, fingerprint=mark, fields=fields))
    NeedTerms.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["need"], update_fields=["version", "fingerprint", "fields"]
    )


# ---- firms -----------------------------------------------------------------------------------------------------------
def of_firms(ids: Iterable[int]) -> list[Analysis]:
    """The terms of those of these firms that are published, by id; what is missing is tokenised and stored."""
    wanted = sorted(ids)
    found = []
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        _refresh(list(_stale().filter(pk__in=part).values_list("pk", flat=True)))
        found += [analysis for analysis, _ in _stored(FirmTerms.objects.filter(firm__in=part))]
    return found


def of_register(progress: Progress | None = None) -> Iterator[tuple[Analysis, datetime]]:
    """The terms of all published firms by id, each with the state of the firm that they were read from.

    A firm that is published meanwhile is left out, one that is edited meanwhile comes as it was: both are seen later
    by the state.
    """
    stale = list(_stale().values_list("pk", flat=True))
    for start in range(0, len(stale), AT_ONCE):
        _refresh(stale[start : start + AT_ONCE])
        if progress:
            progress(min(start + AT_ONCE, len(stale)), len(stale))
    yield from _stored(FirmTerms.objects.filter(version=text.VERSION))


def doubt() -> None:
    """Have every firm's document read and compared again: for changes that bypassed `updated_at`."""
    FirmTerms.objects.update(catalogue="")


def _stored(rows: QuerySet[FirmTerms]) -> Iterator[tuple[Analysis, datetime]]:
    rows = rows.filter(firm__state=Firm.State.PUBLISHED).order_by("firm_id")
    for firm_id, state, fields in rows.values_list("firm_id", "state", "fields").iterator(chunk_size=2_000):
        yield _analysis(firm_id, fields), state


def _stale() -> QuerySet[Firm]:
    """Published firms whose terms are missing or may be of another text."""
    good = Q(
        stored_terms__version=text.VERSION, stored_terms__state=F("updated_at"), stored_terms__catalogue=_catalogue()
    ) & (Q(stored_terms__until=None) | Q(stored_terms__until__gte=timezone.localdate()))
    return Firm.objects.filter(~good | Q(stored_terms=None), state=Firm.State.PUBLISHED).order_by("pk")


def _refresh(ids: Sequence[int]) -> None:
    """Read these firms, tokenise those whose text is another, store."""
    if not ids:
        return
    known = FirmTerms.objects.filter(version=text.VERSION).in_bulk(ids)
    catalogue = _catalogue()
    rows = []
    for firm in firms_for_matching().filter(pk__in=ids):
        document = firm_document(firm)
        row, mark = known.get(firm.pk), fingerprint(document)
        fields = row.fields if row and row.fingerprint == mark else analyse(document).fields
        rows.append(
            FirmTerms(
                firm=firm,
                version=text.VERSION,
                fingerprint=mark,
                fields=fields,
                state=firm.updated_at,
                catalogue=catalogue,
                until=_until(firm),
            )
        )
    FirmTerms.objects.bulk_create(rows, update_conflicts=True, unique_fields=["firm"], update_fields=_STATE)


def _until(firm: Firm) -> date | None:
    """The day after which the firm's document is another one because a certificate ran out."""
    days = [held.valid_until for held in firm.firm_certifications.all() if held.valid_until]
    return min((day for day in days if day >= timezone.localdate()), default=None)


def _catalogue() -> str:
    names = [
        list(model._default_manager.order_by("pk").values_list("pk", "name", "name_en"))
        for model in (Capability, Consortium, Industry)
    ]
    return _mark(names)


def fingerprint(document: FirmDocument | NeedDocument) -> str:
    return _mark(list(document.fields()))


def _mark(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


def _analysis(id: int, fields: dict[str, list[str]]) -> Analysis:
    """Equal terms of many firms are one text in memory."""
    return Analysis(id=id, fields={name: tuple(map(intern, terms)) for name, terms in fields.items()})
