"""The tables can be taken back and made again, also with rows in them."""

import pytest
from django.core.management import call_command
from django.db import connection

from registry.models import Firm, Need
from tests.factories import CoordinatorFactory, CriterionFactory, FirmFactory, NeedFactory, ProposalFactory

OURS = {"registry", "matching"}


def our_tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.partition("_")[0] in OURS}


@pytest.mark.django_db(transaction=True)
def test_every_migration_can_be_taken_back_and_made_again() -> None:
    need = NeedFactory()
    CriterionFactory(need)
    ProposalFactory(need=need, assignee=CoordinatorFactory())
    made = our_tables()
    try:
        call_command("migrate", "registry", "zero", verbosity=0)  # takes back all that refers to its users
        assert our_tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert our_tables() == made
    assert not Need.objects.exists()
    assert FirmFactory() in Firm.objects.all()
