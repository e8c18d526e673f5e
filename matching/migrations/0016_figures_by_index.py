"""What the figures and the exposure count stands in an index, so that no proposal is read for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0015_tasks"),
        ("registry", "0013_certificates_and_visits"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                fields=[
                    "firm",
                    "need",
                    "rank",
                    "state",
                    "proposed_at",
                    "dropped_at",
                    "due_on",
                    "band",
                    "origin",
                    "kind",
                    "office",
                ],
                name="proposal_by_firm",
            ),
        ),
    ]
