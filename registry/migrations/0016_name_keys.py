"""Fill the column by which firms are looked up."""

from typing import Any

from django.db import migrations

AT_ONCE = 2_000


def fill(apps: Any, _editor: Any) -> None:
    firms = apps.get_model("registry", "Firm")
    column, last = firms._meta.get_field("name_key"), 0
    while chunk := list(firms.objects.filter(pk__gt=last).only("pk", "name").order_by("pk")[:AT_ONCE]):
        for firm in chunk:
            column.pre_save(firm, False)
        firms.objects.bulk_update(chunk, ["name_key"], batch_size=200)
        last = chunk[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0015_sheets"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
