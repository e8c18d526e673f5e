"""The directory of awkward files: each gives its rows, or is refused with row, column, value and remedy."""

import time
from collections.abc import Iterator

import pytest
from django.utils import translation

from registry import imports
from registry.intake.sheets import FileRefused
from registry.models import Firm, ImportBatch, User
from tests import factories as make
from tests.registry.awkward import CASES
from tests.registry.awkward.case import Case

pytestmark = pytest.mark.on_sqlite


@pytest.fixture
def akita(db: None) -> Iterator[User]:
    make.MunicipalityFactory()
    with translation.override("en"):
        yield make.CoordinatorFactory("05")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_file_gives_what_it_must(case: Case, akita: User) -> None:
    data, name = case.data(), f"file{case.ending}"
    started = time.perf_counter()
    if case.refused:
        with pytest.raises(FileRefused) as refused:
            imports.upload(name, data, by=akita, source="x")
        assert case.refused in str(refused.value)
        assert ImportBatch.objects.count() == 0
        assert time.perf_counter() - started < case.seconds
        return
    batch = imports.upload(name, data, by=akita, source="x", kind="firms")
    imports.confirm(batch, akita, batch.mapping)
    imports.work()
    batch.refresh_from_db()
    rows = {row.number: row for row in batch.rows.all()}
    assert (batch.error, batch.counts) == ("", case.counts), [row.remarks for row in rows.values()]
    for line, values in case.values.items():
        assert {name: rows[line].values.get(name) for name in values} == values
    said = [(line, *remark) for line, row in sorted(rows.items()) for remark in row.remarks]
    assert len(said) >= len(case.remarks)
    for line, field, typed, remedy in case.remarks:
        assert any((line, field) == one[:2] and typed in one[2] and remedy in one[3] for one in said), said
    assert time.perf_counter() - started < case.seconds
    assert Firm.objects.count() == 0


def test_the_directory_is_large_enough_and_has_no_name_twice() -> None:
    names = [str(case) for case in CASES]
    assert len(names) >= 40
    assert len(names) == len(set(names))
