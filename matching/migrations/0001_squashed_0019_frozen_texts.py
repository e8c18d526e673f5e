"""All tables of this room as they stand after the migrations that it replaces: a new database takes a third of the time.

The replaced ones stay for installations that stand between them; see docs/operations.md, Without containers.
"""

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import matching.models.words
import registry.append_only
import registry.text


class Migration(migrations.Migration):
    replaces = [
        ("matching", "0001_initial"),
        ("matching", "0002_groups"),
        ("matching", "0003_reasons"),
        ("matching", "0004_bands"),
        ("matching", "0005_answers_and_links"),
        ("matching", "0006_adjacent"),
        ("matching", "0007_learning"),
        ("matching", "0008_stored_terms"),
        ("matching", "0009_handover"),
        ("matching", "0010_contacts"),
        ("matching", "0011_saved_filters"),
        ("matching", "0012_inquiries_and_consents"),
        ("matching", "0013_feedback"),
        ("matching", "0014_read_by_api"),
        ("matching", "0015_tasks"),
        ("matching", "0016_figures_by_index"),
        ("matching", "0017_links_abroad"),
        ("matching", "0018_groups_as_work"),
        ("matching", "0019_frozen_texts"),
    ]

    initial = True

    dependencies = [
        ("registry", "0001_squashed_0026_firms_sorted"),
    ]

    operations = [
        migrations.CreateModel(
            name="CandidateList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=16, unique=True, verbose_name="number")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lists",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1, verbose_name="version")),
                ("recipient", models.CharField(max_length=200, verbose_name="recipient")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lists",
                        to="registry.office",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("made", "made, not released"), ("released", "released"), ("withdrawn", "withdrawn")],
                        default="made",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released on")),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn on")),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("heading", models.JSONField(default=dict, verbose_name="frozen heading")),
            ],
            options={
                "verbose_name": "candidate list",
                "verbose_name_plural": "candidate lists",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["office", "state"], name="list_by_office")],
                "constraints": [
                    models.UniqueConstraint(fields=("need", "version"), name="one_list_per_need_and_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="CandidateListEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fields", models.JSONField(default=list, verbose_name="fields consented to")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="matching.candidatelist"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.firm"
                    ),
                ),
                ("row", models.JSONField(verbose_name="frozen row")),
                (
                    "texts",
                    models.JSONField(
                        default=dict,
                        help_text="Row and details by language; empty in the oldest lists.",
                        verbose_name="frozen texts",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a candidate list",
                "verbose_name_plural": "entries of a candidate list",
                "ordering": ("position",),
                "constraints": [
                    models.UniqueConstraint(fields=("list", "firm"), name="one_entry_per_list_and_firm"),
                    models.UniqueConstraint(fields=("list", "position"), name="one_entry_per_list_and_position"),
                    registry.append_only.NeverChanged(name="list_entry_is_append_only"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="matching.candidatelist",
                        verbose_name="candidate list",
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address of the reader")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ja", "日本語")],
                        default="en",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("overseas", models.BooleanField(default=False, verbose_name="abroad")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="ended on")),
                ("code", models.CharField(blank=True, editable=False, max_length=64)),
                ("code_sent_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("codes_sent", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("tries", models.PositiveSmallIntegerField(default=0, editable=False)),
            ],
            options={
                "verbose_name": "link to a candidate list",
                "verbose_name_plural": "links to candidate lists",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="ListAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="matching.candidatelist",
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("page", "read the list"),
                            ("xlsx", "downloaded XLSX"),
                            ("csv", "downloaded CSV"),
                            ("api", "read the list through the API"),
                            ("pdf", "downloaded PDF"),
                            ("code", "asked for a code"),
                            ("wrong", "typed a wrong code"),
                            ("entered", "opened the link with a code"),
                        ],
                        max_length=7,
                        verbose_name="act",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="matching.listlink",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "access to a candidate list",
                "verbose_name_plural": "accesses to candidate lists",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["list", "-id"], name="access_by_list")],
                "constraints": [registry.append_only.NeverChanged(name="list_access_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="matching.listaccess",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("fields", models.JSONField(default=list, verbose_name="fields")),
            ],
            options={
                "verbose_name": "disclosure",
                "verbose_name_plural": "disclosures",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["firm", "-id"], name="disclosure_by_firm")],
                "constraints": [registry.append_only.NeverChanged(name="disclosure_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="matching.candidatelistentry",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("shortlist", "goes on the shortlist"),
                            ("more", "more information wanted"),
                            ("reject", "not chosen"),
                            ("contract", "contract concluded"),
                        ],
                        max_length=9,
                        verbose_name="answer",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CAPABILITY", "does not do this work"),
                            ("CERT_MISSING", "a certificate is missing"),
                            ("CAPACITY", "too little capacity"),
                            ("EQUIPMENT", "equipment is missing"),
                            ("MATERIAL", "no experience with the material"),
                            ("RECORD", "no record of such deliveries"),
                            ("LEAD_TIME", "lead time too long"),
                            ("DISTANCE", "too far away"),
                            ("PRICE", "price"),
                            ("EXPORT_CONTROL", "export control or security"),
                            ("OTHER", "other (see the note)"),
                        ],
                        max_length=14,
                        verbose_name="reason",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=100, verbose_name="which one")),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                ("value", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="contract value (yen)")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="matching.listlink",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "answer to a candidate",
                "verbose_name_plural": "answers to candidates",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "number"), name="one_answer_per_entry_and_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by", None), ("link__isnull", False)),
                            models.Q(("by__isnull", False), ("link", None)),
                            _connector="OR",
                        ),
                        name="answer_by_an_account_or_by_a_link",
                    ),
                    registry.append_only.NeverChanged(name="answer_is_append_only"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("tried", "tried, never used"), ("active", "in use"), ("retired", "no longer used")],
                        default="tried",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("weights", models.JSONField(verbose_name="weights")),
                ("trial", models.JSONField(verbose_name="trial")),
                ("decisions", models.PositiveIntegerField(verbose_name="decisions")),
                ("better", models.BooleanField(verbose_name="better than without")),
                (
                    "trained_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="learnt"),
                ),
            ],
            options={
                "verbose_name": "learnt order",
                "verbose_name_plural": "learnt orders",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active")), fields=("state",), name="one_order_model_in_use"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderModelEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="matching.ordermodel"
                    ),
                ),
                ("step", models.CharField(max_length=10, verbose_name="step")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "use of a learnt order",
                "verbose_name_plural": "uses of learnt orders",
                "ordering": ("pk",),
                "constraints": [registry.append_only.NeverChanged(name="order_model_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="IndexBuild",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folder", models.CharField(max_length=64, unique=True, verbose_name="folder")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="register fingerprint")),
                ("text_version", models.PositiveIntegerField(verbose_name="text version")),
                ("checksum", models.CharField(max_length=64, verbose_name="checksum")),
                ("table_fingerprint", models.CharField(blank=True, max_length=64, verbose_name="term table")),
                (
                    "settings_fingerprint",
                    models.CharField(blank=True, max_length=64, verbose_name="settings of the score"),
                ),
                ("firms", models.PositiveIntegerField(verbose_name="firms")),
                ("terms", models.PositiveIntegerField(verbose_name="terms")),
                ("seconds", models.FloatField(default=0, verbose_name="seconds taken")),
                (
                    "published_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="published"),
                ),
            ],
            options={
                "verbose_name": "index build",
                "verbose_name_plural": "index builds",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="NeedMatch",
            fields=[
                (
                    "need",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="match",
                        serialize=False,
                        to="registry.need",
                    ),
                ),
                (
                    "build",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="matching.indexbuild",
                    ),
                ),
                ("need_updated_at", models.DateTimeField(null=True, verbose_name="state of the need")),
                ("matched_at", models.DateTimeField(null=True, verbose_name="last matched")),
                ("least", models.FloatField(default=0, verbose_name="place of the last proposal")),
                (
                    "band",
                    models.CharField(blank=True, default="", max_length=8, verbose_name="band of the best proposal"),
                ),
                ("grasp", models.FloatField(default=0, verbose_name="greatest grasp of a firm")),
                ("serial", models.PositiveIntegerField(default=0, verbose_name="times matched")),
            ],
            options={
                "verbose_name": "matching of a need",
                "verbose_name_plural": "matchings of needs",
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("person", "asked for"),
                            ("index", "the index was built anew"),
                            ("changes", "needs were changed"),
                        ],
                        default="person",
                        max_length=7,
                        verbose_name="reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("finished", "finished"), ("cancelled", "cancelled")],
                        default="running",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="needs")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed")),
                ("unserved", models.PositiveIntegerField(default=0, verbose_name="needs without a firm")),
                (
                    "started_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="started"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "match run",
                "verbose_name_plural": "match runs",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")), fields=("state",), name="one_run_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("index", "build the index"),
                            ("need", "match a need"),
                            ("firm", "match a changed firm"),
                        ],
                        max_length=5,
                        verbose_name="kind",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="registry.need",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="registry.firm",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="jobs",
                        to="matching.matchrun",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("done", "done"),
                            ("parked", "parked after three failures"),
                            ("cancelled", "cancelled"),
                        ],
                        default="queued",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("asked", models.PositiveIntegerField(default=1, verbose_name="times asked for")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "queued_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="queued"),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="next hint to a worker"
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="last started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="job_waiting"),
                    models.Index(fields=["run", "state"], name="job_by_run"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "need"), ("state", "queued")),
                        fields=("need",),
                        name="one_waiting_job_per_need",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "firm"), ("state", "queued")),
                        fields=("firm",),
                        name="one_waiting_job_per_firm",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "index"), ("state", "queued")),
                        fields=("kind",),
                        name="one_waiting_index_job",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "need"), ("need__isnull", False)),
                            models.Q(("firm__isnull", False), ("kind", "firm")),
                            models.Q(("firm", None), ("kind", "index"), ("need", None)),
                            _connector="OR",
                        ),
                        name="job_has_its_object",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("held", "on hold"),
                            ("shortlisted", "shortlisted"),
                            ("rejected", "rejected"),
                        ],
                        default="proposed",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("matcher", "matcher"), ("person", "added by hand"), ("firm", "offered by the firm")],
                        default="matcher",
                        max_length=7,
                        verbose_name="origin",
                    ),
                ),
                ("score", models.FloatField(default=0, verbose_name="score")),
                (
                    "band",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("strong", "strong candidate"),
                            ("possible", "possible candidate"),
                            ("weak", "weak candidate"),
                            ("miss", "near miss"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="band",
                    ),
                ),
                ("rank", models.PositiveIntegerField(blank=True, null=True, verbose_name="rank")),
                (
                    "base_rank",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="What texts and criteria alone give.",
                        null=True,
                        verbose_name="rank before learning and cap",
                    ),
                ),
                ("place", models.FloatField(default=0, verbose_name="place")),
                ("features", models.JSONField(default=dict, verbose_name="facts that learning looks at")),
                (
                    "order_model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="matching.ordermodel",
                        verbose_name="learnt order",
                    ),
                ),
                ("factor", models.FloatField(default=1, verbose_name="factor of the learnt order")),
                ("capped", models.BooleanField(default=False, verbose_name="moved down by the exposure cap")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("pass", "meets every must"),
                            ("unknown", "to be confirmed"),
                            ("fail", "misses a must"),
                        ],
                        default="unknown",
                        max_length=7,
                        verbose_name="criteria",
                    ),
                ),
                (
                    "terms",
                    models.JSONField(
                        default=list,
                        help_text="[term, contribution, origin, via], best first.",
                        verbose_name="matching terms",
                    ),
                ),
                ("checks", models.JSONField(default=list, verbose_name="criteria check")),
                (
                    "kind",
                    models.CharField(
                        choices=[("plain", "by its profile"), ("adjacent", "adjacent entry")],
                        default="plain",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "entry",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The transition and what is missing; see adjacent.py.",
                        verbose_name="adjacent entry",
                    ),
                ),
                (
                    "build",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="matching.indexbuild",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assigned_proposals",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="That office alone decides; empty: whoever sees the need and the firm.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handed_proposals",
                        to="registry.office",
                        verbose_name="handed over to",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="proposed on"),
                ),
                (
                    "matched_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="last matched"
                    ),
                ),
                ("dropped_at", models.DateTimeField(blank=True, null=True, verbose_name="dropped out of the ranking")),
                ("due_on", models.DateField(verbose_name="due on")),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ("due_on", "-score", "pk"),
                "indexes": [
                    models.Index(
                        fields=[
                            "due_on",
                            "-score",
                            "id",
                            "state",
                            "dropped_at",
                            "band",
                            "origin",
                            "kind",
                            "firm",
                            "need",
                            "office",
                        ],
                        name="proposal_by_due",
                    ),
                    models.Index(
                        fields=[
                            "-score",
                            "id",
                            "state",
                            "dropped_at",
                            "band",
                            "origin",
                            "kind",
                            "firm",
                            "need",
                            "office",
                        ],
                        name="proposal_by_score",
                    ),
                    models.Index(fields=["assignee", "state"], name="proposal_by_assignee"),
                    models.Index(fields=["need", "rank"], name="proposal_by_need"),
                    models.Index(fields=["proposed_at"], name="proposal_by_day"),
                    models.Index(
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
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("need", "firm"), name="one_proposal_per_need_and_firm")
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="matching.proposal",
                        verbose_name="proposal",
                    ),
                ),
                ("step", models.CharField(max_length=12, verbose_name="step")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("held", "on hold"),
                            ("shortlisted", "shortlisted"),
                            ("rejected", "rejected"),
                        ],
                        max_length=11,
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("held", "on hold"),
                            ("shortlisted", "shortlisted"),
                            ("rejected", "rejected"),
                        ],
                        max_length=11,
                        verbose_name="to",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="reason")),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "features",
                    models.JSONField(blank=True, editable=False, null=True, verbose_name="facts at that time"),
                ),
                (
                    "judged",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        help_text="score, band, rank, verdict, checks; of a renewal also “before”, as the last decision saw them.",
                        null=True,
                        verbose_name="what the matcher said",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.office",
                        verbose_name="handed over to",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
                (
                    "request",
                    models.UUIDField(blank=True, editable=False, null=True, verbose_name="one act on many rows"),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["by", "at"], name="decision_by_person"),
                    models.Index(fields=["at"], name="decision_by_time"),
                ],
                "constraints": [registry.append_only.NeverChanged(name="decision_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="matching.proposal",
                        verbose_name="proposal",
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "telephone call"),
                            ("visit", "visit"),
                            ("meeting", "meeting"),
                            ("mail", "mail"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "whom",
                    models.CharField(
                        help_text="A department or an office is enough; write no more of a person.",
                        max_length=100,
                        verbose_name="with whom",
                    ),
                ),
                ("summary", models.TextField(max_length=2000, verbose_name="summary")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1440),
                        ],
                        verbose_name="minutes spent",
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="matching.contact",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ("-day", "-pk"),
                "indexes": [
                    models.Index(fields=["proposal", "-day", "-id"], name="contact_by_proposal"),
                    models.Index(fields=["firm", "-day", "-id"], name="contact_by_firm"),
                ],
                "constraints": [registry.append_only.NeverChanged(name="contact_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="matching.proposal",
                        verbose_name="proposal",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("capability", "the work itself"),
                            ("certification", "a certificate"),
                            ("capacity", "the quantity"),
                            ("equipment", "the equipment"),
                            ("material", "experience with the material"),
                            ("record", "earlier deliveries"),
                            ("lead_time", "the dates"),
                            ("distance", "the distance"),
                            ("size", "the size of the firm"),
                            ("price", "the price"),
                            ("general", "the whole picture"),
                        ],
                        max_length=14,
                        verbose_name="reason",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=100, verbose_name="which one")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="words of the office")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "feedback to a firm",
                "verbose_name_plural": "feedback to firms",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("proposal", "number"), name="one_feedback_per_proposal_and_number"),
                    registry.append_only.NeverChanged(name="feedback_is_append_only"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("proposed", "proposed"),
                            ("accepted", "accepted by the offices"),
                            ("dissolved", "dissolved"),
                        ],
                        default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("message", models.TextField(blank=True, max_length=2000, verbose_name="message to the firms")),
                (
                    "recipient",
                    models.CharField(blank=True, max_length=200, verbose_name="recipient as the firms read it"),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("need", "composed as the need asks"),
                            ("person", "composed with settings of a person"),
                        ],
                        default="need",
                        max_length=6,
                        verbose_name="origin",
                    ),
                ),
                (
                    "steps",
                    models.JSONField(
                        default=list, help_text="Codes of the capabilities that are covered.", verbose_name="steps"
                    ),
                ),
                ("uncovered", models.JSONField(default=list, verbose_name="uncovered steps")),
                (
                    "volume_asked",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="volume per month asked for"),
                ),
                ("volume", models.PositiveIntegerField(blank=True, null=True, verbose_name="volume per month reached")),
                (
                    "volume_step",
                    models.CharField(blank=True, max_length=60, verbose_name="step that carries the volume"),
                ),
                ("max_km", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most (km)")),
                ("exact", models.BooleanField(default=True, verbose_name="every set of firms was looked at")),
                (
                    "build",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="matching.indexbuild",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "computed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="computed"),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("changed_at", models.DateTimeField(blank=True, null=True, verbose_name="state changed")),
            ],
            options={
                "verbose_name": "group of firms",
                "verbose_name_plural": "groups of firms",
                "ordering": ("need", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("need", "number"), name="one_group_per_need_and_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="DisclosureConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "recipient",
                    models.CharField(
                        choices=[
                            ("project", "organisation of the anchor project"),
                            ("partners", "firms of a proposed group"),
                        ],
                        default="project",
                        max_length=8,
                        verbose_name="recipient",
                    ),
                ),
                ("organisation", models.CharField(blank=True, max_length=200, verbose_name="organisation")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="matching.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "partners",
                    models.JSONField(
                        default=list, help_text="Ids of the firms that may be told.", verbose_name="partners"
                    ),
                ),
                ("told", models.CharField(max_length=200, verbose_name="recipient as the firm read it")),
                ("fields", models.JSONField(default=list, verbose_name="fields")),
                ("until", models.DateField(verbose_name="until")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="given by",
                    ),
                ),
                ("said_by", models.CharField(blank=True, max_length=100, verbose_name="said by")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("site", "by the firm on this site"),
                            ("phone", "by telephone"),
                            ("mail", "by mail or e-mail"),
                            ("visit", "in a conversation"),
                        ],
                        default="site",
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "disclosure consent",
                "verbose_name_plural": "disclosure consents",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["need", "recipient", "firm"], name="consent_by_need")],
                "constraints": [registry.append_only.NeverChanged(name="consent_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="ConsentEnd",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "consent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="end", to="matching.disclosureconsent"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("revoked", "revoked"),
                            ("replaced", "replaced by a newer consent"),
                            ("declined", "the firm is not interested any more"),
                        ],
                        max_length=8,
                        verbose_name="why",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("site", "by the firm on this site"),
                            ("phone", "by telephone"),
                            ("mail", "by mail or e-mail"),
                            ("visit", "in a conversation"),
                        ],
                        default="site",
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "end of a consent",
                "verbose_name_plural": "ends of consents",
                "constraints": [registry.append_only.NeverChanged(name="consent_end_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="matching.group"
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_memberships",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("is_lead", models.BooleanField(default=False, verbose_name="lead firm")),
                ("shares", models.JSONField(default=list, verbose_name="shares")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for the office"),
                            ("accepted", "accepted by the office"),
                            ("refused", "refused by the office"),
                            ("declined", "the firm does not take part"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("verdict", models.CharField(max_length=7, verbose_name="criteria")),
                ("distance_km", models.FloatField(blank=True, null=True, verbose_name="distance to the site (km)")),
                ("to_lead_km", models.FloatField(blank=True, null=True, verbose_name="distance to the lead firm (km)")),
            ],
            options={
                "verbose_name": "member of a group",
                "verbose_name_plural": "members of a group",
                "ordering": ("position",),
                "constraints": [
                    models.UniqueConstraint(fields=("group", "firm"), name="one_place_per_group_and_firm"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_lead", True)), fields=("group",), name="one_lead_per_group"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="matching.group"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("keep", "group kept"),
                            ("propose", "group proposed to the offices"),
                            ("dissolve", "group dissolved"),
                            ("add", "firm added"),
                            ("swap", "firm swapped in for another"),
                            ("remove", "firm taken out"),
                            ("lead", "lead firm chosen"),
                            ("share", "share changed"),
                            ("accept", "part accepted by the office"),
                            ("refuse", "part refused by the office"),
                            ("join", "firm consents and takes part"),
                            ("decline", "firm does not take part"),
                            ("left", "firm is no longer available"),
                        ],
                        max_length=8,
                        verbose_name="act",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.firm",
                    ),
                ),
                ("detail", models.JSONField(default=list, verbose_name="shares")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("site", "by the firm on this site"),
                            ("phone", "by telephone"),
                            ("mail", "by mail or e-mail"),
                            ("visit", "in a conversation"),
                        ],
                        default="site",
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("said_by", models.CharField(blank=True, max_length=100, verbose_name="said by")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "event of a group",
                "verbose_name_plural": "events of a group",
                "ordering": ("pk",),
                "constraints": [registry.append_only.NeverChanged(name="group_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inquiries",
                        to="registry.office",
                        verbose_name="office",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("office", "asked by the office"), ("firm", "offered by the firm")],
                        default="office",
                        max_length=6,
                        verbose_name="origin",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "waiting for the firm's answer"),
                            ("interested", "interested in full"),
                            ("partial", "interested in part"),
                            ("declined", "not interested"),
                            ("withdrawn", "withdrawn by the office"),
                        ],
                        default="sent",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("message", models.TextField(max_length=2000, verbose_name="message to the firm")),
                ("recipient", models.CharField(max_length=200, verbose_name="recipient as the firm reads it")),
                ("answer_by", models.DateField(verbose_name="answer by")),
                ("volume", models.PositiveIntegerField(blank=True, null=True, verbose_name="pieces a month offered")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="asked on"),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered on")),
            ],
            options={
                "verbose_name": "inquiry",
                "verbose_name_plural": "inquiries",
                "ordering": ("answer_by", "pk"),
                "indexes": [
                    models.Index(fields=["firm", "state"], name="inquiry_by_firm"),
                    models.Index(fields=["state", "answer_by"], name="inquiry_by_clock"),
                ],
                "constraints": [models.UniqueConstraint(fields=("need", "firm"), name="one_inquiry_per_need_and_firm")],
            },
        ),
        migrations.CreateModel(
            name="InquiryEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="matching.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                ("step", models.CharField(max_length=8, verbose_name="step")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("sent", "waiting for the firm's answer"),
                            ("interested", "interested in full"),
                            ("partial", "interested in part"),
                            ("declined", "not interested"),
                            ("withdrawn", "withdrawn by the office"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("sent", "waiting for the firm's answer"),
                            ("interested", "interested in full"),
                            ("partial", "interested in part"),
                            ("declined", "not interested"),
                            ("withdrawn", "withdrawn by the office"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="reason")),
                ("note", models.CharField(blank=True, max_length=2000, verbose_name="note")),
                ("volume", models.PositiveIntegerField(blank=True, null=True, verbose_name="pieces a month offered")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("site", "by the firm on this site"),
                            ("phone", "by telephone"),
                            ("mail", "by mail or e-mail"),
                            ("visit", "in a conversation"),
                        ],
                        default="site",
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("said_by", models.CharField(blank=True, max_length=100, verbose_name="said by")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "event of an inquiry",
                "verbose_name_plural": "events of an inquiry",
                "ordering": ("pk",),
                "constraints": [registry.append_only.NeverChanged(name="inquiry_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_filters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=1000, verbose_name="query string")),
                ("is_start", models.BooleanField(default=False, verbose_name="opens the queue")),
            ],
            options={
                "verbose_name": "saved filter",
                "verbose_name_plural": "saved filters",
                "ordering": ("name", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "name"), name="one_saved_filter_per_person_and_name"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_start", True)),
                        fields=("person",),
                        name="one_filter_opens_the_queue_of_a_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("firm", "the firm"), ("office", "the office")],
                        default="office",
                        max_length=6,
                        verbose_name="who is to do it",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="what is to be done")),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("dropped", "dropped")],
                        default="open",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "certificate",
                    models.CharField(blank=True, max_length=100, verbose_name="certificate that settles it"),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="matching.proposal",
                        verbose_name="proposal",
                    ),
                ),
                (
                    "inquiry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="matching.inquiry",
                        verbose_name="inquiry",
                    ),
                ),
                (
                    "feedback",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="task",
                        to="matching.feedback",
                        verbose_name="feedback",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="registry.office",
                        verbose_name="office",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tasks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
                ("reminded_on", models.DateField(blank=True, editable=False, null=True, verbose_name="reminded on")),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="number of the form"
                    ),
                ),
                (
                    "search",
                    registry.text.FoldedField(blank=True, default="", editable=False, sources=("title", "note")),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "ordering": ("due_on", "pk"),
                "indexes": [
                    models.Index(fields=["state", "due_on", "id"], name="task_by_clock"),
                    models.Index(fields=["firm", "state"], name="task_by_firm"),
                    models.Index(fields=["assignee", "state"], name="task_by_assignee"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("side", "office"), ("firm__isnull", False), _connector="OR"),
                        name="a_task_for_a_firm_names_the_firm",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="matching.task",
                        verbose_name="task",
                    ),
                ),
                ("step", models.CharField(max_length=6, verbose_name="step")),
                (
                    "source",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("dropped", "dropped")],
                        max_length=7,
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("dropped", "dropped")],
                        max_length=7,
                        verbose_name="to",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due on")),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "event of a task",
                "verbose_name_plural": "events of tasks",
                "ordering": ("pk",),
                "constraints": [registry.append_only.NeverChanged(name="task_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="FirmTerms",
            fields=[
                ("version", models.PositiveIntegerField(verbose_name="text version")),
                ("fingerprint", models.CharField(max_length=32, verbose_name="fingerprint of the text")),
                (
                    "fields",
                    models.JSONField(
                        default=dict, encoder=matching.models.words.Compact, verbose_name="terms by field"
                    ),
                ),
                (
                    "firm",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_terms",
                        serialize=False,
                        to="registry.firm",
                    ),
                ),
                ("state", models.DateTimeField(verbose_name="state of the firm")),
                ("catalogue", models.CharField(max_length=32, verbose_name="fingerprint of the catalogues")),
                ("until", models.DateField(null=True, verbose_name="last day of its next certificate to run out")),
            ],
            options={
                "verbose_name": "terms of a firm",
                "verbose_name_plural": "terms of firms",
            },
        ),
        migrations.CreateModel(
            name="NeedTerms",
            fields=[
                ("version", models.PositiveIntegerField(verbose_name="text version")),
                ("fingerprint", models.CharField(max_length=32, verbose_name="fingerprint of the text")),
                (
                    "fields",
                    models.JSONField(
                        default=dict, encoder=matching.models.words.Compact, verbose_name="terms by field"
                    ),
                ),
                (
                    "need",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stored_terms",
                        serialize=False,
                        to="registry.need",
                    ),
                ),
            ],
            options={
                "verbose_name": "terms of a need",
                "verbose_name_plural": "terms of needs",
            },
        ),
    ]
