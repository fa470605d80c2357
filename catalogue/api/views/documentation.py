"""The API's description, and its page for people: Swagger UI from our own host, under the site's strict CSP.

Swagger UI (https://swagger.io/tools/swagger-ui/) comes with drf-spectacular-sidecar. The page holds no
inline script or style: the template and its script are static.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.view import ApiView

_kept: dict[str, Any] = {}


@extend_schema(exclude=True)
class OpenApiView(ApiView):
    """OpenAPI, made once in each process: the code that it describes does not change under it."""

    cache_s = 3600
    renderer_classes: Sequence[type[BaseRenderer]] = (OpenApiJsonRenderer,)

    def get(self, request: Request) -> Response:
        """Answer with the description."""
        return Response(build_description())


@extend_schema(exclude=True)
class OpenApiYamlView(OpenApiView):
    """The same as YAML."""

    renderer_classes = (OpenApiYamlRenderer,)


def build_description() -> dict[str, Any]:
    """Return the API's OpenAPI description. Do not change what is returned."""
    if not _kept:
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        made["servers"] = [{"url": settings.BASE_URL}]
        _kept.update(made)
    return _kept


@require_safe
def show_documentation(request: HttpRequest) -> HttpResponse:
    """Show the page on which the API can be read and tried."""
    return render(request, "api/documentation.html", {"description_url": reverse("api-openapi-json")})
