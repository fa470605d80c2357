"""One dataset, so that a visitor sees whether and how it can be used."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalogue.access.policies import can
from catalogue.domain.clusters import follow_merges
from catalogue.exports.registry import ExportFormat, get_export
from catalogue.models import Dataset
from catalogue.policies import can_curate, can_mint
from catalogue.portal.basket import is_in_basket
from catalogue.portal.cluster_section import build_cluster_section
from catalogue.portal.dataset_page import build_dataset_page
from catalogue.portal.edition_notice import EditionNotice, describe_edition
from catalogue.portal.machine import (
    choose_export,
    cite,
    describe_for_search_engines,
    find_export,
    link_header,
    list_exports,
    to_json_ld_script,
)
from catalogue.portal.reach_section import build_reach_section
from catalogue.portal.similar import find_similar


@require_safe
def show_dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page of a dataset, its tombstone, or with `format` an export."""
    dataset = _find(request.user, slug=slug)
    if dataset.merged_into is not None:
        return _lead_on("dataset", request, dataset.merged_into.slug)
    notice = describe_edition(dataset, request.user)
    if dataset.state == Dataset.State.GONE:
        return render(request, "410.html", _describe_tombstone(dataset, notice, request.user), status=410)
    if name := request.GET.get("format", ""):
        return _export(dataset, get_export(name))
    reader = get_language() or "en"
    record = dataset.to_record()
    page = build_dataset_page(dataset, reader, request.GET.get("files", "1"))
    may_curate = can_curate(request.user, dataset)
    page_url = settings.BASE_URL + reverse("dataset", args=[dataset.slug])
    context: dict[str, Any] = {
        "page": page,
        "can_curate": may_curate,
        "can_mint": can_mint(request.user, dataset),
        "can_give": can(request.user, "give_dataset", dataset),
        "cluster": build_cluster_section(
            dataset, request.user, reader, records=len(page.seen), may_curate=may_curate
        ),
        "edition_notice": notice,
        "reach": build_reach_section(dataset, request.user, is_in_basket=is_in_basket(request, dataset)),
        "files_range": list(page.files.paginator.get_elided_page_range(page.files.number)),
        "page_url": page_url,
        "citation": cite(record, page_url, reader),
        "citation_links": list_exports(dataset, are_citations=True),
        "api_href": reverse("api-dataset", args=[str(dataset.pk)]),
        "machine_links": list_exports(dataset, are_citations=False),
        "json_ld": to_json_ld_script(describe_for_search_engines(record, page_url, reader)),
        "similar": find_similar(dataset, request.user, reader),
        "similar_open": []
        if page.access.is_open
        else find_similar(dataset, request.user, reader, only_open=True),
    }
    response = render(request, "portal/dataset.html", context)
    response.headers["Link"] = link_header(dataset, record)
    return response


@require_safe
def export_dataset(request: HttpRequest, slug: str, extension: str) -> HttpResponse:
    """Return a dataset's description in the format that the extension names."""
    dataset, export = _find(request.user, slug=slug), find_export(extension)
    if dataset.merged_into is not None:
        return _lead_on("dataset-export", request, dataset.merged_into.slug, extension)
    return _export(dataset, export)


@require_safe
def resolve_dataset(request: HttpRequest, dataset_id: uuid.UUID) -> HttpResponse:
    """Lead from a dataset's IRI to its page or to the export that the client accepts (303)."""
    dataset = follow_merges(_find(request.user, pk=dataset_id))
    export = choose_export(request)
    if export is None:
        target = reverse("dataset", args=[dataset.slug])
    else:
        target = reverse("dataset-export", args=[dataset.slug, export.extension])
    response = HttpResponseRedirect(target, status=303)
    response.headers["Vary"] = "Accept"
    return response


def _describe_tombstone(dataset: Dataset, notice: EditionNotice | None, user: Any) -> dict[str, Any]:
    page_url = settings.BASE_URL + reverse("dataset", args=[dataset.slug])
    citation = cite(dataset.to_record(), page_url, get_language() or "en")
    return {
        "dataset": dataset,
        "edition_notice": notice,
        "citation": citation,
        "can_mint": can_mint(user, dataset),
    }


def _find(user: Any, **key: Any) -> Dataset:
    rows = Dataset.objects.visible_to(user).select_related("publisher", "lead_act__author", "merged_into")
    return get_object_or_404(rows, **key)


def _lead_on(name: str, request: HttpRequest, *args: str) -> HttpResponse:
    """Lead from a dataset that was joined to another to that one, for as long as it is (307)."""
    query = request.GET.urlencode()
    target = reverse(name, args=args) + (f"?{query}" if query else "")
    return HttpResponseRedirect(target, status=307)


def _export(dataset: Dataset, export: ExportFormat) -> HttpResponse:
    if dataset.state == Dataset.State.GONE:
        # The words of the error page are for people; the status is what a program reads.
        return HttpResponse("The dataset is gone.\n", content_type="text/plain; charset=utf-8", status=410)
    content_type = export.media_type
    if content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    response = HttpResponse(export.render(dataset.to_record(), dataset.iri), content_type=content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{dataset.slug}.{export.extension}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
