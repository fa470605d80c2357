"""The first page, for the question whether there is data for a task."""

from __future__ import annotations

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import stores
from catalogue.errors import Unavailable
from catalogue.models import Agent, Dataset, Source
from catalogue.portal.dataset_card import build_cards
from catalogue.portal.results_page import FacetView, build_facet, label_values
from catalogue.search.engine import SearchQuery

_NEWEST = 6
_THEMES = 24  # the EU's authority list has 13
EXAMPLES = (
    ("sv", "luftkvalitet i svenska städer"),
    ("en", "chest CT images with lesions"),
    ("sv", "talinspelningar på svenska"),
)
"""Questions in the language they are asked in: each reader may ask in either."""


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Show the search box, what is in the well, themes and the newest datasets."""
    reader = get_language() or "en"
    live = Dataset.objects.visible_to(request.user).live()
    newest = live.select_related("publisher").defer("provenance").order_by("-created_at", "id")[:_NEWEST]
    return render(
        request,
        "portal/home.html",
        {
            "examples": EXAMPLES,
            "dataset_count": live.count(),
            "source_count": Source.objects.count(),
            "publisher_count": Agent.objects.filter(pk__in=live.values("publisher")).count(),
            "updated_at": Source.objects.aggregate(at=Max("last_complete_at"))["at"],
            "themes": _find_themes(reader),
            "cards": build_cards(list(newest), reader),
            "description": _("Find data, see whether and how you may use it, cite it."),
        },
    )


def _find_themes(reader: str) -> FacetView | None:
    """Return the themes with counts; None while there is no index, for the page is of use without."""
    query = SearchQuery(limit=1, facets=("theme",), facet_size=_THEMES)
    try:
        result = stores.search_engine().search(query)
    except Unavailable:
        return None
    counts = result.facets.get("theme", ())
    labels = label_values({"theme": {value for value, _count in counts}}, reader)
    return build_facet("theme", query, counts, labels, is_whole=True)
