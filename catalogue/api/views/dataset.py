"""`/datasets/{key}`: one dataset as JSON or in another format, where it comes from, and its past."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_dataset
from catalogue.api.negotiation import EXPORT_NAMES, EXPORT_RENDERERS, ExportRenderer, PlainJsonRenderer
from catalogue.api.paging import Keyset, answer_page, take_page
from catalogue.api.parameters import read_moment
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.datasets import DatasetSerializer, ProvenanceSerializer, VersionSerializer
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url, summarise_publisher
from catalogue.api.view import ApiView
from catalogue.domain.history import state_as_of
from catalogue.exports.registry import FORMATS
from catalogue.models import Dataset, SourceVersion
from catalogue.record_json import record_from_json

Json = dict[str, Any]
KEY = path_parameter("key", "The dataset's UUID, its slug, or its DOI.", "")
_VERSION_ORDER = Keyset(("id",), is_descending=True)
VersionPageSerializer = page_of(VersionSerializer, "VersionPage")


class DatasetView(ApiView):
    """One dataset."""

    parameters = ("format", "as_of")
    renderer_classes = (PlainJsonRenderer, *EXPORT_RENDERERS)

    @describe(
        "Read a dataset",
        DatasetSerializer,
        operation="readDataset",
        tags=["Datasets"],
        description=(
            "JSON holds the resolved record, where each value comes from, and who describes it. The other "
            "formats hold the record: choose by the Accept header or by `format`. A dataset that is gone "
            "answers 410 with the reason."
        ),
        parameters=[
            KEY,
            OpenApiParameter("format", str, enum=EXPORT_NAMES, description="Instead of the Accept header."),
            OpenApiParameter(
                "as_of",
                str,
                description="Date (its end, UTC) or date-time: the record as it was then, by all layers.",
            ),
        ],
        media_types=[str(renderer.media_type) for renderer in EXPORT_RENDERERS],
        problems=(404, 410),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the dataset."""
        row = find_dataset(key, request.user, with_sources=True)
        as_of = read_moment(request.query_params, "as_of", is_end_of_day=True)
        past = None if as_of is None else state_as_of(row, as_of)
        record = row.record if past is None else past.record
        renderer = request.accepted_renderer
        if isinstance(renderer, ExportRenderer):
            body: Any = renderer.export.render(record_from_json(record), row.iri)
            self.changed_at = row.changed_at
        else:
            body = DatasetSerializer(
                _build_body(row, record, row.provenance if past is None else past.provenance, as_of)
            ).data
            self.changed_at = _find_newest_change(row)
        response = Response(body)
        response.headers["Content-Location"] = build_url("api-dataset", row.pk)
        return response


class ProvenanceView(ApiView):
    """Where a dataset's values come from."""

    @describe(
        "Read where each value of a dataset comes from",
        ProvenanceSerializer,
        operation="readProvenance",
        tags=["Datasets"],
        description=(
            "A path holds for everything below it unless a longer one is there; the empty path is the whole record."
        ),
        parameters=[KEY],
        problems=(404, 410),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with origins, sources and overrides."""
        row = find_dataset(key, request.user, with_sources=True)
        body = {
            "fields": row.provenance,
            "sources": _list_sources(row),
            "overrides": row.overrides.order_by("made_at", "id"),
        }
        return Response(ProvenanceSerializer(body).data)


class VersionsView(ApiView):
    """What sources said about a dataset over time."""

    parameters = ("limit", "cursor")

    @describe(
        "List the versions of a dataset's source records",
        VersionPageSerializer,
        operation="listVersions",
        tags=["Datasets"],
        description="The newest first. What a version said is read by `as_of` at its `first_seen`.",
        parameters=[KEY, *PAGING],
        problems=(404, 410),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with one page of versions."""
        row = find_dataset(key, request.user)
        rows = (
            SourceVersion.objects.filter(record__dataset=row).select_related("record__source").defer("data")
        )
        page = take_page(request, rows, _VERSION_ORDER)
        for version in page.rows:
            version.is_current = version.number == version.record.number  # type: ignore[attr-defined]
        return answer_page(request, page, page.rows, VersionPageSerializer)


def _build_body(row: Dataset, record: Json, provenance: Json, as_of: datetime | None) -> Json:
    return {
        "id": row.pk,
        "iri": row.iri,
        "slug": row.slug,
        "kind": row.kind,
        "state": row.state,
        "revision": row.revision,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "as_of": as_of,
        "publisher": summarise_publisher(row.publisher) if row.publisher else None,
        "record": record,
        "provenance": provenance,
        "sources": _list_sources(row),
        "links": {
            "self": build_url("api-dataset", row.pk),
            "page": build_url("dataset", row.slug),
            "provenance": build_url("api-dataset-provenance", row.pk),
            "versions": build_url("api-dataset-versions", row.pk),
            "sources": build_url("api-dataset-sources", row.pk),
            "distributions": build_url("api-dataset-distributions", row.pk),
            "exports": {name: f"{build_url('api-dataset', row.pk)}?format={name}" for name in FORMATS},
        },
    }


def _list_sources(row: Dataset) -> list[Any]:
    """Return the source records, fetched with the dataset, each with its source's address."""
    records: list[Any] = list(row.source_records.all())
    for record in records:
        record.url = build_url("api-source", record.source.slug)
    return records


def _find_newest_change(row: Dataset) -> datetime:
    """Return when the JSON of a dataset last changed: it also says when its sources were last seen."""
    return max([row.changed_at, *(record.last_seen for record in row.source_records.all())])
