"""The addresses of the register's API, below /api/."""

from csp.decorators import csp_update
from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from registry.api import catalogues, firms, imports, incoming, needs, site
from registry.urls import words

words("catalogue", catalogues.CATALOGUES)

router = SimpleRouter(use_regex_path=False)
router.register("firms", firms.FirmAPI, "firm")
router.register("needs", needs.NeedAPI, "need")
router.register("projects", catalogues.ProjectAPI, "project")
router.register("events", incoming.EventAPI, "event")
router.register("attendance", incoming.AttendanceAPI, "attendance")
router.register("imports", imports.ImportAPI, "import")
router.register("duplicates", incoming.DuplicateAPI, "duplicate")
router.register("claims", incoming.ClaimAPI, "claim")
router.register("erasures", incoming.ErasureAPI, "erasure")
router.register("notices", incoming.NoticeAPI, "notice")

urlpatterns = [
    *router.urls,
    path("consortia/", catalogues.ConsortiumAPI.as_view({"get": "list"}), name="consortium-list"),
    path("consortia/<slug:pk>/", catalogues.ConsortiumAPI.as_view({"get": "retrieve"}), name="consortium-detail"),
    path("catalogues/<catalogue:catalogue>/", catalogues.CatalogueAPI.as_view({"get": "list"}), name="catalogue"),
    path("imports/<int:pk>/lines/", imports.LineAPI.as_view({"get": "list"}), name="import-lines"),
    path("import-templates/<import_kind:kind>/", imports.TemplateAPI.as_view(), name="import-template"),
    path("me/", site.Me.as_view(), name="me"),
    path("schema/", site.Schema.as_view(), name="schema"),
    # Swagger's page styles itself inline; this answer alone allows it
    path("docs/", csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(site.Docs.as_view()), name="api-docs"),
    re_path(r"^(?P<anything>[\s\S]+)\Z", site.Nothing.as_view(), name="api-nothing"),  # a line break too
]
