"""The table of the consortia of firms becomes a model of its own and gets days."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0013_certificates_and_visits"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ConsortiumMembership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "consortium",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="registry.consortium",
                                verbose_name="consortium",
                            ),
                        ),
                        (
                            "firm",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="consortium_memberships",
                                to="registry.firm",
                                verbose_name="firm",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "membership of a consortium",
                        "verbose_name_plural": "memberships of consortia",
                        "db_table": "registry_firm_consortia",
                        "ordering": ("pk",),
                        "unique_together": {("firm", "consortium")},
                    },
                ),
                migrations.AlterField(
                    model_name="firm",
                    name="consortia",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="firms",
                        through="registry.ConsortiumMembership",
                        to="registry.consortium",
                        verbose_name="consortia",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="consortiummembership",
            name="since",
            field=models.DateField(blank=True, null=True, verbose_name="member since"),
        ),
        migrations.AddField(
            model_name="consortiummembership",
            name="until",
            field=models.DateField(blank=True, null=True, verbose_name="member until"),
        ),
        migrations.AddConstraint(
            model_name="consortiummembership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since", None), ("until", None), ("since__lte", models.F("until")), _connector="OR"
                ),
                name="a_membership_begins_first",
            ),
        ),
    ]
