"""Publishers, and what else is here from them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue.domain.publishers import find_agents
from catalogue.models import Agent, Dataset
from catalogue.portal.dataset_card import build_cards
from catalogue.portal.links import safe_href
from catalogue.portal.words import Words, choose_words, json_to_texts, sort_key

_PUBLISHERS_PER_PAGE = 100
_DATASETS_PER_PAGE = 20


@require_safe
def list_publishers(request: HttpRequest) -> HttpResponse:
    """List the publishers that have datasets, by the name that the reader sees, narrowed by `q`."""
    reader = get_language() or "en"
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    public = Q(datasets__in=Dataset.objects.visible_to(request.user).live())
    rows = find_agents(text).annotate(count=Count("datasets", filter=public)).filter(count__gt=0)
    # All of them: which name a reader sees, and so the order, no database knows.
    entries = [
        (choose_words(json_to_texts(names), reader) or Words(name), slug, count)
        for names, name, slug, count in rows.values_list("names", "name", "slug", "count")
    ]
    entries.sort(key=lambda entry: (sort_key(entry[0].value, reader), entry[1]))
    page = Paginator(entries, _PUBLISHERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "entries": list(page),
        "text": text,
    }
    return render(request, "portal/publishers.html", context)


@require_safe
def show_publisher(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a publisher and its datasets, the newest first."""
    reader = get_language() or "en"
    publisher = get_object_or_404(Agent, slug=slug)
    datasets = Dataset.objects.visible_to(request.user).live().filter(publisher=publisher)
    facts = datasets.aggregate(count=Count("pk"), newest=Max("newest"))
    rows = datasets.select_related("publisher").defer("provenance").order_by("-newest", "id")
    page = Paginator(rows, _DATASETS_PER_PAGE).get_page(request.GET.get("page"))
    names = json_to_texts(publisher.names)
    context = {
        "publisher": publisher,
        "name": choose_words(names, reader) or Words(publisher.name),
        "homepage": safe_href(publisher.homepage),
        "iri": safe_href(publisher.iri),
        "facts": facts,
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "cards": build_cards(list(page), reader),
    }
    return render(request, "portal/publisher.html", context)
