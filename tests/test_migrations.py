"""The tables can be made, also from an older state with rows in them, taken back and made again."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from registry.models import Firm, Need
from tests.factories import CoordinatorFactory, CriterionFactory, FirmFactory, NeedFactory, ProposalFactory

OURS = {"registry", "matching"}
OLD = [("registry", "0014_membership_days"), ("matching", "0011_saved_filters")]
"""A state before firms had a key to be looked up by and before needs were told in detail."""


def our_tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.partition("_")[0] in OURS}


def migrate_step_by_step(targets: list[tuple[str, str]]) -> Any:
    """By the single migrations that a new database takes in one; answers the models of that time."""
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    return executor.migrate(targets).apps


def fill() -> None:
    need = NeedFactory()
    CriterionFactory(need)
    ProposalFactory(need=need, assignee=CoordinatorFactory())


@pytest.mark.on_sqlite
@pytest.mark.django_db(transaction=True)
def test_all_tables_can_be_taken_back_and_made_again() -> None:
    fill()
    made = our_tables()
    try:
        call_command("migrate", "registry", "zero", verbosity=0)  # takes back all that refers to its users
        assert our_tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert our_tables() == made
    assert not Need.objects.exists()
    assert FirmFactory() in Firm.objects.all()


@pytest.mark.on_postgres
@pytest.mark.django_db(transaction=True)
def test_an_older_installation_is_brought_up_with_its_rows() -> None:
    """On PostgreSQL it takes all tables back, too."""
    fill()
    made = our_tables()
    try:
        call_command("migrate", "registry", "zero", verbosity=0)
        assert our_tables() == set()
        then = migrate_step_by_step(OLD)
        prefecture = then.get_model("registry", "Prefecture").objects.create(
            code="05", name="秋田県", name_en="Akita", in_tohoku=True
        )
        then.get_model("registry", "Firm").objects.create(name="株式会社 旧鉄工", prefecture=prefecture)
    finally:
        call_command("migrate", verbosity=0)
    assert our_tables() == made
    [firm] = Firm.objects.matching_text("旧鉄工")
    assert firm.name_key
    assert not MigrationExecutor(connection).migration_plan(MigrationLoader(connection).graph.leaf_nodes())
