"""Firms by falling number of employees, and their prefectures for figures by place, each from an index alone."""

from django.db import migrations, models

from registry.models.indexes import FallingIndex


class Migration(migrations.Migration):
    dependencies = [("registry", "0025_kept_for_undoing")]
    operations = [
        migrations.AddIndex("firm", models.Index(fields=["id", "prefecture"], name="firm_prefecture")),
        migrations.AddIndex("firm", FallingIndex(fields=["-employees", "id"], name="firm_by_most_employees")),
    ]
