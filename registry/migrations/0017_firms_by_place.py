"""The index of the map also knows which firms have not confirmed their profile, for the home page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0016_name_keys"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="firm",
            name="firm_by_town",
        ),
        migrations.AddIndex(
            model_name="firm",
            index=models.Index(fields=["state", "prefecture", "municipality", "confirmed_on"], name="firm_by_place"),
        ),
    ]
