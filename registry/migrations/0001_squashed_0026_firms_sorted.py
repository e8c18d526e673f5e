"""All tables of this room as they stand after the migrations that it replaces: a new database takes a third of the time.

The replaced ones stay for installations that stand between them; see docs/operations.md, Without containers.
"""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import registry.append_only
import registry.grams
import registry.models.firm
import registry.models.indexes
import registry.models.transitions
import registry.models.webhooks
import registry.text


class Migration(migrations.Migration):
    replaces = [
        ("registry", "0001_initial"),
        ("registry", "0002_append_only"),
        ("registry", "0003_trigrams"),
        ("registry", "0004_term_entry"),
        ("registry", "0005_notices"),
        ("registry", "0006_transitions"),
        ("registry", "0007_firms_by_town"),
        ("registry", "0008_profile"),
        ("registry", "0009_imports"),
        ("registry", "0010_need_review"),
        ("registry", "0011_grams"),
        ("registry", "0012_api_tokens"),
        ("registry", "0013_certificates_and_visits"),
        ("registry", "0014_membership_days"),
        ("registry", "0015_sheets"),
        ("registry", "0016_name_keys"),
        ("registry", "0017_firms_by_place"),
        ("registry", "0018_needs_in_detail"),
        ("registry", "0019_duplicates"),
        ("registry", "0020_postal_code"),
        ("registry", "0021_webhooks"),
        ("registry", "0022_english_origin"),
        ("registry", "0023_answers_to_the_letter"),
        ("registry", "0024_confirmed_certificates"),
        ("registry", "0025_kept_for_undoing"),
        ("registry", "0026_firms_sorted"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Prefecture",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                (
                    "code",
                    models.CharField(max_length=2, primary_key=True, serialize=False, verbose_name="JIS X 0401 code"),
                ),
                ("in_tohoku", models.BooleanField(default=False, verbose_name="in Tohoku")),
            ],
            options={
                "verbose_name": "prefecture",
                "verbose_name_plural": "prefectures",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Municipality",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                (
                    "code",
                    models.CharField(max_length=5, primary_key=True, serialize=False, verbose_name="JIS X 0402 code"),
                ),
                (
                    "prefecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="municipalities",
                        to="registry.prefecture",
                        verbose_name="prefecture",
                    ),
                ),
                ("kana", models.CharField(blank=True, max_length=200, verbose_name="kana")),
                ("latitude", models.FloatField(verbose_name="latitude (°)")),
                ("longitude", models.FloatField(verbose_name="longitude (°)")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
            ],
            options={
                "verbose_name": "municipality",
                "verbose_name_plural": "municipalities",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Industry",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.CharField(max_length=4, primary_key=True, serialize=False, verbose_name="JSIC code")),
            ],
            options={
                "verbose_name": "industry",
                "verbose_name_plural": "industries",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Sector",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="code")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="registry.sector",
                        verbose_name="part of",
                    ),
                ),
                (
                    "cluster",
                    models.ForeignKey(
                        help_text="The topmost row; may be itself.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.sector",
                        verbose_name="cluster",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "sector",
                "verbose_name_plural": "sectors",
                "ordering": ("position", "code"),
            },
        ),
        migrations.CreateModel(
            name="Capability",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                ("group", models.CharField(blank=True, max_length=60, verbose_name="group")),
                ("group_name", models.CharField(blank=True, max_length=100, verbose_name="group name")),
                ("group_name_en", models.CharField(blank=True, max_length=100, verbose_name="English group name")),
                ("synonyms", models.JSONField(blank=True, default=list, verbose_name="synonyms")),
                (
                    "search",
                    registry.text.FoldedField(
                        blank=True, default="", editable=False, sources=("name", "name_en", "synonyms")
                    ),
                ),
                (
                    "sectors",
                    models.ManyToManyField(
                        blank=True, related_name="capabilities", to="registry.sector", verbose_name="sectors"
                    ),
                ),
            ],
            options={
                "verbose_name": "capability",
                "verbose_name_plural": "capabilities",
                "ordering": ("group", "code"),
            },
        ),
        migrations.CreateModel(
            name="Certification",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                ("kind", models.CharField(blank=True, max_length=40, verbose_name="kind")),
                ("aliases", models.JSONField(blank=True, default=list, verbose_name="other spellings")),
                (
                    "validity_months",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="usual validity (months)"),
                ),
            ],
            options={
                "verbose_name": "certification",
                "verbose_name_plural": "certifications",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Consortium",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                (
                    "prefecture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consortia",
                        to="registry.prefecture",
                        verbose_name="prefecture",
                    ),
                ),
                ("member_count", models.PositiveIntegerField(blank=True, null=True, verbose_name="members")),
                ("count_is_rough", models.BooleanField(default=False, verbose_name="rough count")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "as_of",
                    models.CharField(
                        blank=True, help_text="Year, month or day, ISO 8601.", max_length=10, verbose_name="as of"
                    ),
                ),
            ],
            options={
                "verbose_name": "consortium",
                "verbose_name_plural": "consortia",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="registry.municipality",
                        verbose_name="municipality",
                    ),
                ),
                ("latitude", models.FloatField(verbose_name="latitude (°)")),
                ("longitude", models.FloatField(verbose_name="longitude (°)")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("facts", models.JSONField(blank=True, default=list, verbose_name="facts")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("as_of", models.CharField(blank=True, max_length=10, verbose_name="as of")),
            ],
            options={
                "verbose_name": "place",
                "verbose_name_plural": "places",
                "ordering": ("kind", "code"),
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                ("kind", models.CharField(blank=True, max_length=40, verbose_name="kind")),
                ("organisation", models.CharField(blank=True, max_length=200, verbose_name="organisation")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("as_of", models.CharField(blank=True, max_length=10, verbose_name="as of")),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        error_messages={"unique": "This address is taken."},
                        max_length=254,
                        unique=True,
                        verbose_name="e-mail address",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("firm", "local firm"),
                            ("coordinator", "coordinator"),
                            ("bureau", "bureau coordinator"),
                            ("anchor", "anchor side"),
                            ("admin", "administrator"),
                        ],
                        default="firm",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "overseas",
                    models.BooleanField(
                        default=False,
                        help_text="Works outside Japan: gets nothing that is flagged for export control without a dated check.",
                        verbose_name="abroad",
                    ),
                ),
                (
                    "notices_by_mail",
                    models.CharField(
                        choices=[
                            ("once", "at once"),
                            ("daily", "once a day, in the morning"),
                            ("never", "not at all: only here"),
                        ],
                        default="once",
                        max_length=6,
                        verbose_name="notices by e-mail",
                    ),
                ),
                (
                    "columns",
                    models.JSONField(
                        default=dict,
                        editable=False,
                        help_text="Columns of lists that the person chose, by list.",
                        verbose_name="columns",
                    ),
                ),
                ("visited_at", models.DateTimeField(editable=False, null=True, verbose_name="last at the first page")),
                (
                    "before_visit_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="end of the visit before"),
                ),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="registered on"
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="English name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bureau", "bureau"),
                            ("prefecture", "prefecture"),
                            ("municipality", "municipality"),
                            ("chamber", "chamber of commerce"),
                            ("promotion_body", "industry promotion body"),
                            ("consortium", "consortium"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "prefectures",
                    models.ManyToManyField(
                        blank=True, related_name="offices", to="registry.prefecture", verbose_name="prefectures"
                    ),
                ),
                (
                    "clusters",
                    models.ManyToManyField(
                        blank=True,
                        help_text="None means every cluster.",
                        limit_choices_to={"parent": None},
                        related_name="offices",
                        to="registry.sector",
                        verbose_name="clusters",
                    ),
                ),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True, related_name="offices", to=settings.AUTH_USER_MODEL, verbose_name="coordinators"
                    ),
                ),
            ],
            options={
                "verbose_name": "office",
                "verbose_name_plural": "offices",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="AnchorProject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=80, unique=True, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fab", "semiconductor fab"),
                            ("equipment_maker", "equipment maker"),
                            ("materials", "materials maker"),
                            ("newspace", "NewSpace venture"),
                            ("automotive", "car maker"),
                            ("test_site", "test site"),
                            ("wind_developer", "wind farm developer"),
                            ("wind_t1", "wind tier 1"),
                            ("research", "research facility"),
                            ("training", "training facility"),
                            ("related_investment", "related investment"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "sector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="registry.sector",
                        verbose_name="sector",
                    ),
                ),
                ("organisation", models.CharField(max_length=200, verbose_name="organisation")),
                (
                    "organisation_en",
                    models.CharField(blank=True, max_length=200, verbose_name="organisation in English"),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="projects",
                        to="registry.municipality",
                        verbose_name="municipality",
                    ),
                ),
                ("place_text", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("phase", models.CharField(blank=True, max_length=200, verbose_name="phase")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("frozen", "frozen"),
                            ("withdrawn", "withdrawn"),
                            ("retender", "to be re-tendered"),
                        ],
                        default="active",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "investment_jpy",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="investment (yen)"),
                ),
                (
                    "investment_note",
                    models.CharField(blank=True, max_length=300, verbose_name="note on the investment"),
                ),
                ("facts", models.JSONField(blank=True, default=list, verbose_name="facts")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("is_sample", models.BooleanField(default=False, verbose_name="fictional sample")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                ("as_of", models.CharField(blank=True, max_length=10, verbose_name="as of")),
                (
                    "search",
                    registry.text.FoldedField(
                        blank=True,
                        default="",
                        editable=False,
                        sources=("name", "name_en", "organisation", "organisation_en", "place_text"),
                    ),
                ),
            ],
            options={
                "verbose_name": "anchor project",
                "verbose_name_plural": "anchor projects",
                "ordering": ("is_sample", "sector__position", "code"),
            },
        ),
        migrations.CreateModel(
            name="ProjectMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="project_memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="registry.anchorproject",
                        verbose_name="anchor project",
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "project membership",
                "verbose_name_plural": "project memberships",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "project"), name="one_membership_per_user_and_project")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectStateChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="state_changes",
                        to="registry.anchorproject",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("frozen", "frozen"),
                            ("withdrawn", "withdrawn"),
                            ("retender", "to be re-tendered"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("since", models.DateField(verbose_name="since")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
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
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "change of state",
                "verbose_name_plural": "changes of state",
                "ordering": ("since", "pk"),
                "constraints": [registry.append_only.NeverChanged(name="project_state_change_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="ProjectEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="registry.anchorproject",
                        verbose_name="anchor project",
                    ),
                ),
                (
                    "changes",
                    models.JSONField(
                        default=list, help_text="[name, before, after] of each field.", verbose_name="changes"
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
                "verbose_name": "event of a project",
                "verbose_name_plural": "events of a project",
                "ordering": ("-pk",),
                "constraints": [registry.append_only.NeverChanged(name="project_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="registry.anchorproject",
                        verbose_name="anchor project",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="registry.office",
                        verbose_name="office in charge",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "text",
                    models.TextField(
                        max_length=4000,
                        validators=[django.core.validators.MaxLengthValidator(4000)],
                        verbose_name="what is needed",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("ja", "Japanese"), ("en", "English")],
                        default="ja",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("material", models.CharField(blank=True, max_length=200, verbose_name="material and grade")),
                (
                    "tolerance",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=8,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="tolerance (±)",
                    ),
                ),
                (
                    "tolerance_unit",
                    models.CharField(
                        choices=[("mm", "mm"), ("um", "μm")],
                        default="mm",
                        max_length=2,
                        verbose_name="unit of the tolerance",
                    ),
                ),
                (
                    "roughness",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=6,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="surface roughness (Ra, μm)",
                    ),
                ),
                (
                    "diameter",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="largest diameter (mm)",
                    ),
                ),
                (
                    "length",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="largest length (mm)",
                    ),
                ),
                (
                    "width",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="largest width (mm)",
                    ),
                ),
                (
                    "height",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="largest height (mm)",
                    ),
                ),
                ("quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="quantity")),
                ("quantity_unit", models.CharField(blank=True, max_length=20, verbose_name="unit of quantity")),
                (
                    "delivery_place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.place",
                        verbose_name="delivered to (port, site)",
                    ),
                ),
                (
                    "delivery_municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.municipality",
                        verbose_name="delivered to (municipality)",
                    ),
                ),
                ("first_delivery", models.DateField(blank=True, null=True, verbose_name="first delivery by")),
                ("deadline", models.DateField(blank=True, null=True, verbose_name="answer by")),
                ("nda_first", models.BooleanField(default=False, verbose_name="NDA first")),
                (
                    "export_control",
                    models.CharField(
                        blank=True,
                        choices=[("subject", "subject to export control"), ("free", "not subject to export control")],
                        max_length=7,
                        verbose_name="export control",
                    ),
                ),
                ("export_checked_on", models.DateField(blank=True, null=True, verbose_name="classified on")),
                ("export_checked_by", models.CharField(blank=True, max_length=100, verbose_name="classified by")),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "public to registered firms"),
                            ("coordinators", "coordinators only"),
                            ("nda", "under NDA: office in charge and bureau only"),
                        ],
                        default="coordinators",
                        max_length=12,
                        verbose_name="visibility",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("review", "in review"),
                            ("open", "open"),
                            ("filled", "filled"),
                            ("closed", "closed"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                ("is_sample", models.BooleanField(default=False, verbose_name="fictional sample")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("source_ref", models.CharField(blank=True, max_length=100, verbose_name="reference in the source")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "search",
                    registry.text.FoldedField(
                        blank=True, default="", editable=False, sources=("title", "text", "material")
                    ),
                ),
                (
                    "capabilities",
                    models.ManyToManyField(
                        blank=True, related_name="needs", to="registry.capability", verbose_name="capabilities"
                    ),
                ),
            ],
            options={
                "verbose_name": "need",
                "verbose_name_plural": "needs",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("source_ref", ""), _negated=True),
                        fields=("source", "source_ref"),
                        name="one_need_per_source_reference",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="registry.need"
                    ),
                ),
                ("step", models.CharField(max_length=12, verbose_name="step")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("review", "in review"),
                            ("open", "open"),
                            ("filled", "filled"),
                            ("closed", "closed"),
                        ],
                        max_length=6,
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("review", "in review"),
                            ("open", "open"),
                            ("filled", "filled"),
                            ("closed", "closed"),
                        ],
                        max_length=6,
                        verbose_name="to",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "review",
                    models.JSONField(
                        blank=True, default=list, help_text="Questions that were ticked.", verbose_name="reviewed"
                    ),
                ),
                (
                    "changes",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[name, before, after] of each field.",
                        verbose_name="changes",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "event of a need",
                "verbose_name_plural": "events of a need",
                "ordering": ("pk",),
                "constraints": [registry.append_only.NeverChanged(name="need_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criteria",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("certification", "certification"),
                            ("prefecture", "prefecture"),
                            ("distance", "distance"),
                            ("employees", "size (employees)"),
                            ("volume", "volume per month"),
                            ("lead_time", "lead time"),
                        ],
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("hard", models.BooleanField(default=True, verbose_name="must")),
                (
                    "certification",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.certification",
                        verbose_name="certification",
                    ),
                ),
                ("stated", models.CharField(blank=True, max_length=200, verbose_name="as stated")),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.place",
                        verbose_name="measured from",
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="At least (employees, pieces a month) or at most (km, days).",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1000000000)],
                        verbose_name="value",
                    ),
                ),
                (
                    "by_year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(2000),
                            django.core.validators.MaxValueValidator(2100),
                        ],
                        verbose_name="by the year",
                    ),
                ),
                (
                    "confirmed",
                    models.BooleanField(
                        default=False,
                        help_text="A certificate counts once an office has confirmed it; until then the criterion is open.",
                        verbose_name="only when confirmed",
                    ),
                ),
                (
                    "prefectures",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="registry.prefecture", verbose_name="prefectures"
                    ),
                ),
            ],
            options={
                "verbose_name": "criterion",
                "verbose_name_plural": "criteria",
                "ordering": ("-hard", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["employees", "volume", "lead_time", "distance"]),
                                ("number__isnull", False),
                            ),
                            models.Q(("kind", "certification"), models.Q(("stated", ""), _negated=True)),
                            ("kind", "prefecture"),
                            _connector="OR",
                        ),
                        name="criterion_has_its_value",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedPhase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phases",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("prototype", "prototype"),
                            ("qualification", "qualification"),
                            ("volume", "volume production"),
                        ],
                        max_length=13,
                        verbose_name="phase",
                    ),
                ),
                (
                    "lot",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000000000),
                        ],
                        verbose_name="pieces",
                    ),
                ),
                (
                    "per",
                    models.CharField(
                        choices=[("once", "once"), ("month", "a month"), ("year", "a year")],
                        default="month",
                        max_length=5,
                        verbose_name="how often",
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="from the month")),
            ],
            options={
                "verbose_name": "phase of a need",
                "verbose_name_plural": "phases of a need",
                "ordering": ("since", "pk"),
                "constraints": [models.CheckConstraint(condition=models.Q(("lot__gte", 1)), name="phase_has_pieces")],
            },
        ),
        migrations.CreateModel(
            name="NeedDrawing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drawings",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="what it shows")),
                ("file", models.FileField(blank=True, upload_to=registry.models.firm.upload_name, verbose_name="file")),
                ("flagged", models.BooleanField(default=False, verbose_name="flagged for export control")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="added on"),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed on")),
            ],
            options={
                "verbose_name": "drawing",
                "verbose_name_plural": "drawings",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="ExportCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="export_checks",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                ("reader", models.EmailField(max_length=254, verbose_name="e-mail address of the reader")),
                ("permitted", models.BooleanField(verbose_name="may be passed on")),
                ("checked_on", models.DateField(verbose_name="checked on")),
                ("checker", models.CharField(max_length=100, verbose_name="checked by")),
                (
                    "note",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="ground (classification, licence number)"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "export check",
                "verbose_name_plural": "export checks",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["need", "reader", "-id"], name="export_check_by_reader")],
                "constraints": [registry.append_only.NeverChanged(name="export_check_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="DuplicateSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
                ("seen_until", models.DateTimeField(null=True, verbose_name="newest change seen")),
                ("firms", models.PositiveIntegerField(verbose_name="firms")),
                ("found", models.PositiveIntegerField(verbose_name="new pairs")),
            ],
            options={
                "verbose_name": "search for duplicates",
                "verbose_name_plural": "searches for duplicates",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="event")),
                ("held_on", models.DateField(verbose_name="held on")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="registry.office",
                        verbose_name="office",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ("-held_on", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "held_on", "name"), name="one_event_per_office_day_and_name"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("office", None)),
                        fields=("held_on", "name"),
                        name="one_event_without_office_per_day_and_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("columns", "columns to be confirmed"),
                            ("reading", "being read"),
                            ("ready", "ready to be taken over"),
                            ("writing", "being taken over"),
                            ("done", "taken over"),
                            ("undone", "undone"),
                            ("cancelled", "cancelled"),
                            ("failed", "failed"),
                        ],
                        default="columns",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="registry.office",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                ("kind", models.CharField(default="firms", max_length=20, verbose_name="kind of sheet")),
                ("filename", models.CharField(max_length=200, verbose_name="file")),
                ("file", models.BinaryField(verbose_name="content")),
                ("digest", models.CharField(max_length=64)),
                ("language", models.CharField(default="ja", max_length=2, verbose_name="language of the remarks")),
                ("sheet", models.CharField(blank=True, max_length=100, verbose_name="sheet")),
                ("header", models.PositiveIntegerField(default=1, verbose_name="row of the headings")),
                ("mapping", models.JSONField(default=list, verbose_name="columns")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("as_of", models.DateField(default=django.utils.timezone.localdate, verbose_name="as of")),
                ("publish", models.BooleanField(default=True, verbose_name="publish new firms at once")),
                ("skip_refused", models.BooleanField(default=False, verbose_name="leave refused rows out")),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="rows done")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="rows in all")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="error")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="uploaded on"),
                ),
                ("written_at", models.DateTimeField(blank=True, null=True, verbose_name="taken over on")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone on")),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["state", "claimed_until"], name="import_by_state")],
            },
        ),
        migrations.CreateModel(
            name="OfficeHeading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="headings", to="registry.office"
                    ),
                ),
                ("kind", models.CharField(default="firms", max_length=20)),
                ("heading", models.CharField(max_length=200)),
                ("field", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "verbose_name": "heading of an office",
                "verbose_name_plural": "headings of offices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("office", "kind", "heading"), name="one_meaning_per_office_kind_and_heading"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("params", models.JSONField(default=dict, verbose_name="parameters")),
                ("url", models.CharField(max_length=300, verbose_name="page")),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False, verbose_name="at"
                    ),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read")),
                ("mail_due_at", models.DateTimeField(blank=True, null=True, verbose_name="mail due")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="mailed")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts to mail")),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(fields=["person", "-id"], name="notice_by_person"),
                    models.Index(condition=models.Q(("read_at", None)), fields=["person"], name="notice_unread"),
                    models.Index(
                        condition=models.Q(("mailed_at", None)), fields=["mail_due_at"], name="notice_to_mail"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TermEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term", models.CharField(max_length=200, verbose_name="term")),
                ("target", models.CharField(max_length=200, verbose_name="stands for")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("variant", "spelling variant"),
                            ("synonym", "synonym"),
                            ("translation", "translation"),
                            ("process", "buyer's word → how it is made"),
                            ("narrower", "wider term → one of its kinds"),
                        ],
                        max_length=12,
                        verbose_name="kind of link",
                    ),
                ),
                (
                    "weight",
                    models.FloatField(
                        default=1.0,
                        help_text="above 0, at most 1",
                        validators=[
                            django.core.validators.MinValueValidator(0.01),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="weight",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="last changed by",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
            ],
            options={
                "verbose_name": "entry of the term table",
                "verbose_name_plural": "term table",
                "ordering": ("term", "target"),
                "constraints": [
                    models.UniqueConstraint(fields=("term", "target"), name="one_entry_per_term_and_target")
                ],
            },
        ),
        migrations.CreateModel(
            name="APIToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("prefix", models.CharField(max_length=16, verbose_name="begins with")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True, verbose_name="digest")),
                (
                    "access",
                    models.CharField(
                        choices=[("read", "read"), ("write", "read and write")],
                        default="read",
                        max_length=5,
                        verbose_name="access",
                    ),
                ),
                (
                    "resources",
                    models.JSONField(
                        blank=True, default=list, help_text="None means all of them.", verbose_name="resources"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires on")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked on")),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("owner", "name"),
                        name="one_live_token_per_owner_and_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("request", models.CharField(max_length=64, verbose_name="digest of the request")),
                ("status", models.PositiveSmallIntegerField(default=0, verbose_name="status")),
                ("headers", models.JSONField(default=dict, verbose_name="headers")),
                ("body", models.TextField(default="", verbose_name="answer")),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, editable=False, verbose_name="at"
                    ),
                ),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "key"), name="one_answer_per_person_and_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="EntryRequirement",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("certification", "certification"),
                            ("material", "material"),
                            ("equipment", "equipment"),
                            ("process", "process"),
                            ("record", "track record"),
                        ],
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                (
                    "words",
                    registry.models.transitions.PhrasesField(
                        blank=True,
                        default=list,
                        help_text="One phrase on each line; any of them in a profile shows it. A certificate goes by its name.",
                        validators=[registry.models.transitions.validate_phrases],
                        verbose_name="shown by",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
            ],
            options={
                "verbose_name": "entry requirement",
                "verbose_name_plural": "entry requirements",
                "ordering": ("kind", "code"),
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                ("code", models.SlugField(max_length=60, primary_key=True, serialize=False, verbose_name="code")),
                (
                    "has",
                    registry.models.transitions.PhrasesField(
                        default=list,
                        help_text="One phrase on each line; any of them in its profile.",
                        validators=[registry.models.transitions.validate_phrases],
                        verbose_name="where the firm works today",
                    ),
                ),
                (
                    "skills",
                    registry.models.transitions.PhrasesField(
                        blank=True,
                        default=list,
                        help_text="One phrase on each line; empty: anything.",
                        validators=[registry.models.transitions.validate_phrases],
                        verbose_name="what it can do there",
                    ),
                ),
                (
                    "asks",
                    registry.models.transitions.PhrasesField(
                        default=list,
                        help_text="One phrase on each line; any of them in the need or its capabilities.",
                        validators=[registry.models.transitions.validate_phrases],
                        verbose_name="what the need asks for",
                    ),
                ),
                (
                    "about",
                    registry.models.transitions.PhrasesField(
                        blank=True,
                        default=list,
                        help_text="One phrase on each line, looked for in the need and the sector of its project; empty: anything.",
                        validators=[registry.models.transitions.validate_phrases],
                        verbose_name="what the need is about",
                    ),
                ),
                (
                    "weight",
                    models.FloatField(
                        default=0.7,
                        help_text="above 0, at most 1: how short the way is",
                        validators=[
                            django.core.validators.MinValueValidator(0.01),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="weight",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="last changed by",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="last changed")),
                (
                    "requirements",
                    models.ManyToManyField(
                        blank=True,
                        related_name="transitions",
                        to="registry.entryrequirement",
                        verbose_name="what the entry takes",
                    ),
                ),
            ],
            options={
                "verbose_name": "transition between fields",
                "verbose_name_plural": "transitions between fields",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "transition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referrals",
                        to="registry.transition",
                        verbose_name="transition between fields",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referrals",
                        to="registry.programme",
                        verbose_name="programme",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="in use")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "referral",
                "verbose_name_plural": "referrals",
                "ordering": ("transition", "programme"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("transition", "programme"), name="one_referral_per_way_and_programme"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                ("events", models.JSONField(default=list, verbose_name="events")),
                ("salt", models.CharField(default=registry.models.webhooks.new_salt, editable=False, max_length=32)),
                ("old_salt", models.CharField(blank=True, editable=False, max_length=32)),
                ("old_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("failing_since", models.DateTimeField(blank=True, null=True, verbose_name="failing since")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "url"), name="one_webhook_per_owner_and_address")
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="registry.webhook"
                    ),
                ),
                ("event", models.CharField(max_length=40, verbose_name="event")),
                ("row", models.PositiveBigIntegerField(default=0, verbose_name="object")),
                ("message", models.CharField(max_length=40, unique=True, verbose_name="message")),
                ("payload", models.JSONField(verbose_name="payload")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("delivered", "delivered"),
                            ("failed", "given up"),
                            ("dropped", "not sent: no longer yours to see"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="status")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="detail")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["due_at"], name="delivery_by_due"),
                    models.Index(fields=["webhook", "-id"], name="delivery_by_webhook"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Firm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corporate_number",
                    models.CharField(
                        blank=True,
                        help_text="13 digits. Sole proprietors have none.",
                        max_length=13,
                        null=True,
                        validators=[registry.text.validate_corporate_number],
                        verbose_name="corporate number",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_kana", models.CharField(blank=True, max_length=200, verbose_name="name in kana")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                (
                    "prefecture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="registry.prefecture",
                        verbose_name="prefecture",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="registry.municipality",
                        verbose_name="municipality",
                    ),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True,
                        help_text="Seven digits.",
                        max_length=7,
                        validators=[django.core.validators.RegexValidator("^\\d{7}\\Z")],
                        verbose_name="postal code",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                (
                    "industry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="firms",
                        to="registry.industry",
                        verbose_name="industry",
                    ),
                ),
                ("employees", models.PositiveIntegerField(blank=True, null=True, verbose_name="employees")),
                (
                    "capital_jpy",
                    models.PositiveBigIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1000000000000000)],
                        verbose_name="capital (yen)",
                    ),
                ),
                (
                    "founded",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1500),
                            django.core.validators.MaxValueValidator(2200),
                        ],
                        verbose_name="founded (year)",
                    ),
                ),
                ("site", models.URLField(blank=True, max_length=300, verbose_name="web site")),
                ("contact_name", models.CharField(blank=True, max_length=100, verbose_name="contact person")),
                ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="contact e-mail")),
                ("contact_phone", models.CharField(blank=True, max_length=30, verbose_name="telephone")),
                (
                    "capability_text",
                    models.TextField(
                        blank=True,
                        max_length=4000,
                        validators=[django.core.validators.MaxLengthValidator(4000)],
                        verbose_name="what the firm can do",
                    ),
                ),
                ("products", models.JSONField(blank=True, default=list, verbose_name="products")),
                (
                    "summary_en",
                    models.TextField(
                        blank=True,
                        max_length=4000,
                        validators=[django.core.validators.MaxLengthValidator(4000)],
                        verbose_name="English summary",
                    ),
                ),
                (
                    "english_origin",
                    models.CharField(
                        choices=[("person", "a person"), ("machine", "a machine"), ("unknown", "not known")],
                        default="unknown",
                        editable=False,
                        max_length=7,
                        verbose_name="who wrote the English",
                    ),
                ),
                (
                    "english_confirmed_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="English confirmed on"),
                ),
                (
                    "english_confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="English confirmed by",
                    ),
                ),
                ("other_memberships", models.JSONField(blank=True, default=list, verbose_name="other memberships")),
                (
                    "monthly_capacity",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="monthly capacity (pieces)"),
                ),
                ("lead_time_days", models.PositiveIntegerField(blank=True, null=True, verbose_name="lead time (days)")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("published", "published"),
                            ("archived", "archived"),
                            ("merged", "merged into another record"),
                        ],
                        default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duplicates",
                        to="registry.firm",
                        verbose_name="duplicate of",
                    ),
                ),
                ("is_sample", models.BooleanField(default=False, verbose_name="fictional sample")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("source_ref", models.CharField(blank=True, max_length=100, verbose_name="reference in the source")),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="as of")),
                ("confirmed_on", models.DateField(blank=True, editable=False, null=True, verbose_name="confirmed on")),
                (
                    "asked_to_confirm_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="asked to confirm on"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, db_index=True, verbose_name="updated")),
                (
                    "sort_key",
                    registry.text.CompanyKeyField(
                        blank=True, default="", editable=False, sources=("name_kana", "name"), verbose_name="sort key"
                    ),
                ),
                (
                    "name_key",
                    registry.text.CompanyKeyField(
                        blank=True,
                        default="",
                        editable=False,
                        sources=("name",),
                        verbose_name="name as it is looked up",
                    ),
                ),
                (
                    "search",
                    registry.text.FoldedField(
                        blank=True,
                        default="",
                        editable=False,
                        sources=("name", "name_kana", "name_en", "corporate_number", "capability_text", "products"),
                    ),
                ),
                (
                    "capabilities",
                    models.ManyToManyField(
                        blank=True, related_name="firms", to="registry.capability", verbose_name="capabilities"
                    ),
                ),
            ],
            options={
                "verbose_name": "firm",
                "verbose_name_plural": "firms",
                "ordering": ("sort_key", "pk"),
                "indexes": [
                    models.Index(fields=["sort_key", "id"], name="firm_by_kana"),
                    models.Index(fields=["prefecture", "state", "sort_key"], name="firm_by_prefecture"),
                    models.Index(fields=["state", "prefecture", "municipality", "confirmed_on"], name="firm_by_place"),
                    models.Index(fields=["id", "prefecture"], name="firm_prefecture"),
                    models.Index(fields=["employees"], name="firm_by_employees"),
                    registry.models.indexes.FallingIndex(fields=["-employees", "id"], name="firm_by_most_employees"),
                    models.Index(fields=["name_key"], name="firm_by_name"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("duplicate_of", None)),
                        fields=("corporate_number",),
                        name="one_firm_per_corporate_number",
                        violation_error_message="This corporate number is registered already. Claim that firm instead.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source_ref", ""), _negated=True),
                        fields=("source", "source_ref"),
                        name="one_firm_per_source_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "merged"), _negated=True),
                            ("duplicate_of__isnull", False),
                            _connector="OR",
                        ),
                        name="merged_firm_names_its_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("corporate_number", None), ("corporate_number__length", 13), _connector="OR"
                        ),
                        name="corporate_number_has_13_digits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firm_memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("member", "member")],
                        default="owner",
                        max_length=6,
                        verbose_name="role",
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "firm membership",
                "verbose_name_plural": "firm memberships",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "firm"), name="one_membership_per_user_and_firm")
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "owner"), ("member", "member")],
                        default="member",
                        max_length=6,
                        verbose_name="role",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "invited_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="invited on"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires on")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted on")),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None)),
                        fields=("firm", "email"),
                        name="one_waiting_invitation_per_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="erasures",
                        to="registry.firm",
                        verbose_name="firm",
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
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "waiting"), ("erased", "erased"), ("refused", "refused")],
                        default="pending",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided on")),
            ],
            options={
                "verbose_name": "request for erasure",
                "verbose_name_plural": "requests for erasure",
                "ordering": ("due_on", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")), fields=("firm",), name="one_waiting_erasure_per_firm"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firm_claims",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "waiting for approval"), ("approved", "approved"), ("refused", "refused")],
                        default="pending",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="message to the office")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made on"),
                ),
                ("due_on", models.DateField(db_index=True, verbose_name="due on")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided on")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "ordering": ("due_on", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved")), fields=("firm",), name="one_approved_claim_per_firm"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "pending")),
                        fields=("user", "firm"),
                        name="one_waiting_claim_per_user_and_firm",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("register", "registered"),
                            ("change", "changed"),
                            ("publish", "published"),
                            ("archive", "archived"),
                            ("confirm", "confirmed as right"),
                            ("join", "person added"),
                            ("leave", "person removed"),
                            ("role", "role of a person changed"),
                            ("ask_erasure", "erasure of personal data asked for"),
                            ("erase", "personal data erased"),
                            ("keep", "erasure refused"),
                            ("merge", "merged with another record"),
                            ("split", "merge undone"),
                            ("different", "found to be different from another record"),
                            ("reopen", "possible duplicate looked at again"),
                            ("english", "English confirmed"),
                        ],
                        max_length=12,
                        verbose_name="event",
                    ),
                ),
                (
                    "changes",
                    models.JSONField(
                        default=list, help_text="[name, before, after] of each field.", verbose_name="changes"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
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
                        verbose_name="by",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "event of a firm",
                "verbose_name_plural": "events of a firm",
                "ordering": ("-pk",),
                "constraints": [registry.append_only.NeverChanged(name="firm_event_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="DrawingOpening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "drawing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="registry.needdrawing",
                        verbose_name="drawing",
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
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="at")),
            ],
            options={
                "verbose_name": "opening of a drawing",
                "verbose_name_plural": "openings of drawings",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["drawing", "-id"], name="opening_by_drawing")],
                "constraints": [registry.append_only.NeverChanged(name="drawing_opening_is_append_only")],
            },
        ),
        migrations.CreateModel(
            name="Nda",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ndas",
                        to="registry.need",
                        verbose_name="need",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ndas",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("signed_on", models.DateField(verbose_name="signed on")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="recorded on"),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended on")),
            ],
            options={
                "verbose_name": "NDA",
                "verbose_name_plural": "NDAs",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("need", "firm"),
                        name="one_nda_in_force_per_need_and_firm",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registry.firm",
                        verbose_name="other firm",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(verbose_name="likeness (0–100)")),
                ("reasons", models.JSONField(default=list, verbose_name="what speaks for and against it")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "to be looked at"), ("merged", "merged"), ("different", "different firms")],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "found_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="found on"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided on")),
            ],
            options={
                "verbose_name": "possible duplicate",
                "verbose_name_plural": "possible duplicates",
                "ordering": ("-score", "pk"),
                "indexes": [
                    models.Index(fields=["state", "-score", "id"], name="duplicates_by_score"),
                    models.Index(fields=["second", "state"], name="duplicates_by_second"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="one_row_per_pair_of_firms"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="lower_firm_first"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "pair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="registry.duplicatepair",
                        verbose_name="pair",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="registry.firm",
                        verbose_name="firm that stays",
                    ),
                ),
                (
                    "loser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.firm",
                        verbose_name="firm that goes",
                    ),
                ),
                ("journal", models.JSONField(default=list, verbose_name="what was changed")),
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
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone on")),
            ],
            options={
                "verbose_name": "merge of two firms",
                "verbose_name_plural": "merges of two firms",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("loser",), name="a_firm_is_merged_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="registry.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="attendances",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("corporate_number", models.CharField(blank=True, max_length=13, verbose_name="corporate number")),
                ("people", models.PositiveIntegerField(blank=True, null=True, verbose_name="people")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("firm__isnull", False)),
                        fields=("event", "firm"),
                        name="one_attendance_per_event_and_firm",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmCertification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firm_certifications",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                (
                    "certification",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.certification",
                        verbose_name="certification",
                    ),
                ),
                ("stated", models.CharField(max_length=200, verbose_name="as stated")),
                ("number", models.CharField(blank=True, max_length=100, verbose_name="certificate number")),
                ("issuer", models.CharField(blank=True, max_length=200, verbose_name="issued by")),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="valid until")),
                ("scan", models.FileField(blank=True, upload_to=registry.models.firm.upload_name, verbose_name="scan")),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="confirmed by an office on"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate",
                "verbose_name_plural": "certificates",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("firm", "stated"), name="one_certificate_per_firm_and_statement")
                ],
            },
        ),
        migrations.CreateModel(
            name="Equipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="equipment",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="machine or facility")),
                ("maker", models.CharField(blank=True, max_length=100, verbose_name="maker")),
                ("model", models.CharField(blank=True, max_length=100, verbose_name="model")),
                ("count", models.PositiveIntegerField(blank=True, null=True, verbose_name="number")),
                (
                    "size",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="The largest that it takes or lifts.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="size or capacity",
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mm", "mm"),
                            ("m", "m"),
                            ("um", "μm"),
                            ("t", "t"),
                            ("kg", "kg"),
                            ("kn", "kN"),
                            ("kw", "kW"),
                            ("m2", "m²"),
                            ("m3", "m³"),
                        ],
                        max_length=2,
                        verbose_name="unit",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="size, range, accuracy")),
            ],
            options={
                "verbose_name": "equipment",
                "verbose_name_plural": "equipment",
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("size", None), ("unit", "")),
                            models.Q(("size__isnull", False), models.Q(("unit", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_size_has_its_unit",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="registry.firm",
                        verbose_name="firm",
                    ),
                ),
                ("image", models.FileField(upload_to=registry.models.firm.upload_name, verbose_name="photo")),
                ("alt", models.CharField(max_length=200, verbose_name="what it shows")),
                ("width", models.PositiveSmallIntegerField(editable=False)),
                ("height", models.PositiveSmallIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="registry.importbatch"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="line")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("changed", "changed"),
                            ("unchanged", "unchanged"),
                            ("refused", "refused"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "firm",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="registry.firm",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="registry.need",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="registry.event",
                    ),
                ),
                ("target", models.BigIntegerField(blank=True, null=True)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("values", models.JSONField(default=dict, verbose_name="values")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("kept", models.JSONField(default=dict, editable=False)),
                ("remarks", models.JSONField(default=list, verbose_name="remarks")),
            ],
            options={
                "verbose_name": "line of an import",
                "verbose_name_plural": "lines of an import",
                "ordering": ("number",),
                "indexes": [models.Index(fields=["batch", "state", "number"], name="import_row_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "number"), name="one_row_per_line_of_an_import")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsortiumMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "firm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consortium_memberships",
                        to="registry.firm",
                        verbose_name="firm",
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
                ("since", models.DateField(blank=True, null=True, verbose_name="member since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="member until")),
            ],
            options={
                "verbose_name": "membership of a consortium",
                "verbose_name_plural": "memberships of consortia",
                "db_table": "registry_firm_consortia",
                "ordering": ("pk",),
                "unique_together": {("firm", "consortium")},
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None), ("until", None), ("since__lte", models.F("until")), _connector="OR"
                        ),
                        name="a_membership_begins_first",
                    )
                ],
            },
        ),
        migrations.AddField(
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
        # apart from their tables: taken back, they drop their functions and tables of grams
        migrations.AddIndex("firm", registry.grams.GramIndex(fields=["search"], name="firm_grams")),
        migrations.AddIndex("need", registry.grams.GramIndex(fields=["search"], name="need_grams")),
    ]
