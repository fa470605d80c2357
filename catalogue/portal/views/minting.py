"""DOIs for all datasets of a search: planned, looked at, carried out, followed."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue import stores
from catalogue.domain.minting import plan_search, read_minting, start_minting
from catalogue.errors import Conflict, InvalidRecord
from catalogue.policies import require_publishing
from catalogue.portal.minting_page import build_minting_page
from catalogue.portal.results_page import search_href
from catalogue.search.query import query_from_params
from catalogue.tasks import nudge_projection


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Say what minting for the search in the address would mean; on POST, plan it."""
    require_publishing(request.user)
    query = replace(query_from_params(request.GET), offset=0)
    back = search_href(query)
    if request.method == "POST":
        try:
            minting = plan_search(query, back.partition("?")[2], request.user)
        except InvalidRecord as error:
            messages.error(request, str(error))
        else:
            return redirect("minting-plan", key=minting.key)
    total = stores.search_engine().search(query).total
    return render(request, "portal/minting.html", {"total": total, "back_href": back})


@require_safe
def show_plan(request: HttpRequest, key: str) -> HttpResponse:
    """Show what would be done or has come of it, dataset by dataset."""
    require_publishing(request.user)
    minting = read_minting(key, request.user)
    page = build_minting_page(minting, request.GET.get("show", ""), request.GET.get("page", ""), request.user)
    return render(request, "portal/minting_plan.html", {"plan": page})


@require_POST
def apply(request: HttpRequest, key: str) -> HttpResponse:
    """Have a plan carried out."""
    require_publishing(request.user)
    try:
        start_minting(read_minting(key, request.user))
    except Conflict as error:
        messages.error(request, str(error))
    else:
        nudge_projection()
    return redirect("minting-plan", key=key)
