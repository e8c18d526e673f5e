"""Firms, projects and needs as JSON: read-only, the same rows, filters and columns as the pages."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from registry.access import VerbPermission
from registry.columns import FIRM_COLUMNS, NEED_COLUMNS, PROJECT_COLUMNS
from registry.listing import ColumnSerializer, ReadAPI
from registry.views.firms import FIRMS
from registry.views.needs import NEEDS
from registry.views.projects import PROJECTS


class FirmRow(ColumnSerializer):
    columns = FIRM_COLUMNS


class ProjectRow(ColumnSerializer):
    columns = PROJECT_COLUMNS


class NeedRow(ColumnSerializer):
    columns = NEED_COLUMNS


class FirmAPI(ReadAPI):
    """Suppliers that you may see."""

    listing, verb, serializer_class = FIRMS, "registry.view_firm", FirmRow


class ProjectAPI(ReadAPI):
    """Anchor projects of the plan and of the sample."""

    listing, verb, serializer_class = PROJECTS, "registry.view_project", ProjectRow


class NeedAPI(ReadAPI):
    """Needs that you may see."""

    listing, verb, serializer_class = NEEDS, "registry.view_need", NeedRow


router = SimpleRouter(use_regex_path=False)
router.register("firms", FirmAPI, "firm")
router.register("projects", ProjectAPI, "project")
router.register("needs", NeedAPI, "need")


class Schema(SpectacularAPIView):
    """What the API offers, as OpenAPI."""

    permission_classes, verb = [VerbPermission], "api.schema"


class Docs(SpectacularSwaggerSplitView):
    """The same to read and try; its scripts come from this server, the content policy holds."""

    permission_classes, verb = [VerbPermission], "api.schema"
