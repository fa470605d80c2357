"""`/datasets/{key}/sources`: each source's view of a dataset; joining, splitting and choosing who leads."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.lookup import find_dataset
from catalogue.api.schema import describe
from catalogue.api.serializers.clusters import (
    ClusterSerializer,
    JoinInputSerializer,
    LeadInputSerializer,
    SplitInputSerializer,
)
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.api.views.dataset import KEY
from catalogue.domain.cluster_views import SourceView, find_record, read_views
from catalogue.domain.clusters import choose_lead, join_datasets, split
from catalogue.domain.projection import record_graph_iri
from catalogue.models import Dataset
from catalogue.policies import require_curator
from catalogue.tasks import nudge_projection

_TAGS = ["Curation"]
_MINE = (401, 403, 404, 409, 410)


class ClusterView(ApiView):
    """The sources of a dataset."""

    @describe(
        "Read what each source says of a dataset",
        ClusterSerializer,
        operation="readDatasetSources",
        tags=["Datasets"],
        description=(
            "One dataset may be described by several sources. Each one's record is kept as it is; the "
            "leading one's values are shown, the others fill what it leaves empty. With the reason why it "
            "leads, and the evidence on which they were joined."
        ),
        parameters=[KEY],
        problems=(404, 410),
    )
    def get(self, request: Request, key: str) -> Response:
        """Answer with the views."""
        return _answer(find_dataset(key, request.user))


class ClusterJoinView(ApiView):
    """Joining two datasets."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Join another dataset to this one",
        ClusterSerializer,
        operation="joinDatasets",
        tags=_TAGS,
        description=(
            "For those who curate both. One of them keeps its page and id, and the addresses of the other "
            "lead there. Splitting takes it back."
        ),
        parameters=[KEY],
        request=JoinInputSerializer,
        body_example={"dataset": "lakes-of-sweden-1f0e3dad9990", "reason": "the regional portal's copy"},
        problems=_MINE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Join as the body says."""
        said = _read(JoinInputSerializer, request)
        rows = [find_dataset(key, request.user), find_dataset(said["dataset"], request.user)]
        for row in rows:
            require_curator(request.user, row)
        joined = join_datasets(rows, by=request.user, reason=said["reason"])
        nudge_projection()
        return _answer(joined)


class ClusterSplitView(ApiView):
    """Splitting a dataset."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Split source records off a dataset",
        ClusterSerializer,
        operation="splitDataset",
        tags=_TAGS,
        description=(
            "For those who curate the dataset. The records become a dataset of their own again, with the "
            "address that they had; no program joins them again. The answer is this dataset's."
        ),
        parameters=[KEY],
        request=SplitInputSerializer,
        body_example={"records": ["0b8e4b0c-5d5b-5c56-8b5c-7a1f0a3f2c11"], "reason": "another lake"},
        problems=_MINE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Split as the body says."""
        row = _find_mine(request, key)
        said = _read(SplitInputSerializer, request)
        records = [find_record(row, record) for record in said["records"]]
        split(records, by=request.user, reason=said["reason"])
        nudge_projection()
        return _answer(find_dataset(str(row.pk), request.user))


class ClusterLeadView(ApiView):
    """Choosing the leading source."""

    permission_classes = (IsAuthenticated,)

    @describe(
        "Choose the source that leads a dataset",
        ClusterSerializer,
        operation="chooseLead",
        tags=_TAGS,
        description="For those who curate the dataset.",
        parameters=[KEY],
        request=LeadInputSerializer,
        body_example={"record": None, "reason": "back to the rules"},
        problems=_MINE,
    )
    def put(self, request: Request, key: str) -> Response:
        """Let the record of the body lead."""
        row = _find_mine(request, key)
        said = _read(LeadInputSerializer, request)
        record = find_record(row, said["record"]) if said["record"] else None
        choose_lead(row, record, by=request.user, reason=said["reason"])
        nudge_projection()
        return _answer(find_dataset(str(row.pk), request.user))


def _find_mine(request: Request, key: str) -> Dataset:
    row = find_dataset(key, request.user)
    require_curator(request.user, row)
    return row


def _read(form_class: Any, request: Request) -> dict[str, Any]:
    form = form_class(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _answer(row: Dataset) -> Response:
    cluster = read_views(row)
    body = {
        "dataset": row.pk,
        "url": build_url("api-dataset", row.pk),
        "page": build_url("dataset", row.slug),
        "lead": cluster.lead,
        "sources": [_describe_view(view) for view in cluster.views],
    }
    return Response(ClusterSerializer(body).data)


def _describe_view(view: SourceView) -> dict[str, Any]:
    source = view.record.source
    return {
        "id": view.id,
        "graph": record_graph_iri(view.record),
        "source": {"slug": source.slug, "title": source.title, "url": build_url("api-source", source.slug)},
        "record": view.record,
        "leads": view.leads,
        "bond": view.bond,
        "former_page": build_url("dataset", view.was) if view.was else None,
        "data": view.version.data if view.version else None,
    }
