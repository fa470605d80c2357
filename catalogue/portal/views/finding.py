"""Beside the results: what the search box offers, the map, a whole result as a file, and as a feed."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.domain.result_export import export_results
from catalogue.errors import Unavailable
from catalogue.exports.listing import LISTS
from catalogue.models import Dataset
from catalogue.portal.feed import build_feed, find_newest
from catalogue.portal.narrowing import draw_map, list_place_links
from catalogue.portal.results_page import search_href
from catalogue.search.engine import SearchQuery
from catalogue.search.query import query_from_params, query_to_params
from catalogue.suggestions import Suggestion, suggest
from catalogue.throttles import check_export_rate

_DRAWN = 200  # datasets on the map
_OFFERED = 8
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it, spreadsheets take UTF-8 for something else


@require_safe
def show_suggestions(request: HttpRequest) -> HttpResponse:
    """Show what the text in the search box may be the beginning of; nothing while there is no index."""
    try:
        found = suggest(request.GET.get("q", ""), get_language() or "en", _OFFERED)
    except Unavailable:
        found = []
    slugs = dict(
        Dataset.objects.visible_to(request.user)
        .live()
        .filter(pk__in=[item.value for item in found if item.kind == "dataset"])
        .values_list("pk", "slug")
    )
    known = {str(key): slug for key, slug in slugs.items()}
    offers = [(item, href) for item in found if (href := _href(item, known))]
    return render(request, "portal/partials/suggestions.html", {"offers": offers})


@require_safe
def show_map(request: HttpRequest) -> HttpResponse:
    """Show where the datasets found are about, and let a place be chosen."""
    query = query_from_params(request.GET)
    asked = replace(query, offset=0, limit=_DRAWN, facets=())
    result = stores.search_engine().search(asked)
    rows = Dataset.objects.visible_to(request.user).live().filter(pk__in=[hit.id for hit in result.hits])
    reader = get_language() or "en"
    context = {
        "query": query,
        "kept": query_to_params(replace(query, box=None, offset=0)),
        "map": draw_map(query, rows, reader),
        "places": list_place_links(query, reader),
        "found": result.total,
        "back_href": search_href(replace(query, offset=0)),
        "whole_href": search_href(replace(query, box=None, offset=0), "search-map"),
        "drawn": _DRAWN,
    }
    return render(request, "portal/map.html", context)


@require_safe
def export_search(request: HttpRequest, extension: str) -> StreamingHttpResponse:
    """Return everything that the question's words and filters find, as a file."""
    form = next((form for form in LISTS.values() if form.extension == extension), None)
    if form is None:
        raise Http404
    check_export_rate(request)
    content = export_results(query_from_params(request.GET), request.user, form, get_language() or "en")
    head = [_BYTE_ORDER_MARK] if form.name == "csv" else []
    response = StreamingHttpResponse(
        (part for parts in (head, content) for part in parts),
        content_type=f"{form.media_type}; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="datasets.{extension}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def show_feed(request: HttpRequest) -> HttpResponse:
    """Return the newest datasets of a question as an Atom feed. It holds nothing that is not public."""
    query = query_from_params(request.GET)
    params = urlencode(query_to_params(replace(query, offset=0, sort="relevance")))
    address = reverse("search-feed") + (f"?{params}" if params else "")
    body = build_feed(query.text, address, search_href(replace(query, offset=0)), find_newest(query))
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")


def _href(item: Suggestion, slugs: dict[str, str]) -> str:
    if item.kind == "dataset":
        return reverse("dataset", args=[slugs[item.value]]) if item.value in slugs else ""
    return search_href(SearchQuery(filters={item.kind: (item.value,)}))
