"""The search through the register: which records may be one firm. Writes pairs that wait for a person, nothing else."""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Max

from registry.duplicates.blocks import alike
from registry.duplicates.likeness import Likeness, Record, record
from registry.models import DuplicatePair, DuplicateSearch, Firm

BATCH = 500
KEPT = 100
"""Searches that are remembered."""
_COLUMNS = (
    *("pk", "name", "corporate_number", "name_kana", "prefecture", "municipality", "address", "contact_phone", "site"),
)
Ids = tuple[int, int]
_LOOKED_AT = (Firm.State.DRAFT, Firm.State.PUBLISHED)


def search(*, anew: bool = False) -> DuplicateSearch | None:
    """Look at what was saved since the last search; None when nothing was. `anew` compares everything.

    Safe to run twice at once: a pair is one row. Who was called different, and open pairs, stay as they are.
    """
    last = None if anew else DuplicateSearch.objects.first()
    firms = Firm.objects.filter(state__in=_LOOKED_AT)
    newest = firms.aggregate(newest=Max("updated_at"))["newest"]
    changed = None
    if last is not None:
        fresh = firms.filter(updated_at__gt=last.seen_until) if last.seen_until else firms
        changed = list(fresh.values_list("pk", flat=True))
        if not changed:
            return None
    records = list(_records())
    before = DuplicatePair.objects.count()
    shown = _store(alike(records, changed), _called_different())
    found = DuplicatePair.objects.count() - before
    _forget(shown, None if changed is None else set(changed))
    made: DuplicateSearch = DuplicateSearch.objects.create(seen_until=newest, firms=len(records), found=found)
    DuplicateSearch.objects.filter(pk__lte=made.pk - KEPT).delete()
    return made


def _called_different() -> set[Ids]:
    """Pairs of firms, lower id first, that a person called different: of the records then, and of what they are now."""
    today = dict(Firm.objects.filter(state=Firm.State.MERGED).values_list("pk", "duplicate_of"))
    pairs = DuplicatePair.objects.filter(state=DuplicatePair.State.DIFFERENT).values_list("first", "second")
    called: set[Ids] = set()
    for a, b in pairs.iterator(chunk_size=2_000):
        now = sorted((today.get(a, a), today.get(b, b)))
        called |= {(a, b), (now[0], now[1])}
    return called


def _records() -> Iterator[Record]:
    rows = Firm.objects.filter(state__in=_LOOKED_AT).order_by("pk").values_list(*_COLUMNS)
    for pk, name, number, kana, prefecture, town, address, phone, site in rows.iterator(chunk_size=2_000):
        yield record(
            pk,
            name=name,
            number=number or "",
            kana=kana,
            prefecture=prefecture,
            municipality=town or "",
            address=address,
            phone=phone,
            site=site,
        )


def _store(found: Iterable[tuple[Record, Record, Likeness]], different: Collection[Ids]) -> set[Ids]:
    """Put the pairs on the list and return them. The points of those that are there already are brought up to date."""
    shown: set[Ids] = set()
    rows: list[DuplicatePair] = []
    for a, b, likeness in found:
        shown.add((a.id, b.id))
        if (a.id, b.id) not in different:
            reasons = list(likeness.reasons)
            rows.append(DuplicatePair(first_id=a.id, second_id=b.id, score=likeness.score, reasons=reasons))
        if len(rows) >= BATCH:
            _write(rows)
            rows = []
    _write(rows)
    return shown


def _write(rows: list[DuplicatePair]) -> None:
    DuplicatePair.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["first", "second"], update_fields=["score", "reasons"]
    )


def _forget(shown: Collection[Ids], changed: Collection[int] | None) -> None:
    """Pairs that nobody has decided on and that do not look alike any more, since somebody corrected one of them."""
    waiting = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN, merges=None)
    gone = [
        pk
        for pk, a, b in waiting.values_list("pk", "first", "second").iterator(chunk_size=2_000)
        if (a, b) not in shown and (changed is None or a in changed or b in changed)
    ]
    for start in range(0, len(gone), BATCH):
        waiting.filter(pk__in=gone[start : start + BATCH]).delete()
