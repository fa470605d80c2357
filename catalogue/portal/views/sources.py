"""Sources: where the records come from, how fresh they are, and how the harvest went."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue.domain.source_kinds import kinds
from catalogue.models import Dataset, Run, Source, SourceRecord
from catalogue.policies import can_operate_sources, require_operator
from catalogue.portal.dataset_card import build_cards
from catalogue.portal.links import host_of, safe_href
from catalogue.portal.run_words import (
    describe_health,
    last_harvests,
    list_source_rows,
    next_run_at,
    progress_percent,
    seconds_left,
)

_SHOWN_RUNS = 15
_DATASETS_PER_PAGE = 10


@require_safe
def list_sources(request: HttpRequest) -> HttpResponse:
    """List the sources with their health and freshness."""
    rows = list_source_rows(list(Source.objects.all()))
    return render(
        request, "portal/sources.html", {"rows": rows, "can_operate": can_operate_sources(request.user)}
    )


@require_safe
def show_source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a source: facts for everybody, its runs and their buttons for operators."""
    source = get_object_or_404(Source, slug=slug)
    live = SourceRecord.objects.filter(source=source, state=SourceRecord.State.LIVE)
    rows = Dataset.objects.visible_to(request.user).live().filter(pk__in=live.values("dataset"))
    rows = rows.select_related("publisher").defer("provenance").order_by("-changed_at", "id")
    page = Paginator(rows, _DATASETS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **_describe(source, request.user),
        "homepage": safe_href(source.homepage),
        "homepage_host": host_of(source.homepage),
        "live_count": page.paginator.count,
        "page": page,
        "page_range": list(page.paginator.get_elided_page_range(page.number)),
        "cards": build_cards(list(page), get_language() or "en"),
        "protocol_label": next((k.label for k in kinds() if k.name == source.protocol), source.protocol),
    }
    return render(request, "portal/source.html", context)


@require_safe
def show_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the runs alone: what the source's page asks for again and again while one is open."""
    require_operator(request.user)
    source = get_object_or_404(Source, slug=slug)
    return render(request, "portal/partials/source_runs.html", _describe(source, request.user))


def _describe(source: Source, user: Any) -> dict[str, Any]:
    last = last_harvests([source]).get(source.pk)
    context: dict[str, Any] = {
        "source": source,
        "health": describe_health(source, last),
        "last_run": last,
        "next_at": next_run_at(source, last),
        "can_operate": can_operate_sources(user),
    }
    if context["can_operate"]:
        runs = list(source.runs.select_related("requested_by").defer("plan", "checkpoint")[:_SHOWN_RUNS])
        open_run = next((run for run in runs if run.is_open), None)
        context |= {"runs": runs, "open_run": open_run, "states": Run.State}
        if open_run:
            context |= {"percent": progress_percent(open_run), "seconds_left": seconds_left(open_run)}
    return context
