"""What all views of the API share: strict parameters, CORS, caching, OPTIONS.

CORS: the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol). Everybody's browser may
read what anybody may read; credentials never travel across sites.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.conditional import add_validators
from catalogue.api.parameters import check_names

_EXPOSED = "Content-Location, ETag, Link, Location, Retry-After"
_ONE_DAY_S = 86400


class ApiView(APIView):
    """A view of the API. `parameters` are the names an address may carry; `cache_s` how long it holds."""

    parameters: ClassVar[Collection[str]] = ()
    cache_s: ClassVar[int] = 60
    changed_at: datetime | None = None  # a view that knows it sets it: Last-Modified

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with times in UTC, wherever the site is."""
        with timezone.override(UTC):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the parameters' names after account, permission and rate."""
        super().initial(request, *args, **kwargs)
        check_names(request.query_params, self.parameters)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer what may be done here, also to a browser that asks for a page of another site."""
        response = Response(status=204)
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, If-Modified-Since, If-None-Match"
        response.headers["Access-Control-Max-Age"] = str(_ONE_DAY_S)
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what every answer carries; validators follow when it is rendered."""
        done: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in {"GET", "HEAD"}
        is_anonymous = not getattr(getattr(request, "_user", None), "is_authenticated", False)
        if is_anonymous and request.method in {"GET", "HEAD", "OPTIONS"}:
            done.headers["Access-Control-Allow-Origin"] = "*"
            done.headers["Access-Control-Expose-Headers"] = _EXPOSED
        patch_vary_headers(done, ("Accept", "Authorization", "Cookie"))
        if is_read and is_anonymous and done.status_code == 200:
            done.headers.setdefault("Cache-Control", f"public, max-age={self.cache_s}")
        else:
            done.headers.setdefault("Cache-Control", "private, no-cache" if is_read else "no-store")
        if is_read and isinstance(done, Response) and done.status_code == 200:
            done.add_post_render_callback(
                lambda rendered: add_validators(request._request, rendered, self.changed_at)  # noqa: SLF001
            )
        return done
