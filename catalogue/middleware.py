"""What every answer carries, and how the error tree becomes a page.

Content Security Policy Level 3 (https://www.w3.org/TR/CSP3/): nothing inline, nothing from other hosts;
scripts talk to this site, and to the bucket of people's files where there is one.
A view that needs another policy sets the header itself. Errors of the API are translated by its own
handler before they come here.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalogue import stores
from catalogue.errors import (
    CatalogueError,
    Conflict,
    InvalidRecord,
    NotFound,
    NotPermitted,
    TooManyRequests,
    Unavailable,
    UpstreamError,
)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

STATUS_OF_ERROR: tuple[tuple[type[CatalogueError], int], ...] = (
    (NotFound, 404),
    (NotPermitted, 403),
    (Conflict, 409),
    (InvalidRecord, 422),
    (TooManyRequests, 429),
    (UpstreamError, 502),
    (Unavailable, 503),
)

_Next = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicyMiddleware:
    """Adds the policies to answers that set none themselves."""

    def __init__(self, get_response: _Next) -> None:
        self.get_response = get_response
        # Parts of an upload go from the browser straight to the store.
        talks_to = f"connect-src 'self' {stores.file_store().origin}".strip()
        self.policy = "; ".join((*CONTENT_SECURITY_POLICY, talks_to))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class CatalogueErrorMiddleware:
    """Shows a CatalogueError that no view handled as a page with its status and its words."""

    def __init__(self, get_response: _Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an error of our tree; others are Django's to handle."""
        if not isinstance(error, CatalogueError):
            return None
        status = next((code for kind, code in STATUS_OF_ERROR if isinstance(error, kind)), 500)
        template = f"{status}.html" if status in {403, 404, 500} else "portal/error.html"
        response = render(request, template, {"message": str(error), "status": status}, status=status)
        retry_after_s = getattr(error, "retry_after_s", None)
        if retry_after_s or status == 503:
            response.headers["Retry-After"] = str(int(retry_after_s or 60))
        return response
