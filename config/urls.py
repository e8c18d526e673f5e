from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),  # also before log-in
    path("", include("registry.urls")),
    path("", include("matching.urls")),
    path("api/", include("matching.api.routes")),
    path("api/", include("registry.api.routes")),  # ends with what answers for every other address below /api/
]
