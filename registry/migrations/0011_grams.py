"""Every search of two kanji goes by an index too, on both databases; the trigrams of PostgreSQL's extension go."""

from django.db import migrations

from registry.grams import GramIndex

TRIGRAMS = {"firm_by_trigram": "registry_firm", "need_by_trigram": "registry_need"}


def drop_trigrams(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for index in TRIGRAMS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {index}")


class Migration(migrations.Migration):
    dependencies = [("registry", "0010_need_review")]
    operations = [
        migrations.RunPython(drop_trigrams, migrations.RunPython.noop),
        migrations.AddIndex("firm", GramIndex(fields=["search"], name="firm_grams")),
        migrations.AddIndex("need", GramIndex(fields=["search"], name="need_grams")),
    ]
