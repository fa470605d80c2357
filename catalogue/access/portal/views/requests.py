"""My requests: the list."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.access.domain.invitations import invitations_for
from catalogue.access.portal.asker import signed_in
from catalogue.access.portal.request_list import list_request_rows, own_applications

_PER_PAGE = 25


@require_safe
@login_required
def list_requests(request: HttpRequest) -> HttpResponse:
    """List what somebody asked for, and the invitations that wait for them."""
    page = Paginator(own_applications(request.user), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "own_nav": "requests",
        "rows": list_request_rows(page.object_list, request.user),
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "invitations": invitations_for(signed_in(request)).count(),
    }
    return render(request, "access/requests.html", context)
