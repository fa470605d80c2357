"""Themes, and the datasets of one, with a search among them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.portal.results_page import build_facet, build_results_page, label_values
from catalogue.portal.terms import concept_label
from catalogue.search.engine import SearchQuery
from catalogue.search.query import query_from_params, shorten_value
from ontology.concepts import THEMES

_MOST = 1000


@require_safe
def list_themes(request: HttpRequest) -> HttpResponse:
    """List the themes that datasets have, with their counts."""
    query = SearchQuery(limit=1, facets=("theme",), facet_size=_MOST)
    counts = stores.search_engine().search(query).facets.get("theme", ())
    labels = label_values({"theme": {value for value, _count in counts}}, get_language() or "en")
    entries = [
        (value, code)
        for value, (iri, _count) in zip(
            build_facet("theme", query, counts, labels, is_whole=True).values, counts, strict=True
        )
        if (code := _find_code(iri))
    ]
    return render(request, "portal/themes.html", {"entries": entries})


@require_safe
def show_theme(request: HttpRequest, code: str) -> HttpResponse:
    """Show a theme and its datasets, the newest first."""
    iri = next((iri for iri in THEMES if _find_code(iri) == code.lower()), "")
    if not iri:
        raise Http404
    reader = get_language() or "en"
    asked = query_from_params({"theme": iri, "sort": "newest", "page": request.GET.get("page", "")})
    result = stores.search_engine().search(asked)
    context = {
        "name": concept_label(iri, reader),
        "iri": iri,
        "page": build_results_page(asked, result, request.user, reader),
    }
    return render(request, "portal/theme.html", context)


def _find_code(iri: str) -> str:
    return shorten_value(iri) if iri in THEMES.concepts else ""
