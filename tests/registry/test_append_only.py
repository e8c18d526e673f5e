from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, connection, models, transaction

from registry.append_only import AppendOnlyError
from registry.models import ProjectStateChange
from registry.needs import take
from tests.factories import CoordinatorFactory, NeedFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def event_of_a_need() -> models.Model:
    return take("open", NeedFactory(state="review"), by=CoordinatorFactory())


def change_of_a_project() -> models.Model:
    changed: ProjectStateChange = ProjectFactory().state_changes.create(state="frozen", since=date(2026, 5, 1))
    return changed


@pytest.mark.parametrize("made", [event_of_a_need, change_of_a_project])
def test_a_record_of_an_act_is_never_changed(made: Callable[[], models.Model]) -> None:
    row = made()
    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET reason = 'x'")
