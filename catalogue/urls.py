"""All addresses of the site. Each face keeps its own list."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("catalogue.access.api.urls")),
    path("api/", include("catalogue.api.urls")),
    path("health/", include("catalogue.health")),
    path("", include("catalogue.access.sign_in.urls")),
    path("", include("catalogue.access.portal.urls")),
    path("", include("catalogue.portal.urls")),
]
