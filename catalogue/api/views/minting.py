"""`/minting`: DOIs for all datasets of a search, planned before anything is sent."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.paging import Cursor, answer_with_links, build_link, read_cursor
from catalogue.api.parameters import read_choice, read_limit
from catalogue.api.permissions import MayPublish
from catalogue.api.schema import PAGING, describe, path_parameter
from catalogue.api.serializers.dois import MintingInputSerializer, MintingRowSerializer, MintingSerializer
from catalogue.api.serializers.pages import page_of
from catalogue.api.summary import build_url
from catalogue.api.view import ApiView
from catalogue.api.views.dois import TAGS
from catalogue.domain.minting import (
    Minting,
    MintingRow,
    look_at,
    measure_minting,
    plan_search,
    read_minting,
    start_minting,
)
from catalogue.search.query import query_from_params
from catalogue.tasks import nudge_projection

MintingPageSerializer = page_of(MintingRowSerializer, "MintingPage")
_KEY = path_parameter("minting", "The plan's key.", "")
_MINE = (401, 403, 404)
_SHOWN = ["planned", "refused"]


class MintingView(ApiView):
    """Planning."""

    permission_classes = (MayPublish,)

    @describe(
        "Plan DOIs for all datasets of a search",
        MintingSerializer,
        operation="planMinting",
        tags=TAGS,
        description="Nothing is sent. Datasets that only meaning finds are not among them.",
        status=201,
        request=MintingInputSerializer,
        body_example={"query": "q=lake&publisher=lake-office"},
        problems=(401, 403, 503),
    )
    def post(self, request: Request) -> Response:
        """Make the plan of the body."""
        form = MintingInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        link = form.validated_data["query"].lstrip("?")
        query = query_from_params(QueryDict(link), is_strict=True)
        body = _describe(plan_search(query, link, request.user))
        return Response(MintingSerializer(body).data, status=201, headers={"Location": body["url"]})


class MintingPlanView(ApiView):
    """A plan, and how far it has come."""

    permission_classes = (MayPublish,)

    @describe(
        "See how far minting for a search is",
        MintingSerializer,
        operation="readMinting",
        tags=TAGS,
        parameters=[_KEY],
        problems=_MINE,
    )
    def get(self, request: Request, minting: str) -> Response:
        """Answer with the counts."""
        return Response(MintingSerializer(_describe(read_minting(minting, request.user))).data)


class MintingDatasetsView(ApiView):
    """A plan, dataset by dataset."""

    parameters = ("show", "limit", "cursor")
    permission_classes = (MayPublish,)

    @describe(
        "Read a plan, or what came of it, dataset by dataset",
        MintingPageSerializer,
        operation="readMintingDatasets",
        tags=TAGS,
        parameters=[
            _KEY,
            OpenApiParameter("show", str, enum=_SHOWN, description="Which datasets (planned)."),
            *PAGING,
        ],
        problems=_MINE,
    )
    def get(self, request: Request, minting: str) -> Response:
        """Answer with one page."""
        found, params = read_minting(minting, request.user), request.query_params
        ids = found.refused if read_choice(params, "show", _SHOWN, "planned") == "refused" else found.planned
        cursor, limit = read_cursor(request), read_limit(params)
        first = int(cursor.position[0]) if cursor else 0
        links = {
            "next": build_link(request, Cursor((first + limit,)) if len(ids) > first + limit else None),
            "previous": build_link(request, Cursor((max(first - limit, 0),)) if first else None),
        }
        results = [_describe_row(row) for row in look_at(found, ids[first : first + limit], request.user)]
        return answer_with_links(request, MintingPageSerializer({"results": results, **links}).data, links)


class MintingApplyView(ApiView):
    """Carrying a plan out."""

    permission_classes = (MayPublish,)

    @describe(
        "Publish the DOIs of a plan",
        MintingSerializer,
        operation="applyMinting",
        tags=TAGS,
        description="It goes on in the background; asking twice is no harm.",
        status=202,
        parameters=[_KEY],
        problems=(*_MINE, 409),
    )
    def post(self, request: Request, minting: str) -> Response:
        """Begin."""
        found = read_minting(minting, request.user)
        start_minting(found)
        nudge_projection()
        body = _describe(found)
        return Response(MintingSerializer(body).data, status=202, headers={"Location": body["url"]})


def _describe(minting: Minting) -> dict[str, Any]:
    progress = measure_minting(minting)
    return {
        "key": minting.key,
        "query": minting.query,
        "planned": len(minting.planned),
        "refused": len(minting.refused),
        "waiting": progress.waiting,
        "statuses": {status.value: count for status, count in progress.statuses.items()},
        "notices": list(minting.notices),
        "url": build_url("api-minting-plan", minting.key),
    }


def _describe_row(row: MintingRow) -> dict[str, Any]:
    found = "; ".join(f"{item.field}: {item.message}" for item in row.step.violations)
    return {
        "dataset": row.step.dataset_id,
        "title": row.step.title,
        "will_mint": row.step.will_mint,
        "reason": row.step.reason or found,
        "doi": row.status.doi if row.status else "",
        "status": row.status.status.value if row.status else "",
    }
