"""Who said a field of a firm, when, and whether the firm has confirmed it since."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from matching.said import FIRM, IMPORT, LIST, MATCHER, OFFICE, UNKNOWN, Act, Statement, statement, statements
from registry.history import record
from registry.models import ImportBatch, ImportRow
from tests import factories as make

NAMES = frozenset({"employees"})
ORIGIN = Statement(LIST, "名簿", date(2025, 4, 1))
CHANGED = Act(datetime(2026, 5, 1, tzinfo=UTC), Statement(FIRM, as_of=date(2026, 5, 1)), NAMES)
IMPORTED = Act(datetime(2026, 3, 1, tzinfo=UTC), Statement(IMPORT, "県の台帳", date(2026, 2, 1)), None)


@pytest.mark.parametrize(
    ("acts", "confirmed", "said"),
    [
        ([], None, ORIGIN),
        ([], date(2026, 1, 1), Statement(LIST, "名簿", date(2025, 4, 1), date(2026, 1, 1))),
        ([], date(2025, 1, 1), ORIGIN),  # confirmed before it was said
        ([CHANGED, IMPORTED], None, Statement(FIRM, as_of=date(2026, 5, 1))),
        ([IMPORTED], None, Statement(IMPORT, "県の台帳", date(2026, 2, 1))),
        ([Act(CHANGED.at, CHANGED.statement, frozenset({"site"}))], None, ORIGIN),
    ],
)
def test_the_last_who_wrote_the_field_said_it(acts: list[Act], confirmed: date | None, said: Statement) -> None:
    assert statement(NAMES, ORIGIN, acts, confirmed) == said


@pytest.mark.django_db
def test_history_and_imports_tell_who_said_what(django_assert_num_queries: object) -> None:
    firm, bare = make.FirmFactory(source="名簿", as_of=date(2025, 4, 1)), make.FirmFactory()
    record(firm, "change", make.FirmUserFactory(firm), changes=[("employees", "1", "2"), ("address", "a", "b")])
    record(firm, "change", make.CoordinatorFactory(), changes=[("capabilities", "a", "b")])
    office = make.CoordinatorFactory()
    batch = ImportBatch.objects.create(
        by=office, filename="a.csv", file=b"", source="県の台帳", state="done",
        as_of=date(2026, 2, 1), written_at=timezone.now(),
    )  # fmt: skip
    ImportRow.objects.create(batch=batch, number=2, state="changed", firm=firm, changes={"equipment": [[], ["旋盤"]]})
    record(firm, "change", office, changes=[("equipment", "", "旋盤")])  # the import's own line of the history
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = statements([firm, bare], date(2026, 6, 1))
    who = {name: said.who for name, said in found[firm.pk].items()}
    assert (who["employees"], who["place"], who["capabilities"]) == (FIRM, FIRM, OFFICE)
    assert (who["equipment"], who["name"], who["distance"]) == (IMPORT, LIST, MATCHER)
    assert found[firm.pk]["equipment"].source == "県の台帳"
    assert found[bare.pk]["name"].who == UNKNOWN
