"""A short walk of schemathesis over every operation; the long one is `python -m tests.bench.schema`."""

import pytest
from django.db import connection

from tests.bench.schema import actors, rows, walk

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


def test_every_operation_keeps_to_its_description(monkeypatch: pytest.MonkeyPatch) -> None:
    # the real WSGI application closes its connection after each request, and with it the test's transaction
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    report = walk(dict(actors())["akita"], rows(), cases=1)
    assert report.failures == {}
    assert report.cases > 80
    assert {200, 403, 404} <= set(report.statuses)
