"""Leads whoever needs a second factor to the page where it is set up or confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalogue.access.sign_in.strength import StrongSignInNeeded, require_strong_sign_in

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_DECIDING_VIEWS = frozenset(
    f"catalogue.access.portal.views.{name}"
    for name in ("case", "grants", "manage", "manage_forms", "manage_routes", "site", "targets")
)


class StrongSignInMiddleware:
    """Turns StrongSignInNeeded into a way to get there; must stand last, before errors become pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Ask before anybody changes something on the committees' pages; the API asks by itself."""
        if request.method in _SAFE or getattr(view, "__module__", "") not in _DECIDING_VIEWS:
            return None
        try:
            require_strong_sign_in(request)
        except StrongSignInNeeded as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the redirect for StrongSignInNeeded; other errors are for others."""
        if not isinstance(error, StrongSignInNeeded):
            return None
        messages.warning(request, str(error))
        return HttpResponseRedirect(
            f"{strong_sign_in_url(request)}?{urlencode({'next': _come_back(request)})}"
        )


def strong_sign_in_url(request: HttpRequest) -> str:
    """Return the page that makes a session strong: confirming a second factor, or setting one up."""
    ways = get_adapter().get_reauthentication_methods(request.user)
    confirm = [way["url"] for way in ways if way["id"].startswith("mfa_reauthenticate")]
    return str(confirm[0] if confirm else reverse("mfa_index"))


def _come_back(request: HttpRequest) -> str:
    """Return the page to come back to; what was sent in a form is sent again by the person, not by us."""
    if request.method == "GET":
        return request.get_full_path()
    referrer = urlsplit(request.headers.get("Referer", ""))
    return referrer.path if referrer.netloc == request.get_host() else "/"
