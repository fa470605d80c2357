"""What this site is, how to use it, and how accessible it is."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.portal.terms import list_access_classes


@require_safe
def show_about(request: HttpRequest) -> HttpResponse:
    """Show the page about the site, with the accessibility statement."""
    context = {"accesses": list_access_classes(), "base_url": settings.BASE_URL}
    return render(request, "portal/about.html", context)
