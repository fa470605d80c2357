"""Search results, facets and all values of one facet."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.access.domain.fitting import filter_fitting, has_intent
from catalogue.errors import Unavailable
from catalogue.portal.facet_page import build_facet_page
from catalogue.portal.results_page import FACET_LABELS, build_results_page
from catalogue.search.engine import SearchQuery
from catalogue.search.query import query_from_params, query_to_params

_ALL_VALUES = 10_000  # the commonest, should a facet have more


@require_safe
def show_results(request: HttpRequest) -> HttpResponse:
    """Show the answer to the question that the address is."""
    query, may_filter = _read_query(request)
    try:
        result = stores.search_engine().search(query)
    except Unavailable as error:
        context = {"query": query, "error": error, "kept": query_to_params(replace(query, text="", offset=0))}
        return render(request, "portal/results_unavailable.html", context, status=503)
    page = build_results_page(query, result, request.user, get_language() or "en", may_filter=may_filter)
    # htmx asks for the answer alone; the whole page is for everyone else, and for its history.
    is_fragment = (
        request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    )
    template = "portal/partials/results_body.html" if is_fragment else "portal/results.html"
    response = render(request, template, {"page": page, "query": query, "query_text": query.text})
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response


@require_safe
def show_facet_values(request: HttpRequest, facet: str) -> HttpResponse:
    """Show the values of one facet for a question: those with `find` in their names, page by page."""
    if facet not in FACET_LABELS:
        raise Http404
    query, _may_filter = _read_query(request)
    asked = replace(query, offset=0, limit=1, facets=(facet,), facet_size=_ALL_VALUES)
    counts = stores.search_engine().search(asked).facets.get(facet, ())
    page = build_facet_page(facet, query, counts, request.GET, get_language() or "en")
    return render(request, "portal/facet_values.html", {"facet": page, "query": query})


def _read_query(request: HttpRequest) -> tuple[SearchQuery, bool]:
    """Return the question, and whether it can be limited to what fits the reader's purpose."""
    query = query_from_params(request.GET)
    if not has_intent(request.user):
        return query, False
    fitting = filter_fitting(request.user) if request.GET.get("fits") == "1" else None
    return (replace(query, among=fitting) if fitting else query), True


@require_safe
def show_all(request: HttpRequest) -> HttpResponse:
    """Lead to the list of everything."""
    return redirect("search")
