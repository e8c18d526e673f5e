"""The addresses of the register's API, below /api/."""

from csp.decorators import csp_update
from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from registry.api import (
    asked,
    catalogues,
    drawings,
    duplicates,
    events,
    firm_files,
    firms,
    histories,
    imports,
    mapped,
    needs,
    notices,
    site,
)
from registry.urls import words

words("catalogue", catalogues.CATALOGUES)

router = SimpleRouter(use_regex_path=False)
router.register("firms", firms.FirmAPI, "firm")
router.register("needs", needs.NeedAPI, "need")
router.register("projects", catalogues.ProjectAPI, "project")
router.register("memberships", catalogues.MembershipAPI, "membership")
router.register("events", events.EventAPI, "event")
router.register("attendance", events.AttendanceAPI, "attendance")
router.register("imports", imports.ImportAPI, "import")
router.register("duplicates", duplicates.DuplicateAPI, "duplicate")
router.register("claims", asked.ClaimAPI, "claim")
router.register("erasures", asked.ErasureAPI, "erasure")
router.register("notices", notices.NoticeAPI, "notice")

urlpatterns = [
    *router.urls,
    path("consortia/", catalogues.ConsortiumAPI.as_view({"get": "list"}), name="consortium-list"),
    path("consortia/<slug:pk>/", catalogues.ConsortiumAPI.as_view({"get": "retrieve"}), name="consortium-detail"),
    path("catalogues/<catalogue:catalogue>/", catalogues.CatalogueAPI.as_view({"get": "list"}), name="catalogue"),
    path(
        "firms/<int:pk>/certificates/<int:certificate>/scan/",
        firm_files.FirmFileAPI.as_view({"get": "scan", "put": "put_scan", "delete": "remove_scan"}),
        name="firm-scan",
    ),
    path("firms/<int:pk>/photos/", firm_files.FirmFileAPI.as_view({"post": "add_photo"}), name="firm-photos"),
    path(
        "firms/<int:pk>/photos/<int:photo>/",
        firm_files.FirmFileAPI.as_view({"get": "photo", "delete": "remove_photo"}),
        name="firm-photo",
    ),
    path("needs/<int:pk>/drawings/", drawings.DrawingAPI.as_view({"post": "add"}), name="need-drawings"),
    path(
        "needs/<int:pk>/drawings/<int:drawing>/",
        drawings.DrawingAPI.as_view(  # no HEAD: it would be recorded as an opening that it is not
            {"get": "drawing", "delete": "remove"}, http_method_names=["get", "delete"]
        ),
        name="need-drawing",
    ),
    path("needs/<int:pk>/openings/", drawings.DrawingAPI.as_view({"get": "openings"}), name="need-openings"),
    path(
        "needs/<int:pk>/export-checks/",
        drawings.DrawingAPI.as_view({"get": "checks", "post": "check"}),
        name="need-export-checks",
    ),
    path("imports/<int:pk>/lines/", imports.LineAPI.as_view({"get": "list"}), name="import-lines"),
    path("import-templates/<import_kind:kind>/", imports.TemplateAPI.as_view(), name="import-template"),
    path("firms/<int:pk>/history/", histories.FirmHistoryAPI.as_view(), name="firm-history"),
    path("needs/<int:pk>/history/", histories.NeedHistoryAPI.as_view(), name="need-history"),
    path("projects/<int:pk>/history/", histories.ProjectHistoryAPI.as_view(), name="project-history"),
    path("map/", mapped.MapAPI.as_view(), name="map"),
    path("me/", site.Me.as_view(), name="me"),
    path("schema/", site.Schema.as_view(), name="schema"),
    # Swagger's page styles itself inline; this answer alone allows it
    path("docs/", csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(site.Docs.as_view()), name="api-docs"),
    re_path(r"^(?P<anything>[\s\S]+)\Z", site.Nothing.as_view(), name="api-nothing"),  # a line break too
]
