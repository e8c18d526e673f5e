from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config.health import healthz, readyz
from registry import api

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),  # also before log-in
    path("", include("registry.urls")),
    path("", include("matching.urls")),
    path("api/", include(api.router.urls)),
    path("api/", include("matching.api")),
    path("api/schema/", api.Schema.as_view(), name="schema"),
    # Swagger's page styles itself inline; this answer alone allows it
    path("api/docs/", csp_update({"style-src": ["'self'", "'unsafe-inline'"]})(api.Docs.as_view()), name="api-docs"),
]
