"""Committees in public: which there are, and one with its datasets and its pace."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalogue.access.models import Committee
from catalogue.access.policies import can
from catalogue.access.portal.committees import find_committee, public_datasets, read_pace

_ON_PAGE = 50


@require_safe
def list_committees(request: HttpRequest) -> HttpResponse:
    """List all committees."""
    context = {"committees": Committee.objects.all(), "may_add": can(request.user, "make_committee")}
    return render(request, "access/board_committees.html", context)


@require_safe
def show_committee(request: HttpRequest, committee: str) -> HttpResponse:
    """Show what a committee is, what it decides on, and how long that takes."""
    found = find_committee(committee)
    page = Paginator(public_datasets(found, request.user), _ON_PAGE).get_page(request.GET.get("page"))
    context = {
        "committee": found,
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "pace": read_pace(found),
    }
    return render(request, "access/board_committee.html", context)
