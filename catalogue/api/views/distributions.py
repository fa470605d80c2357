"""`/distributions`: the files and services of datasets, walked in the datasets' order.

Distributions live in their dataset's record, so a filter looks through records; each request looks
through a bounded number of them and hands the place on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_dataset
from catalogue.api.paging import (
    Cursor,
    Keyset,
    answer_with_links,
    build_link,
    key_of,
    read_cursor,
    slice_rows,
)
from catalogue.api.parameters import read_limit, refuse
from catalogue.api.schema import PAGING, describe
from catalogue.api.serializers.datasets import DistributionListSerializer
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.models import Dataset, DatasetQuerySet
from catalogue.search.query import shorten_value

SCANNED_DATASETS = 500
_CHUNK = 100
_ORDER = Keyset(("changed_at", "id"))
_FILTERS = (
    OpenApiParameter(
        "format", {"type": "array", "items": {"type": "string"}}, description="IRI or code, such as csv."
    ),
    OpenApiParameter(
        "license",
        {"type": "array", "items": {"type": "string"}},
        description="IRI or code, such as cc_by_4_0.",
    ),
)
Json = dict[str, Any]


class DistributionsView(ApiView):
    """Distributions of all datasets."""

    parameters = ("dataset", "format", "license", "limit", "cursor")

    @describe(
        "List distributions",
        DistributionListSerializer,
        operation="listDistributions",
        tags=["Distributions"],
        parameters=[
            OpenApiParameter("dataset", str, description="UUID, slug or DOI: of this dataset only."),
            *_FILTERS,
            *PAGING,
        ],
        problems=(404, 410),
    )
    def get(self, request: Request) -> Response:
        """Answer with one page."""
        rows = Dataset.objects.visible_to(request.user).live()
        if key := request.query_params.get("dataset", ""):
            rows = rows.filter(pk=find_dataset(key, request.user).pk)
        return _answer(request, rows)


class DatasetDistributionsView(ApiView):
    """Distributions of one dataset."""

    parameters = ("format", "license", "limit", "cursor")

    @describe(
        "List the distributions of a dataset",
        DistributionListSerializer,
        operation="listDatasetDistributions",
        tags=["Datasets"],
        parameters=[KEY, *_FILTERS, *PAGING],
        problems=(404, 410),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with one page."""
        row = find_dataset(key, request.user)
        return _answer(request, Dataset.objects.visible_to(request.user).filter(pk=row.pk))


def _answer(request: Request, rows: DatasetQuerySet) -> Response:
    results, following = _collect(request, rows.only("id", "changed_at", "record"))
    links = {"next": build_link(request, following)}
    return answer_with_links(request, DistributionListSerializer({"results": results, **links}).data, links)


def _collect(request: Request, rows: DatasetQuerySet) -> tuple[list[Json], Cursor | None]:
    """Return one page and the place after it: the next distribution of a dataset that is not finished."""
    limit = read_limit(request.query_params)
    wanted = {name: _lower(request.query_params.getlist(name)) for name in ("format", "license")}
    place, number = _read_place(request)
    results: list[Json] = []
    for scanned, row in enumerate(_walk(rows, place), 0 if place else 1):
        distributions = row.record.get("distributions", ())
        # The dataset may have changed since the cursor was made; then it is met again from its start.
        is_begun = place is not None and [str(value) for value in key_of(row, _ORDER)] == [*place.position]
        for index in range(number if is_begun else 0, len(distributions)):
            if not _matches(distributions[index], row.record, wanted):
                continue
            if len(results) == limit:
                return results, Cursor((*key_of(row, _ORDER), index))
            results.append(_describe(row, index, distributions[index]))
        if scanned >= SCANNED_DATASETS:
            return results, Cursor((*key_of(row, _ORDER), len(distributions)))
    return results, None


def _walk(rows: DatasetQuerySet, place: Cursor | None) -> Iterator[Dataset]:
    """Yield datasets from the one at `place` on, that one included."""
    if place is not None:
        yield from slice_rows(
            rows.filter(pk=place.position[1], changed_at=place.position[0]), _ORDER, None, 1
        ).rows
    while True:
        page = slice_rows(rows, _ORDER, place, _CHUNK)
        yield from page.rows
        if page.next is None:
            return
        place = page.next


def _read_place(request: Request) -> tuple[Cursor | None, int]:
    cursor = read_cursor(request)
    if cursor is None:
        return None, 0
    try:
        changed_at, dataset_id, number = cursor.position
        return Cursor((changed_at, dataset_id)), int(number)
    except ValueError:
        raise refuse("cursor", "", "The cursor does not fit this list; begin without it.") from None


def _matches(
    distribution: Mapping[str, Any], record: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]
) -> bool:
    formats = (distribution.get("format"), distribution.get("media_type"))
    licenses = (distribution.get("license") or record.get("license"),)
    return _is_one_of(formats, wanted["format"]) and _is_one_of(licenses, wanted["license"])


def _is_one_of(terms: Sequence[Mapping[str, Any] | None], wanted: Sequence[str]) -> bool:
    if not wanted:
        return True
    names = {
        name.lower() for term in terms if term for name in (term.get("iri", ""), term.get("raw", "")) if name
    }
    return any(value in names or value in {shorten_value(name) for name in names} for value in wanted)


def _lower(values: Sequence[str]) -> list[str]:
    return [value.strip().lower() for value in values if value.strip()]


def _describe(row: Dataset, index: int, distribution: Json) -> Json:
    return {
        "dataset": row.pk,
        "dataset_url": build_url("api-dataset", row.pk),
        "number": index,
        "distribution": distribution,
    }
