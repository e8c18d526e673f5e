"""On PostgreSQL words of three characters or more are found by trigrams; without the extension every row is read."""

from django.db import DatabaseError, migrations, transaction

INDEXES = {"firm_by_trigram": "registry_firm", "need_by_trigram": "registry_need"}


def add(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:  # not installed, or the user may not
        return
    for index, table in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX {index} ON {table} USING gin (search gin_trgm_ops)")


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for index in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {index}")


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_append_only")]
    operations = [migrations.RunPython(add, remove)]
