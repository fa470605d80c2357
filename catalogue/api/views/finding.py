"""Beside a search: what a search box offers, what is near a dataset, a whole result as one file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue import stores
from catalogue.api.lookup import find_dataset
from catalogue.api.negotiation import PlainJsonRenderer
from catalogue.api.parameters import read_whole
from catalogue.api.schema import describe, path_parameter
from catalogue.api.searching import read_query
from catalogue.api.serializers.datasets import SimilarDatasetsSerializer, SuggestionsSerializer
from catalogue.api.summary import build_url, summarise_dataset
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.api.views.datasets import NARROWING_PARAMETERS
from catalogue.domain.result_export import export_results
from catalogue.errors import NotFound
from catalogue.exports.listing import LISTS, ListFormat
from catalogue.models import Dataset
from catalogue.search.query import LONGEST_TEXT, NARROWING
from catalogue.suggestions import Suggestion, suggest
from catalogue.throttles import AccountThrottle, AnonymousThrottle, ExportThrottle, SearchThrottle

_MOST = 20
_LANGUAGES = ("en", "sv")


class SuggestView(ApiView):
    """What a text may be the beginning of."""

    parameters = ("q", "limit", "lang")
    throttle_classes = (AnonymousThrottle, AccountThrottle)

    @describe(
        "Complete what somebody types",
        SuggestionsSerializer,
        operation="suggest",
        tags=["Datasets"],
        description=(
            "Publishers and concepts that datasets have, then titles. Nothing is offered before two letters."
        ),
        parameters=[
            OpenApiParameter("q", str, description="What was typed so far."),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 10}),
            OpenApiParameter("lang", str, enum=_LANGUAGES, description="Of concepts' names."),
        ],
        problems=(503,),
    )
    def get(self, request: Request) -> Response:
        """Answer with suggestions."""
        limit = read_whole(request.query_params, "limit", 10, _MOST)
        reader = request.query_params.get("lang", "")
        found = suggest(request.query_params.get("q", ""), reader if reader in _LANGUAGES else "en", limit)
        return Response(SuggestionsSerializer({"results": [_describe(item) for item in found]}).data)


class SimilarView(ApiView):
    """What is near a dataset in meaning."""

    parameters = ("access", "limit")

    @describe(
        "List similar datasets",
        SimilarDatasetsSerializer,
        operation="listSimilar",
        tags=["Datasets"],
        description=(
            "The nearest in meaning first. With `access` only those of an access class: for a dataset that is "
            "restricted, `http://publications.europa.eu/resource/authority/access-right/PUBLIC` gives what is "
            "similar and open. Empty while the dataset has no vector yet."
        ),
        parameters=[
            KEY,
            OpenApiParameter("access", {"type": "array", "items": {"type": "string"}}),
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 5}),
        ],
        problems=(404, 410, 503),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with datasets."""
        row = find_dataset(key, request.user)
        limit = read_whole(request.query_params, "limit", 5, _MOST)
        access = tuple(value for value in request.query_params.getlist("access") if value)
        hits = stores.search_engine().similar(str(row.pk), limit, {"access": access} if access else None)
        rows = Dataset.objects.visible_to(request.user).live().filter(pk__in=[hit.id for hit in hits])
        by_id = {str(found.pk): found for found in rows.select_related("publisher").defer("provenance")}
        body = {"results": [summarise_dataset(by_id[hit.id], hit) for hit in hits if hit.id in by_id]}
        return Response(SimilarDatasetsSerializer(body).data)


class _ListRenderer(BaseRenderer):
    """Stands for a format in the description; the view streams by itself."""

    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Return nothing: problems have a renderer of their own."""
        return b""


def _make_renderer(form: ListFormat) -> type[_ListRenderer]:
    words = {"media_type": form.media_type, "format": form.name}
    return type(f"{form.name.title()}ListRenderer", (_ListRenderer,), words)


class ExportView(ApiView):
    """A whole result as one file."""

    parameters = ("q", *NARROWING, "sort")
    throttle_classes = (AnonymousThrottle, AccountThrottle, SearchThrottle, ExportThrottle)
    renderer_classes = tuple(_make_renderer(form) for form in LISTS.values())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """Leave the choice to the address: `format` is a filter here, and Accept says nothing more."""
        return PlainJsonRenderer(), PlainJsonRenderer.media_type

    @describe(
        "Export the result of a search",
        str,
        operation="exportDatasets",
        tags=["Datasets"],
        description=(
            "Everything that `total` of the same search counts, streamed, however much that is; without "
            "parameters the whole catalogue. CSV (cells that a spreadsheet would run as a formula get an "
            "apostrophe), JSON Lines with whole records, or BibTeX."
        ),
        parameters=[
            OpenApiParameter("q", {"type": "string", "maxLength": LONGEST_TEXT}, description="The question."),
            *NARROWING_PARAMETERS,
            OpenApiParameter("sort", str, enum=("relevance", "newest", "title")),
            path_parameter("extension", "csv, jsonl or bib.", "csv"),
        ],
        problems=(404, 503),
    )
    def get(self, request: Request, extension: str) -> StreamingHttpResponse:
        """Answer with the file."""
        form = next((form for form in LISTS.values() if form.extension == extension), None)
        if form is None:
            names = ", ".join(form.extension for form in LISTS.values())
            raise NotFound(f"There is no export as {extension!r}; there are {names}.")
        content = export_results(read_query(request), request.user, form, "en")
        response = StreamingHttpResponse(content, content_type=f"{form.media_type}; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="datasets.{form.extension}"'
        return response


def _describe(item: Suggestion) -> dict[str, Any]:
    if item.kind == "dataset":
        url = build_url("api-dataset", item.value)
    else:
        url = f"{build_url('api-datasets')}?{urlencode([(item.kind, item.value)])}"
    return {
        "kind": item.kind,
        "label": item.label,
        "language": item.language,
        "value": item.value,
        "count": item.count,
        "url": url,
    }
